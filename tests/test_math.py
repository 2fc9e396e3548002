"""The verifier `math`: what is a value, and when two are the same."""

import time
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agents.errors import VerifierError
from agents.verifiers.math import MAX_CHARS, MAX_ELEMENTS, MathVerifier, value_of

MATH = MathVerifier()
NUMBERS = st.fractions(min_value=-(10**9), max_value=10**9, max_denominator=10**6)
DECIMALS = st.decimals(
    min_value=-(10**9), max_value=10**9, allow_nan=False, allow_infinity=False, places=4
)
SEQUENCES = st.lists(st.integers(min_value=-(10**6), max_value=10**6), min_size=2, max_size=8)


async def finding(answer: str, reference: str) -> str:
    return (await MATH.check(answer=answer, reference=reference, data={})).finding


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4", "4"),
        ("-4", "-4"),
        ("+4", "4"),
        ("\N{MINUS SIGN}4", "-4"),
        ("007", "7"),
        ("4.50", "9/2"),
        (".5", "1/2"),
        ("4.", "4"),
        ("1,234", "1234"),
        ("12,345,678.9", "123456789/10"),
        ("3/4", "3/4"),
        ("-3 / 4", "-3/4"),
        ("1 1/2", "3/2"),
        ("-1 1/2", "-3/2"),
        ("50%", "1/2"),
        ("33 1/3 %", "1/3"),
        (r"50\%", "1/2"),
        ("1.5e3", "1500"),
        ("1E-2", "1/100"),
        ("$5", "5"),
        (r"\$1,000.00", "1000"),
        ("-$5", "-5"),
        ("€ 5", "5"),
        ("$5$", "5"),
        (r"\(3/4\)", "3/4"),
        (" $5$. ", "5"),
        ("[5]", "5"),
        ("\u09e7\u09ee", "18"),
    ],
)
def test_a_number_is_read_however_it_is_written(text, value):
    assert value_of(text) == (Fraction(value),)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1, 2, 3", (1, 2, 3)),
        ("[1, 2]", (1, 2)),
        ("(1; 2)", (1, 2)),
        ("1,2,3.", (1, 2, 3)),
        ("$1, 2$", (1, 2)),
        ("1,000, 2,000", (1000, 2000)),
        ("[1,234]", (1, 234)),
        ("100,200,300", (100200300,)),
        ("50%, 1/4", (Fraction(1, 2), Fraction(1, 4))),
        ("[]", ()),
    ],
)
def test_a_sequence_is_read_however_it_is_parted(text, value):
    assert value_of(text) == value


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", ".", "$", "$$", "-", "%", ",", "1,", "1, ", "; 1", "()1", "[1, 2)", "{1, 2}"),
        *("The answer is not 4", "5 or 4", "1 2 3 4", "4 apples", "not 4", "4!", "x = 4", "3:00"),
        *("1,23,456", "1,234,5", "1..2", "1.2.3", "--4", "-+4", "-$-4", "5.."),
        *("1/0", "1/2/3", "1 3/2", "1.5/2", "3/-4", "2^3", "2**3", "10**9**9", "1e65", "1e999999"),
        *("nan", "inf", "0x10", "1_000", "\u00b2", "\u00bd", "True", "1e", "e5", "4%%", "None"),
        *("9" * 257, "1" * 5000, "1, " * 1200, "__import__('os')", "1;" * MAX_ELEMENTS + "1"),
    ],
)
async def test_what_is_no_value_has_failed_and_the_evidence_says_so(text):
    assert value_of(text) is None
    check = await MATH.check(answer=text, reference="4", data={})
    assert check.finding == "failed"
    assert " is no value: " in check.evidence or " not an expression" in check.evidence


@pytest.mark.parametrize(
    ("answer", "reference"),
    [
        ("4", "4%"),
        ("0.04", "4"),
        ("1, 2", "2, 1"),
        ("1, 2", "1, 2, 2"),
        ("[]", "0"),
        ("3.14159265", "3.14159"),
        ("0.333", "1/3"),
        ("-4", "4"),
        ("42", "4"),
        ("1", "100%, 100%"),
    ],
)
async def test_another_value_is_refused(answer, reference):
    assert await finding(answer, reference) == "failed"


@pytest.mark.parametrize(
    ("answer", "reference"),
    [
        ("114,200", "114200"),
        ("3000", "3,000"),
        ("0.5", "1/2"),
        ("50%", "0.5"),
        ("2/4", "1/2"),
        ("0.10000000000000000000000000000000000001", "0.1000000000000000000000000000000000000100"),
    ],
)
async def test_the_same_value_is_accepted(answer, reference):
    assert await finding(answer, reference) == "passed"


@given(NUMBERS)
async def test_every_way_to_write_a_fraction_is_accepted(number):
    ways = [str(number), f"{number.numerator * 3} / {number.denominator * 3}", f"${number}$."]
    ways += [f"[{number}]", f"\\({number}\\)", str(number).replace("-", "\N{MINUS SIGN}")]
    ways.append(f"{number.numerator * 100}/{number.denominator}%")
    for way in ways:
        assert await finding(way, str(number)) == "passed", way


@given(DECIMALS)
async def test_every_way_to_write_a_decimal_is_accepted(number):
    plain = f"{number:f}"
    for way in [f"{number:,f}", plain + "00", f"{number * 100:f}%", f"{plain}e0", f"$ {number:,f}"]:
        assert await finding(way, plain) == "passed", way
    assert await finding(f"{number:e}", plain) == "passed"


@given(SEQUENCES)
async def test_every_way_to_write_a_sequence_is_accepted(numbers):
    reference = ", ".join(map(str, numbers))
    ways = [f"[{reference}]", f"({reference}).", reference.replace(",", ";"), f"${reference}$"]
    ways += [str(numbers).replace(" ", ""), ",   ".join(f"{n:,}" for n in numbers)]
    for way in ways:
        assert await finding(way, reference) == "passed", way


@given(NUMBERS, NUMBERS)
async def test_a_neighbour_is_refused(number, other):
    assume(number != other)
    assert await finding(str(other), str(number)) == "failed"
    assert await finding(f"{number}{number.numerator}x", str(number)) == "failed"


@given(SEQUENCES, st.integers(min_value=0, max_value=7))
async def test_a_sequence_with_one_element_changed_or_lost_is_refused(numbers, place):
    place %= len(numbers)
    reference = ", ".join(map(str, numbers))
    numbers[place] += 1
    assert await finding(str(numbers), reference) == "failed"
    del numbers[place]
    assert await finding(str(numbers), reference) == "failed"


@given(st.one_of(NUMBERS.map(str), SEQUENCES.map(str), st.just("[]"), st.just("9" * 256)))
async def test_every_reference_is_accepted_and_its_change_refused(reference):
    assert await finding(reference, reference) == "passed"
    assert await finding(MATH.changed(reference, {}), reference) == "failed"


@given(st.text(max_size=300))
async def test_no_answer_makes_it_raise(answer):
    check = await MATH.check(answer=answer, reference="4", data={})
    assert check.finding == ("passed" if value_of(answer) == (4,) else "failed")
    assert len(check.evidence.splitlines()) == 1


@given(st.text("0123456789,./ -[]()$%eE;", max_size=40))
async def test_no_string_of_a_numbers_characters_makes_it_raise(answer):
    await MATH.check(answer=answer, reference="4", data={})


async def test_a_reference_that_is_no_value_is_the_lessons_fault():
    with pytest.raises(VerifierError, match="'four'"):
        await finding("4", "four")
    with pytest.raises(VerifierError, match="'four'"):
        MATH.changed("four", {})


async def test_the_limits_are_stated_and_hold_in_little_time():
    hostile = ["1," * 2048, "1 " * 2048, "," * 4096, "1,111" * 800, "9" * 256 + "e64", "1" * 10**6]
    start = time.perf_counter()
    for answer in hostile:
        check = await MATH.check(answer=answer, reference="4", data={})
        assert check.finding == "failed"
        assert check.limits == {
            "text_max_chars": MAX_CHARS,
            "digits_in_a_row_max": 256,
            "exponent_max": 64,
            "elements_max": MAX_ELEMENTS,
            "nesting_max": 64,
        }
    assert time.perf_counter() - start < 1


async def test_the_longest_numbers_within_the_limits_are_compared():
    assert await finding("9" * 256, "9" * 256 + ".0") == "passed"
    assert await finding("1e64", "1" + "0" * 64) == "passed"
    assert value_of("1;" * (MAX_ELEMENTS - 1) + "1") == (1,) * MAX_ELEMENTS

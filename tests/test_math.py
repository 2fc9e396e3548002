"""The verifier `math`: what is a value, when two are the same, and how mathematics is read."""

import time
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agents.errors import VerifierError
from agents.verifiers.math import MAX_CHARS, MAX_ELEMENTS, MathVerifier, value_of
from agents.verifiers.math.statement import read_statement
from agents.verifiers.math.tree import Node, NotMathematics

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
    start = time.process_time()
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
    assert time.process_time() - start < 1


async def test_the_longest_numbers_within_the_limits_are_compared():
    assert await finding("9" * 256, "9" * 256 + ".0") == "passed"
    assert await finding("1e64", "1" + "0" * 64) == "passed"
    assert value_of("1;" * (MAX_ELEMENTS - 1) + "1") == (1,) * MAX_ELEMENTS


def shown(node: Node) -> str:
    """Return a tree in a line: the operation, its text, and what it is applied to."""
    if node.op in ("number", "name"):
        return node.text
    head = f"{node.op}:{node.text}" if node.text else node.op
    return f"{head}({' '.join(map(shown, node.args))})" if node.args else head


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("x^2+2x+1", "add(pow(x 2) mul(2 x) 1)"),
        ("-x^2", "neg(pow(x 2))"),
        ("a - b + c", "add(a neg(b) c)"),
        ("a^b^c", "pow(a pow(b c))"),
        ("2^-3", "pow(2 neg(3))"),
        ("x^10", "pow(x 10)"),
        ("x**2", "pow(x 2)"),
        ("1/2*x", "mul(div(1 2) x)"),
        (r"a \cdot -b", "mul(a neg(b))"),
        ("3π/4", "div(mul(3 pi) 4)"),
        (r"2\frac12", "5/2"),
        (r"2\frac{x}{3}", "mul(2 div(x 3))"),
        (r"\frac1x", "div(1 x)"),
        (r"\frac\pi2", "div(pi 2)"),
        (r"\sqrt2", "root(2 2)"),
        (r"\sqrt[3]{x}", "root(x 3)"),
        ("sqrt(2)", "root(2 2)"),
        ("√12", "root(12 2)"),
        ("[x+1]^2", "pow(add(x 1) 2)"),
        ("|x|", "abs(x)"),
        (r"\left|x+|y|\right|", "abs(add(x abs(y)))"),
        ("abs(x)", "abs(x)"),
        (r"\lceil x \rceil + \lfloor y \rfloor", "add(ceil(x) floor(y))"),
        (r"\sin 2x", "call:sin(mul(2 x))"),
        (r"\sin x \cos x", "mul(call:sin(x) call:cos(x))"),
        (r"\sin^2 x", "pow(call:sin(x) 2)"),
        ("sin(x)^2", "pow(call:sin(x) 2)"),
        (r"\sin^{-1} x", "call:arcsin(x)"),
        (r"\operatorname{arcsinh}(x)", "call:arsinh(x)"),
        (r"\ln\ln x", "call:ln(call:ln(x))"),
        (r"\log_2 8", "log(2 8)"),
        (r"\log x", "call:log(x)"),
        (r"\binom{n}{2}", "binomial(n 2)"),
        ("n!", "factorial(n)"),
        ("5x%", "mul(5 percent(x))"),
        ("90°", "degrees(90)"),
        (r"30^{\circ}", "degrees(30)"),
        ("x²+y₁", "add(pow(x 2) y_{1})"),
        (r"x_{\text{max}}", "x_{max}"),
        (r"\alpha_1''", r"\alpha_{1}''"),
        (r"\vec{AB}", r"\vec{AB}"),
        ("f(x, y+1)", "f(x, y + 1)"),
        ("h(a+b)", "mul(h add(a b))"),
        ("101_2", "101_{2}"),
        (r"\mathrm{e}^{\mathrm{i}\pi}", "pow(e mul(i pi))"),
        ("12{,}345", "12345"),
        (r"\{1, x\}", "set(1 x)"),
        ("{x+1}", "set(add(x 1))"),
        ("{x}^{2}", "pow(x 2)"),
        (r"\{\}", "empty"),
        ("()", "round"),
        ("(1, x)", "round(1 x)"),
        ("(1; x)", "round(1 x)"),
        ("[1, x)", "interval:[)(1 x)"),
        (r"(-\infty, \infty)", "round(infinity:- infinity:+)"),
        (r"\langle 1, 2 \rangle", "angle(1 2)"),
        (r"\{1\} \cup (2, 3]", "union(set(1) interval:(](2 3))"),
        (r"\mathbb R \setminus \{0\}", "difference(line:R set(0))"),
        (r"x \in \emptyset", "member(x empty)"),
        ("1 < x \N{LESS-THAN OR EQUAL TO} 2", "chain:< <=(1 x 2)"),
        ("x=1, y=2", "sequence(chain:=(x 1) chain:=(y 2))"),
        (r"x = 1 \pm y", "signs(chain:=(x add(1 y)) chain:=(x add(1 neg(y))))"),
        (r"\begin{pmatrix}1&x\\y&2\end{pmatrix}", "matrix(row(1 x) row(y 2))"),
        (r"\left(\begin{array}{c}1\\2\end{array}\right)", "matrix(row(1) row(2))"),
        (r"$$\boxed{x}.$$", "x"),
    ],
)
def test_mathematics_is_read_in_the_one_way_in_which_it_can_be(text, tree):
    assert shown(read_statement(text)) == tree


@pytest.mark.parametrize(
    ("text", "why"),
    [
        *((text, "two ways") for text in ("1/2x", "1/2(x)", "1/2/3", "x2", "(x)2", "2 3", "x 1/2")),
        *((text, "two ways") for text in (r"\sin x/2", r"\sin x(y)", r"\sin x 2", r"\sqrt12")),
        *((text, "two ways") for text in ("||x|+1|", "x!!", "4%%", r"2\frac32", r"\cot^{-1}x")),
        *((text, "two ways") for text in ("1,234x", "1, 2; 3", r"(1,2)\cup(3,4)\cap(5,6)")),
        *((text, "is a word") for text in ("four", "x or y", "is", r"\text{cm}", "sinx", "abcd")),
        *((text, "none that is read") for text in (r"\sum", r"\int x", r"\foo", r"x_{a b\c}")),
        *((text, "it holds") for text in ("3:00", "x?", "n!=6", "5 # 4", "\u00bd", r"\left.x")),
        *((text, "breaks off") for text in ("x+", r"\frac{1}", "|x", "x=", r"\sqrt")),
        *((text, "should") for text in ("--x", "*x", "x+)", r"\frac{1}\sin", r"(x\}", r"\cup x")),
        *((text, "left over") for text in ("x)", "x=y)", "(1,2)(3,4)", r"x\cup y", "x&y")),
        *((text, "not closed") for text in ("(1, 2", r"\{1", "(x")),
        ("(1, 2, 3]", "do not match"),
        (r"\begin{pmatrix}1&2\\3\end{pmatrix}", "equally long"),
        (r"\begin{pmatrix}1,2\end{pmatrix}", "in a matrix"),
        (r"\begin{pmatrix}\pm1\end{pmatrix}", "sign of two"),
        (r"2\begin{pmatrix}1\end{pmatrix}", "matrix"),
        (r"2x \in \mathbb{R}", "only a variable"),
        (r"\vec a \times \vec b", "vectors"),
        ("1.5_2", "subscript"),
        (r"\infty + 1", "left over"),
        ("", "empty"),
        ("x" * (MAX_CHARS + 1), "longer"),
        ("9" * 257 + "x", "digits"),
        ("(" * 65 + "x" + ")" * 65, "nested"),
        ("2^" * 70 + "2", "nested"),
        (r"\sin " * 70 + "x", "nested"),
    ],
)
def test_what_can_be_read_in_two_ways_or_not_at_all_is_not_read(text, why):
    with pytest.raises(NotMathematics, match=why):
        read_statement(text)

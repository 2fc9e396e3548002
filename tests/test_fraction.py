"""The verifier `fraction`."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import VerifierError
from agents.verifiers.fraction import FractionVerifier

FRACTION = FractionVerifier()
FRACTIONS = st.fractions(min_value=-(10**6), max_value=10**6, max_denominator=10**4)
LOWEST = {"lowest_terms": True}


async def finding(answer, reference, data):
    return (await FRACTION.check(answer=answer, reference=reference, data=data)).finding


@given(FRACTIONS, st.integers(min_value=2, max_value=99))
async def test_other_terms_are_accepted_unless_the_lowest_are_asked(number, factor):
    reference = f"{number.numerator}/{number.denominator}"
    wide = f"{number.numerator * factor} / {number.denominator * factor}"
    assert await finding(wide, reference, {}) == "passed"
    assert await finding(wide, reference, LOWEST) == "failed"
    assert await finding(f"{number.numerator:,}/{number.denominator:,}.", reference, LOWEST) == (
        "passed"
    )


@given(FRACTIONS, FRACTIONS)
async def test_another_fraction_is_refused(number, other):
    wanted = "passed" if number == other else "failed"
    assert await finding(str(other), str(number), {}) == wanted
    near = FRACTION.changed(str(number), {})
    assert Fraction(near) == number + 1
    assert await finding(near, str(number), {}) == "failed"


@given(st.integers())
async def test_an_integer_counts_unless_the_data_says_otherwise(number):
    assert await finding(str(number), f"{number}/1", LOWEST) == "passed"
    assert await finding(str(number), f"{number}/1", {"integers": False}) == "failed"


@pytest.mark.parametrize(
    "answer",
    [
        *("0.75", "75%", "3:4", "3/4/1", "3/-4", "1/0", "0/0", "1 -1/4", "0 3/4", "3 over 4"),
        *("3\u20444", "\u00be", "3//4", "6/8 = 3/4", "not 3/4", "[3/4]", "$3/4", "3/4%", "-3/4"),
    ],
)
async def test_what_is_no_fraction_or_another_has_failed(answer):
    assert await finding(answer, "3/4", {}) == "failed"


@pytest.mark.parametrize(
    ("reference", "data", "word"),
    [
        ("0.75", {}, "0.75"),
        ("6/8", LOWEST, "6/8"),
        ("3", {"integers": False}, "3"),
        ("3/4", {"lowest_terms": 1}, "lowest_terms"),
        ("3/4", {"lowest": True}, "lowest"),
    ],
)
async def test_a_lesson_that_does_not_fit_is_the_lessons_fault(reference, data, word):
    with pytest.raises(VerifierError, match=word):
        await finding("3/4", reference, data)

"""The verifier `integer`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import VerifierError
from agents.verifiers.integer import IntegerVerifier

INTEGER = IntegerVerifier()
INTEGERS = st.integers(min_value=-(10**60), max_value=10**60)


async def finding(answer: str, reference: str) -> str:
    return (await INTEGER.check(answer=answer, reference=reference, data={})).finding


@given(INTEGERS)
async def test_every_way_to_write_an_integer_is_accepted(number):
    minus = str(number).replace("-", "\N{MINUS SIGN}")
    for way in [f"{number:,}", f" {number}. ", f"${number}$", rf"\({number}\)", minus]:
        assert await finding(way, str(number)) == "passed", way
    assert await finding(f"{number:+05}", str(number)) == "passed"


@given(INTEGERS, INTEGERS)
async def test_another_integer_is_refused(number, other):
    assert await finding(str(other), str(number)) == ("passed" if other == number else "failed")
    assert await finding(INTEGER.changed(str(number), {}), str(number)) == "failed"


@pytest.mark.parametrize(
    "answer",
    [
        *("4.0", "4,0", "8/2", "400%", "$4", "€4", "4e0", "[4]", "- 4", "--4", "+-4", "four", "4!"),
        *("4 or 5", "not 4", "x = 4", "4 apples", "0x4", "1_0", "\uff14", "\u0664", "4 4", "$$4$$"),
    ],
)
async def test_what_is_no_integer_has_failed_whatever_its_value(answer):
    assert await finding(answer, "4") == "failed"
    assert await finding(answer, "-4") == "failed"


@pytest.mark.parametrize("answer", ["1,23", "12,34,567", ",123", "1234,567", "1,,234"])
async def test_groups_must_be_thousands(answer):
    assert INTEGER.canonical(answer, {}) is None


async def test_a_lesson_that_does_not_fit_is_the_lessons_fault():
    with pytest.raises(VerifierError, match=r"'4\.0'"):
        await finding("4", "4.0")
    with pytest.raises(VerifierError, match="places"):
        await INTEGER.check(answer="4", reference="4", data={"places": 0})
    with pytest.raises(VerifierError, match="four"):
        INTEGER.changed("four", {})

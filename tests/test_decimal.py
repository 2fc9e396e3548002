"""The verifier `decimal`."""

import decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import VerifierError
from agents.verifiers.decimal import DecimalVerifier

DECIMAL = DecimalVerifier()
TWO = {"places": 2}
DECIMALS = st.decimals(min_value=-(10**9), max_value=10**9, places=3).map(lambda d: f"{d:.3f}")
RULES = {
    "half_even": decimal.ROUND_HALF_EVEN,
    "half_up": decimal.ROUND_HALF_UP,
    "down": decimal.ROUND_DOWN,
    "up": decimal.ROUND_UP,
    "floor": decimal.ROUND_FLOOR,
    "ceiling": decimal.ROUND_CEILING,
}


async def finding(answer, reference, data):
    return (await DECIMAL.check(answer=answer, reference=reference, data=data)).finding


@given(DECIMALS)
async def test_the_asked_places_are_accepted_however_they_are_written(text):
    data = {"places": 3}
    for way in [f"{decimal.Decimal(text):,.3f}", f"{text}.", f"${text}$", f"00{text}"[-40:]]:
        wanted = "failed" if way.startswith("00-") else "passed"
        assert await finding(way, text, data) == wanted, way


@given(DECIMALS)
async def test_other_places_and_neighbours_are_refused(text):
    data = {"places": 3}
    for way in [f"{text}0", text[:-1], text.split(".")[0], f"{text}e0", f"{text}%", f"€{text}"]:
        assert await finding(way, text, data) == "failed", way
    near = DECIMAL.changed(text, data)
    assert Fraction(near) - Fraction(text) == Fraction(1, 1000)
    assert await finding(near, text, data) == "failed"


@pytest.mark.parametrize(
    "answer", ["0.5", "0.500", "1/2", "50%", "0,50", ".5", "0. 50", "0.5O", "."]
)
async def test_one_half_with_two_places_is_nothing_else(answer):
    assert await finding(answer, "0.50", TWO) == "failed"


@pytest.mark.parametrize("answer", ["0.50", ".50", "+0.50", "00.50"])
async def test_one_half_with_two_places_has_few_writings(answer):
    assert await finding(answer, "0.50", TWO) == "passed"


async def test_no_places_are_an_integer():
    assert await finding("1,234", "1234", {"places": 0}) == "passed"
    assert await finding("1234.0", "1234", {"places": 0}) == "failed"
    assert DECIMAL.changed("-1", {"places": 0}) == "0"
    assert DECIMAL.changed("-0.02", TWO) == "-0.01"


@given(DECIMALS, st.sampled_from(sorted(RULES)))
async def test_rounding_is_that_of_pythons_decimal(text, rule):
    rounded = str(decimal.Decimal(text).quantize(decimal.Decimal("0.01"), RULES[rule]))
    data = {"places": 2, "rounding": rule, "unrounded": text}
    assert await finding(rounded, rounded, data) == "passed"
    with pytest.raises(VerifierError, match="does not become"):
        await finding(rounded, DECIMAL.changed(rounded, TWO), data)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ({}, "places"),
        ({"places": True}, "places"),
        ({"places": "2"}, "places"),
        ({"places": -1}, "places"),
        ({"places": 101}, "places"),
        ({"places": 2, "round": "up"}, "round"),
        ({"places": 2, "rounding": "near", "unrounded": "1/2"}, "rounding"),
        ({"places": 2, "rounding": "up"}, "unrounded"),
        ({"places": 2, "rounding": "up", "unrounded": "1, 2"}, "unrounded"),
        ({"places": 2, "unrounded": "1/2"}, "rounding"),
        ({"places": 1}, "'0.50'"),
    ],
)
async def test_data_that_does_not_fit_is_the_lessons_fault(data, word):
    with pytest.raises(VerifierError, match=word):
        await finding("0.50", "0.50", data)

"""The verifier `multiset`."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import VerifierError
from agents.verifiers import verifier
from agents.verifiers.canonical import Canonical

MULTISET = verifier("multiset")
INTEGERS = {"element": "integer"}
NUMBERS = st.lists(st.integers(min_value=-3, max_value=3), min_size=1, max_size=6)


async def finding(answer, reference, data):
    return (await MULTISET.check(answer=answer, reference=reference, data=data)).finding


@given(NUMBERS, NUMBERS)
async def test_the_order_does_not_count_and_how_often_does(numbers, others):
    wanted = "passed" if Counter(numbers) == Counter(others) else "failed"
    assert await finding(str(others), str(numbers), INTEGERS) == wanted
    assert await finding(str(sorted(numbers)), str(numbers), INTEGERS) == "passed"
    near = MULTISET.changed(str(numbers), INTEGERS)
    assert await finding(near, str(numbers), INTEGERS) == "failed"


@pytest.mark.parametrize(
    ("answer", "reference", "data", "wanted"),
    [
        ("b, a, a", "a, a, b", {}, "passed"),
        ("b, a", "a, a, b", {}, "failed"),
        ("b, b, a", "a, a, b", {}, "failed"),
        ("a, A", "a, a", {}, "failed"),
        ("50%, 1/4", "0.25, 0.5", {"element": "math"}, "passed"),
        ("2/4; 3/4", "3/4; 1/2", {"element": "fraction"}, "passed"),
        ("2/4; 2/4", "3/4; 1/2", {"element": "fraction"}, "failed"),
        ("2026-01-02, 2026-01-01", "2026-01-01, 2026-01-02", {"element": "date"}, "passed"),
        ("2, x", "1, 2", INTEGERS, "failed"),
        ("[]", "()", {}, "passed"),
        ("[]", "a", {}, "failed"),
        ("", "a", {}, "failed"),
    ],
)
async def test_elements_are_compared_by_the_values_that_they_state(answer, reference, data, wanted):
    assert await finding(answer, reference, data) == wanted


@pytest.mark.parametrize("element", ["sql", "json"])
async def test_a_verifier_that_states_no_values_is_refused(element):
    with pytest.raises(VerifierError, match="compare with 'sequence'"):
        await finding("a", "a", {"element": element})


@pytest.mark.parametrize(
    "name", ["exact", "math", "integer", "decimal", "fraction", "date", "choice"]
)
def test_verifiers_of_one_value_say_so(name):
    assert isinstance(verifier(name), Canonical)


async def test_the_evidence_names_the_element():
    check = await MULTISET.check(answer="1, 1, 2", reference="1, 2, 2", data=INTEGERS)
    assert check.evidence == "'1' is none of the elements, or stands there too often"
    assert check.limits["element"] == "integer"

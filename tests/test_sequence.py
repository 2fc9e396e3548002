"""The verifier `sequence`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import VerifierError
from agents.verifiers import Data, register, verifier
from agents.verifiers.exact import MAX_CHARS
from storage.records import Check

SEQUENCE = verifier("sequence")
INTEGERS = {"element": "integer"}
NUMBERS = st.lists(st.integers(min_value=-(10**6), max_value=10**6), min_size=1, max_size=8)


class Unsure:
    """An app's verifier that never decides."""

    name = "sequence_unsure"
    version = 7

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        finding = "failed" if answer == "bad" else "undecided"
        return Check(verifier=self.name, version=7, finding=finding, evidence="no idea")

    def changed(self, reference: str, data: Data) -> str:
        return "bad"


async def finding(answer, reference, data):
    return (await SEQUENCE.check(answer=answer, reference=reference, data=data)).finding


@given(NUMBERS)
async def test_every_way_to_part_a_sequence_is_accepted(numbers):
    reference = ", ".join(map(str, numbers))
    ways = [str(numbers), f"({reference}).", reference.replace(",", ";"), f"[{reference}]"]
    if len(numbers) > 1:
        ways.append("; ".join(f"{number:,}" for number in numbers))
    for way in ways:
        assert await finding(way, reference, INTEGERS) == "passed", way


@given(NUMBERS, st.integers(min_value=0, max_value=7), st.permutations(range(8)))
async def test_a_changed_lost_doubled_or_moved_element_is_refused(numbers, place, order):
    place %= len(numbers)
    reference = str(numbers)
    moved = [numbers[n] for n in order if n < len(numbers)]
    near = [
        [*numbers[:place], numbers[place] + 1, *numbers[place + 1 :]],
        [*numbers[:place], *numbers[place + 1 :]],
        [*numbers, numbers[place]],
    ]
    for answer in near:
        assert await finding(str(answer), reference, INTEGERS) == "failed"
    wanted = "passed" if moved == numbers else "failed"
    assert await finding(str(moved), reference, INTEGERS) == wanted
    assert await finding(SEQUENCE.changed(reference, INTEGERS), reference, INTEGERS) == "failed"


@pytest.mark.parametrize(
    ("answer", "reference", "data"),
    [
        ("red, green", "red,green", {}),
        ("Rome, Italy; Paris, France", "[Rome, Italy;  Paris, France]", {}),
        ("a -> b -> c", "a->b->c", {"separator": "->"}),
        ("a b  c", "a b c", {"separator": " "}),
        ("[]", "()", {}),
        ("0.50, 1.00", "0.50; 1.00", {"element": "decimal", "element_data": {"places": 2}}),
        ("1/2, 50%", "0.5, 0.5", {"element": "math"}),
        ("a", "a", {}),
    ],
)
async def test_the_same_elements_are_accepted(answer, reference, data):
    assert await finding(answer, reference, data) == "passed"


@pytest.mark.parametrize(
    ("answer", "reference", "data"),
    [
        ("0.5, 1.00", "0.50; 1.00", {"element": "decimal", "element_data": {"places": 2}}),
        ("a, b -> c", "a -> b -> c", {"separator": "->"}),
        ("1, 2", "[[1, 2]]", {}),
        ("[[1, 2]]", "1, 2", INTEGERS),
        ("1, , 2", "1, 2", INTEGERS),
        ("1, 2,", "1, 2", INTEGERS),
        ("[]", "0", INTEGERS),
        ("0", "[]", INTEGERS),
        ("1,234,5", "1, 234, 5", INTEGERS),
        ("1, " * 1200 + "1", "1, 1", INTEGERS),
        ("1, 2 and 3", "1, 2, 3", INTEGERS),
    ],
)
async def test_other_elements_are_refused(answer, reference, data):
    assert await finding(answer, reference, data) == "failed"


async def test_the_check_states_the_verifier_of_the_elements_and_the_place():
    check = await SEQUENCE.check(answer="1, 3, 4", reference="1, 2, 3", data=INTEGERS)
    assert check.evidence.startswith("element 2:")
    assert check.limits["element"] == "integer"
    assert check.limits["element_version"] == 1
    assert check.limits["text_max_chars"] == MAX_CHARS


async def test_one_failed_element_fails_and_one_undecided_element_decides_nothing():
    register(Unsure())
    data = {"element": "sequence_unsure"}
    assert await finding("a, b", "a, b", data) == "undecided"
    assert await finding("a, bad", "a, b", data) == "failed"
    assert await finding("a", "a, b", data) == "failed"


@pytest.mark.parametrize("name", ["sequence", "multiset"])
@pytest.mark.parametrize(
    ("reference", "data", "word"),
    [
        ("1, 2", {"element": "integers"}, "did you mean"),
        ("1, 2", {"element": "judge"}, "no verifier"),
        ("1, 2", {"element": "sequence"}, "of no elements"),
        ("1, 2", {"element": 1}, "element"),
        ("1, 2", {"element_data": []}, "element_data"),
        ("1, 2", {"separator": ""}, "separator"),
        ("1, 2", {"separator": "x" * 17}, "separator"),
        ("1, 2", {"sep": ";"}, "unknown"),
        ("1, 2", {"element": "decimal"}, "places"),
        ("1, x", INTEGERS, "'x'"),
        ("1,234,5", INTEGERS, "cannot|can be parted"),
        (" ", {}, "can be parted"),
    ],
)
async def test_a_lesson_that_does_not_fit_is_the_lessons_fault(name, reference, data, word):
    with pytest.raises(VerifierError, match=word):
        await verifier(name).check(answer="1, 2", reference=reference, data=data)

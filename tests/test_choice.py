"""The verifier `choice`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import VerifierError
from agents.verifiers.choice import ChoiceVerifier

CHOICE = ChoiceVerifier()
CITIES = {"A": "Rome", "B": "Paris", "C": "New  York", "D": "All of them"}
DATA = {"choices": CITIES}


async def finding(answer, reference, data=DATA):
    return (await CHOICE.check(answer=answer, reference=reference, data=data)).finding


@pytest.mark.parametrize("letter", CITIES)
async def test_every_way_to_name_a_choice_is_accepted_and_names_no_other(letter):
    text = CITIES[letter]
    ways = [letter, letter.lower(), f"({letter})", f"[{letter}]", f"{letter}.", f"{letter})", text]
    ways += [
        f"({letter}).",
        f"{letter}. {text}",
        f"({letter.lower()}) {text}",
        f" {letter}: {text}",
    ]
    for reference, other in CITIES.items():
        wanted = "passed" if reference == letter else "failed"
        for way in ways:
            assert await finding(way, reference) == wanted, way
            assert await finding(way, other) == wanted, way


@pytest.mark.parametrize(
    "answer",
    [
        *("A or B", "A, B", "A B", "AB", "not B", "B or not B", "Rome and Paris", "B. Rome", "E"),
        *("B (Paris)", "((B))", "paris", "PARIS", "Paris, France", "The answer is B", "B!", "2"),
        *("\uff22", "\u0412", "B\u200b", "**B**", "<b>B</b>", "A. Paris", "B.. ", "Option B"),
    ],
)
async def test_more_or_other_than_one_choice_is_refused(answer):
    for reference in CITIES:
        assert await finding(answer, reference) == "failed"


async def test_a_list_has_no_letters():
    data = {"choices": ["yes", "no", "maybe"]}
    assert await finding("yes", "yes", data) == "passed"
    for answer in ["A", "a.", "(A)", "1", "Yes", "yes no", "yes.", "no"]:
        assert await finding(answer, "yes", data) == "failed"


WORDS = st.text("abc,", min_size=1, max_size=9)


@given(st.lists(WORDS, min_size=2, max_size=9, unique=True))
async def test_every_text_names_itself_and_its_near_miss_is_refused(texts):
    data = {"choices": texts}
    for text in texts:
        for other in texts:
            assert await finding(other, text, data) == ("passed" if text == other else "failed")
        assert await finding(CHOICE.changed(text, data), text, data) == "failed"


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ({}, "choices"),
        ({"choices": "AB"}, "choices"),
        ({"choices": ["a"]}, "2 to 100"),
        ({"choices": ["a", " a "]}, "one text"),
        ({"choices": ["a", ""]}, "must be text"),
        ({"choices": ["a", 1]}, "must be text"),
        ({"choices": ["a", "b" * 1001]}, "must be text"),
        ({"choices": [str(n) for n in range(101)]}, "2 to 100"),
        ({"choices": {"A": "x", "a": "y"}}, "two choices"),
        ({"choices": {"A": "B", "B": "A"}}, "two choices"),
        ({"choices": {"": "x", "B": "y"}}, "letter"),
        ({"choices": {"(A)": "x", "B": "y"}}, "letter"),
        ({"choices": {"A": "x", "B": "y"}, "letters": True}, "letters"),
        ({"choices": {"A": "x", "B": "y"}}, "'Rome'"),
    ],
)
async def test_data_that_does_not_fit_is_the_lessons_fault(data, word):
    with pytest.raises(VerifierError, match=word):
        await finding("Rome", "Rome", data)

"""Finding the answer in a reply, and fencing text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import VerifierError
from agents.parsing import LOOKED_AT, delimiter, extract_answer
from storage.records import ANSWER_PATTERN


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Answer: 4", "4"),
        ("1. two\nAnswer:  4 \nbye", "4"),
        ("Answer: 3\nNo, wait.\nAnswer: 4", "4"),
        ("the Answer: 4", None),
        ("Answer:", None),
        ("Answer: 3\nAnswer:  \t", None),
        ("answer: 4", None),
        ("", None),
    ],
)
def test_the_last_line_of_the_asked_form_is_the_answer(text, answer):
    assert extract_answer(text, ANSWER_PATTERN) == answer


def test_a_pattern_without_a_group_gives_the_whole_match():
    assert extract_answer("so 12 or 13", r"[0-9]+") == "13"


def test_a_group_that_took_no_part_is_no_answer():
    assert extract_answer("b", r"(a)|b") is None


def test_only_the_end_of_a_very_long_reply_is_looked_at():
    assert extract_answer("Answer: 4\n" + "x" * LOOKED_AT, ANSWER_PATTERN) is None
    assert extract_answer("x" * LOOKED_AT + "\nAnswer: 4", ANSWER_PATTERN) == "4"


def test_a_pattern_that_is_none_names_itself():
    with pytest.raises(VerifierError, match=r"'\('"):
        extract_answer("x", "(")


@given(st.text(), st.integers(min_value=0, max_value=2**63 - 1))
def test_a_delimiter_is_repeatable_and_not_in_the_text(text, seed):
    mark = delimiter(seed, text)
    assert mark == delimiter(seed, text)
    assert mark not in text
    assert len(mark) == 16


def test_a_delimiter_changes_with_the_seed_and_with_the_text():
    assert len({delimiter(1, "a"), delimiter(2, "a"), delimiter(1, "b")}) == 3


def test_a_text_cannot_hold_its_own_delimiter_even_if_it_holds_an_earlier_one():
    once = delimiter(1, "a")
    assert delimiter(1, f"a{once}") != once

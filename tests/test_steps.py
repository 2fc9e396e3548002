"""Numbered steps, and the first wrong one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.steps import first_wrong_step, numbered_steps

STEPS = st.lists(st.sampled_from(["2 + 2 = 4", "4 * 3 = 12", "12 - 1 = 11"]), max_size=6).map(tuple)


def test_only_lines_numbered_in_order_are_steps():
    text = "Let me see.\n1. first\n 2)  second   step\n7. no step\n3. third\n3. again\nAnswer: 4"
    assert numbered_steps(text) == ("first", "second step", "third")


def test_a_text_without_numbers_has_no_steps():
    assert numbered_steps("It is 1.5 or 2.5\n-1. no") == ()


@pytest.mark.parametrize(
    ("right", "written", "number"),
    [
        (("a", "b", "c"), ("a", "b", "c"), None),
        (("a", "b", "c"), ("a", "x", "y"), 2),
        (("a", "b  c"), ("a", "b c"), None),
        (("a", "b", "c"), ("a", "c"), 2),
        (("a", "b"), ("a",), 2),
        (("a",), ("a", "b"), 2),
        ((), ("a",), None),
        (("a",), (), None),
    ],
)
def test_the_first_step_that_differs_is_the_wrong_one(right, written, number):
    assert first_wrong_step(right, written) == number


@given(STEPS, st.integers(min_value=0, max_value=5))
def test_a_step_made_wrong_is_found_where_it_stands(right, place):
    text = "\n".join(f"{n}. {step}" for n, step in enumerate(right, start=1))
    assert first_wrong_step(right, numbered_steps(text)) is None
    if place < len(right):
        wrong = (*right[:place], "4 - 4 = 1", *right[place + 1 :])
        assert first_wrong_step(right, wrong) == place + 1

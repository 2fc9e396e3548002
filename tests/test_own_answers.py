"""Whether a judge's own answers contradict each other."""

import pytest

from agents.judge.own_answers import contradict


@pytest.mark.parametrize(
    "answers",
    [
        (),
        ("4",),
        ("4", "4.0", "8/2"),
        ("Yes", "yes.", "True"),
        ("It is 4.\nAnswer: 4", "4"),
        ("Paris", "The capital of France"),
        ("4", "four"),
        ("4", "5", "It cannot be told."),
        ("no", "x" * 100),
    ],
)
def test_same_values_and_free_words_are_no_contradiction(answers):
    assert not contradict(answers, "unanimous")


@pytest.mark.parametrize("answers", [("4", "5"), ("yes", "No"), ("1", "yes"), ("Answer: 1", "2")])
def test_other_values_are_a_contradiction_under_either_rule(answers):
    assert contradict(answers, "unanimous")
    assert contradict(answers, "majority")


def test_a_majority_is_more_than_half():
    assert contradict(("4", "4", "5"), "unanimous")
    assert not contradict(("4", "4", "5"), "majority")
    assert contradict(("4", "4", "5", "5"), "majority")

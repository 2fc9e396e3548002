"""A judge's critique does not give the reference away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.judge.advice import NEUTRAL, gives_away
from storage.records import Attempt, Lesson, Task

LONG = "The pond under the cloth stayed cooler because less light reached its water in July."


def told(
    critique: str, reference: str, *, question: str = "Q?", attempt: str = "I say so."
) -> bool:
    lesson = Lesson(id="l", skill="s", level=1, task=Task(question=question), reference=reference,
                    verifier="judge", made_by="library")  # fmt: skip
    tried = Attempt(id="a", trajectory_id="t", lesson_id="l", idx=0, text=attempt, made_by="m")
    return gives_away(critique, lesson, tried)


@pytest.mark.parametrize(
    ("critique", "reference"),
    [
        ("It should be 42.", "42"),
        ("You get 42.0 apples.", "42"),
        ("One half, that is 1/2, is right.", "0.5"),
        ("The right choice is (B).", "B"),
        ("Say yes instead.", "Yes."),
        ("the CASEIN  glue holds", "The casein glue"),
        ("Remember: under the cloth stayed cooler because less light, mind.", LONG),
        ("\u7b54\u6848\u662f\u56db\u5341\u4e8c\u3002", "\u56db\u5341\u4e8c"),
        ("\u042d\u0442\u043e \u041f\u0430\u0440\u0438\u0436", "\u043f\u0430\u0440\u0438\u0436"),
    ],
)  # fmt: skip
def test_a_critique_that_states_the_reference_or_a_long_part_of_it_gives_it_away(
    critique, reference
):
    assert told(critique, reference)


@pytest.mark.parametrize(
    ("critique", "reference"),
    [
        ("", "42"),
        ("Look at step 4.", "42"),
        ("Look at 142 and 4.2 again.", "42"),
        ("A bit more care.", "B"),
        ("Look at the cloth and at July again.", LONG),
        ("Which glue held?", "The casein glue"),
        ("Anything.", " "),
    ],
)
def test_other_advice_stands(critique, reference):
    assert not told(critique, reference)


def test_what_the_student_has_already_is_not_given_away_but_a_choice_is():
    assert not told("Your 42 comes out of the wrong rows.", "42", attempt="I say 42.")
    assert not told("Where do the 42 pears go?", "42", question="Of 42 pears, how many are left?")
    assert not told(f"Read: {LONG}", LONG, question=LONG)
    assert told("It is the casein glue.", "the casein glue", question="Bone or the casein glue?")


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=300))
def test_any_texts_can_be_asked_about(critique, reference, attempt):
    told(critique, reference, attempt=attempt)
    assert not told(NEUTRAL, "42")

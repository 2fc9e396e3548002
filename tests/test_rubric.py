"""Rubrics: reward, acceptance, and the form of a judge's reply."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.rubric import Criterion, Rubric, default_rubric
from storage.records import Grade


def grades(*met: float | None) -> tuple[Grade, ...]:
    criteria = default_rubric().criteria
    return tuple(
        Grade(criterion=c.name, weight=c.weight, grade=m)
        for c, m in zip(criteria, met, strict=True)
    )


@pytest.mark.parametrize(
    ("met", "reward", "accepted"),
    [
        ((1.0, 1.0, 1.0), 1.0, True),
        ((1.0, 0.0, 0.0), 0.6, True),
        ((0.0, 1.0, 1.0), 0.4, False),
        ((0.0, 0.0, 0.0), 0.0, False),
        ((1.0, None, 1.0), None, False),
    ],
)
def test_the_default_rubric_accepts_what_is_correct(met, reward, accepted):
    rubric = default_rubric()
    assert rubric.reward(grades(*met)) == reward
    assert rubric.accepts(grades(*met)) is accepted


def test_a_missed_required_criterion_rejects_whatever_the_reward():
    rubric = Rubric(
        criteria=(
            Criterion(name="safe", weight=0.1, about="Harmless.", required=True),
            Criterion(name="good", weight=0.9, about="Good."),
        ),
        threshold=0.5,
    )
    found = (
        Grade(criterion="safe", weight=0.1, grade=0.0),
        Grade(criterion="good", weight=0.9, grade=1.0),
    )
    assert rubric.reward(found) == 0.9
    assert not rubric.accepts(found)


def test_a_reward_below_the_threshold_rejects():
    rubric = default_rubric().model_copy(update={"threshold": 0.9})
    assert not rubric.accepts(grades(1.0, 1.0, 0.0))
    assert rubric.accepts(grades(1.0, 1.0, 1.0))


@given(st.lists(st.integers(min_value=1, max_value=100), min_size=1, max_size=9), st.data())
def test_a_reward_is_a_share_whatever_the_weights(parts, data):
    weights = [part / sum(parts) for part in parts]
    rubric = Rubric(
        criteria=tuple(
            Criterion(name="c" * (i + 1), weight=w, about="x") for i, w in enumerate(weights)
        ),
        threshold=0.5,
    )
    found = tuple(
        Grade(criterion=c.name, weight=c.weight, grade=data.draw(st.sampled_from([0.0, 1.0])))
        for c in rubric.criteria
    )
    assert 0.0 <= rubric.reward(found) <= 1.0


@pytest.mark.parametrize(
    ("criteria", "complaint"),
    [
        ([("a", 0.5), ("b", 0.4)], "sum to 0.9"),
        ([("a", 0.5), ("a", 0.5)], "stands twice"),
        ([("critique", 1.0)], "taken"),
        ([("abstained", 1.0)], "taken"),
        ([("refused", 1.0)], "taken"),
        ([("copy", 1.0)], "taken"),
        ([("Not a name", 1.0)], "pattern"),
        ([], "at least 1"),
    ],
)
def test_a_rubric_that_does_not_hold_together_is_refused(criteria, complaint):
    with pytest.raises(ValidationError, match=complaint):
        Rubric(
            criteria=[{"name": n, "weight": w, "about": "x"} for n, w in criteria], threshold=0.5
        )


def test_the_form_asks_for_the_reason_before_the_finding_and_the_critique_last():
    schema = default_rubric().form().model_json_schema()
    assert list(schema["properties"]) == ["correct", "complete", "clear", "critique"]
    assert list(schema["$defs"]["Found"]["properties"]) == ["quote", "reason", "met"]
    assert schema["additionalProperties"] is False


def test_a_reply_of_the_shown_shape_is_of_the_form_and_gives_the_grades():
    rubric = default_rubric()
    shape = json.loads(rubric.shape().replace("true or false", "true"))
    shape["clear"] = {"quote": "", "reason": "It rambles.", "met": False}
    read = rubric.grades(rubric.form().model_validate(shape), lambda quote: True)
    assert [(g.criterion, g.weight, g.grade) for g in read] == [
        ("correct", 0.6, 1.0),
        ("complete", 0.25, 1.0),
        ("clear", 0.15, 0.0),
    ]
    assert read[0].reason == 'why Quoted: "words of the attempt"'
    assert read[2].reason == "It rambles."


def test_what_is_met_without_a_true_quote_has_no_grade_and_what_is_not_met_needs_none():
    rubric = default_rubric()
    shape = json.loads(rubric.shape().replace("true or false", "true"))
    shape["complete"]["met"] = False
    read = rubric.grades(rubric.form().model_validate(shape), lambda quote: False)
    assert [grade.grade for grade in read] == [None, 0.0, None]


@pytest.mark.parametrize(
    ("met", "status", "least"),
    [
        ((1.0, 1.0, 1.0), "accepted", 1.0),
        ((1.0, 0.0, 0.0), "accepted", 0.6),
        ((0.0, None, None), "rejected", 0.0),
        ((0.0, 1.0, None), "rejected", 0.25),
        ((None, 0.0, 0.0), "unscored", 0.0),
        ((None, 1.0, 1.0), "unscored", 0.4),
        ((1.0, None, 1.0), "unscored", 0.75),
    ],
)
def test_a_missing_grade_leaves_open_only_what_it_could_tip(met, status, least):
    rubric = default_rubric()
    assert rubric.status(grades(*met)) == status
    assert rubric.least_reward(grades(*met)) == least


@pytest.mark.parametrize("met", ["true", 1, None, 0.5])
def test_a_finding_that_is_not_true_or_false_is_refused(met):
    rubric = default_rubric()
    shape = json.loads(rubric.shape().replace("true or false", "true"))
    shape["correct"]["met"] = met
    with pytest.raises(ValidationError):
        rubric.form().model_validate(shape)

"""How the domain `shop` works a task: rightly, and wrongly where it says so."""

import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.embedded.shop import Shop
from agents.embedded.shop.misconceptions import MISCONCEPTIONS
from agents.embedded.shop.queries import Column, Condition, Query
from agents.embedded.shop.working import lines
from agents.verifiers.sql import SqlVerifier
from storage.records import Task

DOMAIN = Shop()
VERIFIER = SqlVerifier()
SKILL_LEVELS = [(skill.name, level) for skill in DOMAIN.skills for level in (1, 2, 3)]


def drafts(skill: str, level: int, count: int):
    capacity = DOMAIN.capacity(skill, level)
    return [DOMAIN.draft(skill, level, place * capacity // count) for place in range(count)]


@pytest.mark.parametrize("skill", [skill.name for skill in DOMAIN.skills])
async def test_each_misconception_is_refused_often_enough_at_some_level(skill):
    acted: Counter[tuple[str, int]] = Counter()
    refused: Counter[tuple[str, int]] = Counter()
    for level in (1, 2, 3):
        for draft in drafts(skill, level, 60):
            reference = DOMAIN.work(draft.task, ()).answer
            for wrong in DOMAIN.misconceptions(skill):
                work = DOMAIN.work(draft.task, (wrong.name,))
                if work.slips:
                    check = await VERIFIER.check(
                        answer=work.answer, reference=reference, data=draft.data
                    )
                    acted[wrong.name, level] += 1
                    refused[wrong.name, level] += check.finding == "failed"
    for wrong in DOMAIN.misconceptions(skill):
        shares = [
            refused[wrong.name, level] / acted[wrong.name, level]
            for level in (1, 2, 3)
            if acted[wrong.name, level] >= 3
        ]
        assert max(shares, default=0.0) >= 0.3, wrong.name


def test_every_skill_has_misconceptions_with_a_belief():
    names = [item.name for item in MISCONCEPTIONS]
    assert len(set(names)) == len(names)
    for skill in DOMAIN.skills:
        found = DOMAIN.misconceptions(skill.name)
        assert len(found) >= 3
        assert all(item.belief.endswith(".") for item in found)


@given(
    st.sampled_from(SKILL_LEVELS),
    st.floats(0, 0.999),
    st.sets(st.sampled_from([item.name for item in MISCONCEPTIONS])),
)
def test_a_slip_names_the_first_line_that_its_misconception_made_wrong(place, share, active):
    draft = DOMAIN.draft(*place, int(share * DOMAIN.capacity(*place)))
    right, wrong = DOMAIN.work(draft.task, ()), DOMAIN.work(draft.task, active)
    differing = [
        number
        for number, (one, other) in enumerate(zip(right.steps, wrong.steps, strict=True), 1)
        if one != other
    ]
    steps = [slip.step for slip in wrong.slips]
    assert right.slips == ()
    assert {slip.misconception for slip in wrong.slips} <= active
    assert steps == sorted(steps)
    assert differing[:1] == steps[:1]
    assert (wrong.answer == right.answer) == (not wrong.slips)


@given(st.sampled_from(SKILL_LEVELS), st.floats(0, 0.999))
def test_a_task_survives_json_and_is_worked_the_same(place, share):
    draft = DOMAIN.draft(*place, int(share * DOMAIN.capacity(*place)))
    again = Task.model_validate_json(draft.task.model_dump_json())
    assert DOMAIN.work(again, ("sorts_the_wrong_way",)) == DOMAIN.work(
        draft.task, ("sorts_the_wrong_way",)
    )


def test_a_misconception_of_another_skill_changes_nothing():
    draft = DOMAIN.draft("sql_select", 3, 0)
    assert DOMAIN.work(draft.task, ("confuses_avg_and_sum", "no_such_thing")).slips == ()


def test_a_task_of_another_domain_is_refused():
    for givens in (None, {"domain": "quantities"}):
        with pytest.raises(ValueError, match="not one of this domain"):
            DOMAIN.work(Task(question="?", givens=givens), ())


def test_steps_are_the_clauses_in_the_order_in_which_they_are_thought_out():
    query = Query(
        columns=(Column(expr="city"), Column(expr="*", aggregate="COUNT")),
        table="customers",
        where=(
            Condition(left=Column(expr="joined_on"), op=">=", values=("2021-01-01",)),
            Condition(left=Column(expr="city"), op="BETWEEN", values=("A", "C")),
            Condition(left=Column(expr="email"), op="IS NULL", skipped=True),
        ),
        group=("city",),
        having=(Condition(left=Column(expr="*", aggregate="COUNT"), op=">", values=(1,)),),
        limit=2,
    )
    assert query.sql == (
        "SELECT city, COUNT(*) FROM customers WHERE joined_on >= '2021-01-01' AND "
        "city BETWEEN 'A' AND 'C' GROUP BY city HAVING COUNT(*) > 1 LIMIT 2"
    )
    assert lines(query) == [
        "Take the table customers: FROM customers",
        "Keep the rows where joined_on comes no earlier than 2021-01-01: "
        "WHERE joined_on >= '2021-01-01'",
        "Keep the rows where city lies between A and C: AND city BETWEEN 'A' AND 'C'",
        "Leave out the condition on email; all rows may stay",
        "Make one group for each city: GROUP BY city",
        "Keep the groups where the number of rows is more than 1: HAVING COUNT(*) > 1",
        "Show city, then the number of rows: SELECT city, COUNT(*)",
        "Stop after 2 rows: LIMIT 2",
    ]


def test_text_in_a_query_is_quoted():
    tricky = Condition(left=Column(expr="name"), op="=", values=("O'Hara'; --",))
    assert tricky.sql == "name = 'O''Hara''; --'"


def test_drafting_and_working_take_less_than_a_millisecond():
    took = []
    for skill, level in SKILL_LEVELS:
        drafts(skill, level, 20)
        for index in range(0, DOMAIN.capacity(skill, level), 997):
            began = time.process_time()
            DOMAIN.work(DOMAIN.draft(skill, level, index).task, ())
            took.append(time.process_time() - began)
    assert sorted(took)[len(took) // 2] < 0.005  # ten times what a quiet machine needs

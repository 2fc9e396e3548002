import json
import os
import re
import subprocess
import sys
from itertools import combinations, permutations
from math import comb, factorial
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.embedded.domain import Draft, Work
from agents.embedded.procedures import Procedures
from agents.embedded.procedures.domain import PROCEDURES
from agents.embedded.procedures.sheet import Sheet
from agents.embedded.procedures.unranking import arrangement, combination, digits, spread
from agents.verifiers import verifier
from storage.ids import derive_seed, question_digest
from storage.records import ANSWER_INSTRUCTION, Slip, Task

DOMAIN = Procedures()
PLACES = [(skill.name, level) for skill in DOMAIN.skills for level in range(1, skill.levels + 1)]


def sampled(skill: str, level: int, count: int) -> list[Draft]:
    random = Random(derive_seed("test", skill, level))
    size = DOMAIN.capacity(skill, level)
    return [DOMAIN.draft(skill, level, random.randrange(size)) for _ in range(count)]


def first_difference(right: Work, other: Work) -> int | None:
    for number in range(max(len(right.steps), len(other.steps))):
        if right.steps[number : number + 1] != other.steps[number : number + 1]:
            return number + 1
    return None


def tasks() -> st.SearchStrategy[Draft]:
    return st.sampled_from(PLACES).flatmap(
        lambda place: st.integers(0, DOMAIN.capacity(*place) - 1).map(
            lambda index: DOMAIN.draft(*place, index)
        )
    )


@pytest.mark.parametrize(("skill", "level"), PLACES)
def test_a_level_has_a_hundred_thousand_tasks_or_more(skill, level):
    assert 10**5 <= DOMAIN.capacity(skill, level) <= 2**62


@pytest.mark.parametrize("skill", [skill.name for skill in DOMAIN.skills])
@pytest.mark.no_cover
def test_no_question_of_a_skill_repeats_at_any_level(skill):
    indices = [
        (level, index)
        for level in (1, 2, 3)
        for size in [DOMAIN.capacity(skill, level)]
        for index in {*range(1000), *(n * size // 3000 for n in range(3000)), size - 1}
    ]
    drafts = [DOMAIN.draft(skill, level, index) for level, index in indices]
    assert len({question_digest(draft.task.question) for draft in drafts}) == len(indices)


@given(st.data())
@settings(max_examples=300)
@pytest.mark.no_cover
def test_two_indices_give_two_questions(data):
    place = data.draw(st.sampled_from(PLACES))
    index = st.integers(0, DOMAIN.capacity(*place) - 1)
    one, other = data.draw(st.lists(index, min_size=2, max_size=2, unique=True))
    assert question_digest(DOMAIN.draft(*place, one).task.question) != question_digest(
        DOMAIN.draft(*place, other).task.question
    )


def test_all_kinds_of_a_level_come_equally_often():
    for skill, level in PLACES:
        kinds = [str(DOMAIN.draft(skill, level, index).task.givens["kind"]) for index in range(240)]
        assert len({kinds.count(kind) for kind in kinds}) == 1


def test_each_kind_of_task_is_told_in_six_ways_or_more():
    for procedure in PROCEDURES:
        for kind in (kind for level in procedure.levels for kind in level):
            assert len(set(kind.phrasings)) == len(kind.phrasings) >= 6
            assert len({"{who}" in phrasing for phrasing in kind.phrasings}) == 1


def test_at_least_three_skills_need_no_other_and_the_rest_need_skills_that_exist():
    names = {skill.name for skill in DOMAIN.skills}
    assert sum(not skill.after for skill in DOMAIN.skills) >= 3
    assert {name for skill in DOMAIN.skills for name in skill.after} <= names
    assert all(skill.levels == 3 and skill.about for skill in DOMAIN.skills)


@given(tasks())
@settings(max_examples=300)
@pytest.mark.no_cover
def test_the_givens_are_json_and_all_that_a_working_needs(draft):
    givens = json.loads(json.dumps(draft.task.givens))
    assert DOMAIN.work(Task(question="?", givens=givens), ()) == DOMAIN.work(draft.task, ())
    assert givens["domain"] == "procedures"
    assert not {"answer", "reference"} & set(givens)


@given(tasks())
@settings(max_examples=300)
@pytest.mark.no_cover
def test_the_question_does_not_give_the_answer_away(draft):
    answer = DOMAIN.work(draft.task, ()).answer
    if not answer.isdigit() or len(answer) > 4:
        assert not re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", draft.task.question)


@given(tasks())
@settings(max_examples=300)
@pytest.mark.no_cover
def test_a_task_is_told_in_full_sentences_and_says_how_to_answer(draft):
    question, instruction = draft.task.question, draft.task.instruction
    assert re.search(r"^\S.*[.?]$", question)
    assert not re.search(r"[{}]|  |\.\.(?!\.)|\b1 (?:hours|minutes|days|weeks)\b", question)
    lead = ANSWER_INSTRUCTION.removesuffix("<answer>")
    assert re.search(rf"{re.escape(lead)}<[^<>]+>$", instruction)
    assert draft.data == {}


@given(tasks())
@settings(max_examples=300)
def test_a_math_answer_is_a_number_or_a_sequence_of_small_ones(draft):
    answer = DOMAIN.work(draft.task, ()).answer
    if draft.verifier == "math":
        numbers = [int(number) for number in answer.split(", ")]
        assert answer == ", ".join(map(str, numbers))
        assert len(numbers) == 1 or max(numbers) < 1000
    else:
        assert draft.verifier == "exact"
        assert answer == " ".join(answer.split()) != ""


@pytest.mark.parametrize("skill", [skill.name for skill in DOMAIN.skills])
@pytest.mark.no_cover
def test_each_misconception_makes_a_fifth_of_the_answers_wrong_at_some_level(skill):
    names = [misconception.name for misconception in DOMAIN.misconceptions(skill)]
    shares = {name: 0.0 for name in names}
    for level in (1, 2, 3):
        drafts = sampled(skill, level, 240)
        rights = [DOMAIN.work(draft.task, ()).answer for draft in drafts]
        for name in names:
            answers = [DOMAIN.work(draft.task, (name,)).answer for draft in drafts]
            wrong = sum(one != other for one, other in zip(answers, rights, strict=True))
            shares[name] = max(shares[name], wrong / len(drafts))
    assert len(names) == len(set(names)) >= 3
    assert {name: share for name, share in shares.items() if share < 0.2} == {}


@pytest.mark.parametrize(("skill", "level"), PLACES)
def test_a_slip_is_the_first_line_that_differs_from_the_right_working(skill, level):
    for draft in sampled(skill, level, 60):
        right = DOMAIN.work(draft.task, ())
        assert right.slips == ()
        for misconception in DOMAIN.misconceptions(skill):
            work = DOMAIN.work(draft.task, (misconception.name,))
            step = first_difference(right, work)
            if step is None:
                assert work == right
            else:
                assert work.slips == (Slip(misconception=misconception.name, step=step),)


@given(tasks(), st.data())
@settings(max_examples=400)
@pytest.mark.no_cover
def test_with_several_misconceptions_the_earliest_slip_is_the_first_wrong_line(draft, data):
    names = [m.name for m in DOMAIN.misconceptions(str(draft.task.givens["skill"]))]
    active = data.draw(st.sets(st.sampled_from(names)))
    right, work = DOMAIN.work(draft.task, ()), DOMAIN.work(draft.task, active)
    assert {slip.misconception for slip in work.slips} <= active
    assert min((slip.step for slip in work.slips), default=None) == first_difference(right, work)
    assert work.answer.strip()
    assert all("\n" not in step and step for step in work.steps)
    if work.answer != right.answer:
        assert work.slips


async def test_the_verifier_accepts_the_reference_and_refuses_a_wrong_answer():
    for skill, level in PLACES:
        for draft in sampled(skill, level, 12):
            names = [m.name for m in DOMAIN.misconceptions(skill)]
            right, wrong = DOMAIN.work(draft.task, ()), DOMAIN.work(draft.task, names)
            check = verifier(draft.verifier).check
            passed = await check(answer=right.answer, reference=right.answer, data=draft.data)
            assert passed.finding == "passed"
            if wrong.answer != right.answer:
                failed = await check(answer=wrong.answer, reference=right.answer, data={})
                assert failed.finding == "failed"


def test_tasks_and_workings_are_the_same_in_every_process():
    program = (
        "from agents.embedded.procedures import Procedures as P; from storage.ids import digest\n"
        "d = P(); t = [d.draft(s.name, 2, 12345) for s in d.skills]\n"
        "a = {m.name for s in d.skills for m in d.misconceptions(s.name)}\n"
        "w = [d.work(x.task, a) for x in t]\n"
        "print(digest([[x.task for x in t], [[*y.steps, y.answer, *y.slips] for y in w]]))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path.cwd())},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1


def test_what_is_not_of_this_domain_is_refused():
    assert DOMAIN.capacity("sorting", 0) == DOMAIN.capacity("sorting", 4) == 0
    with pytest.raises(ValueError, match="'cooking': not a procedure"):
        DOMAIN.draft("cooking", 1, 0)
    with pytest.raises(ValueError, match="has no task"):
        DOMAIN.draft("sorting", 1, DOMAIN.capacity("sorting", 1))
    with pytest.raises(ValueError, match="has no task -1"):
        DOMAIN.draft("sorting", 1, -1)
    with pytest.raises(ValueError, match="not a procedure"):
        DOMAIN.work(Task(question="?"), ())
    with pytest.raises(ValueError, match="has no level 9"):
        DOMAIN.work(Task(question="?", givens={"skill": "sorting", "level": 9}), ())
    givens = {"skill": "sorting", "level": 1, "kind": "magic"}
    with pytest.raises(ValueError, match="no kind 'magic'"):
        DOMAIN.work(Task(question="?", givens=givens), ())


def test_only_an_active_misconception_that_changes_something_is_a_slip():
    sheet = Sheet({"held"})
    assert sheet.either(1, other=2) == 1
    assert sheet.either(1, held=1) == 1
    sheet.write("right")
    assert sheet.either(1, other=3, held=2) == 2
    sheet.write("wrong")
    assert sheet.either(1, held=2) == 2
    sheet.write("wrong again")
    assert sheet.work("2").slips == (Slip(misconception="held", step=2),)


@given(st.integers(1, 7), st.integers(0, 7))
def test_combinations_and_arrangements_are_counted_through_in_order(size, k):
    pool = range(size)
    k = min(k, size)
    found = [tuple(combination(rank, pool, k)) for rank in range(comb(size, k))]
    assert found == list(combinations(pool, k))
    if size < 6:
        ranks = range(factorial(size))
        assert [tuple(arrangement(rank, pool)) for rank in ranks] == list(permutations(pool))


@given(st.integers(1, 400))
def test_spreading_is_one_to_one(size):
    assert sorted(spread(index, size) for index in range(size)) == list(range(size))


def test_digits_are_mixed_radix_with_the_fastest_first():
    assert [digits(index, (2, 3)) for index in range(6)] == [
        [0, 0], [1, 0], [0, 1], [1, 1], [0, 2], [1, 2],
    ]  # fmt: skip

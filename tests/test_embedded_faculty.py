"""The embedded faculty: lessons without replacement, and a novice who is wrong in named ways."""

import re
from collections import Counter

import pytest

from agents.critic import ProgramCritic
from agents.embedded.domains import domains
from agents.embedded.novice import Novice
from agents.embedded.quantities.people import FAMILY_NAMES, FIRST_NAMES
from agents.embedded.teacher import EmbeddedTeacher
from agents.errors import DraftError
from agents.parsing import extract_answer
from agents.screen import screen
from agents.student import Earlier
from agents.verifiers import verifier
from graphs.curriculum import skill_graph
from storage.ids import attempt_id, derive_seed, lesson_id
from storage.records import Assignment, Attempt, CallSite, Task

PLACES = [(s.name, level) for d in domains() for s in d.skills for level in range(1, s.levels + 1)]
NAMES = re.compile(rf"\b({'|'.join((*FIRST_NAMES, *FAMILY_NAMES))})\b")
NUMBERS = re.compile(r"\d+(?:[./]\d+)*")


def assignment(skill, level, n=0, practice=None):
    return Assignment(
        n=n, skill=skill, level=level, seed=derive_seed(7, "episode", n), ordinal=n,
        practice=practice or {},
    )  # fmt: skip


def site(role="student", idx=0, revision=0):
    return CallSite(trajectory_id="t", seed=7, role=role, idx=idx, revision=revision)


async def lesson(skill, level, n=0, seed=7):
    teacher = EmbeddedTeacher(domains(), seed)
    return await teacher.write_lesson(assignment(skill, level, n), site("teacher"), None)


def test_there_are_four_domains_and_at_least_twelve_skills_of_three_levels():
    assert len(domains()) == 4
    skills = [skill for domain in domains() for skill in domain.skills]
    assert len({skill.name for skill in skills}) == len(skills) >= 12
    assert {skill.levels for skill in skills} == {3}
    assert skill_graph(skills).number_of_edges() >= 8


@pytest.mark.parametrize(("skill", "level"), PLACES)
async def test_a_lesson_passes_its_own_strict_screen(skill, level):
    for n in range(3):
        made = await lesson(skill, level, n)
        screening = await screen(made, strict=True)
        assert screening.refused == ()
        assert made.id == lesson_id(made)
        assert made.steps


@pytest.mark.parametrize(("skill", "level"), PLACES)
async def test_a_novice_without_misconceptions_is_right(skill, level):
    practised = assignment(skill, level, practice={skill: 10_000})
    made = await lesson(skill, level)
    tried = await Novice(domains()).attempt(made.task, practised, site(), None)
    answer = extract_answer(tried.text, made.task.answer_pattern)
    check = await verifier(made.verifier).check(
        answer=answer, reference=made.reference, data=made.data
    )
    assert check.finding == "passed"
    assert tried.slips == ()


async def test_within_a_run_no_lesson_of_a_level_repeats():
    made = [await lesson("sums", 1, n) for n in range(200)]
    assert len({each.task.question for each in made}) == 200


def masked(question):
    return NUMBERS.sub("0", NAMES.sub("N", question))


@pytest.mark.no_cover
async def test_hardly_a_quantity_task_of_two_runs_repeats_but_for_numbers_and_names():
    places = [place for place in PLACES if place[0] in {s.name for s in domains()[0].skills}]
    questions = []
    for seed in (1, 2):
        for n in range(2_500):
            ordinal, turn = divmod(n, len(places))
            made = await lesson(*places[turn], ordinal, seed)
            assert made.made_by.startswith("embedded/quantities@")
            questions.append(masked(made.task.question))
    assert len(questions) - len(set(questions)) < len(questions) / 100


async def test_another_seed_draws_in_another_order():
    assert (await lesson("sums", 1, seed=7)).id != (await lesson("sums", 1, seed=8)).id


async def test_a_skill_or_level_that_nobody_teaches_is_refused():
    with pytest.raises(DraftError, match="no embedded domain has it"):
        await lesson("alchemy", 1)
    with pytest.raises(DraftError, match="has no level 9"):
        await lesson("sums", 9)
    assert EmbeddedTeacher(domains()).capacity("alchemy", 1) == 0


async def test_a_novice_refuses_a_task_of_another_teacher():
    with pytest.raises(ValueError, match="embedded teacher's tasks"):
        await Novice(domains()).attempt(
            Task(question="2 + 2?"), assignment("sums", 1), site(), None
        )


async def tries(skill, level, practice=None, revision=0, count=60):
    """Return how many of `count` novices are right, by the critic."""
    right = 0
    for n in range(count):
        asked = assignment(skill, level, n, practice)
        made = await lesson(skill, level, n)
        earlier = Earlier("before", "look again") if revision else None
        where = site(revision=revision)
        tried = await Novice(domains()).attempt(made.task, asked, where, None, earlier)
        attempt = Attempt(
            id=attempt_id("t", revision, n), trajectory_id="t", lesson_id=made.id, idx=0,
            text=tried.text, answer=extract_answer(tried.text, made.task.answer_pattern),
            slips=tried.slips, made_by="embedded/novice@1",
        )  # fmt: skip
        verdict = await ProgramCritic().judge(made, attempt, site("critic"), None)
        right += verdict.status == "accepted"
        if verdict.status == "rejected":
            assert tried.slips, tried.text
            assert verdict.first_wrong_step == min(slip.step for slip in tried.slips)
    return right


@pytest.mark.parametrize("skill", ["sums", "calendar", "sql_select"])
async def test_practice_and_critique_make_a_novice_better(skill):
    untaught = await tries(skill, 2)
    assert untaught < 60
    assert await tries(skill, 2, practice={skill: 30}) > untaught
    assert await tries(skill, 2, revision=1) > untaught


def test_a_misconception_is_named_after_what_the_novice_does():
    held = [m for d in domains() for s in d.skills for m in d.misconceptions(s.name)]
    for each in held:
        assert re.fullmatch(r"[a-z]+s(_[a-z]+)+", each.name), each.name
        assert re.search(r"_instead(?!_of_[a-z]+ing\b)", each.name) is None, each.name
        assert re.fullmatch(r"\S.*\.", each.belief), each.name


def test_within_a_domain_a_name_stands_for_one_belief():
    for domain in domains():
        held = {m for skill in domain.skills for m in domain.misconceptions(skill.name)}
        assert len({(m.name, m.belief) for m in held}) == len({m.name for m in held})


async def test_what_a_novice_gets_wrong_has_names():
    slips = Counter()
    for n in range(120):
        made = await lesson("sums", 1, n)
        tried = await Novice(domains()).attempt(made.task, assignment("sums", 1, n), site(), None)
        slips.update(slip.misconception for slip in tried.slips)
    known = {m.name for d in domains() if d.name == "quantities" for m in d.misconceptions("sums")}
    assert set(slips) <= known
    assert len(slips) >= 2

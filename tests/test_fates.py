"""Every exported row is found from its attempt, and every attempt's rows are named."""

import asyncio
import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from agents.steps.written import written_steps
from storage import ids
from storage.errors import Lacking
from storage.export import FORMATS, Asked, Exporting, Manner
from storage.export.fates import fates
from storage.lineage import lineage
from storage.queries import Reader
from storage.records import Assignment, Attempt, Lesson, Run, Task, Trajectory, Verdict
from storage.store import Store

ROOT = Path(__file__).parents[1]
MANNER = Manner(written_steps)


def trajectory(n, question, *statuses):
    own = ids.trajectory_id("r1", n)
    lesson = Lesson(
        id="",
        skill="s",
        level=1,
        task=Task(question=question),
        reference="7",
        verifier="exact",
        made_by=f"library/{n}",
    )
    lesson = lesson.model_copy(update={"id": ids.lesson_id(lesson)})
    attempts, verdicts = [], []
    for idx, status in enumerate(statuses):
        one = ids.attempt_id(own, 0, idx)
        attempts.append(
            Attempt(
                id=one,
                trajectory_id=own,
                lesson_id=lesson.id,
                idx=idx,
                text=f"try {n} {idx}",
                answer=str(idx),
                made_by="student",
            )
        )
        reward = {"accepted": 1.0, "rejected": 0.0}.get(status)
        rung = None if reward is None else "program"
        verdicts.append(
            Verdict(
                id=ids.verdict_id(one, 0),
                attempt_id=one,
                status=status,
                reward=reward,
                rung=rung,
                critique="No.",
            )
        )
    return Trajectory(
        id=own,
        run_id="r1",
        assignment=Assignment(n=n, skill="s", seed=n),
        lesson=lesson,
        attempts=tuple(attempts),
        verdicts=tuple(verdicts),
        status="accepted",
        reward=1.0,
    )


async def stored(path, *trajectories):
    with Store.open(path) as store:
        run = Run(id="r1", identity={}, config={}, seed=1, episodes=9, created_at="2026-01-01")
        await store.begin(run)
        for one in trajectories:
            await store.assign("r1", one.assignment)
            await store.land(one)


@pytest.fixture(scope="module")
def alike(tmp_path_factory):
    """A database in which questions come again, some of them before anything was right."""
    path = tmp_path_factory.mktemp("alike") / "a.db"
    some = [
        trajectory(0, "How many?", "rejected", "unscored"),
        trajectory(1, "How  MANY?", "accepted", "rejected"),
        trajectory(2, "how many?", "accepted", "failed"),
        trajectory(3, "Other?", "unscored"),
        trajectory(4, "other?", "rejected", "accepted", "accepted"),
        trajectory(5, "Nobody tried?"),
    ]
    asyncio.run(stored(path, *some))
    return path


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("embedded")
    line = [sys.executable, str(ROOT / "run.py"), "--episodes", "60", "--json"]
    subprocess.run(line, cwd=folder, check=True, capture_output=True)
    return folder / "lyceum.db"


@pytest.mark.parametrize("name", ["alike", "embedded"])
def test_the_fates_of_attempts_are_what_an_export_does_with_them(name, request):
    with Reader.open(request.getfixturevalue(name)) as reader:
        run = reader.latest_run().id
        told = {}
        for each in reader.stream(run):
            told |= fates(reader, run, each.id, written_steps)
        for form in FORMATS.values():
            making = Exporting(reader, [run], Asked(form, MANNER))
            rows: dict[str, set[str]] = {}
            with suppress(Lacking):  # told at the end: of one database stepwise makes nothing
                for _, made in making.examples():
                    for attempt in made.attempts or (made.example["lesson_id"],):
                        rows.setdefault(attempt, set()).add(made.example["id"])
            said = {
                of: set(fate.examples[form.name])
                for of, fate in told.items()
                if form.name in fate.examples
            }
            assert said == rows
            reasons = [fate.left_out.get(form.name) for fate in told.values()]
            left = [reason for reason in reasons if reason]
            assert sorted(left) == sorted(making.account.left_out.elements())


def test_an_attempt_that_an_earlier_question_makes_superfluous_names_it(alike):
    with Reader.open(alike) as reader:
        found = fates(reader, "r1", ids.trajectory_id("r1", 2), written_steps)
        first = found[ids.attempt_id(ids.trajectory_id("r1", 2), 0, 0)]
        assert first.left_out["sft"] == "duplicate"
        assert first.twins["sft"] == ids.trajectory_id("r1", 1)
        assert first.twins["kto"] == ids.trajectory_id("r1", 0)


def test_a_task_that_nobody_tried_is_an_example_of_rl_under_its_lesson(alike):
    with Reader.open(alike) as reader:
        one = ids.trajectory_id("r1", 5)
        [(of, fate)] = fates(reader, "r1", one, written_steps).items()
        assert of == reader.trajectory("5").lesson.id
        assert fate.examples == {"rl": [one]}


@pytest.mark.parametrize("form", FORMATS)
def test_inspect_leads_from_any_example_to_lesson_attempt_verdict_and_back(form, embedded):
    with Reader.open(embedded) as reader:
        run = reader.latest_run().id
        making = Exporting(reader, [run], Asked(FORMATS[form], MANNER))
        made = [made.example for _, made in making.examples()]
    for example in made[:: max(1, len(made) // 2)]:
        line = [sys.executable, str(ROOT / "run.py"), "inspect", example["id"], "--json"]
        done = subprocess.run(line, cwd=embedded.parent, check=True, capture_output=True, text=True)
        shown = json.loads(done.stdout)
        assert shown["id"] == example["trajectory_id"]
        assert shown["lesson"]["id"] == example["lesson_id"]
        found = [fate["examples"].get(form, ()) for fate in shown["examples"].values()]
        named = {each for some in found for each in some}
        assert example["id"] in named
        [*before] = [a for a, b in shown["lineage"] if b == f"{form} {example['id']}"]
        attempts = {attempt["id"] for attempt in shown["attempts"]}
        assert before
        assert set(before) <= attempts
        judged = {verdict["attempt_id"] for verdict in shown["verdicts"]}
        assert set(before) <= judged


async def test_the_lineage_of_an_example_ends_with_it(alike):
    with Reader.open(alike) as reader:
        whole = reader.trajectory("1")
        [attempt, _] = whole.attempts
        graph = lineage(whole, (), [(attempt.id, "sft", attempt.id)])
    assert graph.nodes[f"sft {attempt.id}"] == {"kind": "example", "format": "sft"}
    assert f"sft {attempt.id}" in graph.successors(attempt.id)

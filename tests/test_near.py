"""Near-duplicates at the lesson screen: a matter of the episode's number, not of who was faster."""

import asyncio
import importlib.util
import json
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from agents.student import Try
from graphs import embedded_faculty, make_graph
from graphs.batch import Batch
from graphs.config import Config
from graphs.curriculum import Curriculum
from graphs.errors import ConfigError
from graphs.models import SilentModels
from graphs.wiring import wire
from storage.ids import dataset_digest, derive_seed, lesson_id
from storage.likeness import Likeness
from storage.memory import RecordedMemory, SqliteMemory
from storage.queries import Reader
from storage.records import Lesson, Run, Skill, Task
from storage.store import Store

if importlib.util.find_spec("rensa") is None:
    pytest.skip("the extra `export` is not installed", allow_module_level=True)

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.usefixtures("unmeasured")
RUN = "r" + "0" * 32
LAG, N, NEAR = 6, 60, 0.65
SKILLS = (Skill(name="sums", levels=1, verifier="math"),)
WORDS = [a + b for a in ("ba", "do", "ki", "lu", "me", "so") for b in ("ra", "ton", "vel", "sk")]


class Copier:
    """A teacher with five stories; it changes a word or two, or now and then a number."""

    name = "copier"

    def capacity(self, skill, level):
        return None

    async def write_lesson(self, assignment, site, journal, refusals=()):
        draw = random.Random(derive_seed(assignment.seed, site.idx))
        story = random.Random(draw.randrange(5)).choices(WORDS, k=36)
        for _ in range(draw.choice((0, 1, 1, 1, 9))):
            story[draw.randrange(36)] = draw.choice(WORDS)
        story[20] = str(draw.choice((3, 3, 3, 4)))
        task = Task(question=" ".join(story) + "?")
        lesson = Lesson(id="", skill="sums", level=1, task=task, reference="4", verifier="math",
                        made_by="copier")  # fmt: skip
        return lesson.model_copy(update={"id": lesson_id(lesson)})


class Right:
    """A student that is right, after a while."""

    name = "right"

    def __init__(self, order):
        self._random = random.Random(order)

    async def attempt(self, task, assignment, site, journal, earlier=None):
        await asyncio.sleep(self._random.random() / 200)
        return Try(text="Answer: 4")


async def sitting(store, *, open_limit=16, order=0, kill_after=None, episodes=N, near=NEAR):
    run = Run(id=RUN, identity={}, config={}, seed=7, episodes=episodes, created_at="2026-01-01")
    await store.begin(run)
    store.likeness = Likeness(near) if near else None
    plan = Curriculum(SKILLS, seed=7, capacity=Copier().capacity)
    standing = await store.standing(RUN, LAG)
    plan.restore(standing)
    landed, enough = 0, asyncio.Event()

    def watch(trajectory):
        nonlocal landed
        landed += 1
        if landed == kill_after:
            enough.set()

    faculty = replace(
        embedded_faculty(), teacher=Copier(), student=Right(order), drafts=2, sink=store,
        memory=SqliteMemory(store.writer, RUN, LAG, store.likeness),
    )  # fmt: skip
    batch = Batch(
        run_id=RUN, graph=make_graph(), faculty=faculty, plan=plan, ledger=store,
        episodes=episodes, lag=LAG, open_limit=open_limit, standing=standing, watch=watch,
    )  # fmt: skip
    task = asyncio.create_task(batch.run())
    task.add_done_callback(lambda _: enough.set())
    if kill_after is not None:
        await enough.wait()
        task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def made(path):
    """Return what a run made: findings by number, its bands, and its digest."""
    with Reader.open(path) as reader:
        findings = {t.assignment.n: t.findings for t in reader.stream(RUN)}
        bands = [tuple(row) for row in reader.rows("SELECT * FROM question_bands ORDER BY 2, 3")]
        return findings, bands, dataset_digest(reader.digests(RUN))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("near") / "whole.db"
    with Store.open(path) as store:
        asyncio.run(sitting(store, open_limit=1))
    return path


async def test_near_duplicates_are_refused_with_the_episode_and_others_stand(whole):
    findings, _, _ = made(whole)
    likeness = Likeness(NEAR)
    with Reader.open(whole) as reader:
        stored = {t.assignment.n: t for t in reader.stream(RUN)}
    named = [
        (n, int(each.removeprefix("near duplicate: of episode ")))
        for n, found in findings.items()
        for each in found
        if each.startswith("near duplicate")
    ]

    assert len(named) > 10
    assert all(other <= n - LAG for n, other in named)
    assert all(stored[other].reason != "screen" for _, other in named)
    for n, other in named:
        # Of two drafts that were refused the last one is kept.
        if (
            findings[n][-1] == f"near duplicate: of episode {other}"
            and stored[n].reason == "screen"
        ):
            one, two = (likeness.of_lesson(stored[each].lesson) for each in (n, other))
            assert likeness.alike(one, two)
    for n, trajectory in stored.items():
        if trajectory.reason != "screen":
            mine = likeness.of_lesson(trajectory.lesson)
            earlier = [stored[m] for m in range(max(0, n - LAG + 1))]
            missed = [
                t for t in earlier
                if t.reason != "screen" and likeness.alike(mine, likeness.of_lesson(t.lesson))
            ]  # fmt: skip
            assert missed == []


@pytest.mark.parametrize("order", [1, 2])
async def test_the_same_is_refused_whoever_is_faster(whole, tmp_path, order):
    with Store.open(tmp_path / "a.db") as store:
        await sitting(store, open_limit=64, order=order)

    assert made(tmp_path / "a.db") == made(whole)


async def test_the_same_is_refused_however_often_the_run_was_killed(whole, tmp_path):
    with Store.open(tmp_path / "a.db") as store:
        for kill_after in (5, 11, 17, None):
            await sitting(store, order=kill_after or 0, kill_after=kill_after)

    assert made(tmp_path / "a.db") == made(whole)


async def test_a_run_that_is_trimmed_and_extended_is_as_if_it_had_been_done_at_once(
    whole, tmp_path
):
    with Store.open(tmp_path / "a.db") as store:
        await sitting(store)
        await store.trim(RUN, 30)
        assert {n for _, _, n in made(tmp_path / "a.db")[1]} <= set(range(30))
        await sitting(store, order=3)

    assert made(tmp_path / "a.db") == made(whole)


async def test_a_replay_s_memory_says_what_the_run_s_own_said(whole):
    likeness = Likeness(NEAR)
    with Store.open(whole) as store, Reader.open(whole) as reader:
        live = SqliteMemory(store.writer, RUN, LAG, likeness)
        recorded = RecordedMemory(reader, RUN, LAG, likeness)
        found = []
        for trajectory in list(reader.stream(RUN)):
            for n in (LAG - 1, 20, 40, N):
                said = await live.near(trajectory.lesson, n)
                assert said == await recorded.near(trajectory.lesson, n)
                found.append(said)
    assert len([said for said in found if said is not None]) > 20


async def test_where_the_key_is_off_nothing_is_kept_or_said(tmp_path):
    with Store.open(tmp_path / "a.db") as store:
        await sitting(store, near=None, episodes=20)
    findings, bands, _ = made(tmp_path / "a.db")

    assert bands == []
    assert not any(each.startswith("near") for found in findings.values() for each in found)


def test_without_the_package_the_config_is_refused_with_the_remedy(monkeypatch):
    monkeypatch.setattr("graphs.wiring.find_spec", lambda name: None)

    with pytest.raises(ConfigError, match=r'near_duplicates: .* pip install "lyceum\[export\]"'):
        wire(Config(near_duplicates=0.8), SilentModels())


def figures(folder, *arguments):
    command = [sys.executable, ROOT / "run.py", *arguments, "--json"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=240, check=False, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_library_of_the_command_line_comes_out_again_and_its_copy_goes_on_as_it_does(tmp_path):
    chance = random.Random(3)
    stories = [[*chance.choices(WORDS, k=36), str(n), "?"] for n in range(6)]
    rows = []
    for n in range(30):
        words = list(stories[n % 6])
        words[n] = "other" * (1 + n // 6)
        rows.append({"q": " ".join(words), "a": str(n % 6)})
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    line = [sys.executable, ROOT / "benchmarks" / "endpoint.py"]
    endpoint = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
    try:
        url = endpoint.stdout.readline().strip()
        (tmp_path / "run.toml").write_text(
            f'lag = 8\nnear_duplicates = {NEAR}\n[teacher]\nkind = "library"\n'
            'path = "rows.jsonl"\nquestion = "q"\nreference = "a"\n[student]\nkind = "chat"\n'
            f'model = "m"\nbase_url = "{url}"\n'
        )
        one = figures(tmp_path, "generate", "run.toml", "--episodes", "25", "--db", "a.db")
        again = figures(tmp_path, "replay", "--db", "a.db", "--into", "b.db")
        with Reader.open(tmp_path / "a.db") as reader:
            findings = {t.assignment.n: t.findings for t in reader.stream(one["run_id"])}
        more = [
            figures(tmp_path, "generate", "run.toml", "--episodes", "30", "--db", name)
            for name in ("a.db", "b.db")
        ]
    finally:
        endpoint.kill()
        endpoint.communicate()

    # A library's lessons are taken as they stand, with a warning.
    assert "near duplicate: of episode 1" in findings[13]
    assert not any(each.startswith("near") for each in findings[7])
    assert (again["disagreements"], again["dataset_digest"]) == ([], one["dataset_digest"])
    assert more[0]["dataset_digest"] == more[1]["dataset_digest"]
    assert more[0]["episodes"] == 30

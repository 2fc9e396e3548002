"""A run that goes on from its sums and last rows makes what an unbroken run makes."""

import asyncio
import importlib
import random
from dataclasses import replace

import pytest
import structlog

from graphs import embedded_faculty
from graphs.batch import Batch
from graphs.curriculum import Curriculum
from graphs.plan import LibraryPlan
from storage import ids
from storage.audit import audit
from storage.errors import Refused
from storage.memory import RecordedMemory, SqliteMemory
from storage.queries import Reader
from storage.records import Attempt, Lesson, Run, Skill, Task, Trajectory, Verdict
from storage.standing import Standing
from storage.store import Store

RUN = "r" + "2" * 32
LAG = 16
N = 120
SKILLS = (
    Skill(name="sums", levels=3),
    Skill(name="products", after=("sums",), levels=2),
    Skill(name="powers", after=("products",)),
)


class Drawn:
    """An episode without roles: all of it hangs on the assignment and on what is remembered.

    It stands where the graph does, so that a run takes half a second.
    """

    def __init__(self, order=0, failing=()):
        self._order, self._failing = random.Random(order), set(failing)
        self.asked = []

    async def ainvoke(self, given, config, *, context):
        asked = given["assignment"]
        self.asked.append(asked.n)
        for _ in range(self._order.randrange(9)):
            await asyncio.sleep(0)
        draw = random.Random(f"{asked.seed} {asked.skill} {asked.level} {asked.practice}")
        question = f"What is {draw.randrange(80)}?"
        digest = ids.question_digest(question)
        twin = context.memory and await context.memory.twin(digest, asked.n)
        if asked.n in self._failing:
            self._failing.discard(asked.n)
            made = bare(asked, status="failed", reason="error", error="attempt: ValueError: no")
        elif twin is not None:
            made = bare(asked, status="rejected", reason="screen", findings=(f"twin {twin}",))
        else:
            made = whole(asked, question, draw)
        if context.sink:
            await context.sink.land(made)
        return {"trajectory": made}


def bare(asked, **more):
    own = ids.trajectory_id(RUN, asked.n)
    return Trajectory(id=own, run_id=RUN, assignment=asked, lesson=None, reward=None, **more)


def whole(asked, question, draw):
    own = ids.trajectory_id(RUN, asked.n)
    lesson = Lesson(id="", skill=asked.skill, level=asked.level, task=Task(question=question),
                    reference=str(draw.randrange(2)), verifier="exact", made_by="t")  # fmt: skip
    lesson = lesson.model_copy(update={"id": ids.lesson_id(lesson)})
    attempts, verdicts = [], []
    for revision, idx in ((0, 0), (0, 1), (1, 0))[: draw.randrange(2, 4)]:
        name = ids.attempt_id(own, revision, idx)
        status = "accepted" if draw.random() < 0.7 else "rejected"
        reward = float(status == "accepted")
        plain = {"trajectory_id": own, "lesson_id": lesson.id, "made_by": "s"}
        attempts.append(
            Attempt(id=name, idx=idx, revision=revision, text=str(draw.random()), **plain)
        )
        verdicts.append(Verdict(id=ids.verdict_id(name, 0), attempt_id=name, status=status,
                                reward=reward, rung="program"))  # fmt: skip
    is_right = any(verdict.status == "accepted" for verdict in verdicts)
    return Trajectory(
        id=own, run_id=RUN, assignment=asked, lesson=lesson, attempts=attempts, verdicts=verdicts,
        status="accepted" if is_right else "rejected", reward=float(is_right),
        reason=None if is_right else "wrong",
    )  # fmt: skip


def curriculum():
    return Curriculum(SKILLS, seed=7)


async def sitting(store, graph=None, *, episodes=N, lag=LAG, plan=None, kill_after=None,
                  seen=lambda batch: None, **more):  # fmt: skip
    """Hold one sitting, cut off once so many episodes have landed in it; return its ending."""
    plan = plan or curriculum()
    await store.begin(
        Run(id=RUN, identity={}, config={}, seed=7, episodes=episodes, created_at="2026-01-01")
    )
    standing = await store.standing(RUN, lag, more.get("accept"))
    plan.restore(standing)
    memory = SqliteMemory(store.writer, RUN, lag)
    landed, enough = 0, asyncio.Event()

    def watch(trajectory):
        nonlocal landed
        landed += 1
        seen(batch)
        if landed == kill_after:
            enough.set()

    batch = Batch(
        run_id=RUN, graph=graph or Drawn(), ledger=store, plan=plan, lag=lag, episodes=episodes,
        faculty=replace(embedded_faculty(), sink=store, memory=memory), open_limit=12,
        standing=standing, watch=watch, **more,
    )  # fmt: skip
    task = asyncio.create_task(batch.run())
    task.add_done_callback(lambda _: enough.set())
    if kill_after is not None:
        await enough.wait()
        task.cancel()
    return (await asyncio.gather(task, return_exceptions=True))[0]


def made(store):
    """Return everything that a run made: statuses, digests and assignments, by number."""
    with Reader.open(store.path) as reader:
        faults = [(f.table, f.id, f.column) for f in audit(reader, RUN) if f.table != "runs"]
        assert faults == []
        found = [(t.assignment, t.status, t.findings) for t in reader.stream(RUN)]
        return list(zip(found, reader.digests(RUN), strict=True))


@pytest.fixture(autouse=True)
def quiet():
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    yield
    structlog.reset_defaults()


@pytest.fixture
async def store(tmp_path):
    with Store.open(tmp_path / "a.db") as opened:
        yield opened


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    """What a run gives that nobody interrupts, for each lag."""

    async def run(lag, library):
        with Store.open(tmp_path_factory.mktemp("whole") / "a.db") as store:
            await sitting(store, lag=lag, plan=lessons() if library else None)
            return made(store)

    kept = {}

    def for_lag(lag=LAG, *, library=False):
        if (lag, library) not in kept:
            kept[lag, library] = asyncio.run(run(lag, library))
        return kept[lag, library]

    return for_lag


def lessons():
    one = Lesson(id="l", skill="sums", level=1, task=Task(question="?"), reference="1",
                 verifier="exact", made_by="library")  # fmt: skip
    return LibraryPlan((one,) * N, seed=7)


@pytest.mark.parametrize("lag", [1, LAG, 10_000])
def test_killed_again_and_again_a_run_comes_to_what_an_unbroken_one_does(tmp_path, unbroken, lag):
    async def killed():
        draw = random.Random(lag)
        with Store.open(tmp_path / "a.db") as store:
            for order in range(6):
                await sitting(store, Drawn(order), lag=lag, kill_after=draw.randrange(1, 24))
            await sitting(store, Drawn(99), lag=lag)
            return made(store)

    assert asyncio.run(killed()) == unbroken(lag)
    assert {status for (_, status, _), _ in unbroken(lag)} == {"accepted", "rejected"}


def test_a_library_goes_on_where_it_was_killed(tmp_path, unbroken):
    async def killed():
        with Store.open(tmp_path / "a.db") as store:
            await sitting(store, Drawn(1), plan=lessons(), kill_after=50)
            await sitting(store, Drawn(2), plan=lessons())
            return made(store)

    assert asyncio.run(killed()) == unbroken(library=True)


def test_pieces_of_any_length_and_an_extension_come_to_the_same(tmp_path, unbroken):
    async def extended():
        with Store.open(tmp_path / "a.db") as store:
            for order, episodes in enumerate((1, 15, 16, 17, 33, 90, N)):
                assert (await sitting(store, Drawn(order), episodes=episodes)).kind == "complete"
            return made(store)

    assert asyncio.run(extended()) == unbroken()


def test_only_what_is_left_is_asked_for(tmp_path):
    async def gone_on():
        with Store.open(tmp_path / "a.db") as store:
            await sitting(store, episodes=70)
            graph = Drawn()
            await sitting(store, graph, episodes=75)
            return sorted(graph.asked)

    assert asyncio.run(gone_on()) == [70, 71, 72, 73, 74]


def test_accepted_ones_are_counted_on_and_a_smaller_number_is_cut_to(tmp_path, unbroken):
    async def accepting():
        with Store.open(tmp_path / "a.db") as store:
            await sitting(store, Drawn(1), accept=15)
            few = made(store)
            await sitting(store, Drawn(2), accept=60, kill_after=30)
            ending = await sitting(store, Drawn(3), accept=60)
            many = made(store)
            assert ending.episodes == len(many)
            await sitting(store, Drawn(4), kill_after=20)
            ending = await sitting(store, Drawn(5), accept=35)
            fewer = made(store)
            assert (ending.kind, ending.episodes) == ("complete", len(fewer))
            await sitting(store, Drawn(6))
            return few, many, fewer, made(store)

    few, many, fewer, everything = asyncio.run(accepting())
    for number, some in ((15, few), (60, many), (35, fewer)):
        assert some == unbroken()[: len(some)]
        assert sum(status == "accepted" for (_, status, _), _ in some) == number
        assert some[-1][0][1] == "accepted"
    assert everything == unbroken()


def test_failed_episodes_that_are_done_again_come_to_the_unbroken_run(tmp_path, unbroken):
    async def retried():
        with Store.open(tmp_path / "a.db") as store:
            await sitting(store, Drawn(1, failing=(3, 60, 119)))
            assert made(store) != unbroken()
            assert await store.reopen_failed(RUN, LAG) == 3
            await sitting(store, Drawn(2), kill_after=30)
            await sitting(store, Drawn(3))
            return made(store)

    assert asyncio.run(retried()) == unbroken()


def remove(store, *numbers):
    """Delete episodes as a person would, in any order and without foreign keys."""
    names = [ids.trajectory_id(RUN, n) for n in numbers]

    def operation(connection):
        marks = ", ".join("?" * len(names))
        of = f"IN (SELECT id FROM attempts WHERE trajectory_id IN ({marks}))"
        connection.execute(f"DELETE FROM verdicts WHERE attempt_id {of}", names)
        connection.execute(f"DELETE FROM attempts WHERE trajectory_id IN ({marks})", names)
        connection.execute(f"DELETE FROM trajectories WHERE id IN ({marks})", names)

    return store.writer.run(operation)


@pytest.mark.parametrize("gone", [(0,), (4, 5, 80), (20,), tuple(range(N))])
def test_episodes_that_were_deleted_far_below_the_end_are_made_again(tmp_path, unbroken, gone):
    async def mended():
        with Store.open(tmp_path / "a.db") as store:
            await sitting(store, Drawn(1))
            await remove(store, *gone)
            graph = Drawn(2)
            await sitting(store, graph)
            assert sorted(graph.asked) == list(gone)
            return made(store)

    assert asyncio.run(mended()) == unbroken()


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM place_sums",
        "UPDATE place_sums SET accepted = accepted + 1 WHERE skill = 'sums' AND level = 1",
    ],
)
def test_sums_that_do_not_fit_are_counted_anew(tmp_path, unbroken, change):
    async def mended():
        with Store.open(tmp_path / "a.db") as store:
            await sitting(store, episodes=90)
            await store.writer.run(lambda connection: connection.execute(change))
            await sitting(store)
            return made(store)

    assert asyncio.run(mended()) == unbroken()


async def test_what_stands_is_what_learning_one_by_one_gives(store):
    await sitting(store)
    for ended in (N, 90, 40, LAG + 1, LAG, 1, 0):
        await store.trim(RUN, ended)
        found, plan, folded = await store.standing(RUN, LAG), curriculum(), curriculum()
        plan.restore(found)
        with Reader.open(store.path) as reader:
            outcomes = list(reader.outcomes(RUN))
        for n in range(found.ended):
            while folded.learnt <= n - LAG:
                folded.learn(outcomes[folded.learnt])
            folded.assign(n)
        assert (found.ended, found.landed, found.assigned) == (ended, ended, N)
        assert (plan.learnt, plan.asked, plan.practice) == (
            (folded.learnt, folded.asked, folded.practice)
        )
        tried = {place: mastery for place, mastery in plan.mastery.items() if mastery.tried}
        assert tried == {p: m for p, m in folded.mastery.items() if m.tried}


async def test_of_ended_episodes_no_more_are_kept_than_a_new_one_may_not_know_of(store):
    most = 0

    def watch(batch):
        nonlocal most
        most = max(most, len(batch.ended))

    await sitting(store, Drawn(1), kill_after=70)
    await sitting(store, Drawn(2), seen=watch)
    assert LAG <= most <= 2 * LAG + 12


async def test_an_open_assignment_that_would_be_another_now_is_refused(store):
    await sitting(store, episodes=50)
    await store.trim(RUN, 45)
    await store.writer.run(
        lambda connection: connection.execute("UPDATE assignments SET language = 'de' WHERE n = 47")
    )
    ending = await sitting(store, episodes=50)
    assert isinstance(ending, Refused)
    assert "another language" in str(ending)


async def test_a_run_that_was_never_begun_stands_at_nothing(store):
    await store.begin(
        Run(id=RUN, identity={}, config={}, seed=7, episodes=9, created_at="2026-01-01")
    )
    assert await store.standing(RUN, LAG) == Standing()


async def test_memory_is_of_what_had_to_be_ended_and_the_same_in_a_replay(store):
    await sitting(store)
    with Reader.open(store.path) as reader:
        outcomes = list(reader.outcomes(RUN))
        live = SqliteMemory(store.writer, RUN, LAG)
        recorded = RecordedMemory(reader, RUN, LAG)
        found = 0
        for n in range(0, N + LAG, 3):
            first = {}
            for outcome in outcomes[: max(0, n - LAG + 1)]:
                first.setdefault(outcome.question_digest, outcome.n)
            for question in {o.question_digest for o in outcomes[::5] if o.question_digest}:
                twin = await live.twin(question, n)
                assert twin == first.get(question) == await recorded.twin(question, n)
                found += twin is not None
        assert found > 50
        assert await live.twin("q-nobody-asked", N) is None


PLANS = {
    "storage.memory._EARLIEST": {"question": "q", "latest": 9},
    "storage.memory._IN_BAND": {"band": 5, "latest": 9},
    "storage.memory._LESSON": {"n": 5},
    "storage.resume._PLACES": {"ended": 9, "learnt": 5},
    "storage.resume._OUTCOMES": (RUN, 0, 9),
    "storage.resume._LATER": (RUN, 9),
    "storage.resume._FROM": (RUN, 9),
    "storage.resume._ACCEPTED": {"ended": 9},
    "storage.export.episodes._ALIKE": (RUN, "q", 9),
}


@pytest.mark.parametrize("name", PLANS)
async def test_what_is_asked_again_and_again_is_an_index_search_by_number(store, name):
    module, _, constant = name.rpartition(".")
    sql = getattr(importlib.import_module(module), constant)
    values = PLANS[name]
    if isinstance(values, dict):
        values = values | {"run_id": RUN}
    plan = await store.writer.run(
        lambda connection: connection.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
    )
    told = [row["detail"] for row in plan]
    tables = ("assignments", "trajectories", "lessons", "question_bands", " t ", " a ", " l ")
    steps = [line for line in told if any(table in f"{line} " for table in tables)]
    assert steps
    for line in steps:
        assert line.startswith("SEARCH"), told
        by_number = "n>?" in line or "n<?" in line or "n=" in line
        assert by_number or "trajectory_id=?" in line or "(id=?)" in line or "question" in line, (
            told
        )

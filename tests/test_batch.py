"""A batch stores the same whatever the order in which its episodes end."""

import asyncio
import random
from dataclasses import replace

import pytest

from agents.errors import BudgetExceeded, EndpointDown, EndpointRefused
from graphs import embedded_faculty, make_graph
from graphs.batch import MOST_OPEN, Batch
from graphs.curriculum import Curriculum
from storage.ids import dataset_digest, trajectory_id
from storage.memory import SqliteMemory
from storage.queries import Reader
from storage.records import Run
from storage.store import Store

RUN = "r" + "0" * 32


class Slow:
    """A student that ends in another order than it began, and may refuse at chosen episodes."""

    name = "slow"

    def __init__(self, student, trouble=None, order=0):
        self._student, self._trouble = student, trouble or {}
        self._random = random.Random(order)
        self.tries = 0
        self.most = self.open = 0

    async def attempt(self, task, assignment, site, journal, earlier=None):
        self.open += 1
        self.most = max(self.most, self.open)
        await asyncio.sleep(self._random.random() / 300)
        self.open -= 1
        self.tries += 1
        trouble = self._trouble.get(assignment.n, [])
        if trouble:
            raise trouble.pop(0)
        return await self._student.attempt(task, assignment, site, journal, earlier)


@pytest.fixture
async def store(tmp_path):
    with Store.open(tmp_path / "lyceum.db") as opened:
        yield opened


async def batch(store, *, episodes=60, lag=16, open_limit=16, trouble=None, order=0, **more):
    await store.begin(
        Run(id=RUN, identity={}, config={}, seed=7, episodes=episodes, created_at="2026-01-01")
    )
    faculty = embedded_faculty(seed=7)
    plan = Curriculum(faculty.teacher.skills, seed=7, capacity=faculty.teacher.capacity)
    student = Slow(faculty.student, trouble, order)
    memory = SqliteMemory(store.writer, RUN, lag)
    faculty = replace(faculty, student=student, sink=store, memory=memory)
    standing = await store.standing(RUN, lag, more.get("accept"))
    plan.restore(standing)
    return Batch(
        run_id=RUN, graph=make_graph(), faculty=faculty, plan=plan, ledger=store,
        episodes=episodes, lag=lag, open_limit=open_limit, standing=standing, **more,
    )  # fmt: skip


def digests(store):
    with Reader.open(store.path) as reader:
        return list(reader.digests(RUN))


async def test_every_episode_lands_once(store):
    ending = await (await batch(store)).run()
    assert (ending.kind, ending.episodes, len(digests(store))) == ("complete", 60, 60)


@pytest.mark.no_cover
async def test_the_digest_does_not_depend_on_who_is_faster(tmp_path):
    made = []
    for number, open_limit in enumerate((1, 4, 64)):
        with Store.open(tmp_path / f"{number}.db") as store:
            await (await batch(store, open_limit=open_limit, order=number)).run()
            made.append(dataset_digest(digests(store)))
    assert len(set(made)) == 1


async def test_no_more_episodes_are_open_than_allowed(store):
    running = await batch(store, open_limit=3)
    await running.run()
    assert running.faculty.student.most <= 3 * running.faculty.attempts


class Stuck:
    """Calls of which so many are stuck."""

    def __init__(self, lacking):
        self.lacking = lacking

    def watch(self, changed):
        self.changed = changed


@pytest.mark.parametrize(("lacking", "most"), [(0, 3), (4, 7), (1000, MOST_OPEN * 3)])
async def test_more_episodes_are_open_while_calls_are_stuck_but_not_without_bound(
    store, lacking, most
):
    running = await batch(store, episodes=40, lag=40, open_limit=3, flow=Stuck(lacking))
    opened = []
    running.faculty = replace(running.faculty, student=Hung(running.faculty.student, opened))
    task = asyncio.create_task(running.run())
    async with asyncio.timeout(30):
        while len(set(opened)) < most:  # noqa: ASYNC110 - of numbers, which have no event
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    assert len(set(opened)) == most
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_call_that_gets_stuck_opens_an_episode_although_none_has_ended(store):
    flow, opened = Stuck(0), []
    running = await batch(store, episodes=40, lag=40, open_limit=3, flow=flow)
    running.faculty = replace(running.faculty, student=Hung(running.faculty.student, opened))
    task = asyncio.create_task(running.run())
    async with asyncio.timeout(30):
        for count in (3, 4, 5):
            while len(set(opened)) < count:  # noqa: ASYNC110 - of numbers, which have no event
                await asyncio.sleep(0.01)
            flow.lacking += 1
            flow.changed()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


class Hung(Slow):
    """A student that never answers, and writes down in which episodes it was asked."""

    def __init__(self, student, opened):
        super().__init__(student)
        self.opened = opened

    async def attempt(self, task, assignment, site, journal, earlier=None):
        self.opened.append(assignment.n)
        await asyncio.Event().wait()


async def test_a_second_sitting_does_only_what_is_left(store):
    await (await batch(store, episodes=20)).run()
    first = digests(store)
    running = await batch(store, episodes=30)
    await running.run()
    assert digests(store)[:20] == first
    assert len(digests(store)) == 30
    assert running.faculty.student.tries < 30 * 4


@pytest.mark.no_cover
async def test_a_run_in_pieces_equals_a_run_in_one(tmp_path):
    with Store.open(tmp_path / "pieces.db") as store:
        for total in (7, 8, 31, 60):
            await (await batch(store, episodes=total, order=total)).run()
        pieces = digests(store)
    with Store.open(tmp_path / "whole.db") as store:
        await (await batch(store)).run()
        assert digests(store) == pieces


async def test_a_landed_episode_in_the_middle_is_kept(store):
    await (await batch(store, episodes=20)).run()
    before = digests(store)
    store_trimmed = await store.trim(RUN, 10)
    assert store_trimmed == 10
    await (await batch(store, episodes=20)).run()
    assert digests(store) == before


async def test_an_outage_is_waited_out_when_it_passes(store):
    trouble = {5: [EndpointDown("gone", endpoint="e")]}
    ending = await (await batch(store, trouble=trouble)).run()
    assert ending.kind == "complete"
    assert len(digests(store)) == 60


async def test_outages_in_a_row_stop_the_run_and_leave_their_episodes_open(store):
    down = [EndpointDown("gone", endpoint="e") for _ in range(99)]
    ending = await (await batch(store, trouble={5: down, 6: list(down)}, open_limit=2)).run()
    assert (ending.kind, ending.message) == ("stopped", "gone")
    with Reader.open(store.path) as reader:
        done = {item.n for item in reader.trajectories(RUN)}
        assert 5 not in done
        assert 5 in {a.n for a in reader.open_assignments(RUN)}
        assert reader.counts(RUN)["failed"] == 0


async def test_a_limit_stops_the_run(store):
    ending = await (await batch(store, trouble={9: [BudgetExceeded("max_calls")]})).run()
    assert (ending.kind, ending.message) == ("stopped", "max_calls")
    with Reader.open(store.path) as reader:
        assert 9 in {assignment.n for assignment in reader.open_assignments(RUN)}


async def test_a_refused_key_ends_the_batch_with_its_error(store):
    refused = EndpointRefused("no", endpoint="e", status=401, before_any_answer=True)
    with pytest.raises(EndpointRefused, match="no"):
        await (await batch(store, trouble={3: [refused] * 9})).run()


async def test_one_request_that_is_refused_first_is_asked_again_before_the_config_is_blamed(store):
    refused = EndpointRefused("too long", endpoint="e", status=400, before_any_answer=True)
    ending = await (await batch(store, trouble={0: [refused]})).run()
    assert (ending.kind, len(digests(store))) == ("complete", 60)


async def test_requests_that_are_all_refused_stop_the_run_as_misconfigured(store):
    refused = EndpointRefused("no model", endpoint="e", status=400, before_any_answer=True)
    ending = await (await batch(store, trouble={n: [refused] * 9 for n in range(60)})).run()
    assert ending.kind == "stopped"
    assert ending.outage.before_any_answer


async def test_accept_keeps_the_shortest_prefix_with_that_many_accepted(store):
    ending = await (await batch(store, episodes=500, accept=10)).run()
    with Reader.open(store.path) as reader:
        statuses = [item.status for item in reader.trajectories(RUN)]
    assert ending.kind == "complete"
    assert statuses.count("accepted") == 10
    assert statuses[-1] == "accepted"
    assert len(statuses) == ending.episodes


async def test_a_gentle_stop_finishes_what_is_open_and_begins_nothing(store):
    running = await batch(store, episodes=1000)
    running.watch = lambda trajectory: running.stop()
    ending = await running.run()
    assert ending.kind == "interrupted"
    assert running.stopping
    assert 1 <= len(digests(store)) <= 1 + running.open_limit


async def test_a_cancelled_batch_leaves_what_landed(store):
    running = await batch(store, episodes=1000)
    task = asyncio.create_task(running.run())
    landed = asyncio.Event()
    running.watch = lambda trajectory: landed.set()
    await landed.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert 1 <= len(digests(store)) < 1000


async def test_when_all_lessons_were_asked_for_the_run_says_so(store):
    running = await batch(store, episodes=50)
    running.plan.capacity = lambda skill, level: 2 if level == 1 else 0
    ending = await running.run()
    assert ending.kind == "exhausted"
    assert "every lesson" in ending.message
    assert len(digests(store)) == ending.episodes < 50


async def test_lessons_that_run_out_do_not_hide_a_limit_or_an_outage(store):
    for trouble in (BudgetExceeded("max_calls"), EndpointDown("gone", endpoint="e")):
        running = await batch(store, episodes=50, trouble={1: [trouble] * 9}, open_limit=64)
        running.plan.capacity = lambda skill, level: 2 if level == 1 else 0
        ending = await running.run()
        assert (ending.kind, ending.message) == ("stopped", str(trouble))


async def test_a_graph_that_breaks_makes_a_failed_trajectory(store):
    class Breaks:
        async def ainvoke(self, *given, **more):
            raise RecursionError("too deep")

    running = await batch(store, episodes=3)
    running.graph = Breaks()
    await running.run()
    with Reader.open(store.path) as reader:
        found = reader.trajectory(trajectory_id(RUN, 0))
    assert (found.status, found.error) == ("failed", "graph: RecursionError: too deep")


async def test_a_store_that_fails_ends_the_batch(store):
    class Full:
        async def land(self, trajectory):
            raise OSError("disk full")

        async def assign(self, run_id, assignment):
            return None

    running = await batch(store)
    running.ledger = Full()
    running.faculty = replace(running.faculty, sink=Full())
    with pytest.raises(OSError, match="disk full"):
        await running.run()


@pytest.mark.no_cover
async def test_within_a_run_no_question_repeats(store):
    await (await batch(store, episodes=300, open_limit=64)).run()
    with Reader.open(store.path) as reader:
        seen = [outcome.question_digest for outcome in reader.outcomes(RUN)]
    assert len(set(seen)) == 300

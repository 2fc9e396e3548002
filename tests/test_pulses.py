"""A run writes down how it goes, at no cost, and nothing that is made depends on it."""

import asyncio
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from graphs.config import Config, identity, override
from graphs.forecast import Estimate, Forecast
from graphs.life import decide
from graphs.models import LiveModels
from graphs.pulse import Pulse
from graphs.session import Session
from graphs.wiring import skills_of, wire
from storage.errors import DiskError, Locked
from storage.ids import dataset_digest
from storage.journal import SqliteJournal
from storage.memory import SqliteMemory
from storage.pulses import pulses_of
from storage.queries import Reader
from storage.records import Run
from storage.store import Store

ROOT = Path(__file__).parents[1]
RUN = "r" + "0" * 32
TOLD = {"in_flight": 3, "open_episodes": 5, "forecast_usd": 0.5, "forecast_s": 60.0}


def a_run(run_id=RUN):
    return Run(id=run_id, identity={}, config={}, seed=7, episodes=9, created_at="2026-01-01")


def estimate(value):
    return Estimate(value, value, value)


def forecast(calls=10.0, cost=2.0, wall_s=100.0):
    cost = None if cost is None else estimate(cost)
    return Forecast(20, estimate(9), estimate(calls), estimate(1), cost, estimate(wall_s), None)


class Kept:
    """Keeps pulses, or fails at each of them."""

    def __init__(self, error=None):
        self.told, self.error = [], error

    async def pulse(self, run_id, at, **told):
        if self.error:
            raise self.error
        self.told.append(told)


def beating(kept, failed=None, **more):
    given = {
        "in_flight": lambda: 3, "open_episodes": lambda: 5,
        "forecast": lambda: (forecast(), 40.0), "fail": (failed or []).append,
    }  # fmt: skip
    return Pulse(kept, RUN, **(given | more))


def read(path, run_id=RUN, **more):
    with Reader.open(path) as reader:
        return pulses_of(reader.rows, run_id, **more)


async def held(path, episodes=40, store_of=lambda store: store):
    """Hold a run of the embedded faculty in this process; return how it ended and its digest."""
    made = override(Config(), episodes=episodes)
    models = LiveModels({})
    run = decide([], identity(made, {}), episodes).run(
        made, identity(made, {}), NoInputs(), skills_of(made), "2026-01-01T00:00:00.000+00:00"
    )
    with Store.open(path) as store:
        memory = SqliteMemory(store.writer, run.id, made.window)
        wired = wire(made, models).with_journal(SqliteJournal(store.writer), memory)
        ending = await Session("test", made, run, wired, store_of(store)).hold(lambda one: None)
    await models.aclose()
    with Reader.open(path) as reader:
        return ending, dataset_digest(reader.digests(run.id)), run.id


class NoInputs:
    lessons = expert_seeds = ()


class Failing:
    """A store in which something happens whenever a pulse is written."""

    def __init__(self, store, error, after=0):
        self._store, self._error, self._left = store, error, after

    def __getattr__(self, name):
        return getattr(self._store, name)

    async def pulse(self, *told, **more):
        self._left -= 1
        if self._left < 0:
            raise self._error
        await self._store.pulse(*told, **more)


async def test_a_pulse_holds_the_sums_of_the_run_as_they_stand(tmp_path):
    _, _, run_id = await held(tmp_path / "a.db")

    with Reader.open(tmp_path / "a.db") as reader:
        counts, sums = reader.counts(run_id), reader.tallies(run_id)
    first, *_, last = read(tmp_path / "a.db", run_id)
    assert (first.ended, first.open, first.at < last.at) == (0, 0, True)
    assert {name: getattr(last, name) for name in counts} == counts
    assert (last.open, last.in_flight, last.model_calls) == (0, 0, sums.model_calls)


async def test_a_second_pulse_of_the_same_moment_is_ignored(tmp_path):
    with Store.open(tmp_path / "a.db") as store:
        await store.begin(a_run())
        await store.pulse(RUN, "2026-01-01T00:00:00.000+00:00", **TOLD)
        await store.pulse(RUN, "2026-01-01T00:00:00.000+00:00", **TOLD | {"in_flight": 9})

    [kept] = read(tmp_path / "a.db")
    assert (kept.in_flight, kept.open, kept.forecast_usd, kept.forecast_s) == (3, 5, 0.5, 60.0)


async def test_a_run_that_was_taken_back_has_no_pulse_and_none_is_written_for_it(tmp_path):
    with Store.open(tmp_path / "a.db") as store:
        await store.begin(a_run())
        await store.pulse(RUN, "2026-01-01", **TOLD)
        await store.discard(RUN)
        await store.pulse(RUN, "2026-01-02", **TOLD)

    with closing(sqlite3.connect(tmp_path / "a.db")) as database:
        assert database.execute("SELECT count(*) FROM pulses").fetchone() == (0,)


async def test_pulses_of_a_long_run_are_thinned_evenly_and_keep_the_last(tmp_path):
    moments = [f"2026-01-01T00:{n // 60:02}:{n % 60:02}" for n in range(100)]
    with Store.open(tmp_path / "a.db") as store:
        await store.begin(a_run())
        for moment in moments:
            await store.pulse(RUN, moment, **TOLD)

    assert [pulse.at for pulse in read(tmp_path / "a.db", most=10)] == moments[9::10]
    assert [pulse.at for pulse in read(tmp_path / "a.db", since=moments[97])] == moments[98:]
    assert len(read(tmp_path / "a.db")) == 100


async def test_a_sitting_beats_when_it_begins_every_few_seconds_and_at_its_end():
    kept = Kept()
    async with beating(kept, every_s=0.02):
        at_first = len(kept.told)
        await asyncio.sleep(0.1)
        meanwhile = len(kept.told)

    assert at_first == 1
    assert meanwhile > 2
    assert len(kept.told) == meanwhile + 1
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_what_is_left_is_told_from_the_moment_of_the_pulse():
    kept = Kept()
    async with beating(kept):
        pass

    assert kept.told[0] == {
        "in_flight": 3, "open_episodes": 5, "forecast_usd": 2.0, "forecast_s": 60.0
    }  # fmt: skip


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (None, (None, None)),
        (forecast(calls=0.0), (None, None)),
        (forecast(cost=None), (None, 60.0)),
    ],
)
async def test_what_is_not_known_is_not_told(known, told):
    kept = Kept()
    async with beating(kept, forecast=lambda: (known, 40.0)):
        pass

    assert (kept.told[0]["forecast_usd"], kept.told[0]["forecast_s"]) == told


async def test_pulses_change_nothing_of_what_is_made(tmp_path, monkeypatch):
    _, digest, run_id = await held(tmp_path / "a.db")
    monkeypatch.setattr(Pulse.__init__, "__defaults__", (0.001,))
    ending, beaten, again = await held(tmp_path / "b.db")

    assert len(read(tmp_path / "b.db", again)) > len(read(tmp_path / "a.db", run_id)) + 5
    assert (ending.kind, again, beaten) == ("complete", run_id, digest)


async def test_a_pulse_that_finds_the_database_busy_is_let_go(tmp_path):
    def busy(store):
        return Failing(store, Locked("busy"))

    ending, _, run_id = await held(tmp_path / "a.db", store_of=busy)

    assert ending.kind == "complete"
    assert read(tmp_path / "a.db", run_id) == []


@pytest.mark.parametrize("after", [0, 1])
async def test_a_disk_that_fails_ends_the_sitting_as_it_does_elsewhere(
    tmp_path, after, monkeypatch
):
    monkeypatch.setattr(Pulse.__init__, "__defaults__", (0.001,))

    def broken(store):
        return Failing(store, DiskError("the disk is full"), after)

    ending, _, run_id = await held(tmp_path / "a.db", 400, broken)

    assert (ending.kind, ending.message) == (
        "stopped",
        "the disk is full; what has ended is stored",
    )
    with Reader.open(tmp_path / "a.db") as reader:
        assert reader.run(run_id).ended is None
        assert sum(reader.counts(run_id).values()) < 400


@pytest.mark.parametrize("error", [DiskError("first"), asyncio.CancelledError("first")])
async def test_an_error_of_the_sitting_is_not_hidden_by_its_pulse(error):
    kept, failed = Kept(), []

    async def sitting():
        async with beating(kept, failed):
            kept.error = DiskError("second")
            raise error

    with pytest.raises(type(error), match="first"):
        await sitting()
    assert failed == []


def test_a_pulse_is_no_part_of_what_is_derived_again(tmp_path):
    def run(*arguments):
        line = [sys.executable, str(ROOT / "run.py"), *arguments, "--json"]
        return json.loads(
            subprocess.run(line, cwd=tmp_path, capture_output=True, check=True).stdout
        )

    made = run("generate", "--episodes", "20")
    again = run("replay", "--into", "new.db")

    assert len(read(tmp_path / "lyceum.db", made["run_id"])) >= 2
    assert read(tmp_path / "new.db", made["run_id"]) == []
    assert again["dataset_digest"] == made["dataset_digest"]
    assert again["disagreements"] == []

"""A run is followed without being touched, and is shown as what it is."""

import asyncio
import io
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from storage.errors import Missing, StorageError
from storage.hold import held
from storage.journal import SqliteJournal
from storage.queries import Reader
from storage.records import CallError, CallSite
from storage.report.follow import follow
from storage.report.panel import panel
from storage.report.watching import Watch
from storage.store import Store

ROOT = Path(__file__).parents[1]
HOSTILE = "\x1b[2J\x1b]0;title\x07[bold]‮<script>alert(1)</script>\u202eevil"
NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
TOLD = {"in_flight": 3, "open_episodes": 5, "forecast_usd": 0.5, "forecast_s": 60.0}


def screen(*, terminal=False, height=40):
    return Console(
        file=io.StringIO(), width=120, height=height, force_terminal=terminal, legacy_windows=False
    )


def drawn(seen):
    console = screen()
    console.print(panel(seen, 40))
    return console.file.getvalue()


def end(path, why="complete"):
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE runs SET ended = ?", (why,))


def at(seconds_ago):
    return (NOW - timedelta(seconds=seconds_ago)).isoformat(timespec="milliseconds")


def pulsed(path, *pulses):
    async def write():
        with Store.open(path) as store:
            for moment, told in pulses:
                await store.pulse("r1", moment, **TOLD | told)

    asyncio.run(write())


@pytest.fixture
def two(tmp_path, classroom):
    """A database with a run of two episodes; it is unfinished, and nobody works on it."""
    tried, episode = classroom.tried, classroom.episode
    right = episode(0, "1 + 6?", tried("It is 7."), skill="sums")
    wrong = episode(1, "2 + 5?", tried("8", "rejected", reason="wrong"), skill="sums").model_copy(
        update={"status": "rejected", "reward": 0.0, "reason": "wrong"}
    )
    return classroom.written(tmp_path / "two.db", right, wrong)


def test_a_run_that_never_finished_is_shown_as_what_it_is(two):
    console = screen()

    followed = follow(two, None, console)

    assert followed.ending == "unfinished"
    assert "2 of 9 episodes; 1 accepted, 1 rejected; yield 50%" in console.file.getvalue()
    assert "unfinished, and nobody works on it; `generate` goes on" in console.file.getvalue()


def test_a_run_that_has_ended_is_shown_once_with_why_it_ended(two):
    end(two, "every lesson there is was asked for, 2 in all")
    console = screen(terminal=True)

    followed = follow(two, "r1", console)

    assert followed.ending == "ended"
    assert "every lesson there is was asked for" in console.file.getvalue()
    assert followed.plain["newest"][0]["why"].startswith("Rejected: attempt 1 is wrong")


def test_a_run_is_followed_until_whoever_works_on_it_is_gone(two):
    console = screen()

    def work():
        with held(two, "r1"):
            begun.set()
            enough.wait()

    begun, enough = threading.Event(), threading.Event()
    worker = threading.Thread(target=work)
    worker.start()
    begun.wait()
    threading.Timer(0.5, enough.set).start()
    started = time.monotonic()
    followed = follow(two, None, console, look_s=0.05, line_s=0.0)
    worker.join()

    assert time.monotonic() - started > 0.4
    assert followed.ending == "unfinished"
    assert list(two.parent.glob("*.lock")) == []


def test_ctrl_c_ends_the_following_and_not_the_run(two):
    console = screen()
    threading.Timer(0.3, signal.raise_signal, (signal.SIGINT,)).start()
    with held(two, "r1"):
        followed = follow(two, None, console, look_s=0.05)

        assert followed.ending == "left"
        assert followed.plain["state"] == "running"
        assert "no longer followed; it goes on" in console.file.getvalue()
        assert (two.parent / "two.db.r1.lock").exists()


def test_a_run_that_is_taken_back_while_it_is_followed_is_told_so(tmp_path, classroom):
    path = classroom.written(tmp_path / "none.db")
    console = screen()

    def take_back():
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("DELETE FROM runs")

    threading.Timer(0.3, take_back).start()
    with held(path, "r1"):
        assert follow(path, None, console, look_s=0.05).ending == "taken back"


def test_a_database_that_is_missing_is_one_line(tmp_path):
    with pytest.raises(Missing, match="there is no such database"):
        follow(tmp_path / "none.db", None, screen())
    assert list(tmp_path.iterdir()) == []


def test_no_line_is_printed_twice_while_nothing_happens(two):
    console = screen()
    threading.Timer(0.4, signal.raise_signal, (signal.SIGINT,)).start()
    with held(two, "r1"):
        follow(two, None, console, look_s=0.02, line_s=0.0)

    lines = console.file.getvalue().splitlines()
    assert len(lines) == len(set(lines)) < 5


def test_pace_and_what_is_left_are_of_the_last_minute(two):
    pulsed(two, (at(3000), {}), (at(50), {}), (at(3), {}))
    with closing(sqlite3.connect(two)) as database, database:
        database.execute("UPDATE pulses SET accepted = 0, rejected = 0")
    with Reader.open(two) as reader, held(two, "r1"):
        seen = Watch(reader, "r1").look(NOW)
        later = Watch(reader, "r1").look(NOW + timedelta(minutes=2))

    assert seen.rate == pytest.approx(2 / 50)
    assert seen.left_s == pytest.approx(57.0)
    assert "about $0.5 in all" not in drawn(seen)  # no call was made, so none is forecast
    assert "3 calls, 5 episodes open" in drawn(seen)
    assert (later.fresh, later.rate, later.left_s) == (False, None, None)


def test_without_a_forecast_what_is_left_follows_from_the_pace(two):
    pulsed(two, (at(50), {"forecast_s": None}))
    with closing(sqlite3.connect(two)) as database, database:
        database.execute("UPDATE pulses SET accepted = 0, rejected = 0")
    with Reader.open(two) as reader, held(two, "r1"):
        assert Watch(reader, "r1").look(NOW).left_s == pytest.approx(7 / (2 / 50))


def test_only_what_is_new_is_read_again_and_a_changed_trajectory_comes_first(two, classroom):
    with Reader.open(two) as reader:
        watch = Watch(reader, "r1")
        assert [item.n for item, _ in watch.look().newest] == [1, 0]
        with closing(sqlite3.connect(two)) as database, database:
            database.execute("UPDATE trajectories SET reward = 0.9 WHERE n = 0")
        seen = watch.look()
        assert [(item.n, item.reward) for item, _ in seen.newest] == [(0, 0.9), (1, 0.0)]
        third = classroom.episode(2, "3 + 4?", classroom.tried("7"))
        classroom.written(two, third)
        assert [item.n for item, _ in watch.look().newest] == [2, 0, 1]
        with closing(sqlite3.connect(two)) as database, database:
            database.execute("DELETE FROM verdicts")
            database.execute("DELETE FROM attempts")
            database.execute("DELETE FROM trajectories")
        assert watch.look().sums.episodes == 0


def test_what_another_run_does_is_not_shown(two, classroom):
    with Reader.open(two) as reader:
        watch = Watch(reader, "r1")
        watch.look()
        other = classroom.episode(7, "3 + 4?", classroom.tried("7"), run="r2")
        classroom.written(two, other, runs=("r2",))
        assert [item.n for item, _ in watch.look().newest] == [1, 0]


def test_tries_that_were_not_answered_are_counted_by_kind(two):
    with Reader.open(two) as reader:
        watch = Watch(reader, "r1")
        assert watch.look().errors == {}
        own = [item.id for item, _ in watch.look().newest]

        async def fail(kinds):
            with Store.open(two) as store:
                for kind in kinds:
                    site = CallSite(trajectory_id=own[0], seed=1, role="student")
                    error = CallError(
                        request_digest="sha256:0", kind=kind, message="no", try_number=1
                    )
                    await SqliteJournal(store.writer).fail(error, site)

        asyncio.run(fail(["timeout", "rate_limited", "timeout"]))
        assert watch.look().errors == {"timeout": 2, "rate_limited": 1}
        asyncio.run(fail(["timeout"]))
        seen = watch.look()
        assert seen.errors == {"timeout": 3, "rate_limited": 1}
        assert "3 timeout, 1 rate_limited" in drawn(seen)


@pytest.mark.parametrize("terminal", [True, False])
def test_hostile_text_stays_text(tmp_path, classroom, terminal):
    failed = classroom.episode(0, HOSTILE, classroom.tried(HOSTILE), skill=HOSTILE).model_copy(
        update={"status": "failed", "reward": None, "reason": HOSTILE, "error": HOSTILE}
    )
    path = classroom.written(tmp_path / "hostile.db", failed)
    end(path, HOSTILE)
    console = screen(terminal=terminal)

    follow(path, None, console)

    shown = console.file.getvalue()
    assert "\x1b[2J" not in shown
    assert "\x07" not in shown
    assert "\x1b]" not in shown
    assert "\u202e" not in shown
    assert ("[bold]" in shown) == terminal


def test_a_run_is_followed_from_its_beginning_to_its_end(tmp_path):
    line = [sys.executable, str(ROOT / "run.py"), "generate", "--episodes", "300"]
    with subprocess.Popen(
        line, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while True:
            try:
                with Reader.open(tmp_path / "lyceum.db") as reader:
                    run = reader.latest_run()
                break
            except StorageError:
                time.sleep(0.05)
        console = screen()
        followed = follow(tmp_path / "lyceum.db", None, console, look_s=0.05, line_s=0.0)
        assert process.wait() == 0

    assert followed.ending == "ended"
    assert followed.plain["run_id"] == run.id
    counts = [followed.plain[each] for each in ("accepted", "rejected", "unscored", "failed")]
    assert sum(counts) == followed.plain["of"] == 300
    assert len(console.file.getvalue().splitlines()) > 3

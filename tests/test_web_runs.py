"""The pages of runs and of their curricula, asked of a real server."""

import asyncio
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

pytest.importorskip("starlette", reason='the pages come with pip install "lyceum[web]"')
from storage.hold import held
from storage.journal import SqliteJournal
from storage.pulses import Pulse
from storage.queries import Reader
from storage.records import CallError, CallSite, Run, Skill
from storage.report.going import MOST_POINTS
from storage.report.html.run import _rates, run_told, runs_told
from storage.report.html.skills import curriculum_told
from storage.store import Store
from tests.served import served

ROOT = Path(__file__).resolve().parents[1]
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u202e\x1b[31m&amp;"
SKILLS = (
    Skill(name="sums", levels=2),
    Skill(name="products", after=("sums",), levels=2, about="Times."),
    Skill(name="powers", after=("products",)),
)


@pytest.fixture
def classes(classroom, tmp_path):
    """Write a run of six episodes of two skills; return its database."""

    async def write():
        with Store.open(path) as store:
            await store.begin(
                Run(
                    id="r1", identity={}, config={}, skills=SKILLS, seed=7, episodes=9,
                    created_at="2026-01-02T03:04:05+00:00",
                    versions={"teacher": "embedded", "student": HOSTILE, "critic": "program"},
                )
            )  # fmt: skip
            for n in range(6):
                skill = "products" if n % 3 == 2 else "sums"
                one = classroom.episode(n, f"{n}?", classroom.tried("Answer: 7"), skill=skill)
                if n % 2:
                    said = {"status": "rejected", "reward": 0.0, "reason": HOSTILE}
                    verdicts = [each.model_copy(update=said) for each in one.verdicts]
                    one = one.model_copy(update=said | {"verdicts": tuple(verdicts)})
                await store.assign("r1", one.assignment)
                await store.land(one)

    path = tmp_path / "a.db"
    asyncio.run(write())
    return path


def beat(path, run, *rows):
    """Write pulses: a moment, and what it differs in from an idle run."""
    idle = dict.fromkeys(
        ("in_flight", "open", "accepted", "rejected", "unscored", "failed", "model_calls",
         "call_errors", "tokens", "cost_usd"), 0,
    )  # fmt: skip
    with closing(sqlite3.connect(path)) as connection:
        for at, more in rows:
            row = idle | {"forecast_usd": None, "forecast_s": None} | more
            row |= {"run_id": run, "at": at}
            marks = ", ".join(f":{name}" for name in row)
            connection.execute(f"INSERT INTO pulses ({', '.join(row)}) VALUES ({marks})", row)
        connection.commit()


def unanswered(path, run, n, kinds):
    """Write tries that were not answered."""

    async def write():
        with Store.open(path) as store, Reader.open(path) as reader:
            journal = SqliteJournal(store.writer)
            [one] = [each.id for each in reader.trajectories(run, limit=1)]
            site = CallSite(trajectory_id=one, seed=1, role="student")
            for each in range(n):
                kind = kinds[each % len(kinds)]
                error = CallError(request_digest="d", kind=kind, message=HOSTILE, try_number=1)
                await journal.fail(error, site)

    asyncio.run(write())


def links(page):
    return [each.replace("&amp;", "&") for each in re.findall(r'href="([^"]*)"', page)]


def test_all_runs_are_listed_the_last_first_with_counts_and_state(classes):
    with served(classes) as pages:
        shown, plain = pages.page("/"), pages.plain("/")

    [run] = plain["runs"]
    assert (run["id"], run["seed"], run["state"]) == ("r1", 7, "unfinished")
    assert (run["episodes"], run["accepted"], run["rejected"]) == (9, 3, 3)
    assert "6 of 9" in shown
    assert "2 Jan 2026, 03:04" in shown
    assert "/runs/r1" in links(shown)


def test_a_database_without_runs_says_how_to_make_one(classroom, tmp_path):
    with served(classroom.written(tmp_path / "a.db", runs=())) as pages:
        assert "generate" in pages.page("/")
        assert pages.plain("/") == {"runs": []}


def test_one_run_is_told_with_figures_yields_and_reasons(classes):
    with served(classes) as pages:
        shown, plain = pages.page("/runs/r1"), pages.plain("/runs/r1")

    assert plain["counts"] == {"accepted": 3, "unscored": 0, "rejected": 3, "failed": 0}
    assert {(one["skill"], one["level"]): one["share"] for one in plain["yields"]} == {
        ("sums", 2): 0.5, ("products", 2): 0.5,
    }  # fmt: skip
    assert sum(plain["reasons"].values()) == 3
    assert "Yield by skill and level" in shown
    assert "Why not accepted" in shown


def test_links_lead_into_the_table_with_what_they_stand_for(classes):
    with served(classes) as pages:
        shown = pages.page("/runs/r1")
    asked = [
        parse_qs(urlsplit(each).query, keep_blank_values=True)
        for each in links(shown)
        if each.startswith("/trajectories?")
    ]

    assert {"run": ["r1"], "status": ["rejected"]} in asked
    assert {"run": ["r1"], "skill": ["sums"], "level": ["2"]} in asked
    assert any(each.get("reason", [""])[0].startswith("&lt;script") for each in asked) is False
    assert [each["reason"] for each in asked if "reason" in each] == [[HOSTILE]]


@pytest.mark.parametrize("path", ["/", "/runs/r1", "/runs/r1/curriculum", "/runs/r1?part=live"])
def test_what_strangers_wrote_is_no_markup_in_any_page(classes, path):
    unanswered(classes, "r1", 3, [HOSTILE])
    with served(classes) as pages:
        shown = pages.page(path)

    assert "<script>alert" not in shown
    assert "<img" not in shown
    assert "\u202e" not in shown
    assert "\x1b" not in shown


def test_an_id_may_be_cut_and_a_wrong_one_is_told_with_the_nearest(classroom, tmp_path):
    run = "r93dae1babca1044b12b8fbdbc981d9d4"
    with served(classroom.written(tmp_path / "a.db", runs=(run,))) as pages:
        assert pages.plain("/runs/r93da")["id"] == run
        for tail in ("", "/curriculum"):
            found = pages.ask(f"/runs/r93dae1bbb{tail}")
            assert found.status == 404
            assert run in found.text
        assert run in pages.ask("/runs/r93dae1bbb?format=json").plain["error"]


def test_a_run_that_is_held_is_running_and_its_page_refreshes_itself(classes):
    with served(classes) as pages:
        with held(classes, "r1"):
            running, state = pages.page("/runs/r1"), pages.plain("/runs/r1")["state"]
            listed = pages.plain("/")["runs"][0]["state"]
        still = pages.page("/runs/r1")

    assert state == listed == "running"
    assert 'data-live="yes"' in running
    assert "/static/live.js" in running
    assert 'data-live="yes"' not in still


def test_looking_takes_a_run_from_nobody(classes):
    with served(classes) as pages, held(classes, "r1"):
        for _ in range(3):
            assert pages.plain("/runs/r1")["state"] == "running"


def test_the_live_part_is_the_part_of_the_page(classes):
    with served(classes) as pages:
        part, whole = pages.page("/runs/r1?part=live"), pages.page("/runs/r1")

    assert part.startswith('<div id="live">')
    without_time = re.sub(r"<time>[^<]*</time>", "", whole)
    assert re.sub(r"<time>[^<]*</time>", "", part).strip() in without_time


@pytest.mark.parametrize(
    ("left", "in_flight", "ended", "state"),
    [
        (False, 0, None, "unfinished"),
        (True, 0, None, "interrupted"),
        (False, 3, None, "interrupted"),
        (False, 3, "complete", "ended"),
        (True, 3, "complete", "ended"),
        (False, 0, "gave up: none was accepted", "ended"),
    ],
)
def test_what_a_run_is_doing_is_told_from_what_it_left(classes, left, in_flight, ended, state):
    beat(classes, "r1", ("2026-01-02T03:04:05+00:00", {"in_flight": in_flight}))
    if left:
        classes.with_name("a.db.r1.lock").write_text("99999999")
    with closing(sqlite3.connect(classes)) as connection:
        connection.execute("UPDATE runs SET ended = ?", (ended,))
        connection.commit()
    with served(classes) as pages:
        assert pages.plain("/")["runs"][0]["state"] == state
        assert pages.plain("/runs/r1")["state"] == state
        assert (
            (ended or "Nobody") in pages.page("/runs/r1")
            or state == "interrupted"
            or (ended == "complete")
        )


def test_rate_and_time_left_come_from_the_last_pulses(classes):
    beats = [
        (f"2026-01-02T03:{n // 60:02}:{n % 60:02}.000+00:00", {"accepted": n // 5, "in_flight": 4})
        for n in range(0, 300, 5)
    ]
    beat(classes, "r1", *beats)
    with served(classes) as pages, held(classes, "r1"):
        plain = pages.plain("/runs/r1")

    assert plain["episodes_per_s"] == pytest.approx(0.2)
    assert plain["left_s"] == pytest.approx(3 / 0.2)


def test_a_forecast_is_shown_as_it_was_made(classes):
    money = {"forecast_usd": 12.5, "forecast_s": 90.0, "cost_usd": 1.0, "model_calls": 3}
    beat(classes, "r1", ("2026-01-02T03:04:05+00:00", {}), ("2026-01-02T03:04:10+00:00", money))
    with served(classes) as pages, held(classes, "r1"):
        shown, plain = pages.page("/runs/r1"), pages.plain("/runs/r1")

    assert plain["left_s"] == 90.0
    assert plain["pulses"][-1]["forecast_usd"] == 12.5
    assert "1 min 30 s" in shown
    assert "Cost" in shown


def test_plots_have_a_bounded_number_of_points_and_end_with_the_last_pulse(classes):
    beats = [
        (f"2026-01-{2 + n // 1440:02}T{n // 60 % 24:02}:{n % 60:02}:00.000+00:00", {"accepted": n})
        for n in range(5_000)
    ]
    beat(classes, "r1", *beats)
    with served(classes) as pages:
        plain, shown = pages.plain("/runs/r1"), pages.page("/runs/r1")

    assert MOST_POINTS / 2 < len(plain["pulses"]) <= MOST_POINTS
    assert plain["pulses"][-1]["accepted"] == 4_999
    assert shown.count('class="plot"') == 2
    assert len(shown) < 60_000


def test_pulses_whose_times_are_damaged_draw_what_they_can(classes):
    beat(classes, "r1", ("never", {"in_flight": 1}), ("then", {"accepted": 2}), ("x" * 999, {}))
    with served(classes) as pages, held(classes, "r1"):
        assert pages.plain("/runs/r1")["episodes_per_s"] is None
        assert 'class="plot"' in pages.page("/runs/r1")


def test_a_last_pulse_soon_after_another_draws_no_peak():
    at = [0, 5, 10, 15, 15.1]
    ended = [0, 10, 20, 30, 32]
    said = dict.fromkeys((field.name for field in fields(Pulse)), 0) | {"at": ""}
    pulses = [Pulse(**said | {"accepted": each}) for each in ended]

    assert _rates(pulses, at) == [None, 2.0, 2.0, 2.0, pytest.approx(12 / 5.1)]


def test_errors_are_told_by_cause_the_most_frequent_first(classes):
    unanswered(classes, "r1", 9, ["overloaded", "timeout", "overloaded"])
    with served(classes) as pages:
        plain, shown = pages.plain("/runs/r1"), pages.page("/runs/r1")

    assert [(one["kind"], one["times"]) for one in plain["causes"]] == [
        ("overloaded", 6), ("timeout", 3),
    ]  # fmt: skip
    assert "9 tries in all" in shown


def test_of_very_many_errors_the_last_are_looked_at_and_that_is_said(classes):
    unanswered(classes, "r1", 1, ["timeout"])
    with closing(sqlite3.connect(classes)) as connection:
        connection.execute(
            """INSERT INTO call_errors (trajectory_id, role, revision, idx, turn, request_digest,
                kind, message, try_number, created_at)
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
            SELECT trajectory_id, role, revision, idx, turn, request_digest, 'overloaded', message,
                1, created_at FROM call_errors, n"""
        )
        connection.commit()
    with served(classes) as pages:
        plain, shown = pages.plain("/runs/r1"), pages.page("/runs/r1")

    assert plain["call_errors"] == 6_001
    assert plain["causes_of_last_errors"] == 5_000
    assert "6,001 tries in all; of the last, 5,000 by cause" in shown


@pytest.mark.parametrize(
    "tell",
    [
        lambda reader, path: runs_told(reader, path),
        lambda reader, path: run_told(reader, reader.latest_run(), path),
        lambda reader, path: curriculum_told(reader, reader.latest_run()),
    ],
)
def test_no_page_of_runs_reads_the_episodes_themselves(classes, tell):
    read: set[str] = set()

    def watch(action, table, column, database, trigger):
        if action == sqlite3.SQLITE_READ:
            read.add(table)
        return sqlite3.SQLITE_OK

    with Reader.open(classes) as reader:
        reader._connection.set_authorizer(watch)
        tell(reader, classes)

    assert "place_sums" in read
    assert read & {"trajectories", "attempts", "verdicts", "lessons", "model_calls"} == set()


def test_a_curriculum_shows_what_is_mastered_what_was_asked_and_what_waits(classes):
    with served(classes) as pages:
        shown, plain = pages.page("/runs/r1/curriculum"), pages.plain("/runs/r1/curriculum")

    found = {one["name"]: one for one in plain["skills"]}
    assert list(found) == ["sums", "products", "powers"]
    assert found["sums"]["rates"] == [None, 0.5]
    assert (found["sums"]["lately"], found["sums"]["asked"], found["powers"]["asked"]) == (4, 4, 0)
    assert found["powers"]["after"] == ["products"]
    assert "waits for products (untried)" in " ".join(shown.split())
    assert shown.count('class="node') == 3
    assert 'class="node waiting"' in shown


def test_only_the_last_assignments_count_as_lately(classroom, tmp_path):
    async def write():
        with Store.open(path) as store:
            for n in range(1, 230):
                skill = "old" if n < 30 else "new"
                one = classroom.episode(n, "?", skill=skill).assignment
                await store.assign("r1", one)

    path = classroom.written(tmp_path / "a.db")
    asyncio.run(write())
    with served(path) as pages:
        found = {one["name"]: one for one in pages.plain("/runs/r1/curriculum")["skills"]}

    assert (found["old"]["asked"], found["old"]["lately"]) == (29, 0)
    assert (found["new"]["asked"], found["new"]["lately"]) == (200, 200)


def test_a_run_without_a_curriculum_shows_its_skills_alone(classroom, tmp_path):
    one = classroom.episode(0, "How many?", classroom.tried("Answer: 7"), skill=HOSTILE)
    with served(classroom.written(tmp_path / "a.db", one)) as pages:
        shown = pages.page("/runs/r1/curriculum")

    assert "has no curriculum" in shown
    assert "<script>" not in shown
    assert shown.count('class="node') == 1


def test_a_curriculum_in_a_circle_is_drawn_all_the_same(classroom, tmp_path):
    async def write():
        with Store.open(path) as store:
            skills = (Skill(name="a", after=("b", "no such")), Skill(name="b", after=("a",)))
            await store.begin(
                Run(id="r2", identity={}, config={}, skills=skills, seed=1, episodes=9,
                    created_at="now")
            )  # fmt: skip

    path = classroom.written(tmp_path / "a.db")
    asyncio.run(write())
    with served(path) as pages:
        assert pages.page("/runs/r2/curriculum").count('class="node') == 2
        assert "now" in pages.page("/")


def until(pages, wanted, seconds=90):
    """Ask until a run is as wanted; return it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for run in pages.plain("/")["runs"]:
            if wanted(run):
                return pages.plain(f"/runs/{run['id']}")
        time.sleep(0.1)
    raise AssertionError(pages.plain("/"))


def counted(run):
    return sum(run["counts"].values())


def generating(path, episodes):
    command = [sys.executable, str(ROOT / "run.py"), "generate", "--db", str(path)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([*command, "--episodes", str(episodes)], **quiet)


@pytest.mark.usefixtures("unmeasured")
def test_a_run_is_followed_while_it_writes_and_after_it_was_killed_and_stopped(tmp_path):
    path = tmp_path / "a.db"
    assert generating(path, 2).wait(120) == 0
    writer = generating(path, 100_000)
    try:
        with served(path) as pages:
            first = until(pages, lambda run: run["state"] == "running" and run["accepted"] > 5)
            until(pages, lambda run: run["accepted"] + run["rejected"] > counted(first))
            writer.kill()
            writer.wait()
            killed = until(pages, lambda run: run["state"] != "running")
            assert killed["state"] == "interrupted"
            assert "killed or cut off" in pages.page(f"/runs/{killed['id']}")

            writer = generating(path, 100_000)
            until(pages, lambda run: run["accepted"] > counted(killed))
            writer.send_signal(signal.SIGINT)
            assert writer.wait(60) == 130
            stopped = until(pages, lambda run: run["state"] != "running")
            assert stopped["state"] == "unfinished"
            while pages.desk.index().coming():
                time.sleep(0.1)
            assert len(pages.desk.index().rows("SELECT n FROM listed")) == counted(stopped)
    finally:
        writer.kill()
        writer.wait()

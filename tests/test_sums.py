"""The sums that triggers keep are those of the rows, whoever changes what and in which order."""

import random
import sqlite3
from pathlib import Path

import pytest

from storage import ids
from storage.audit import audit
from storage.database import connect, prepare
from storage.journal import SqliteJournal
from storage.migrations import APPLICATION_ID
from storage.queries import Reader
from storage.records import (
    Assignment,
    CallError,
    CallSite,
    Message,
    ModelCall,
    Reply,
    Request,
    Run,
    Trajectory,
)
from storage.store import Store
from storage.sums import differing, recount

RUNS = ("r1", "r2")
STATUSES = {"accepted": None, "rejected": "wrong", "unscored": "undecided", "failed": None}
DUMPED = Path(__file__).parent / "databases" / "m002.sql"


def trajectory(run: str, n: int, status: str) -> Trajectory:
    return Trajectory(
        id=ids.trajectory_id(run, n),
        run_id=run,
        assignment=Assignment(n=n, skill=f"s{n % 2}", level=1 + n % 3, seed=n),
        lesson=None,
        status=status,
        reward={"accepted": 0.7, "rejected": 0.1}.get(status),
        reason=STATUSES[status],
    )


def call(number: int) -> ModelCall:
    request = Request(
        endpoint="e", model="m", messages=(Message(role="user", content="?"),), draw=number
    )
    tokens = {"tokens_in": None if number % 5 == 0 else number, "tokens_out": 2}
    return ModelCall(
        request_digest=ids.request_digest(request),
        request=request,
        reply=Reply(text="t", raw="{}", **tokens),
        latency_s=0.1,
        cost_usd=None if number % 3 == 0 else number / 7,
    )


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """Two runs that share some calls, with calls that were not answered."""
    with Store.open(tmp_path / "a.db") as store:
        journal = SqliteJournal(store.writer)
        for run in RUNS:
            await store.begin(
                Run(id=run, identity={}, config={}, seed=1, episodes=9, created_at="2026-01-01")
            )
            for n in range(24):
                made = trajectory(run, n, [*STATUSES][n % 4])
                await store.assign(run, made.assignment)
                for idx, role in enumerate(("teacher", "student", "critic", "student")):
                    site = CallSite(trajectory_id=made.id, seed=n, role=role, idx=idx)
                    asked = call(4 * n + idx)
                    if await journal.find(asked.request, site) is None:
                        await journal.keep(asked, site)
                    if n % 6 == 0:
                        refused = CallError(
                            request_digest=asked.request_digest, kind="timeout", message="",
                            try_number=1,
                        )  # fmt: skip
                        await journal.fail(refused, site)
                if n % 8:
                    await store.land(made)
    return tmp_path / "a.db"


def faults(path: Path) -> list[tuple[str, ...]]:
    with Reader.open(path) as reader:
        return [fault for run in RUNS for fault in differing(reader.rows, run)]


def kept(path: Path) -> list[tuple[object, ...]]:
    tables = ("place_sums", "reason_sums", "call_sums")
    with Reader.open(path) as reader:
        return [tuple(row) for table in tables for row in reader.rows(f"SELECT * FROM {table}")]


def test_sums_are_those_of_the_rows_and_not_all_nothing(path: Path) -> None:
    assert faults(path) == []
    with Reader.open(path) as reader:
        one, other = (reader.tallies(run) for run in RUNS)
    assert (one.episodes, one.accepted, one.failed) == (21, 3, 6)
    assert one.reasons == {"error": 6, "undecided": 6, "wrong": 6}
    assert (one.model_calls, one.journal_hits, one.call_errors) == (96, 0, 16)
    assert (other.model_calls, other.journal_hits, other.cost_usd) == (0, 96, 0.0)
    assert one.unpriced == 32
    assert one.cost_usd == pytest.approx(sum(n / 7 for n in range(96) if n % 3))


CHANGES = (
    "DELETE FROM trajectories WHERE n % 5 = 1",
    "DELETE FROM assignments WHERE n % 7 = 2",
    "DELETE FROM calls_used WHERE revision = 0 AND idx = 3",
    "DELETE FROM call_errors WHERE id % 3 = 0",
    "DELETE FROM model_calls WHERE tokens_in % 4 = 1",
    "UPDATE trajectories SET status = 'rejected', reward = 0.25, reason = 'odd' WHERE n % 3 = 0",
    "UPDATE trajectories SET reward = NULL, tried = 5, solved = 2, critiques = 1, attempts = 7",
    "UPDATE assignments SET skill = 's9', level = 5 WHERE n % 4 = 1",
    "UPDATE assignments SET run_id = 'r2' WHERE run_id = 'r1' AND n = 3 AND NOT EXISTS"
    " (SELECT 1 FROM assignments other WHERE other.run_id = 'r2' AND other.n = 3)",
    "UPDATE calls_used SET journal_hit = 1 - journal_hit WHERE role = 'student'",
    "UPDATE model_calls SET cost_usd = 1.5, tokens_out = NULL WHERE role = 'critic'",
    "UPDATE call_errors SET role = 'critic'",
    "DELETE FROM trajectories",
    "DELETE FROM assignments",
)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_changed_by_hand_in_whatever_order_the_sums_stay_true(
    path: Path, seed: int
) -> None:
    draw = random.Random(seed)
    connection = sqlite3.connect(path, isolation_level=None)  # no foreign keys, as on a shell
    for sql in draw.sample(CHANGES[:-2], len(CHANGES) - 2) + list(CHANGES[-2:]):
        before = kept(path)
        changed = connection.execute(sql).rowcount
        assert faults(path) == [], sql
        assert not changed or kept(path) != before, sql
    connection.close()


async def test_trimming_and_reopening_keep_the_sums_true(path: Path) -> None:
    with Store.open(path) as store:
        for change in (store.trim("r1", 20), store.reopen_failed("r1", 6), store.trim("r2", 0)):
            before = kept(path)
            await change
            assert faults(path) == []
            assert kept(path) != before


async def test_a_run_that_is_discarded_takes_its_sums_along(path: Path) -> None:
    with Store.open(path) as store:
        await store.begin(
            Run(id="r3", identity={}, config={}, seed=1, episodes=9, created_at="2026-01-01")
        )
        await store.assign("r3", Assignment(n=0, skill="s", seed=1))
        assert any("r3" in row for row in kept(path))
        assert await store.discard("r3")
    assert not any("r3" in row for row in kept(path))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ("UPDATE place_sums SET accepted = 99 WHERE skill = 's1'", ("place_sums", "accepted")),
        ("UPDATE place_sums SET reward = reward + 0.01", ("place_sums", "reward")),
        ("UPDATE call_sums SET cost_usd = cost_usd + 0.01", ("call_sums", "cost_usd")),
        ("DELETE FROM reason_sums WHERE reason = 'wrong'", ("reason_sums", "trajectories")),
        ("INSERT INTO reason_sums VALUES ('r1', 'invented', 3)", ("reason_sums", "trajectories")),
    ],
)
def test_sums_that_were_changed_are_named_and_can_be_counted_anew(
    path: Path, change: str, place: tuple[str, str]
) -> None:
    connection = connect(path)
    before = kept(path)
    connection.execute(change)
    with Reader.open(path) as reader:
        named = {(f.table, f.column, f.id.split()[0]) for f in audit(reader, "r1") if f.id != "r1"}
    assert (*place, "r1") in named
    connection.execute("BEGIN")
    for run in RUNS:
        recount(connection, run)
    connection.execute("COMMIT")
    connection.close()
    assert faults(path) == []
    was, now = (dict((row[:3], row[3:]) for row in rows) for rows in (before, kept(path)))
    assert now == {key: pytest.approx(value) for key, value in was.items()}


OLD = """SELECT count(*) FILTER (WHERE journal_hit = 0), count(*) FILTER (WHERE journal_hit = 1),
        coalesce(sum(tokens_in) FILTER (WHERE journal_hit = 0), 0),
        count(*) FILTER (WHERE journal_hit = 0 AND cost_usd IS NULL)
    FROM assignments a JOIN calls_used USING (trajectory_id) JOIN model_calls USING (request_digest)
    WHERE a.run_id = ?"""


def test_the_sums_of_an_old_database_are_counted_once(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(DUMPED.read_text(encoding="utf-8"))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    runs = [row[0] for row in connection.execute("SELECT id FROM runs ORDER BY rowid")]
    calls = [connection.execute(OLD, (run,)).fetchone() for run in runs]
    connection.close()
    prepare(path, create=False)
    with Reader.open(path) as reader:
        found = [reader.tallies(run) for run in runs]
        assert [fault for run in runs for fault in differing(reader.rows, run)] == []
        assert [run.id for run in reader.runs()] == runs[::-1]
    assert [(t.model_calls, t.journal_hits, t.tokens_in, t.unpriced) for t in found] == calls
    assert [t.episodes for t in found] == [4, 3, 2]
    assert [t.call_errors for t in found] == [0, 4, 0]
    assert (found[0].accepted, found[0].rejected, found[0].reasons) == (3, 1, {"wrong": 1})
    assert found[0].attempts > 4

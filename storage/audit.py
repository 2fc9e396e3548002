"""Re-derive every digest of a run, and name the rows that are not what was stored.

What a newcomer gets wrong: a digest tells that a row changed, not which of its columns did. Where a
program can derive a value from another (`graphs.verify`), the column is named there.
"""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from storage import ids, rows
from storage.errors import Corrupt
from storage.people import checking
from storage.queries import Reader
from storage.records import Run
from storage.sums import differing


@dataclass(frozen=True, slots=True)
class Fault:
    """One row that does not agree with its digest."""

    table: str
    id: str
    column: str
    what: str
    """What is wrong, in one line for a person."""


def audit(reader: Reader, run_id: str) -> Iterator[Fault]:
    """Yield every row of a run that is not what was stored; of a damaged file, its damage only."""
    damage = list(_damage(reader))
    yield from damage
    if damage:
        return
    yield from _audit(reader, _RUNS, run_id, "runs", _run)
    yield from _audit(reader, _LESSONS, run_id, "lessons", _lesson)
    yield from _audit(reader, _ATTEMPTS, run_id, "attempts", _attempt)
    yield from _audit(reader, _VERDICTS, run_id, "verdicts", _verdict)
    yield from _audit(reader, _CALLS, run_id, "model_calls", _call)
    yield from _audit(reader, _SEEDS, run_id, "expert_seeds", _expert_seed)
    yield from _audit(reader, _ASSIGNMENTS, run_id, "assignments", _assignment)
    yield from _trajectories(reader, run_id)
    for fault in (*differing(reader.rows, run_id), *checking.differing(reader.rows, run_id)):
        yield Fault(*fault)


def _damage(reader: Reader) -> Iterator[Fault]:
    """Yield what SQLite finds wrong with the file; an index may be damaged where rows are not."""
    for row in reader.rows(f"PRAGMA integrity_check({_MOST_DAMAGE})"):
        if row[0] != "ok":
            what = f"the file is damaged ({' '.join(row[0].split())}); restore it from a copy"
            yield Fault("sqlite_schema", reader.path.name, "rootpage", what)


def _trajectories(reader: Reader, run_id: str) -> Iterator[Fault]:
    """Compare every row of a trajectory with the row that its parts make."""
    stored = reader.rows("SELECT * FROM trajectories WHERE run_id = ? ORDER BY n", run_id)
    try:
        for row, trajectory in zip(stored, reader.stream(run_id), strict=True):
            for column, value in rows.trajectory_row(trajectory).items():
                if value != row[column]:
                    yield Fault("trajectories", trajectory.id, column, _CHANGED)
    except Corrupt as error:
        yield Fault(error.table, error.id, "digest", str(error))


def missing(reader: Reader, run: Run) -> Iterator[Fault]:
    """Yield every episode that a run which has ended should have, and has not."""
    sql = "SELECT n FROM trajectories WHERE run_id = ? ORDER BY n"
    there = (row[0] for row in reader.rows(sql, run.id))
    latest = next(there, None)
    for n in range(run.episodes if run.ended else 0):
        if n == latest:
            latest = next(there, None)
            continue
        what = f"episode {n} is missing from a run that has ended"
        yield Fault("trajectories", ids.trajectory_id(run.id, n), "id", what)


def _audit(
    reader: Reader,
    sql: str,
    run_id: str,
    table: str,
    faults: Callable[[sqlite3.Row], Iterator[tuple[str, str]]],
) -> Iterator[Fault]:
    for row in reader.rows(sql, run_id):
        try:
            found = list(faults(row))
        except Corrupt as error:
            found = [("digest", str(error))]
        for column, what in found:
            yield Fault(table, row[0], column, what)


def _run(row: sqlite3.Row) -> Iterator[tuple[str, str]]:
    run = rows.read("runs", rows.run_of, row)
    if ids.run_id(run.identity, run.begun) != run.id:
        yield "identity", _CHANGED
    if run.identity.get("seed", run.seed) != run.seed:
        yield "seed", _CHANGED


def _lesson(row: sqlite3.Row) -> Iterator[tuple[str, str]]:
    lesson = rows.read("lessons", rows.lesson_of, row)
    if ids.question_digest(lesson.task.question) != row["question_digest"]:
        yield "question", _CHANGED
    elif ids.lesson_id(lesson) != row["id"]:
        yield "id", _CHANGED


def _attempt(row: sqlite3.Row) -> Iterator[tuple[str, str]]:
    if ids.digest(rows.read("attempts", rows.attempt_of, row)) != row["digest"]:
        yield "digest", _CHANGED


def _verdict(row: sqlite3.Row) -> Iterator[tuple[str, str]]:
    if ids.verdict_digest(rows.read("verdicts", rows.verdict_of, row)) != row["digest"]:
        yield "digest", _CHANGED


def _call(row: sqlite3.Row) -> Iterator[tuple[str, str]]:
    call = rows.read("model_calls", rows.call_of, row)
    if ids.request_digest(call.request) != row["request_digest"]:
        yield "request", _CHANGED
    if ids.digest(call.reply) != row["reply_digest"]:
        yield "reply", _CHANGED
    if (call.request.model, call.request.endpoint) != (row["model"], row["endpoint"]):
        yield "model", _CHANGED


def _expert_seed(row: sqlite3.Row) -> Iterator[tuple[str, str]]:
    seed = rows.read("expert_seeds", rows.expert_seed_of, row)
    if ids.expert_seed_id(seed.model_dump(exclude={"id"})) != seed.id:
        yield "id", _CHANGED


def _assignment(row: sqlite3.Row) -> Iterator[tuple[str, str]]:
    if ids.trajectory_id(row["run_id"], row["n"]) != row["trajectory_id"]:
        yield "trajectory_id", _CHANGED


_MOST_DAMAGE = 20
"""How many places of a damaged file are named."""
_CHANGED = "is not what was stored; it was changed by hand, or the disk failed"
_MINE = "SELECT trajectory_id FROM assignments WHERE run_id = ?"
_RUNS = "SELECT * FROM runs WHERE id = ?"
_LESSONS = """SELECT * FROM lessons WHERE EXISTS
    (SELECT 1 FROM trajectories WHERE lesson_id = lessons.id AND run_id = ?)"""
_ATTEMPTS = f"SELECT * FROM attempts WHERE trajectory_id IN ({_MINE})"
_VERDICTS = f"""SELECT verdicts.* FROM verdicts JOIN attempts ON attempt_id = attempts.id
    WHERE trajectory_id IN ({_MINE})"""
_CALLS = f"""SELECT * FROM model_calls WHERE request_digest IN
    (SELECT request_digest FROM calls_used WHERE trajectory_id IN ({_MINE}))"""
_SEEDS = """SELECT * FROM expert_seeds WHERE id IN
    (SELECT expert_seed_id FROM assignments WHERE run_id = ?)"""
_ASSIGNMENTS = "SELECT * FROM assignments WHERE run_id = ?"

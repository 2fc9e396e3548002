"""The reading side of the database: records and sums out of it, also while a run writes.

Everything is read through a connection that cannot write. What a newcomer gets wrong: what may be
long is an iterator over an open query, so take from it while the reader is open.
"""

import difflib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from storage import rows
from storage.costs import Costs, costs, recent_calls
from storage.database import (
    PATIENCE_S,
    connect_to_nothing,
    connect_to_read,
    prepare,
    translated,
)
from storage.errors import Ambiguous, Missing
from storage.records import (
    Assignment,
    Attempt,
    CallError,
    CallSite,
    ExpertSeed,
    Lesson,
    ModelCall,
    Outcome,
    Role,
    Run,
    Status,
    Trajectory,
    Verdict,
)
from storage.tallies import Tallies, tallies

_NEAREST = 5_000
"""Among how many ids the nearest to a wrong one is looked for."""


@dataclass(frozen=True, slots=True)
class Summary:
    """One line about a trajectory."""

    id: str
    n: int
    skill: str
    level: int
    language: str
    status: Status
    reward: float | None
    """None: nobody scored it."""
    reason: str | None
    error: str | None
    attempts: int
    """How many, revisions included."""


@dataclass(frozen=True, slots=True)
class UsedCall:
    """A model call where an episode used it."""

    site: CallSite
    call: ModelCall
    journal_hit: bool
    """True: it was answered before and cost nothing here."""
    created_at: str
    """When it was answered: UTC, ISO 8601."""


class Reader:
    """An open database that this process only reads."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    @classmethod
    def open(cls, path: Path, *, patience_s: float = PATIENCE_S) -> Self:
        """Open an existing database for reading; an older schema is brought up to date first.

        Raises:
            StorageError: the file is missing, not ours, newer or locked.
        """
        prepare(path, create=False, patience_s=patience_s)
        return cls(path, connect_to_read(path, patience_s=patience_s))

    @classmethod
    def open_if_made(cls, path: Path) -> Self:
        """Open a database for reading, or an empty one in memory if there is none at the path yet.

        Raises:
            StorageError: there is something at the path, but no database that can be read.
        """
        if path.exists() and (path.is_dir() or path.stat().st_size):
            return cls.open(path)
        return cls(path, connect_to_nothing())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database; iterators that were not finished end here."""
        self._connection.close()

    def rows(self, sql: str, *values: object, **named: object) -> Iterator[sqlite3.Row]:
        """Yield the rows of a query; its values are positional or named, as the query has them.

        Raises:
            StorageError: the file is damaged, or busy for too long.
        """
        try:
            # Not `yield from`: a query left half read must not reach for a database that is closed.
            for row in self._connection.execute(sql, named or values):  # noqa: UP028
                yield row
        except sqlite3.Error as error:
            raise translated(error, self.path) from error

    def runs(self) -> tuple[Run, ...]:
        """Return all runs, the one that was begun last first, whatever a clock said then."""
        found = self.rows("SELECT * FROM runs ORDER BY rowid DESC")
        return tuple(rows.read("runs", rows.run_of, row) for row in found)

    def latest_run(self) -> Run:
        """Return the run that was begun last.

        Raises:
            Missing: the database has no run.
        """
        for row in self.rows("SELECT * FROM runs ORDER BY rowid DESC LIMIT 1"):
            return rows.read("runs", rows.run_of, row)
        raise Missing(f"{str(self.path)!r}: has no run yet; make one with `generate`")

    def run(self, ref: str) -> Run:
        """Return a run by its id or the beginning of it.

        Raises:
            Missing: no run is called so.
            Ambiguous: several are.
        """
        return rows.read("runs", rows.run_of, self._one("runs", ref))

    def expert_seed(self, ref: str) -> ExpertSeed:
        """Return an expert seed by its id or the beginning of it.

        Raises:
            Missing: no expert seed is called so.
            Ambiguous: several are.
        """
        return rows.read("expert_seeds", rows.expert_seed_of, self._one("expert_seeds", ref))

    def trajectory(self, ref: str, *, run_id: str | None = None) -> Trajectory:
        """Return a trajectory by its id, the beginning of it, or its number in a run.

        Args:
            ref: An id such as `t3f9a...`, or digits only: the episode's number, from 0. The id of
                an example, attempt, verdict or lesson stands for the trajectory that it is of; of
                several with one lesson it is the first.
            run_id: The run that a number counts in. None: the latest.

        Raises:
            Missing: no trajectory is called so.
            Ambiguous: several are.
        """
        if not (ref.isascii() and ref.isdigit()):
            ref = self._of_part(ref.partition("-")[0])  # a pair begins with the chosen attempt
            return self._trajectory(self._one("trajectories", ref))
        run_id = run_id or self.latest_run().id
        sql = "SELECT * FROM trajectories WHERE run_id = ? AND n = CAST(? AS INTEGER)"
        for row in self.rows(sql, run_id, ref):
            return self._trajectory(row)
        raise Missing(
            f"{ref!r}: run {run_id} has no episode of that number that ended; "
            "`inspect` lists those it has"
        )

    def trajectories(
        self,
        run_id: str,
        *,
        status: Status | None = None,
        skill: str | None = None,
        level: int | None = None,
        limit: int | None = None,
        newest: bool = False,
    ) -> Iterator[Summary]:
        """Yield a line about each trajectory of a run, in order of n, or the other way round.

        The filters are joined by and; `limit` is how many at most.
        """
        wanted = {"t.status": status, "a.skill": skill, "a.level": level}
        given = {column: value for column, value in wanted.items() if value is not None}
        filters = "".join(f" AND {column} = ?" for column in given)
        # By the table whose index has what is asked for in order, so that no run is read whole.
        own = "a" if skill is not None and status is None else "t"
        order = "DESC" if newest else "ASC"
        sql = f"""SELECT t.id, t.n, a.skill, a.level, a.language, t.status, t.reward, t.reason,
                t.error, t.attempts
            FROM trajectories t JOIN assignments a ON a.trajectory_id = t.id
            WHERE {own}.run_id = ?{filters} ORDER BY {own}.n {order} LIMIT ?"""
        for row in self.rows(sql, run_id, *given.values(), -1 if limit is None else limit):
            yield Summary(**dict(row))

    def stream(self, run_id: str) -> Iterator[Trajectory]:
        """Yield every trajectory of a run in order of n, as of now, one at a time in memory."""
        for row in self.rows("SELECT * FROM trajectories WHERE run_id = ? ORDER BY n", run_id):
            yield self._trajectory(row)

    def outcomes(self, run_id: str) -> Iterator[Outcome]:
        """Yield the outcome of every trajectory of a run in order of n, without reading texts."""
        sql = """SELECT t.n, a.skill, a.level, t.tried, t.solved, t.critiques, l.question_digest
            FROM trajectories t JOIN assignments a ON a.trajectory_id = t.id
            LEFT JOIN lessons l ON l.id = t.lesson_id WHERE t.run_id = ? ORDER BY t.n"""
        for row in self.rows(sql, run_id):
            yield rows.read("trajectories", lambda found: Outcome(**dict(found)), row)

    def assignments(self, run_id: str) -> Iterator[Assignment]:
        """Yield every assignment of a run, in order of n."""
        for row in self.rows("SELECT * FROM assignments WHERE run_id = ? ORDER BY n", run_id):
            yield rows.read("assignments", rows.assignment_of, row)

    def open_assignments(self, run_id: str) -> Iterator[Assignment]:
        """Yield the assignments of a run whose episodes have not ended, in order of n."""
        sql = """SELECT * FROM assignments WHERE run_id = ? AND NOT EXISTS
            (SELECT 1 FROM trajectories WHERE id = trajectory_id) ORDER BY n"""
        for row in self.rows(sql, run_id):
            yield rows.read("assignments", rows.assignment_of, row)

    def counts(self, run_id: str) -> dict[str, int]:
        """Return how many trajectories of a run have each status, zeros included."""
        statuses = ("accepted", "rejected", "unscored", "failed")
        wanted = ", ".join(f"coalesce(sum({status}), 0) AS {status}" for status in statuses)
        [row] = self.rows(f"SELECT {wanted} FROM place_sums WHERE run_id = ?", run_id)
        return dict(row)

    def digests(self, run_id: str) -> Iterator[str]:
        """Yield the stored digest of every trajectory of a run, in order of n."""
        for row in self.rows("SELECT digest FROM trajectories WHERE run_id = ? ORDER BY n", run_id):
            yield row[0]

    def tallies(self, run_id: str) -> Tallies:
        """Return the sums over a run."""
        return tallies(self.rows, run_id)

    def costs(self, run_id: str) -> Costs:
        """Return what a run paid, by role."""
        return costs(self.rows, run_id)

    def recent_calls(self, run_id: str, episodes: int = 200) -> Iterator[tuple[Role, ModelCall]]:
        """Yield the calls of the episodes of a run that were assigned last."""
        return recent_calls(self.rows, run_id, episodes)

    def calls(self, trajectory_id: str) -> tuple[UsedCall, ...]:
        """Return the model calls of an episode: the teacher's, then by revision and attempt."""
        sql = f"""SELECT request_digest, calls_used.*, model_calls.*, seed FROM calls_used
            JOIN model_calls USING (request_digest) JOIN assignments USING (trajectory_id)
            WHERE trajectory_id = ? ORDER BY {_IN_ORDER}"""
        found = []
        for row in self.rows(sql, trajectory_id):
            call = rows.read("model_calls", rows.call_of, row)
            site = rows.site_of(row, row["seed"])
            found.append(UsedCall(site, call, bool(row["journal_hit"]), row["created_at"]))
        return tuple(found)

    def errors(self, trajectory_id: str) -> tuple[tuple[CallSite, CallError], ...]:
        """Return the tries of an episode that were not answered, oldest first."""
        sql = """SELECT call_errors.*, assignments.seed FROM call_errors
            JOIN assignments USING (trajectory_id) WHERE trajectory_id = ?
            ORDER BY call_errors.id"""
        return tuple(
            (rows.site_of(row, row["seed"]), rows.read("call_errors", rows.error_of, row))
            for row in self.rows(sql, trajectory_id)
        )

    def _trajectory(self, row: sqlite3.Row) -> Trajectory:
        [assigned] = self.rows("SELECT * FROM assignments WHERE trajectory_id = ?", row["id"])
        assignment = rows.read("assignments", rows.assignment_of, assigned)
        lesson = self._lesson(row["lesson_id"])
        attempts = self._attempts(row["id"])
        verdicts = self._verdicts(row["id"])
        return rows.read(
            "trajectories",
            lambda found: rows.trajectory_of(found, assignment, lesson, attempts, verdicts),
            row,
        )

    def _of_part(self, ref: str) -> str:
        """Return the id of the trajectory that a part of it belongs to; else what was given."""
        table, sql = _PARTS.get(ref[:1], ("", ""))
        if not table:
            return ref
        found = list(self.rows(sql, self._one(table, ref)["id"]))
        return str(found[0][0]) if found else ref

    def _lesson(self, lesson_id: str | None) -> Lesson | None:
        for row in self.rows("SELECT * FROM lessons WHERE id = ?", lesson_id):
            return rows.read("lessons", rows.lesson_of, row)
        return None

    def _attempts(self, trajectory_id: str) -> list[Attempt]:
        sql = "SELECT * FROM attempts WHERE trajectory_id = ? ORDER BY revision, idx"
        found = self.rows(sql, trajectory_id)
        return [rows.read("attempts", rows.attempt_of, row) for row in found]

    def _verdicts(self, trajectory_id: str) -> list[Verdict]:
        sql = """SELECT verdicts.* FROM attempts JOIN verdicts ON attempt_id = attempts.id
            WHERE trajectory_id = ? ORDER BY verdicts.place, revision, idx, ordinal"""
        found = self.rows(sql, trajectory_id)
        return [rows.read("verdicts", rows.verdict_of, row) for row in found]

    def _one(self, table: str, ref: str) -> sqlite3.Row:
        """Return the row whose id begins so; `table` comes from this module."""
        sql = f"SELECT * FROM {table} WHERE id >= ? AND id < ? ORDER BY id LIMIT 4"
        found = list(self.rows(sql, ref, ref + "~")) if ref and ref.isascii() else []
        exact = [row for row in found if row["id"] == ref]
        if len(exact or found) == 1:
            return (exact or found)[0]
        if found:
            several = ", ".join(row["id"] for row in found[:3])
            raise Ambiguous(f"{ref!r}: fits several {table}: {several}; write more of the id")
        raise Missing(f"{ref!r}: {self._nothing_like(table, ref)}")

    def _nothing_like(self, table: str, ref: str) -> str:
        sql = f"SELECT id FROM {table} ORDER BY rowid DESC LIMIT {_NEAREST}"
        known = [row[0] for row in self.rows(sql)]
        # Against beginnings of its own length, because what is typed is rarely the whole id.
        starts = {one[: max(len(ref), 4)]: one for one in known}
        near = difflib.get_close_matches(ref, starts, n=1, cutoff=0.5)
        hint = f"the nearest is {starts[near[0]]!r}" if near else "`inspect` lists what there is"
        return f"{str(self.path)!r} has no such id among its {table}; {hint}"


_PARTS = {
    "a": ("attempts", "SELECT trajectory_id FROM attempts WHERE id = ?"),
    "v": (
        "verdicts",
        "SELECT trajectory_id FROM verdicts JOIN attempts a ON a.id = attempt_id "
        "WHERE verdicts.id = ?",
    ),
    "l": ("lessons", "SELECT id FROM trajectories WHERE lesson_id = ? ORDER BY run_id, n LIMIT 1"),
}
"""By the letter that an id begins with: its table, and the query for its trajectory."""
_IN_ORDER = """CASE calls_used.role WHEN 'teacher' THEN 0 ELSE 1 END, revision, idx,
    CASE calls_used.role WHEN 'critic' THEN 1 ELSE 0 END, turn"""

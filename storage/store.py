"""The writing side of the database: what a run puts down, in the order in which it does.

A run is begun, its assignments are written before anything is called, and each trajectory lands in
one transaction. Everything here can be done twice: what stands already is left as it is.
"""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from storage import pulses, rows
from storage.database import PATIENCE_S, prepare, remove_if_empty, require_writable
from storage.errors import Missing, Refused
from storage.hold import held
from storage.likeness import Likeness
from storage.people.landing import with_people
from storage.records import Assignment, ExpertSeed, Run, Trajectory
from storage.resume import Landed, landed_from, standing
from storage.standing import Standing
from storage.writer import Writer

TABLES = (
    "runs",
    "expert_seeds",
    "assignments",
    "lessons",
    "trajectories",
    "attempts",
    "verdicts",
    "model_calls",
    "calls_used",
    "call_errors",
    "place_sums",
    "reason_sums",
    "call_sums",
    "question_bands",
    "audits",
    "audited",
    "acts",
    "changes",
    "pulses",
)
"""Every table of ours, in the order of the schema."""
_STAND = "ON CONFLICT (id) DO NOTHING"


class Store:
    """An open database that this process may write to."""

    def __init__(self, path: Path, writer: Writer) -> None:
        self.path = path
        self.writer = writer
        self.likeness: Likeness | None = None
        """None: no bands of questions are kept."""

    @classmethod
    def open(cls, path: Path, *, create: bool = True, patience_s: float = PATIENCE_S) -> Self:
        """Open a database, bring its schema up to date, and start its writer.

        Args:
            path: The file.
            create: Whether to make the file if there is none.
            patience_s: Seconds to wait for another process that holds the database.

        Raises:
            StorageError: the file is missing, not ours, newer, locked or not writable; nothing was
                written.
        """
        prepare(path, create=create, patience_s=patience_s)
        require_writable(path)
        return cls(path, Writer(path, patience_s=patience_s))

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
        """Write what waits and close the database; after that it is one file again."""
        self.writer.close()

    def hold(self, run_id: str) -> contextlib.AbstractContextManager[None]:
        """Keep other processes from working on a run, see `storage.hold`."""
        return held(self.path, run_id)

    async def begin(self, run: Run) -> None:
        """Write a run down, or what has changed of it: config, episodes, versions, ended."""
        row = rows.run_row(run)
        await self.writer.run(lambda connection: rows.insert(connection, "runs", row, _RENEW))

    async def end(self, run_id: str, reason: str, episodes: int) -> None:
        """Say why a run has no more to do, and how many episodes it came to.

        Raises:
            Missing: there is no such run.
        """
        await self.writer.run(lambda connection: _end(connection, run_id, reason, episodes))

    async def add_expert_seeds(self, seeds: Iterable[ExpertSeed]) -> None:
        """Write expert seeds down; assignments and lessons may name only these."""
        found = [seed.model_dump() for seed in seeds]
        await self.writer.run(lambda connection: _add_all(connection, "expert_seeds", found))

    async def assign(self, run_id: str, assignment: Assignment) -> None:
        """Write an assignment down, before anything is called.

        Raises:
            Refused: another assignment stands at its place in the run.
        """
        row = rows.assignment_row(run_id, assignment)
        await self.writer.run(lambda connection: _assign(connection, row))

    async def standing(self, run_id: str, lag: int, accept: int | None = None) -> Standing:
        """Return where a run stands that is gone on with.

        Args:
            run_id: The whole id.
            lag: Assignment n knows of episodes 0 to n - lag.
            accept: It is asked for anew from beyond the shortest prefix with so many accepted.
        """
        return await self.writer.run(lambda connection: standing(connection, run_id, lag, accept))

    async def landed(self, run_id: str, first: int, most: int) -> list[Landed]:
        """Return outcome and status of what landed of `most` episodes from `first` on, in order."""
        return await self.writer.run(
            lambda connection: landed_from(connection, run_id, first, most)
        )

    async def land(self, trajectory: Trajectory) -> None:
        """Store an episode whole, in one transaction; one that has landed before is left alone.

        If it was there before and was taken out, what people said of the same attempts stands
        again.
        """
        made = rows.trajectory_row(trajectory), rows.verdict_rows(trajectory.verdicts)
        lesson = [rows.lesson_row(trajectory.lesson)] if trajectory.lesson else []
        attempts = [rows.attempt_row(attempt) for attempt in trajectory.attempts]
        bands = self._bands(trajectory)

        def operation(connection: sqlite3.Connection) -> None:
            _add_all(connection, "lessons", lesson)
            row, verdicts = with_people(connection, trajectory, attempts) or made
            if rows.insert(connection, "trajectories", row, _STAND):
                for attempt in attempts:
                    rows.insert(connection, "attempts", attempt)
                for verdict in verdicts:
                    rows.insert(connection, "verdicts", verdict)
                for band in bands:
                    rows.insert(connection, "question_bands", band, "ON CONFLICT DO NOTHING")

        await self.writer.run(operation)

    def _bands(self, trajectory: Trajectory) -> list[rows.Row]:
        """Return the bands of a question that stands; one that the screen refused is no twin."""
        lesson = trajectory.lesson
        if self.likeness is None or lesson is None or trajectory.reason == "screen":
            return []
        place: rows.Row = {"run_id": trajectory.run_id, "n": trajectory.assignment.n}
        return [place | {"band": band} for band in self.likeness.of_lesson(lesson).bands]

    async def pulse(
        self,
        run_id: str,
        at: str,
        *,
        in_flight: int,
        open_episodes: int,
        forecast_usd: float | None,
        forecast_s: float | None,
    ) -> None:
        """Write down how a run goes, see `storage.pulses`; one of the same moment is ignored."""
        await self.writer.run(
            lambda connection: pulses.put(
                connection,
                run_id,
                at,
                in_flight=in_flight,
                open_episodes=open_episodes,
                forecast_usd=forecast_usd,
                forecast_s=forecast_s,
            )
        )

    async def reopen_failed(self, run_id: str, lag: int) -> int:
        """Take the failed trajectories out of a run so that they are done again; return how many.

        Episodes that knew of one of them, those from `lag` on after the first, go with it, and
        their assignments too, for they may now be asked for otherwise. All model calls stay, so
        that what was answered is not asked again.
        """
        return await self.writer.run(lambda connection: _reopen_failed(connection, run_id, lag))

    async def trim(self, run_id: str, episodes: int) -> int:
        """Take the trajectories from this index on out of a run; return how many they were.

        Their assignments and model calls stay, so that a longer run finds the calls again.
        """
        return await self.writer.run(
            lambda connection: _take_out(connection, _FROM, run_id, episodes)
        )

    async def discard(self, run_id: str) -> bool:
        """Remove a run in which nothing was made, answered or judged; return whether it is gone."""
        return await self.writer.run(lambda connection: _discard(connection, run_id))


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Store]:
    """Open a database, made if need be, and take it away again if it was made in vain.

    In vain means that an error came out of the block before any run was begun for good, by this
    process or another.
    """
    stays = path.exists()
    try:
        with Store.open(path) as store:
            yield store
        stays = True
    finally:
        if not stays and path.exists():
            remove_if_empty(path, "runs")


_RENEW = """ON CONFLICT (id) DO UPDATE SET config = excluded.config,
    skills = excluded.skills, episodes = excluded.episodes,
    versions = excluded.versions, ended = excluded.ended"""


def _add_all(connection: sqlite3.Connection, table: str, found: list[rows.Row]) -> None:
    for row in found:
        rows.insert(connection, table, row, _STAND)


def _end(connection: sqlite3.Connection, run_id: str, reason: str, episodes: int) -> None:
    sql = "UPDATE runs SET ended = ?, episodes = ? WHERE id = ?"
    changed = connection.execute(sql, (reason, episodes, run_id))
    if not changed.rowcount:
        raise Missing(f"{run_id!r}: there is no such run; begin it first")


def _assign(connection: sqlite3.Connection, row: rows.Row) -> None:
    if rows.insert(connection, "assignments", row, "ON CONFLICT (trajectory_id) DO NOTHING"):
        return
    sql = "SELECT * FROM assignments WHERE trajectory_id = ?"
    stored = dict(connection.execute(sql, (row["trajectory_id"],)).fetchone())
    if stored != row:
        columns = ", ".join(column for column in stored if stored[column] != row[column])
        raise Refused(
            f"assignments {row['trajectory_id']!r}: episode {row['n']} was assigned before with "
            f"another {columns}; go on with the version that began the run, or begin a new one"
        )


_FAILED = "run_id = ? AND status = 'failed'"
_FROM = "run_id = ? AND n >= ?"


def _reopen_failed(connection: sqlite3.Connection, run_id: str, lag: int) -> int:
    sql = f"SELECT min(n) FROM trajectories WHERE {_FAILED}"
    [first] = connection.execute(sql, (run_id,)).fetchone()
    if first is None:
        return 0
    reopened = _take_out(connection, _FAILED, run_id)
    _take_out(connection, _FROM, run_id, first + lag)
    later = f"SELECT trajectory_id FROM assignments WHERE {_FROM}"
    for table in ("calls_used", "call_errors", "assignments"):
        sql = f"DELETE FROM {table} WHERE trajectory_id IN ({later})"
        connection.execute(sql, (run_id, first + lag))
    connection.execute("UPDATE runs SET ended = NULL WHERE id = ?", (run_id,))
    return reopened


def _take_out(connection: sqlite3.Connection, which: str, *values: object) -> int:
    """Delete trajectories with their attempts and verdicts; `which` comes from this module."""
    # The run's id is always the first value. There is no index by n: this is done once a sitting.
    sql = f"SELECT n FROM trajectories WHERE {which}"
    connection.execute(
        f"DELETE FROM question_bands WHERE run_id = ? AND n IN ({sql})", (values[0], *values)
    )
    chosen = f"SELECT id FROM trajectories WHERE {which}"
    attempts = f"SELECT id FROM attempts WHERE trajectory_id IN ({chosen})"
    connection.execute(f"DELETE FROM verdicts WHERE attempt_id IN ({attempts})", values)
    connection.execute(f"DELETE FROM attempts WHERE trajectory_id IN ({chosen})", values)
    return connection.execute(f"DELETE FROM trajectories WHERE {which}", values).rowcount


def _discard(connection: sqlite3.Connection, run_id: str) -> bool:
    mine = "SELECT trajectory_id FROM assignments WHERE run_id = ?"
    for table, column in (("trajectories", "id"), ("calls_used", "trajectory_id")):
        sql = f"SELECT 1 FROM {table} WHERE {column} IN ({mine}) LIMIT 1"
        if connection.execute(sql, (run_id,)).fetchone():
            return False
    for table in ("acts", "audits"):
        if connection.execute(f"SELECT 1 FROM {table} WHERE run_id = ?", (run_id,)).fetchone():
            return False
    connection.execute(f"DELETE FROM call_errors WHERE trajectory_id IN ({mine})", (run_id,))
    connection.execute("DELETE FROM assignments WHERE run_id = ?", (run_id,))
    return bool(connection.execute("DELETE FROM runs WHERE id = ?", (run_id,)).rowcount)

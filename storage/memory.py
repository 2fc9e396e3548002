"""What the duplicate screen may know of earlier questions, looked up where they are stored.

What a newcomer gets wrong: it is a function of the episode's index, not of the clock. Episode n may
know of episodes 0 to n - lag, all of which have ended before it begins; what else has landed
meanwhile is there to be found, and is left out.
"""

import sqlite3
from collections.abc import Iterable

from storage.queries import Reader
from storage.writer import Writer

# One step into an index for each lesson, however many episodes have it; `min` of a join reads all.
_EARLIEST = """SELECT min(first) FROM (
    SELECT (SELECT n FROM trajectories WHERE lesson_id = lessons.id AND run_id = :run_id
            AND n <= :latest ORDER BY n LIMIT 1) AS first
    FROM lessons WHERE question_digest = :question)"""


class SqliteMemory:
    """The memory of a run that goes on, in its database."""

    def __init__(self, writer: Writer, run_id: str, lag: int) -> None:
        self._writer = writer
        self._run_id = run_id
        self._lag = lag

    async def twin(self, question_digest: str, n: int) -> int | None:
        """Return the earliest episode with this question among 0 to n - lag, or None."""
        if n < self._lag:
            return None
        values = _values(self._run_id, question_digest, n - self._lag)

        def operation(connection: sqlite3.Connection) -> int | None:
            return _found(connection.execute(_EARLIEST, values))

        return await self._writer.run(operation)


class RecordedMemory:
    """The memory of a replay: the stored run, where later episodes stand already."""

    def __init__(self, reader: Reader, run_id: str, lag: int) -> None:
        self._reader = reader
        self._run_id = run_id
        self._lag = lag

    async def twin(self, question_digest: str, n: int) -> int | None:
        """Return the earliest episode with this question among 0 to n - lag, or None."""
        values = _values(self._run_id, question_digest, n - self._lag)
        return _found(self._reader.rows(_EARLIEST, **values))


def _values(run_id: str, question: str, latest: int) -> dict[str, str | int]:
    return {"run_id": run_id, "question": question, "latest": latest}


def _found(rows: Iterable[sqlite3.Row]) -> int | None:
    first: int | None = next(iter(rows))[0]
    return first

"""What the duplicate screen may know of earlier questions, looked up where they are stored.

What a newcomer gets wrong: it is a function of the episode's index, not of the clock. Episode n may
know of episodes 0 to n - lag, all of which have ended before it begins; what else has landed
meanwhile is there to be found, and is left out.
"""

import sqlite3
from collections.abc import Callable, Iterable

from storage import rows
from storage.likeness import IN_A_BAND, Likeness, Sketch, likeliest
from storage.queries import Reader
from storage.records import Lesson
from storage.writer import Writer

Ask = Callable[[str, dict[str, str | int]], Iterable[sqlite3.Row]]
"""Runs a query with named values."""

# One step into an index for each lesson, however many episodes have it; `min` of a join reads all.
_EARLIEST = """SELECT min(first) FROM (
    SELECT (SELECT n FROM trajectories WHERE lesson_id = lessons.id AND run_id = :run_id
            AND n <= :latest ORDER BY n LIMIT 1) AS first
    FROM lessons WHERE question_digest = :question)"""
_IN_BAND = f"""SELECT n FROM question_bands WHERE run_id = :run_id AND band = :band
    AND n <= :latest ORDER BY n LIMIT {IN_A_BAND}"""
_LESSON = """SELECT lessons.* FROM trajectories CROSS JOIN lessons ON lessons.id = lesson_id
    WHERE run_id = :run_id AND n = :n"""


class SqliteMemory:
    """The memory of a run that goes on, in its database."""

    def __init__(
        self, writer: Writer, run_id: str, lag: int, likeness: Likeness | None = None
    ) -> None:
        self._writer = writer
        self._run_id = run_id
        self._lag = lag
        self._likeness = likeness

    async def twin(self, question_digest: str, n: int) -> int | None:
        """Return the earliest episode with this question among 0 to n - lag, or None."""
        if n < self._lag:
            return None
        values = _values(self._run_id, question_digest, n - self._lag)

        def operation(connection: sqlite3.Connection) -> int | None:
            return _found(connection.execute(_EARLIEST, values))

        return await self._writer.run(operation)

    async def near(self, lesson: Lesson, n: int) -> int | None:
        """Return the likeliest episode among 0 to n - lag with nearly this question, or None."""
        likeness = self._likeness
        if likeness is None or n < self._lag:
            return None
        sketch, latest = likeness.of_lesson(lesson), n - self._lag

        def operation(connection: sqlite3.Connection) -> int | None:
            return _near(connection.execute, likeness, sketch, self._run_id, latest)

        return await self._writer.run(operation)


class RecordedMemory:
    """The memory of a replay: the stored run, where later episodes stand already."""

    def __init__(
        self, reader: Reader, run_id: str, lag: int, likeness: Likeness | None = None
    ) -> None:
        self._reader = reader
        self._run_id = run_id
        self._lag = lag
        self._likeness = likeness

    async def twin(self, question_digest: str, n: int) -> int | None:
        """Return the earliest episode with this question among 0 to n - lag, or None."""
        values = _values(self._run_id, question_digest, n - self._lag)
        return _found(self._reader.rows(_EARLIEST, **values))

    async def near(self, lesson: Lesson, n: int) -> int | None:
        """Return the likeliest episode among 0 to n - lag with nearly this question, or None."""
        if self._likeness is None:
            return None

        def ask(sql: str, values: dict[str, str | int]) -> Iterable[sqlite3.Row]:
            return self._reader.rows(sql, **values)

        sketch = self._likeness.of_lesson(lesson)
        return _near(ask, self._likeness, sketch, self._run_id, n - self._lag)


def _values(run_id: str, question: str, latest: int) -> dict[str, str | int]:
    return {"run_id": run_id, "question": question, "latest": latest}


def _found(found: Iterable[sqlite3.Row]) -> int | None:
    first: int | None = next(iter(found))[0]
    return first


def _near(ask: Ask, likeness: Likeness, sketch: Sketch, run_id: str, latest: int) -> int | None:
    """Return the likeliest episode up to the latest with nearly the same question, or None."""
    met = [
        row[0]
        for band in sketch.bands
        for row in ask(_IN_BAND, {"run_id": run_id, "band": band, "latest": latest})
    ]
    for n in likeliest(met):
        for row in ask(_LESSON, {"run_id": run_id, "n": n}):
            lesson = rows.read("lessons", rows.lesson_of, row)
            if likeness.alike(sketch, likeness.of_lesson(lesson)):
                return n
    return None

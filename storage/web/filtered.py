"""The trajectories that a filter finds, as a file that is written while it is read.

What a newcomer gets wrong: a spreadsheet runs what begins like a formula. A text cell that does
gets an apostrophe before it; numbers are ours and stay as they are. And whoever downloads may stop
reading for good, so nothing is handed out while a reader is open: a reader that waits for somebody
keeps the database's log from being carried over.
"""

import csv
import io
import json
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace

from storage.errors import Corrupt, Missing
from storage.index.asked import Filters
from storage.index.finding import Listed, find
from storage.queries import Reader
from storage.report.clean import one_line
from storage.report.whole import plain, whole
from storage.web.desk import Desk

AT_ONCE = 1_000
"""How many rows are found with one question."""
WHOLE_AT_ONCE = 20
"""How many trajectories are read whole, with one reader."""
LINE = 120
"""How many characters of a task stand in the table."""
COLUMNS = (
    "id", "run_id", "n", "status", "rung", "reward", "reason", "skill", "level", "language",
    "model", "attempts", "people", "why",
)  # fmt: skip
"""Of the file for spreadsheets; all are columns of the table."""
_BEGINS_A_FORMULA = ("=", "+", "-", "@")


def found(desk: Desk, filters: Filters) -> Iterator[Sequence[Listed]]:
    """Yield all that a filter finds in its order, some hundreds at a time."""
    here = replace(filters, after="", before="")
    while True:
        page = find(desk.index(), here, limit=AT_ONCE)
        if page.rows:
            desk.seat.look_at(row.id for row in page.rows)
            yield page.rows
        if not page.more:
            return
        here = replace(here, after=page.last)


def tasks(reader: Reader, ids: Sequence[str]) -> dict[str, str]:
    """Return how the task of each trajectory begins, in a line; those without a lesson are absent.

    Args:
        reader: Open.
        ids: At most some hundreds.
    """
    places = ", ".join("?" * len(ids))
    sql = f"""SELECT t.id, substr(l.question, 1, {2 * LINE})
        FROM trajectories t JOIN lessons l ON l.id = t.lesson_id WHERE t.id IN ({places})"""
    return {row[0]: one_line(row[1], LINE) for row in reader.rows(sql, *ids)}


def csv_lines(desk: Desk, filters: Filters) -> Generator[bytes, None, None]:
    """Yield the columns of the table as CSV, beginning with their names."""
    yield _csv([COLUMNS])
    for rows in found(desk, filters):
        yield _csv([_cell(getattr(row, column)) for column in COLUMNS] for row in rows)


def json_lines(desk: Desk, filters: Filters) -> Generator[bytes, None, None]:
    """Yield the trajectories, some at a time, one a line, each as `inspect ID --json` has it.

    One that was taken out meanwhile is passed over; one that is damaged is a line with its id and
    what is wrong.
    """
    for rows in found(desk, filters):
        for start in range(0, len(rows), WHOLE_AT_ONCE):
            yield _wholes(desk, rows[start : start + WHOLE_AT_ONCE])


def _wholes(desk: Desk, rows: Sequence[Listed]) -> bytes:
    """Return the trajectories of rows, a line each."""
    lines = []
    with desk.reader() as reader:
        for row in rows:
            try:
                told: object = plain(whole(reader, reader.trajectory(row.id), desk.steps))
            except Missing:
                continue
            except Corrupt as error:
                told = {"id": row.id, "error": str(error)}
            lines.append(json.dumps(told).encode() + b"\n")
    return b"".join(lines)


def _csv(rows: object) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)  # type: ignore[arg-type]
    return text.getvalue().encode("utf-8", "replace")


def _cell(value: object) -> object:
    if isinstance(value, str):
        bare = value.lstrip()
        unlike = value[:1] in ("\t", "\r", "\n") or bare.startswith(_BEGINS_A_FORMULA)
        return f"'{value}" if unlike else value
    return "" if value is None else value

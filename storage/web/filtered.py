"""The trajectories that a filter finds, as a file that is written while it is read.

What a newcomer gets wrong: a spreadsheet runs what begins like a formula. A text cell that does
gets an apostrophe before it; numbers are ours and stay as they are. And a long file is read page by
page, so that no reader keeps the database's log from being carried over while somebody downloads.
"""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from storage.errors import Corrupt, Missing
from storage.index.asked import Filters
from storage.index.finding import Listed, find
from storage.report.whole import plain, whole
from storage.web.desk import Desk

AT_ONCE = 1_000
"""How many rows are found with one question."""
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
            yield page.rows
        if not page.more:
            return
        here = replace(here, after=page.last)


def csv_lines(desk: Desk, filters: Filters) -> Iterator[bytes]:
    """Yield the columns of the table as CSV, beginning with their names."""
    yield _csv([COLUMNS])
    for rows in found(desk, filters):
        yield _csv([_cell(getattr(row, column)) for column in COLUMNS] for row in rows)


def json_lines(desk: Desk, filters: Filters) -> Iterator[bytes]:
    """Yield the trajectories, one a line, each as `inspect ID --json` has it.

    One that was taken out meanwhile is passed over; one that is damaged is a line with its id and
    what is wrong.
    """
    for rows in found(desk, filters):
        with desk.reader() as reader:
            for row in rows:
                try:
                    told: object = plain(whole(reader, reader.trajectory(row.id), desk.steps))
                except Missing:
                    continue
                except Corrupt as error:
                    told = {"id": row.id, "error": str(error)}
                yield json.dumps(told).encode() + b"\n"


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

"""Run one query that nobody trusts, on a private copy of a database, within limits.

What a newcomer gets wrong: forbidding writes is not enough. A query may read the clock, ask for a
gigabyte of zeros, count to infinity, or take minutes before its first step. So only functions that
repeat are allowed, and those whose cost or clock hangs on their arguments run behind a guard.
"""

import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from agents.verifiers.sql.databases import Image, open_image
from agents.verifiers.sql.tokens import growth

Cell = int | float | str | bytes | None

SQL_CHARACTERS = 10_000
STEPS = 5_000_000
"""Of SQLite's machine, for one query on one database; some tenths of a second of plain work."""
WALL_S = 2.0
"""Looked at between steps. Only hostile queries meet it before they meet `STEPS`."""
TEXT_BYTES = 50_000
"""The longest text or blob that a query may make or read."""
CELLS = 200_000
RESULT_BYTES = 8 * 2**20
CALLS = 64
"""How many function calls and columns may stand in one query, views included."""
GROWTH = 100_000
"""See `agents.verifiers.sql.tokens.growth`."""

_STEPS_PER_LOOK = 50
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: TEXT_BYTES,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 4 * SQL_CHARACTERS,
    sqlite3.SQLITE_LIMIT_COLUMN: 200,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 100,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 50_000,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 50,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 200,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 0,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
_FUNCTIONS = """
    abs acos acosh asin asinh atan atan2 atanh avg ceil ceiling char coalesce concat concat_ws cos
    cosh count cume_dist date datetime degrees dense_rank exp first_value floor format glob
    group_concat hex if ifnull iif instr json_array_length json_extract json_type json_valid
    julianday lag last_value lead length like likelihood likely ln log log10 log2 lower ltrim max
    min mod nth_value ntile nullif octet_length percent_rank pi pow power printf quote radians rank
    replace round row_number rtrim sign sin sinh sqrt strftime string_agg substr substring sum tan
    tanh time timediff total trim trunc typeof unhex unicode unixepoch unlikely upper -> ->>
"""
_ALLOWED_FUNCTIONS = frozenset(_FUNCTIONS.split())
"""Functions whose value hangs on their arguments alone, once the guarded ones are guarded."""
_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE})
_DATES = ("date", "time", "datetime", "julianday", "unixepoch", "timediff")
_FORMATS = ("printf", "format")
_TRIMS = ("trim", "ltrim", "rtrim")


class Refused(Exception):
    """The query was not run to its end: wrong, forbidden, or beyond a limit; says why in a line."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What a query gives."""

    width: int
    """How many columns."""
    cells: list[tuple[Cell, ...]]
    """One tuple a row, in the order in which they came."""


def run(image: Image, sql: str) -> Rows:
    """Run one query on a copy of a database.

    Raises:
        Refused: see there.
    """
    if len(sql) > SQL_CHARACTERS:
        raise Refused(f"longer than {SQL_CHARACTERS} characters")
    if growth(sql, image.views) > GROWTH:
        raise Refused("too many subqueries that build on each other")
    guard = _Guard()
    with closing(open_image(image.content)) as database, closing(guard):
        try:
            guard.restrict(database)
            return _fetch(database, sql)
        except MemoryError as error:
            raise Refused("too large a query") from error
        except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError) as error:
            raise Refused(guard.reason or one_line(str(error))) from error


def one_line(text: str, most: int = 200) -> str:
    """Return a text fit for evidence: one line, printable, at most so many characters."""
    line = "".join(c if c.isprintable() else " " for c in text[: 2 * most])
    line = " ".join(line.split())
    return line if len(line) <= most else line[: most - 3] + "..."


class _Guard:
    """Holds one query to its limits, and remembers which one it broke."""

    def __init__(self) -> None:
        self.reason = ""
        self._calls = 0
        self._looks = 0
        self._end = time.monotonic() + WALL_S
        self._plain: sqlite3.Connection | None = None

    def close(self) -> None:
        """Close the database that lent its functions, if one was asked for."""
        if self._plain is not None:
            self._plain.close()

    def restrict(self, database: sqlite3.Connection) -> None:
        """Put the limits on, after the schema is loaded, because they would hold for it too."""
        database.execute("PRAGMA trusted_schema = OFF")
        database.execute("PRAGMA query_only = ON")
        database.execute("SELECT count(*) FROM sqlite_master")
        database.text_factory = _text
        for limit, value in _LIMITS.items():
            database.setlimit(limit, value)
        for names, arguments, fault in _GUARDED:
            for name in names:
                database.create_function(
                    name, arguments, self._guarded(name, fault), deterministic=True
                )
        database.set_authorizer(self._allow)
        database.set_progress_handler(self._look, _STEPS_PER_LOOK)

    def _look(self) -> bool:
        self._looks += 1
        if self._looks * _STEPS_PER_LOOK > STEPS:
            self.reason = f"more than {STEPS} steps"
        elif self._looks % 8 == 0 and time.monotonic() > self._end:
            self.reason = f"longer than {WALL_S} seconds"
        return bool(self.reason)

    def _allow(self, action: int, _first: str | None, second: str | None, *_: str | None) -> int:
        if action == sqlite3.SQLITE_FUNCTION:
            self._calls += 1
            name = (second or "").lower()
            if name not in _ALLOWED_FUNCTIONS:
                return self._deny(f"the function {one_line(name, 40)!r} is not allowed")
            if self._calls > CALLS:
                return self._deny(f"more than {CALLS} function calls")
        elif action not in _ALLOWED:
            return self._deny("only one SELECT over plain tables and views is allowed")
        return sqlite3.SQLITE_OK

    def _deny(self, reason: str) -> int:
        self.reason = self.reason or reason
        return sqlite3.SQLITE_DENY

    def _guarded(self, name: str, fault: Callable[[tuple[Cell, ...]], str]) -> Callable[..., Cell]:
        def call(*arguments: Cell) -> Cell:
            if wrong := fault(arguments):
                self.reason = f"{name}: {wrong}"
                raise ValueError(wrong)
            places = ", ".join("?" * len(arguments))
            self._plain = self._plain or _plain()
            found: Cell = self._plain.execute(f"SELECT {name}({places})", arguments).fetchone()[0]
            return found

        return call


def _date_fault(arguments: tuple[Cell, ...]) -> str:
    """Say why a call would read the clock or the time zone."""
    words = {_word(value) for value in arguments}
    if len(arguments) == 0 or words & {"now", "localtime", "utc", "subsec", "subsecond"}:
        return "the clock and the time zone are not the same tomorrow"
    return ""


def _strftime_fault(arguments: tuple[Cell, ...]) -> str:
    return _date_fault(arguments[1:])


def _format_fault(arguments: tuple[Cell, ...]) -> str:
    pattern = _word(arguments[0]) if arguments else ""
    if "*" in pattern or re.search(r"\d{3}", pattern):
        return "a width may have two digits"
    return ""


def _trim_fault(arguments: tuple[Cell, ...]) -> str:
    return "too many characters to trim" if len(_word(arguments[1])) > 100 else ""


_GUARDED: tuple[tuple[tuple[str, ...], int, Callable[[tuple[Cell, ...]], str]], ...] = (
    (_DATES, -1, _date_fault),
    (("strftime",), -1, _strftime_fault),
    (_FORMATS, -1, _format_fault),
    (_TRIMS, 2, _trim_fault),
)


def _word(value: Cell) -> str:
    """Return a value as the C text that SQLite's own functions see of it."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return text.split("\0")[0].lower()


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _plain() -> sqlite3.Connection:
    """Open an empty database that lends its built-in functions."""
    plain = sqlite3.connect(":memory:", isolation_level=None)
    plain.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, TEXT_BYTES)
    return plain


def _fetch(database: sqlite3.Connection, sql: str) -> Rows:
    cursor = database.execute(sql)
    if cursor.description is None:
        raise Refused("it is not a query")
    width = len(cursor.description)
    rows: list[tuple[Cell, ...]] = []
    size = 0
    for row in cursor:
        rows.append(row)
        size += sum(len(cell) for cell in row if isinstance(cell, str | bytes))
        if len(rows) * width > CELLS or size > RESULT_BYTES:
            raise Refused(f"more than {CELLS} cells or {RESULT_BYTES} bytes of rows")
    return Rows(width, rows)

"""A database to cite rows from: each cited row must exist, with the stated values.

What a newcomer gets wrong: names of tables and columns come from an answer. They become SQL only
if the schema has exactly these names; values are bound, never written into the query.
"""

import sqlite3
from contextlib import closing
from decimal import Decimal
from fractions import Fraction
from math import isfinite

from agents.errors import VerifierError
from agents.verifiers.evidence import cut, shown
from agents.verifiers.grounded.claims import Cell, CitedRow, Claims
from agents.verifiers.grounded.passage import numbers_in
from agents.verifiers.sql.databases import Image, limit_steps, open_image

_TABLES = """
    SELECT name FROM sqlite_master
    WHERE type = 'table' AND name NOT LIKE 'sqlite@_%' ESCAPE '@' AND sql NOT LIKE 'CREATE VIRTUAL%'
"""


class Tables:
    """The plain tables of a database; views and virtual tables cannot be cited."""

    def __init__(self, image: Image) -> None:
        self._image = image

    def fault(self, claims: Claims) -> str:
        """Return the first row that does not hold and why, or "".

        Raises:
            VerifierError: the database cannot be read.
        """
        if claims.quotes:
            return "it quotes, but there is no passage"
        if not claims.rows:
            return "it cites no row"
        with closing(open_image(self._image.content)) as database:
            try:
                database.execute("PRAGMA trusted_schema = OFF")
                database.execute("PRAGMA query_only = ON")
                database.text_factory = _text
                for number, row in enumerate(claims.rows, 1):
                    if fault := _row_fault(database, row):
                        return f"row {number} of {shown(row.table, 40)}: {fault}"
            except (sqlite3.Error, MemoryError) as error:
                raise VerifierError(f"grounded: the database cannot be read: {error}") from error
        return ""

    def numbers(self, claims: Claims) -> frozenset[Fraction]:
        """Return the numbers of the stated columns; of a text, those that stand in it."""
        cells = [cell for row in claims.rows for cell in row.columns.values()]
        return frozenset(number for cell in cells for number in _numbers_of(cell))


def _row_fault(database: sqlite3.Connection, row: CitedRow) -> str:
    limit_steps(database)
    if row.table not in {name for (name,) in database.execute(_TABLES)}:
        return "there is no such table"
    table = _quoted(row.table)
    known = {name for _, name, *_ in database.execute(f"PRAGMA table_info({table})")}
    stated = [*row.key.items(), *row.columns.items()]
    if unknown := [name for name, _ in stated if name not in known]:
        return f"there is no column {shown(unknown[0], 40)}"
    if not all(_is_stored(value) for value in row.key.values()):
        return "no row has this key"
    wanted = ", ".join(_quoted(name) for name, _ in stated)
    where = " AND ".join(f"{_quoted(name)} COLLATE BINARY IS ?" for name in row.key)
    query = f"SELECT {wanted} FROM {table} WHERE {where} LIMIT 2"
    found = database.execute(query, [_bound(value) for value in row.key.values()]).fetchall()
    if len(found) != 1:
        return "more than one row has this key" if found else "no row has this key"
    for (name, value), cell in zip(stated, found[0], strict=True):
        if not _same(cell, value):
            return f"{shown(name, 40)} is {cut(repr(cell), 40)}, not {cut(_said(value), 40)}"
    return ""


def _same(cell: object, stated: Cell) -> bool:
    """Return whether a stated value is the cell's; 1 and 1.0 are the same, 1 and "1" are not."""
    if isinstance(cell, float) and isinstance(stated, Decimal):
        return isfinite(cell) and cell == float(stated)
    if isinstance(cell, int | float) and isinstance(stated, int | Decimal):
        return cell == stated
    return type(cell) is type(stated) and cell == stated


def _said(value: Cell) -> str:
    return str(value) if isinstance(value, Decimal) else repr(value)


def _is_stored(value: Cell) -> bool:
    """Return whether SQLite could hold a value."""
    return not isinstance(value, int) or -(2**63) <= value < 2**63


def _bound(value: Cell) -> int | float | str | None:
    """Return a value as SQLite takes it."""
    return float(value) if isinstance(value, Decimal) else value


def _numbers_of(cell: Cell) -> list[Fraction]:
    """Return the numbers of a cell; a float counts as the shortest decimal that stands for it."""
    if isinstance(cell, str):
        return numbers_in(cell)
    if isinstance(cell, Decimal) and cell != int(cell):
        return [Fraction(str(float(cell)))]
    return [] if cell is None else [Fraction(cell)]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")

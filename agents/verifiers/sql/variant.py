"""Thin out a database, so that a query that was right by luck is found out.

What a newcomer gets wrong: a variant must keep the promises of the schema. Dropping a customer and
keeping the orders would tell apart queries that give the same rows on every sound database, so rows
that lose what they refer to go as well.
"""

import random
import sqlite3
from contextlib import closing
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

from agents.errors import VerifierError
from agents.verifiers.sql.databases import Image, image_of, limit_steps, open_image
from storage.ids import derive_seed


class _ForeignKey(NamedTuple):
    parent: str
    column: str
    to: str
    """The parent's column."""


def thin_out(image: Image) -> Image:
    """Return a variant: every table lost a third of its rows, or more that lost what they refer to.

    Which rows go hangs on the content alone. Tables without row ids lose none.
    """
    with closing(open_image(image.content)) as database:
        limit_steps(database)
        try:
            for trigger in _names(database, "trigger"):
                database.execute(f"DROP TRIGGER {_quoted(trigger)}")
            tables = _parents_first(database)
            broken = {table: _orphans(database, table) for table in tables}
            database.execute("BEGIN")
            for table in tables:
                before = len(_rows(database, table))
                _drop_orphans(database, table, broken[table])
                draw = random.Random(derive_seed(image.digest, table))
                _drop_down_to(database, table, before - before // 3, draw)
            for table in tables:  # once more, for foreign keys that run in a circle
                _drop_orphans(database, table, broken[table])
            database.execute("COMMIT")
        except sqlite3.Error as error:
            raise VerifierError(f"no variant can be made of the database: {error}") from error
        return image_of(database.serialize(), image.digest)


def _names(database: sqlite3.Connection, kind: str) -> list[str]:
    rows = database.execute(
        "SELECT name FROM sqlite_master WHERE type = ? AND name NOT LIKE 'sqlite@_%' ESCAPE '@' "
        "AND coalesce(sql, '') NOT LIKE 'CREATE VIRTUAL%' ORDER BY name",
        [kind],
    )
    return [name for (name,) in rows]


def _parents_first(database: sqlite3.Connection) -> list[str]:
    """Return the tables, each after those it refers to unless they run in a circle."""
    names = {name.lower(): name for name in _names(database, "table")}
    parents = {
        name: [key.parent for key in _foreign_keys(database, name) if key.parent != name]
        for name in names
    }
    try:
        order = list(TopologicalSorter(parents).static_order())
    except CycleError:
        order = list(names)
    return [names[name] for name in order if name in names]


def _foreign_keys(database: sqlite3.Connection, table: str) -> list[_ForeignKey]:
    """Return the foreign keys of a table, of each its first column."""
    found = database.execute(f"PRAGMA foreign_key_list({_quoted(table)})").fetchall()
    return [_ForeignKey(row[2].lower(), row[3], row[4] or "rowid") for row in found if row[1] == 0]


def _rows(database: sqlite3.Connection, table: str, where: str = "1") -> list[int]:
    """Return the row ids of a table in order; of one WITHOUT ROWID, none."""
    query = f"SELECT rowid FROM {_quoted(table)} WHERE {where} ORDER BY rowid"
    try:
        return [row for (row,) in database.execute(query)]
    except sqlite3.OperationalError:
        return []


def _drop_down_to(
    database: sqlite3.Connection, table: str, target: int, draw: random.Random
) -> None:
    """Delete rows that no other row of the same table refers to, until so many are left."""
    free = " AND ".join(
        f"{_quoted(key.to)} NOT IN (SELECT {_quoted(key.column)} FROM {_quoted(table)} "
        f"WHERE {_quoted(key.column)} IS NOT NULL)"
        for key in _foreign_keys(database, table)
        if key.parent == table.lower()
    )
    rows = _rows(database, table, free or "1")
    surplus = max(0, len(_rows(database, table)) - target)
    _delete(database, table, draw.sample(rows, min(surplus, len(rows))))


def _drop_orphans(database: sqlite3.Connection, table: str, before: set[int]) -> None:
    while more := _orphans(database, table) - before:
        _delete(database, table, sorted(more))


def _delete(database: sqlite3.Connection, table: str, rows: list[int]) -> None:
    if not rows:
        return
    statement = f"DELETE FROM {_quoted(table)} WHERE rowid = ?"
    database.executemany(statement, [(row,) for row in rows])


def _orphans(database: sqlite3.Connection, table: str) -> set[int]:
    """Return the row ids of the rows whose foreign keys find nothing."""
    try:
        found = database.execute(f"PRAGMA foreign_key_check({_quoted(table)})").fetchall()
    except sqlite3.DatabaseError:
        return set()  # a foreign key that does not fit its parent promises nothing
    return {row for _, row, *_ in found if row is not None}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

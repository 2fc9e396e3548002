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


class ForeignKey(NamedTuple):
    """Where a column of a table points."""

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
            for trigger in names(database, "trigger"):
                database.execute(f"DROP TRIGGER {quoted(trigger)}")
            tables = _parents_first(database)
            broken = {table: _orphans(database, table) for table in tables}
            database.execute("BEGIN")
            for table in tables:
                before = len(row_ids(database, table))
                _drop_orphans(database, table, broken[table])
                draw = random.Random(derive_seed(image.digest, table))
                _drop_down_to(database, table, before - before // 3, draw)
            for table in tables:  # once more, for foreign keys that run in a circle
                _drop_orphans(database, table, broken[table])
            database.execute("COMMIT")
        except sqlite3.Error as error:
            raise VerifierError(f"no variant can be made of the database: {error}") from error
        return image_of(database.serialize(), image.digest)


def names(database: sqlite3.Connection, kind: str) -> list[str]:
    """Return the names of all plain tables, or of all triggers, in order of the alphabet."""
    rows = database.execute(
        "SELECT name FROM sqlite_master WHERE type = ? AND name NOT LIKE 'sqlite@_%' ESCAPE '@' "
        "AND coalesce(sql, '') NOT LIKE 'CREATE VIRTUAL%' ORDER BY name",
        [kind],
    )
    return [name for (name,) in rows]


def _parents_first(database: sqlite3.Connection) -> list[str]:
    """Return the tables, each after those it refers to unless they run in a circle."""
    known = {name.lower(): name for name in names(database, "table")}
    parents = {
        name: [key.parent for key in foreign_keys(database, name) if key.parent != name]
        for name in known
    }
    try:
        order = list(TopologicalSorter(parents).static_order())
    except CycleError:
        order = list(known)
    return [known[name] for name in order if name in known]


def foreign_keys(database: sqlite3.Connection, table: str) -> list[ForeignKey]:
    """Return the foreign keys of a table, of each its first column."""
    found = database.execute(f"PRAGMA foreign_key_list({quoted(table)})").fetchall()
    return [ForeignKey(row[2].lower(), row[3], row[4] or "rowid") for row in found if row[1] == 0]


def row_ids(database: sqlite3.Connection, table: str, where: str = "1") -> list[int]:
    """Return the row ids of a table in order; of one WITHOUT ROWID, none."""
    query = f"SELECT rowid FROM {quoted(table)} WHERE {where} ORDER BY rowid"
    try:
        return [row for (row,) in database.execute(query)]
    except sqlite3.OperationalError:
        return []


def _drop_down_to(
    database: sqlite3.Connection, table: str, target: int, draw: random.Random
) -> None:
    """Delete rows that no other row of the same table refers to, until so many are left."""
    free = " AND ".join(
        f"{quoted(key.to)} NOT IN (SELECT {quoted(key.column)} FROM {quoted(table)} "
        f"WHERE {quoted(key.column)} IS NOT NULL)"
        for key in foreign_keys(database, table)
        if key.parent == table.lower()
    )
    rows = row_ids(database, table, free or "1")
    surplus = max(0, len(row_ids(database, table)) - target)
    _delete(database, table, draw.sample(rows, min(surplus, len(rows))))


def _drop_orphans(database: sqlite3.Connection, table: str, before: set[int]) -> None:
    while more := _orphans(database, table) - before:
        _delete(database, table, sorted(more))


def _delete(database: sqlite3.Connection, table: str, rows: list[int]) -> None:
    if not rows:
        return
    statement = f"DELETE FROM {quoted(table)} WHERE rowid = ?"
    database.executemany(statement, [(row,) for row in rows])


def _orphans(database: sqlite3.Connection, table: str) -> set[int]:
    """Return the row ids of the rows whose foreign keys find nothing."""
    try:
        found = database.execute(f"PRAGMA foreign_key_check({quoted(table)})").fetchall()
    except sqlite3.DatabaseError:
        return set()  # a foreign key that does not fit its parent promises nothing
    return {row for _, row, *_ in found if row is not None}


def quoted(name: str) -> str:
    """Return a name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'

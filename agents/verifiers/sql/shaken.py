"""Shake a database, so that a query that is nearly right is found out.

What a newcomer gets wrong: `price < 30` and `price <= 30` give the same rows wherever nothing costs
30. So some or all of a shaken table's rows have the very values that the reference compares their
columns with, or the numbers beside them; and every other value is dealt out anew among the rows, so
that what went together by chance does so no longer. Primary keys and unique columns stay as they
are, and what refers to another table refers to some row of it still.
"""

import sqlite3
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from random import Random

from agents.errors import VerifierError
from agents.verifiers.sql.databases import Image, image_of, limit_steps, open_image
from agents.verifiers.sql.tokens import Token, tokens
from agents.verifiers.sql.variant import names, quoted, row_ids
from storage.ids import derive_seed

Cell = int | float | str | bytes | None
Named = Mapping[str, list[Cell]]
"""The values that a reference compares a column with, by the column's name in lower case."""
ROWS = 5_000
"""Of a table with more rows only so many are shaken."""
NAMED = 32
"""How many values that the reference names are used for one column."""
_SHARES = (0.34, 1.0, 0.67)
"""What share of the rows gets named values, by turn."""


def shake(image: Image, reference: str, turn: int) -> Image:
    """Return a variant for a reference; another turn gives another one.

    Raises:
        VerifierError: none can be made of this database.
    """
    with closing(open_image(image.content)) as database:
        limit_steps(database)
        try:
            for trigger in names(database, "trigger"):
                database.execute(f"DROP TRIGGER {quoted(trigger)}")
            tables = {name: _columns(database, name) for name in names(database, "table")}
            named = _named(reference, {c.lower() for columns in tables.values() for c in columns})
            database.execute("BEGIN")
            for table, columns in tables.items():
                draw = Random(derive_seed(image.digest, "shaken", turn, reference, table))
                _shake(database, table, columns, named, _SHARES[turn % len(_SHARES)], draw)
            database.execute("COMMIT")
        except sqlite3.Error as error:
            raise VerifierError(f"the database cannot be shaken: {error}") from error
        return image_of(database.serialize(), image.digest)


def _named(sql: str, columns: set[str]) -> Named:
    """Return every value of a query under the column that was named last before it."""
    found: defaultdict[str, list[Cell]] = defaultdict(list)
    column = ""
    for token in tokens(sql):
        name = token.source.strip('"`[]').lower()
        if token.kind in ("word", "quoted") and name in columns:
            column = name
        elif token.kind in ("text", "number"):
            found[column] += _near(token)
        elif token.is_word("NULL"):
            found[column].append(None)
    return {name: list(dict.fromkeys(values))[:NAMED] for name, values in found.items()}


def _near(token: Token) -> list[Cell]:
    """Return the value of a literal, and for a number those beside it."""
    if token.kind == "text":
        return [token.source[1:-1].replace("''", "'")]
    text = token.source[:15]
    number = int(text) if text.isdecimal() else float(text)
    return [number, number + 1, number - 1]


def _columns(database: sqlite3.Connection, table: str) -> dict[str, bool]:
    """Return the columns of a table that may be shaken, and whether each refers to another table.

    Left out are primary and unique keys, what other tables refer to, and what refers to a row by
    several columns or to the same table.
    """
    bound: set[str] = set()
    referring: set[str] = set()
    for other in names(database, "table"):
        keys: defaultdict[int, list[tuple[str, str, str]]] = defaultdict(list)
        for number, _, parent, column, to, *_ in database.execute(
            f"PRAGMA foreign_key_list({quoted(other)})"
        ).fetchall():
            keys[number].append((parent.lower(), column.lower(), (to or "").lower()))
        for parts in keys.values():
            for parent, column, to in parts:
                if parent == table.lower():
                    bound.add(to)
                if other == table:
                    whole = len(parts) == 1 and parent != table.lower()
                    (referring if whole else bound).add(column)
    for _, index, unique, *_ in database.execute(f"PRAGMA index_list({quoted(table)})").fetchall():
        if unique:
            rows = database.execute(f"PRAGMA index_info({quoted(index)})")
            bound |= {(name or "").lower() for *_, name in rows}
    columns = database.execute(f"PRAGMA table_xinfo({quoted(table)})").fetchall()
    return {
        name: name.lower() in referring
        for _, name, _, _, _, key, hidden in columns
        if not key and not hidden and name.lower() not in bound
    }


def _shake(
    database: sqlite3.Connection,
    table: str,
    columns: Mapping[str, bool],
    named: Named,
    share: float,
    draw: Random,
) -> None:
    rows = row_ids(database, table)[:ROWS]
    corners = draw.sample(range(len(rows)), int(len(rows) * share))
    for column, refers in columns.items() if rows else ():
        query = f"SELECT {quoted(column)} FROM {quoted(table)} WHERE rowid <= ? ORDER BY rowid"
        values: list[Cell] = [value for (value,) in database.execute(query, rows[-1:])]
        values = draw.choices(values, k=len(values)) if refers else draw.sample(values, len(values))
        fitting = [] if refers else _fitting(named.get(column.lower(), ()), values)
        few = draw.sample(fitting, min(len(fitting), draw.randint(1, 3))) if share == 1 else fitting
        for place in corners if few else ():
            values[place] = draw.choice(few)
        statement = f"UPDATE OR IGNORE {quoted(table)} SET {quoted(column)} = ? WHERE rowid = ?"
        database.executemany(statement, zip(values, rows, strict=True))


def _fitting(named: Sequence[Cell], values: Sequence[Cell]) -> list[Cell]:
    """Return the named values of a column's kind, each text with its neighbours there."""
    texts = sorted({value for value in values if isinstance(value, str)})
    numbers = any(isinstance(value, int | float) for value in values)
    found: list[Cell] = []
    for value in named:
        if value is None:
            found += [None, *values[:1]]
        elif isinstance(value, str) and texts:
            place = bisect_left(texts, value)
            found += [value, *texts[max(place - 1, 0) : place], *texts[place : place + 2]]
        elif not isinstance(value, str) and numbers:
            found.append(value)
    return list(dict.fromkeys(found))

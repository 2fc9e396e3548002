"""What the index is made of, and of which database it is.

A trajectory is one row of integers in `listed`; what they stand for is in `names`. Rows that are
alike in all that is filtered by share a combination (`combos`), which counts them: however many
trajectories there are, the combinations are few, so counts are exact and pages are found at once.
What a newcomer gets wrong: nothing here is worth keeping. A change of schema raises `SCHEMA`, and
the file is made again.
"""

import json
import sqlite3
from typing import NamedTuple

from storage.canonical import canonical
from storage.queries import Reader

APPLICATION_ID = 0x4C594349
"""What says in the header of a file that it is an index."""
SCHEMA = 2
"""Raised whenever the schema changes, or what a column or a document means."""
FACETS = (
    "run", "status", "rung", "skill", "level", "language", "model", "reason", "why", "people",
)  # fmt: skip
"""What is filtered by, in the order in which it is shown."""
NAMED = tuple(facet for facet in FACETS if facet not in ("level", "people"))
"""The facets whose values are names; the others are numbers."""
NOTHING = 0
"""The number of the name that stands for having none."""
RUN_BITS = 32
"""A key is the run's number, then the episode's in so many bits: keys grow as runs do."""
EDITION_BITS = 10
"""A document's number is the key, then the edition in so many bits: documents lie as keys do."""
LATEST = (1 << EDITION_BITS) - 1
"""The last edition that a trajectory can have before the documents are all made again."""

_COLUMNS = ", ".join(f"{facet} INTEGER NOT NULL" for facet in FACETS)
_SCHEMA = f"""
CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE names (
    id INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (kind, name)
) STRICT;
CREATE TABLE combos (
    id INTEGER NOT NULL PRIMARY KEY,
    {_COLUMNS},
    scored INTEGER NOT NULL,
    times INTEGER NOT NULL,
    UNIQUE ({", ".join(FACETS)}, scored)
) STRICT;
CREATE TABLE listed (
    key INTEGER NOT NULL PRIMARY KEY,
    combo INTEGER NOT NULL,
    trajectory_id TEXT NOT NULL UNIQUE,
    n INTEGER NOT NULL,
    reward REAL, -- NULL: nobody scored it
    attempts INTEGER NOT NULL,
    {_COLUMNS},
    need INTEGER NOT NULL,
    wanted TEXT, -- NULL: nobody need look
    doc INTEGER -- NULL: its texts are still to be read
) STRICT;
CREATE INDEX listed_by_combo ON listed (combo);
CREATE INDEX listed_by_combo_and_reward ON listed (combo, reward);
CREATE INDEX listed_by_key ON listed (key, combo);
CREATE INDEX listed_by_reward ON listed (reward, key, combo);
CREATE INDEX listed_by_level ON listed (level, key, combo);
CREATE INDEX listed_by_need ON listed (need, key) WHERE need > 0;
CREATE INDEX listed_unread ON listed (key) WHERE doc IS NULL;
CREATE TABLE terms (term TEXT NOT NULL PRIMARY KEY, docs INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE editions (key INTEGER NOT NULL PRIMARY KEY, next INTEGER NOT NULL) STRICT;
INSERT INTO names (id, kind, name) VALUES ({NOTHING}, '', '');
INSERT INTO meta VALUES ('made', lower(hex(randomblob(8))));
"""
TEXTS = """CREATE VIRTUAL TABLE texts USING fts5 (
    said, content = '', columnsize = 0,
    tokenize = "unicode61 remove_diacritics 2 categories 'L* M* N* Co'")
"""


class First(NamedTuple):
    """How far the trajectories are read that there were when nothing was: by run and number."""

    run: str
    """Of the last that was read, in hexadecimal, for it need be no UTF-8."""
    n: int
    left: int
    """How many are still to be read, at least one."""


def make(connection: sqlite3.Connection) -> None:
    """Make an empty index of no database in particular, in a file that is empty."""
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(f"BEGIN; {_SCHEMA} {TEXTS}; PRAGMA user_version = {SCHEMA}; COMMIT;")


def forget_texts(connection: sqlite3.Connection) -> None:
    """Take all documents out, so that they are read again; a transaction is open."""
    connection.execute("DROP TABLE texts")
    connection.execute(TEXTS)
    connection.execute("DELETE FROM editions")
    connection.execute("DELETE FROM terms")
    connection.execute("UPDATE listed SET doc = NULL")


def meta(connection: sqlite3.Connection) -> dict[str, str]:
    """Return what the index says about itself."""
    return dict(connection.execute("SELECT name, value FROM meta").fetchall())


def state(connection: sqlite3.Connection) -> str:
    """Return what is another whenever another row is in the table."""
    said = meta(connection)
    return f"{said.get('made')} {said.get('read_to')} {said.get('first')}"


def begin(connection: sqlite3.Connection, reader: Reader) -> None:
    """Write down that all trajectories are to be read, and after them what changes from now on."""
    [last] = next(reader.rows("SELECT coalesce(max(id), 0) FROM changes"))
    remember(connection, reader, int(last))
    go_on(connection, First("", -1, _trajectories(reader)))


def first(connection: sqlite3.Connection) -> First | None:
    """Return how far the first reading is. None: it is done, or not begun."""
    said = meta(connection).get("first")
    return First(*json.loads(said)) if said else None


def go_on(connection: sqlite3.Connection, at: First | None) -> None:
    """Write down how far the first reading is. None: it is done."""
    if at is None:
        connection.execute("DELETE FROM meta WHERE name = 'first'")
    else:
        sql = "INSERT OR REPLACE INTO meta (name, value) VALUES ('first', ?)"
        connection.execute(sql, (canonical(list(at)),))


def remember(connection: sqlite3.Connection, reader: Reader, read_to: int) -> None:
    """Write down of which database, and up to which of its changes, was read."""
    said = {"of": _beginning(reader), "read_to": str(read_to), "last": _change(reader, read_to)}
    sql = "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)"
    connection.executemany(sql, said.items())


def fits(connection: sqlite3.Connection, reader: Reader) -> bool:
    """Return whether a database is the one that was read, and holds all that was read of it.

    Another one of the same name began otherwise, and one that was put back to what it was earlier
    has another change, or none, where the last was read. Changes have numbers without a gap, save
    where somebody deleted some: then nobody knows what has changed.
    """
    said = meta(connection)
    if "of" not in said:
        return True
    read_to = int(said["read_to"])
    sql = "SELECT count(*), coalesce(max(id), ?1) - ?1 FROM changes WHERE id > ?1"
    [(count, numbers)] = reader.rows(sql, read_to)
    is_same = said["of"] == _beginning(reader) and said["last"] == _change(reader, read_to)
    return is_same and count == numbers


def changes_coming(connection: sqlite3.Connection, reader: Reader) -> int:
    """Return how many changes are still to be read, and trajectories of a first reading."""
    read_to, at = meta(connection).get("read_to"), first(connection)
    if read_to is None:
        return _trajectories(reader)
    [last] = next(reader.rows("SELECT coalesce(max(id), 0) FROM changes"))
    return max(0, int(last) - int(read_to)) + (at.left if at else 0)


def texts_coming(connection: sqlite3.Connection) -> int:
    """Return of how many trajectories in the table the texts are still to be read."""
    [count] = connection.execute("SELECT count(*) FROM listed WHERE doc IS NULL").fetchone()
    return int(count)


def _trajectories(reader: Reader) -> int:
    [count] = next(reader.rows("SELECT count(*) FROM trajectories"))
    return int(count)


def _beginning(reader: Reader) -> str:
    """Return what tells a database from others: how its runs and its changes began."""
    run = list(reader.rows("SELECT id, created_at FROM runs ORDER BY rowid LIMIT 1"))
    change = list(reader.rows("SELECT * FROM changes ORDER BY id LIMIT 1"))
    return canonical([list(row) for row in (*run, *change)])


def _change(reader: Reader, number: int) -> str:
    found = list(reader.rows("SELECT * FROM changes WHERE id = ?", number))
    return canonical([list(row) for row in found])

"""What the index is made of, and of which database it is.

A trajectory is one row of integers in `listed`; what they stand for is in `names`. Rows that are
alike in all that is filtered by share a combination (`combos`), which counts them: however many
trajectories there are, the combinations are few, so counts are exact and pages are found at once.
What a newcomer gets wrong: nothing here is worth keeping. A change of schema raises `SCHEMA`, and
the file is made again.
"""

import sqlite3

from storage.canonical import canonical

SCHEMA = 1
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
CREATE TABLE editions (key INTEGER NOT NULL PRIMARY KEY, next INTEGER NOT NULL) STRICT;
INSERT INTO names (id, kind, name) VALUES ({NOTHING}, '', '');
INSERT INTO meta VALUES ('read_to', '0');
"""
TEXTS = """CREATE VIRTUAL TABLE texts USING fts5 (
    said, content = '', columnsize = 0, tokenize = "unicode61 remove_diacritics 2 categories 'L* M* N* Co'")
"""


def make(connection: sqlite3.Connection) -> None:
    """Make an empty index of no database in particular, in a file that is empty."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(f"BEGIN; {_SCHEMA} {TEXTS}; PRAGMA user_version = {SCHEMA}; COMMIT;")


def forget_texts(connection: sqlite3.Connection) -> None:
    """Take all documents out, so that they are read again; a transaction is open."""
    connection.execute("DROP TABLE texts")
    connection.execute(TEXTS)
    connection.execute("DELETE FROM editions")
    connection.execute("UPDATE listed SET doc = NULL")


def identity(database: sqlite3.Connection) -> str:
    """Return what tells a database from others: how its runs and its changes began."""
    run = database.execute("SELECT id, created_at FROM runs ORDER BY rowid LIMIT 1").fetchone()
    change = database.execute("SELECT * FROM changes ORDER BY id LIMIT 1").fetchone()
    return canonical([run and list(run), change and list(change)])


def last_read(database: sqlite3.Connection, read_to: int) -> str | None:
    """Return the change up to which was read, as it stands in the database. None: it does not."""
    change = database.execute("SELECT * FROM changes WHERE id = ?", (read_to,)).fetchone()
    return canonical(list(change)) if change else None


def meta(connection: sqlite3.Connection) -> dict[str, str]:
    """Return what the index says about itself."""
    return dict(connection.execute("SELECT name, value FROM meta").fetchall())

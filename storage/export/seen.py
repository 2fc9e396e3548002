"""What has gone by in an export: keys, and who had each first, in memory that stays flat.

They stand in a private database that SQLite keeps in memory while it is small and in a temporary
file, which has no name and goes with it, when it is not.
"""

import sqlite3
from collections.abc import Collection, Iterator


class Seen:
    """Who had a key first.

    Args:
        again: The keys that may come again, if that is known; all others are forgotten at once.
    """

    def __init__(self, again: Collection[str] | None = None) -> None:
        self._again = again
        self._connection = _private(
            "CREATE TABLE seen (key TEXT PRIMARY KEY, who TEXT NOT NULL) STRICT, WITHOUT ROWID"
        )

    def __del__(self) -> None:
        self._connection.close()

    def first(self, key: str) -> str | None:
        """Return who had this key first. None: nobody."""
        if self._again is not None and key not in self._again:
            return None
        row = self._connection.execute("SELECT who FROM seen WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def add(self, key: str, who: str) -> None:
        """Take down who has a key, if nobody had it before."""
        if self._again is None or key in self._again:
            self._connection.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (key, who))


class Waiting:
    """Questions that wait until all of their split have gone by."""

    def __init__(self) -> None:
        self._connection = _private(
            "CREATE TABLE waiting (who TEXT, question TEXT, reference TEXT) STRICT"
        )

    def __del__(self) -> None:
        self._connection.close()

    def add(self, who: str, question: str, reference: str) -> None:
        """Let a question wait."""
        self._connection.execute("INSERT INTO waiting VALUES (?, ?, ?)", (who, question, reference))

    def taken(self) -> Iterator[tuple[str, str, str]]:
        """Yield whose they are, with question and reference, in order, and forget them all."""
        yield from self._connection.execute(
            "SELECT who, question, reference FROM waiting ORDER BY rowid"
        )
        self._connection.execute("DELETE FROM waiting")


def _private(table: str) -> sqlite3.Connection:
    connection = sqlite3.connect("", isolation_level=None)
    connection.executescript(
        f"PRAGMA journal_mode = OFF; PRAGMA cache_size = -16000; BEGIN; {table}"
    )
    return connection

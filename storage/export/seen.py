"""What has gone by in an export: keys, and who had each first, in memory that stays flat.

They stand in a private database that SQLite keeps in memory while it is small and in a temporary
file, which has no name and goes with it, when it is not.
"""

import sqlite3
from collections.abc import Collection, Iterator
from typing import Any

from storage.errors import DiskError


class Seen:
    """Who had a key first.

    Args:
        again: The keys that may come again, if that is known; all others are forgotten at once.
    """

    def __init__(self, again: Collection[str] | None = None) -> None:
        self._again = again
        self._scratch = _Scratch(
            "CREATE TABLE seen (key TEXT PRIMARY KEY, who TEXT NOT NULL) STRICT, WITHOUT ROWID"
        )

    def first(self, key: str) -> str | None:
        """Return who had this key first. None: nobody."""
        if self._again is not None and key not in self._again:
            return None
        for row in self._scratch.ask("SELECT who FROM seen WHERE key = ?", key):
            return str(row[0])
        return None

    def add(self, key: str, who: str) -> None:
        """Take down who has a key, if nobody had it before.

        Raises:
            DiskError: the temporary folder is full.
        """
        if self._again is None or key in self._again:
            self._scratch.ask("INSERT OR IGNORE INTO seen VALUES (?, ?)", key, who)


class Waiting:
    """Questions that wait until all of their split have gone by."""

    def __init__(self) -> None:
        self._scratch = _Scratch(
            "CREATE TABLE waiting (who TEXT, question TEXT, reference TEXT) STRICT"
        )

    def add(self, who: str, question: str, reference: str) -> None:
        """Let a question wait.

        Raises:
            DiskError: the temporary folder is full.
        """
        self._scratch.ask("INSERT INTO waiting VALUES (?, ?, ?)", who, question, reference)

    def taken(self) -> Iterator[tuple[str, str, str]]:
        """Yield whose they are, with question and reference, in order, and forget them all."""
        sql = "SELECT who, question, reference FROM waiting ORDER BY rowid"
        yield from self._scratch.ask(sql)
        self._scratch.ask("DELETE FROM waiting")


class _Scratch:
    """The private database of one table."""

    def __init__(self, table: str) -> None:
        # Whichever thread collects garbage closes it.
        self._connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._connection.executescript(
            f"PRAGMA journal_mode = OFF; PRAGMA cache_size = -16000; BEGIN; {table}"
        )

    def __del__(self) -> None:
        self._connection.close()

    def ask(self, sql: str, *values: str) -> Iterator[Any]:
        """Return the rows of a query, or none of a change."""
        try:
            return self._connection.execute(sql, values)
        except sqlite3.Error as error:
            raise DiskError(
                f"the temporary folder: {error}; free some space there, or name another in TMPDIR"
            ) from error

"""What has gone by in an export: keys, and who had each first, in memory that stays flat.

They stand in a private database that SQLite keeps in memory while it is small and in a temporary
file, which has no name and goes with it, when it is not.
"""

import sqlite3


class Seen:
    """Who had a key first."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect("", isolation_level=None)
        self._connection.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA cache_size = -16000; BEGIN;"
            "CREATE TABLE seen (key TEXT PRIMARY KEY, who TEXT NOT NULL) STRICT, WITHOUT ROWID"
        )

    def first(self, key: str) -> str | None:
        """Return who had this key first. None: nobody."""
        row = self._connection.execute("SELECT who FROM seen WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def add(self, key: str, who: str) -> None:
        """Take down who has a key, if nobody had it before."""
        self._connection.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (key, who))

    def close(self) -> None:
        """Forget everything."""
        self._connection.close()

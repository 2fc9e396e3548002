"""What landed in a run, in the order in which it did, read in short looks at the database.

What a newcomer gets wrong: a look that lasts as long as the sending would keep a run's log from
being written back, so what landed is read page by page. And an episode lands once and may change
later, when a person judges it: it is read again, with the moment at which it first landed.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

from storage.errors import Missing
from storage.people.acts import acts_of
from storage.queries import Reader
from storage.traces.landed import Landed

PAGE = 200
"""How many changes are read at once."""


def _moments() -> sqlite3.Connection:
    """Return a database of its own, which goes to a nameless file where it grows large."""
    connection = sqlite3.connect("", isolation_level=None)
    connection.execute("CREATE TABLE landed (id TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID")
    connection.execute("PRAGMA journal_mode = OFF")
    return connection


@dataclass(slots=True)
class Landings:
    """Reads what landed since it was last asked.

    Args:
        reader: Open.
        run_id: The whole id.
    """

    reader: Reader
    run_id: str
    last_at: str = ""
    """When something last landed or changed; empty: nothing has."""
    _seen: int = 0
    """The last change that was read."""
    _moments: sqlite3.Connection = field(default_factory=_moments)

    def close(self) -> None:
        """Let go of the moments."""
        self._moments.close()

    def new(self, *, again: bool) -> Iterator[Landed]:
        """Yield what landed until now.

        Args:
            again: Whether an episode that has changed since it was yielded is yielded again.
        """
        [(end,)] = self.reader.rows("SELECT coalesce(max(id), 0) FROM changes")
        while self._seen < end:
            page = list(self.reader.rows(_PAGE, after=self._seen, end=end, most=PAGE))
            for row in page:
                if row["run_id"] != self.run_id:
                    continue
                first, at = self._first(row["trajectory_id"], row["at"])
                self.last_at = max(self.last_at, row["at"])
                if (first or again) and (landed := self._whole(row["trajectory_id"], at)):
                    yield landed
            self._seen = page[-1]["id"] if page else end

    def _first(self, trajectory_id: str, at: str) -> tuple[bool, str]:
        """Return whether an episode was not met before, and when it was first."""
        sql = "INSERT INTO landed VALUES (?, ?) ON CONFLICT DO NOTHING"
        if self._moments.execute(sql, (trajectory_id, at)).rowcount:
            return True, at
        sql = "SELECT at FROM landed WHERE id = ?"
        with closing(self._moments.execute(sql, (trajectory_id,))) as found:
            return False, str(found.fetchone()[0])

    def _whole(self, trajectory_id: str, at: str) -> Landed | None:
        """Return an episode with all that belongs to it. None: it was taken out meanwhile."""
        try:
            trajectory = self.reader.trajectory(trajectory_id)
        except Missing:
            return None
        moments = [row["created_at"] for row in self.reader.rows(_ERRORS, trajectory_id)]
        errors = self.reader.errors(trajectory_id)
        return Landed(
            trajectory=trajectory,
            calls=self.reader.calls(trajectory_id),
            errors=[(*failed, moment) for failed, moment in zip(errors, moments, strict=False)],
            acts=acts_of(self.reader, trajectory_id),
            at=at,
        )


_PAGE = """SELECT c.id, c.trajectory_id, c.at, t.run_id FROM changes c
    LEFT JOIN trajectories t ON t.id = c.trajectory_id
    WHERE c.id > :after AND c.id <= :end ORDER BY c.id LIMIT :most"""
_ERRORS = "SELECT created_at FROM call_errors WHERE trajectory_id = ? ORDER BY id"
"""In the order in which `Reader.errors` has them."""

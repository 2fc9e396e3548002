"""What the server remembers of whoever reviews: where they began, what they saw and passed over.

What a newcomer gets wrong: nothing here is worth keeping. What was said is in the database; that an
attempt was passed over is forgotten when the server ends, and it is asked for again. And what was
shown may have been read: whatever tells how a trajectory stands, a row of the table or of a file as
well as its page, tells it to the person who reviews.
"""

import threading
from collections.abc import Iterable, Iterator

from storage import rows
from storage.people.acts import Act, act_of
from storage.queries import Reader

MOST_GIVEN = 100
"""How many of a person's acts are listed, the last ones."""
MOST_SEEN = 100_000
"""How many trajectories are remembered as seen; who was shown more has seen all there are."""


class Seat:
    """One person at the review, from the first page on.

    Args:
        person: Their name.
    """

    def __init__(self, person: str) -> None:
        self.person = person
        self._lock = threading.Lock()
        self._skipped: dict[str, None] = {}
        self._seen: set[str] = set()
        self._first: int | None = None

    @property
    def skipped(self) -> frozenset[str]:
        """The attempts that were passed over."""
        with self._lock:
            return frozenset(self._skipped)

    def skip(self, attempt_id: str) -> None:
        """Pass over an attempt until the others are done."""
        with self._lock:
            self._skipped[attempt_id] = None

    def look_at(self, trajectory_ids: Iterable[str]) -> None:
        """Remember that the person was shown what was said of these trajectories' attempts."""
        with self._lock:
            if len(self._seen) <= MOST_SEEN:
                self._seen.update(trajectory_ids)

    def has_seen(self, trajectory_id: str) -> bool:
        """Return whether the person was shown what was said of its attempts, here and now."""
        with self._lock:
            return len(self._seen) > MOST_SEEN or trajectory_id in self._seen

    def look_again(self) -> None:
        """Ask for what was passed over again."""
        with self._lock:
            self._skipped.clear()

    def begin(self, reader: Reader) -> None:
        """Remember which acts are from before; only the first call does anything."""
        [found] = reader.rows("SELECT coalesce(max(id), 0) AS last FROM acts")
        with self._lock:
            if self._first is None:
                self._first = found["last"]

    def given(self, reader: Reader) -> list[Act]:
        """Return what the person did since they began, the last first."""
        return list(self._acts(reader, MOST_GIVEN))

    def last(self, reader: Reader) -> Act | None:
        """Return the last verdict that the person gave since they began and has not withdrawn."""
        withdrawn: set[str] = set()
        for act in self._acts(reader, -1):
            if act.act == "withdrew":
                withdrawn.add(act.verdict_id)
            elif act.verdict_id not in withdrawn:
                return act
        return None

    def _acts(self, reader: Reader, most: int) -> Iterator[Act]:
        sql = "SELECT * FROM acts WHERE person = ? AND id > ? ORDER BY id DESC LIMIT ?"
        for row in reader.rows(sql, self.person, self._first or 0, most):
            yield rows.read("acts", act_of, row)

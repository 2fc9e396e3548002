"""The trajectories that filters let pass and that hold what a person typed, in any order.

Documents lie in the order of keys, so those that match are met newest or oldest first, a stretch of
keys at a time. What a newcomer gets wrong: a phrase of common words can take long to be found
nowhere. So the clock is looked at after each stretch, and a page whose time is up ends where it is,
which is a place to go on from like any other.
"""

import heapq
import json
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from storage.index.asked import Place
from storage.index.schema import EDITION_BITS, RUN_BITS
from storage.index.walking import Chosen, Order, Step, Walk

TIME_S = 0.25
"""How long a page is looked for, before it ends where it is."""
COUNTED = 10_000
"""How far matches are counted."""
_PROBED = 1_000
"""Up to how many trajectories are asked one by one whether they match."""
_GATHERED = 20_000
"""Up to how many matches are gathered to be put in an order that is not that of keys."""
_STRETCHES = (1 << 12, 1 << 14, 1 << 16)
"""How many keys a stretch has: the first, the second, and all others."""
_AT_ONCE = 64
_MATCH = f"""FROM texts CROSS JOIN listed ON listed.key = texts.rowid >> {EDITION_BITS}
    WHERE texts MATCH ? AND texts.rowid >= ? AND texts.rowid < ? AND doc = texts.rowid"""


@dataclass(slots=True)
class Matches:
    """What came of a search."""

    steps: list[Step]
    """In order; backward if it was looked for backward."""
    stopped: Place | None = None
    """Where time was up. None: it was not."""
    count: int = 0
    counted_to: int | None = None
    """None: the count is exact. Else there are so many at least."""


@dataclass(slots=True)
class Search:
    """A question put to the documents of what was chosen."""

    connection: sqlite3.Connection
    found: Chosen
    order: Order
    question: str
    """As `words.question` makes it; empty: nothing can be found."""
    until: float = field(default_factory=lambda: time.monotonic() + TIME_S)
    """When time is up, by the monotonic clock."""

    def page(self, start: Place | None, backward: bool, most: int) -> Matches:
        """Return so many matches at most, from a place on."""
        if not self.question or not self.found.count:
            return Matches([])
        if self.found.count <= _PROBED:
            return self._sorted(self._probed(self._all()), start, backward, most)
        if self.order.by == "key":
            matches = self._along_keys(start, backward, most)
            self._count(matches)
            return matches
        gathered = self._gathered()
        if gathered is not None:
            return self._sorted(gathered, start, backward, most)
        matches = self._along_order(start, backward, most)
        self._count(matches)
        return matches

    def every(self) -> Iterator[int]:
        """Yield the keys of all matches in order, however long it takes."""
        if not self.question or not self.found.count:
            return
        self.until = float("inf")
        if self.order.by == "key":
            for first, end in self._stretches(None, self.order.descending):
                yield from (key for _, key in self._in(first, end, self.order.descending))
        else:
            steps = Walk(self.connection, self.found, self.order).steps()
            while some := list(islice(steps, _AT_ONCE)):
                yield from (key for _, key in self._probed(some))

    def _along_keys(self, start: Place | None, backward: bool, most: int) -> Matches:
        descends = self.order.descending != backward
        matches = Matches([])
        for first, end in self._stretches(start.key if start else None, descends):
            wanted = most - len(matches.steps)
            matches.steps += self._in(first, end, descends, wanted)
            if len(matches.steps) >= most:
                break
            if self._is_late():
                matches.stopped = Place(None, first if descends else end - 1)
                break
        return matches

    def _along_order(self, start: Place | None, backward: bool, most: int) -> Matches:
        """Go through what was chosen in its order, for matches are many."""
        walk = Walk(self.connection, self.found, self.order, start, backward)
        steps, matches = walk.steps(), Matches([])
        while len(matches.steps) < most and (some := list(islice(steps, _AT_ONCE))):
            matches.steps += self._probed(some)
            if self._is_late():
                matches.stopped = Place(*some[-1])
                break
        del matches.steps[most:]
        return matches

    def _gathered(self) -> list[Step] | None:
        """Return all matches. None: there are too many, or it takes too long."""
        found: list[Step] = []
        for first, end in self._stretches(None, True):
            found += self._in(first, end, True, _GATHERED + 1)
            if len(found) > _GATHERED or self._is_late():
                return None
        return found

    def _sorted(self, steps: list[Step], start: Place | None, backward: bool, most: int) -> Matches:
        place = self.order.key
        count = len(steps)
        if start is not None:
            at = place((start.value, start.key))
            steps = [one for one in steps if (place(one) < at if backward else place(one) > at)]
        pick = heapq.nlargest if backward else heapq.nsmallest
        return Matches(pick(most, steps, key=place), None, count)

    def _count(self, matches: Matches) -> None:
        """Count the matches of all pages, as far as there is time."""
        for first, end in self._stretches(None, True):
            sql = f"SELECT count(*) FROM (SELECT 1 {_MATCH} {self._condition} LIMIT ?)"
            values = (*self._values(first, end), COUNTED - matches.count)
            [more] = self.connection.execute(sql, values).fetchone()
            matches.count += more
            if matches.count >= COUNTED or self._is_late():
                matches.counted_to = matches.count
                return

    def _in(self, first: int, end: int, descends: bool, most: int = -1) -> list[Step]:
        """Return the matches in a stretch of keys, in their order."""
        way = "DESC" if descends else "ASC"
        sql = f"""SELECT {self.order.column}, key {_MATCH} {self._condition}
            ORDER BY texts.rowid {way} LIMIT ?"""
        return self.connection.execute(sql, (*self._values(first, end), most)).fetchall()

    def _probed(self, steps: list[Step]) -> list[Step]:
        """Return those of some that match, in their order."""
        docs = """SELECT doc FROM listed WHERE doc IS NOT NULL
            AND key IN (SELECT value FROM json_each(?))"""
        sql = "SELECT 1 FROM texts WHERE texts MATCH ? AND rowid = ?"
        keys = json.dumps([key for _, key in steps])
        matching = {
            doc >> EDITION_BITS
            for (doc,) in self.connection.execute(docs, (keys,)).fetchall()
            if self.connection.execute(sql, (self.question, doc)).fetchone()
        }
        return [step for step in steps if step[1] in matching]

    def _all(self) -> list[Step]:
        sql = f"""SELECT {self.order.column}, key FROM listed
            WHERE combo IN (SELECT value FROM json_each(?))"""
        return self.connection.execute(sql, (self.found.ids,)).fetchall()

    def _stretches(self, start: int | None, descends: bool) -> Iterator[tuple[int, int]]:
        """Yield stretches of keys, first and end, in which there are any, from after a key on."""
        run = self.found.run
        first = 0 if run is None else run << RUN_BITS
        end = 1 << 62 if run is None else (run + 1) << RUN_BITS
        if start is not None:
            first, end = (first, min(end, start)) if descends else (max(first, start + 1), end)
        edge = "max(key)" if descends else "min(key)"
        sql = f"SELECT {edge} FROM listed WHERE key >= ? AND key < ?"
        sizes = iter(_STRETCHES)
        size = 0
        while (at := self.connection.execute(sql, (first, end)).fetchone()[0]) is not None:
            size = next(sizes, size)
            if descends:
                yield max(first, at - size + 1), at + 1
                end = at - size + 1
            else:
                yield at, min(end, at + size)
                first = at + size
            if first >= end:
                return

    @property
    def _condition(self) -> str:
        if self.found.every:
            return ""
        return "AND combo IN (SELECT value FROM json_each(?))"

    def _values(self, first: int, end: int) -> tuple[object, ...]:
        documents = (first << EDITION_BITS, end << EDITION_BITS)
        return (self.question, *documents, *(() if self.found.every else (self.found.ids,)))

    def _is_late(self) -> bool:
        return time.monotonic() > self.until

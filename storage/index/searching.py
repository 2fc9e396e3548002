"""The trajectories that filters let pass and that hold what a person typed, in any order.

Documents lie in the order of keys, so those that match are met newest or oldest first, a stretch of
keys at a time. What a newcomer gets wrong: a phrase of common words can take long to be found
nowhere. So the clock is looked at after each stretch, and a page whose time is up ends where it is,
which is a place to go on from like any other.
"""

import heapq
import json
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from storage.index.asked import Place
from storage.index.schema import EDITION_BITS, RUN_BITS
from storage.index.walking import Chosen, Order, Step, Walk
from storage.index.words import expression, question

TIME_S = 0.15
"""How long a page is looked for, before it ends where it is; and so it is with counting."""
COUNTED = 10_000
"""How far matches are counted."""
_PROBED = 500
"""Up to how many trajectories are asked one by one whether they match."""
_GATHERED = 30_000
"""Up to how many matches are gathered to be put in an order that is not that of keys."""
_SHORTEST, _LONGEST = 1 << 10, 1 << 17
"""How many keys a stretch has."""
_STRETCH_S = 0.02
"""How long a stretch should take."""
_ENDINGS = 200
"""Of how many words at most a beginning is taken for; of more the most frequent are."""
_PASSED, _ASKED = 1, 60
"""What it costs to pass over a match that the filters refuse, and to ask a trajectory whether it
matches, in microseconds or so."""
_AT_ONCE = 64
_MATCH = f"""FROM texts CROSS JOIN listed ON listed.key = texts.rowid >> {EDITION_BITS}
    WHERE texts MATCH ? AND texts.rowid >= ? AND texts.rowid < ? AND doc = texts.rowid"""


class Asked(NamedTuple):
    """A question to the texts."""

    match: str
    """In the language of FTS5; empty: nothing can be found."""
    most: int
    """More documents than this cannot match."""
    whole: bool
    """Whether all that was meant is asked: the beginning of a word may be that of too many."""


def understood(connection: sqlite3.Connection, typed: str) -> Asked:
    """Return what a person typed as a question, with the words that begin as is said."""
    parts: list[list[Sequence[str]]] = []
    most, whole = sys.maxsize, True
    for part in question(typed):
        *before, last = part.words
        endings = _endings(connection, last) if part.begins else _known(connection, [last])
        whole = whole and len(endings) <= _ENDINGS
        del endings[_ENDINGS:]
        parts.append([(*before, ending) for ending, _ in endings])
        bounds = [docs for _, docs in _known(connection, before)]
        most = min(most, sum(docs for _, docs in endings), *bounds)
    return Asked(expression(parts), most if parts else 0, whole)


def _endings(connection: sqlite3.Connection, beginning: str) -> list[tuple[str, int]]:
    """Return words that begin so, the most frequent first, and in how many documents each is."""
    sql = "SELECT term, docs FROM terms WHERE term >= ? AND term < ? ORDER BY docs DESC LIMIT ?"
    values = (beginning, beginning + "\U0010ffff", _ENDINGS + 1)
    return connection.execute(sql, values).fetchall() or [(beginning, 0)]


def _known(connection: sqlite3.Connection, words: Sequence[str]) -> list[tuple[str, int]]:
    sql = "SELECT coalesce(max(docs), 0) FROM terms WHERE term = ?"
    return [(word, connection.execute(sql, (word,)).fetchone()[0]) for word in words]


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
    asked: Asked
    until: float = field(default_factory=lambda: time.monotonic() + TIME_S)
    """When time is up, by the monotonic clock."""

    def page(self, start: Place | None, backward: bool, most: int) -> Matches:
        """Return so many matches at most, from a place on."""
        if not self.asked.match or not self.found.count:
            return Matches([])
        if self.found.count <= _PROBED:
            matches = self._sorted(self._probed(self._all()), start, backward, most)
        elif self._is_better_walked(most):
            matches = self._along_order(start, backward, most)
        elif self.order.by == "key":
            matches = self._along_keys(start, backward, most)
        else:
            gathered = self._gathered()
            if gathered is None:
                self.until = time.monotonic() + TIME_S
                matches = self._along_order(start, backward, most)
            else:
                matches = self._sorted(gathered, start, backward, most)
        if not self.asked.whole and matches.counted_to is None:
            matches.counted_to = matches.count
        return matches

    def count(self, matches: Matches) -> None:
        """Count the matches of all pages, if they were not, as far as there is time."""
        if matches.counted_to is None:
            return
        self.until = time.monotonic() + TIME_S
        matches.count = 0
        for first, end in self._stretches(None, True):
            sql = f"SELECT count(*) FROM (SELECT 1 {_MATCH} {self._condition} LIMIT ?)"
            values = (*self._values(first, end), COUNTED - matches.count)
            [more] = self.connection.execute(sql, values).fetchone()
            matches.count += more
            matches.counted_to = matches.count
            if matches.count >= COUNTED or self._is_late():
                return
        matches.counted_to = None if self.asked.whole else matches.count

    def _is_better_walked(self, most: int) -> bool:
        """Return whether few are asked until a page is full, and many documents would be passed.

        Words and filters are taken to have nothing to do with each other; if they have, the clock
        ends the page.
        """
        documents, chosen = max(1, self.asked.most), self.found.count
        all_of_them = max(chosen, documents)
        walked = min(chosen, most * all_of_them // documents) * _ASKED
        matches = documents * chosen // all_of_them
        if self.order.by != "key":
            return matches > _GATHERED or walked < (documents + matches) * _PASSED
        return walked < min(documents, most * all_of_them // chosen) * _PASSED

    def every(self) -> Iterator[int]:
        """Yield the keys of all matches in order, however long it takes."""
        if not self.asked.match or not self.found.count:
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
        matches = Matches([], None, 0, 0)
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
        steps, matches = walk.steps(), Matches([], None, 0, 0)
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
            if self.connection.execute(sql, (self.asked.match, doc)).fetchone()
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
        size = _SHORTEST
        while (at := self.connection.execute(sql, (first, end)).fetchone()[0]) is not None:
            begun = time.monotonic()
            if descends:
                yield max(first, at - size + 1), at + 1
                end = at - size + 1
            else:
                yield at, min(end, at + size)
                first = at + size
            if first >= end:
                return
            pace = _STRETCH_S / max(time.monotonic() - begun, _STRETCH_S / 4)
            size = max(_SHORTEST, min(_LONGEST, int(size * pace)))

    @property
    def _condition(self) -> str:
        if self.found.every:
            return ""
        return "AND combo IN (SELECT value FROM json_each(?))"

    def _values(self, first: int, end: int) -> tuple[object, ...]:
        documents = (first << EDITION_BITS, end << EDITION_BITS)
        return (self.asked.match, *documents, *(() if self.found.every else (self.found.ids,)))

    def _is_late(self) -> bool:
        return time.monotonic() > self.until

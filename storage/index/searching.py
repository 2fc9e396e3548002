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
_FEWEST, _MOST = 256, 1 << 15
"""How many matches are met at a time."""
_PACE_S = 0.02
"""How long that should take."""
_NEAR = 64
"""How many keys for each of some may lie between them, for them to be asked all at once."""
_ENDINGS = 200
"""Of how many words at most a beginning is taken for; of more the most frequent are."""
_PASSED, _ASKED = 1, 60
"""What it costs to pass over a match that the filters refuse, and to ask a trajectory whether it
matches, in microseconds or so."""
_AT_ONCE, _LEAST = 64, 4
"""How many are asked at a time; and how many, if time is up before they are."""


class Asked(NamedTuple):
    """A question to the texts."""

    match: str
    """In the language of FTS5; empty: nothing can be found."""
    most: int
    """More documents than this cannot match."""
    whole: bool
    """Whether all that was meant is asked: the beginning of a word may be that of too many."""
    phrases: int
    """How many words and phrases it has."""
    is_phrased: bool
    """Whether any is of several words, which may all be common and hardly ever stand together."""


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
    return Asked(
        expression(parts),
        most if parts else 0,
        whole,
        sum(map(len, parts)),
        any(len(phrases[0]) > 1 for phrases in parts),
    )


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
    seen: int | None = None
    """How many matches there were when time was up before all had been seen. None: it was not."""

    def page(self, start: Place | None, backward: bool, most: int) -> Matches:
        """Return so many matches at most, from a place on."""
        if not self.asked.match or not self.found.count:
            return Matches([])
        matches = self._quickly(start, backward, most)
        if matches is None:
            self.until = time.monotonic() + TIME_S
            matches = self._along_order(start, backward, most)
        if not self.asked.whole and matches.counted_to is None:
            matches.counted_to = matches.count
        return matches

    def count(self, matches: Matches) -> None:
        """Count the matches of all pages, if they were not, as far as there is time."""
        if matches.counted_to is None or not self.asked.match:
            return
        if self.seen is not None:  # it took all the time there was to see these
            matches.count = matches.counted_to = max(self.seen, len(matches.steps))
            return
        self.until = time.monotonic() + TIME_S
        found = 0
        for steps, _ in self._met(None, True):
            found += len(steps)
            if found >= COUNTED or self._is_late():
                matches.count = matches.counted_to = min(found, COUNTED)
                return
        matches.count, matches.counted_to = found, None if self.asked.whole else found

    def _quickly(self, start: Place | None, backward: bool, most: int) -> Matches | None:
        """Return a page if it can be had from all matches, or from those in the order of keys."""
        walked = self._is_better_walked(most) and not self.asked.is_phrased
        if self.order.by == "key" and not walked:
            return self._along_keys(start, backward, most)
        if not walked:
            steps = self._gathered()
        elif self.found.count <= _PROBED:
            steps = self._probed(self._all())
        else:
            return None
        return None if steps is None else self._sorted(steps, start, backward, most)

    def _is_better_walked(self, most: int) -> bool:
        """Return whether few are asked until a page is full, and many documents would be passed.

        Words and filters are taken to have nothing to do with each other; if they have, the clock
        ends the page.
        """
        documents, chosen = max(1, self.asked.most), self.found.count
        all_of_them = max(chosen, documents)
        walked = min(chosen, most * all_of_them // documents) * _ASKED * self.asked.phrases
        matches = documents * chosen // all_of_them
        if self.order.by != "key":
            return matches > _GATHERED or walked < (documents + matches) * _PASSED
        return walked < min(documents, most * all_of_them // chosen) * _PASSED

    def _along_keys(self, start: Place | None, backward: bool, most: int) -> Matches:
        descends = self.order.descending != backward
        matches = Matches([], None, 0, 0)
        for steps, reached in self._met(start.key if start else None, descends):
            matches.steps += steps
            if len(matches.steps) >= most:
                del matches.steps[most:]
                return matches
            if self._is_late():
                matches.stopped, self.seen = Place(None, reached), len(matches.steps)
                return matches
        if start is None:
            matches.count, matches.counted_to = len(matches.steps), None
        return matches

    def _along_order(self, start: Place | None, backward: bool, most: int) -> Matches:
        """Go through what was chosen in its order, for matches are many."""
        walk = Walk(self.connection, self.found, self.order, start, backward)
        steps, matches = walk.steps(), Matches([], None, 0, 0)
        while len(matches.steps) < most and (some := list(islice(steps, _AT_ONCE))):
            found = self._probed(some)
            if found is None:  # some are asked however late it is, or nobody would ever get on
                some = some[:_LEAST]
                found = self._probed(some, patient=True) or []
            matches.steps += found
            if self._is_late():
                matches.stopped = Place(*some[-1])
                break
        del matches.steps[most:]
        return matches

    def _gathered(self) -> list[Step] | None:
        """Return all matches. None: there are too many, or it takes too long."""
        found: list[Step] = []
        for steps, _ in self._met(None, True):
            found += steps
            if len(found) > _GATHERED or self._is_late():
                self.seen = min(len(found), COUNTED) if self._is_late() else None
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

    def _probed(self, steps: list[Step], *, patient: bool = False) -> list[Step] | None:
        """Return those of some that match, in their order. None: time was up before it was told."""
        keys = sorted(key for _, key in steps)
        sql = """SELECT doc FROM listed WHERE doc IS NOT NULL
            AND key IN (SELECT value FROM json_each(?)) ORDER BY key"""
        docs = [row[0] for row in self.connection.execute(sql, (json.dumps(keys),))]
        ask = "SELECT rowid FROM texts WHERE texts MATCH ? AND rowid >= ? AND rowid <= ?"
        near = bool(docs) and keys[-1] - keys[0] < _NEAR * len(keys)
        matching: set[int] = set()
        for first, last in [(docs[0], docs[-1])] if near else zip(docs, docs, strict=True):
            if matching and self._is_late() and not patient:
                return None
            found = self.connection.execute(ask, (self.asked.match, first, last))
            matching.update(doc for (doc,) in found)
        numbers = {doc >> EDITION_BITS for doc in matching.intersection(docs)}
        return [step for step in steps if step[1] in numbers]

    def _all(self) -> list[Step]:
        sql = f"""SELECT {self.order.column}, key FROM listed
            WHERE combo IN (SELECT value FROM json_each(?))"""
        return self.connection.execute(sql, (self.found.ids,)).fetchall()

    def _met(self, start: int | None, descends: bool) -> Iterator[tuple[list[Step], int]]:
        """Yield matches by key from after a key on, some at a time, and the key that was reached.

        What the filters refuse is met too, and left out here, so that the clock can be looked at. A
        phrase that hardly occurs is looked for in all documents at one go: SQLite cannot be stopped
        there.
        """
        run = self.found.run
        first = 0 if run is None else run << RUN_BITS
        end = 1 << (62 - EDITION_BITS) if run is None else (run + 1) << RUN_BITS
        if start is not None:
            first, end = (first, min(end, start)) if descends else (max(first, start + 1), end)
        way = "DESC" if descends else "ASC"
        sql = f"""SELECT {self.order.column}, key, combo
            FROM texts CROSS JOIN listed ON listed.key = texts.rowid >> {EDITION_BITS}
            WHERE texts MATCH ? AND texts.rowid >= ? AND texts.rowid < ? AND doc = texts.rowid
            ORDER BY texts.rowid {way} LIMIT ?"""
        chosen = {combo.id for combo in self.found.combos}
        most = _FEWEST
        while first < end:
            begun = time.monotonic()
            bounds = (first << EDITION_BITS, end << EDITION_BITS)
            rows = self.connection.execute(sql, (self.asked.match, *bounds, most)).fetchall()
            if not rows:
                return
            reached = rows[-1][1]
            yield [(value, key) for value, key, combo in rows if combo in chosen], reached
            if len(rows) < most:
                return
            first, end = (first, reached) if descends else (reached + 1, end)
            pace = _PACE_S / max(time.monotonic() - begun, _PACE_S / 4)
            most = max(_FEWEST, min(_MOST, int(most * pace)))

    def _is_late(self) -> bool:
        return time.monotonic() > self.until

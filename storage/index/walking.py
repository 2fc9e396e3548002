"""The trajectories that filters let pass, in any order, from any place on.

Rows that are alike in all that is filtered by stand together in one combination, and within it in
order. The first of a page are among the combinations whose own first rows come first, so a page
takes one look at each combination and a merge of few. What a newcomer gets wrong: where the
combinations are too many, an index that has all rows in order is walked instead, and what is not
asked for passed over.
"""

import heapq
import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from storage.index.asked import FIXED, NONE, PEOPLE, Filters, Place, first_known
from storage.index.schema import NOTHING, RUN_BITS
from storage.people.need import WEIGHTS

MANY = 4_000
"""From how many combinations on all rows are walked in order."""
AT_ONCE = 400
"""How many combinations are merged at most where all their rows are wanted."""
_NOWHERE = -1
"""A number that stands for no value."""
Step = tuple[float | None, int]
"""What a row is ordered by, if by more than its key, and its key."""


class Combo(NamedTuple):
    """A combination that the filters let pass."""

    id: int
    level: int
    need: int
    scored: int
    times: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the filters let pass."""

    combos: tuple[Combo, ...]
    every: bool
    """Whether that is all there is."""
    run: int | None
    """The number of the one run that is asked for."""

    @property
    def count(self) -> int:
        """How many trajectories there are."""
        return sum(combo.times for combo in self.combos)

    @property
    def ids(self) -> str:
        """The combinations, as a list in JSON, as SQL is given it."""
        return json.dumps([combo.id for combo in self.combos])


def chosen(connection: sqlite3.Connection, filters: Filters) -> Chosen:
    """Return what the filters let pass, without regard to their text.

    Raises:
        Unknown: there is no run, skill, language, model or reason of that name, in an index that
            has any trajectories; the message names the nearest.
    """
    asked = {facet: _number(connection, facet, value) for facet, value in filters.chosen().items()}
    conditions = " AND ".join(f"c.{facet} = ?" for facet in asked) or "TRUE"
    sql = f"""SELECT id, level, why, scored, times FROM combos c
        WHERE {conditions} AND times > 0"""
    found = connection.execute(sql, list(asked.values())).fetchall()
    whys = connection.execute("SELECT id, name FROM names WHERE kind = 'why'")
    weights = {number: WEIGHTS.get(name, 0) for number, name in whys} | {NOTHING: 0}
    combos = [
        Combo(number, level, weights[why], scored, times)
        for number, level, why, scored, times in found
    ]
    return Chosen(tuple(combos), not asked, asked.get("run"))


def _number(connection: sqlite3.Connection, facet: str, value: str) -> int:
    """Return the number that stands for a value."""
    if facet == "level":
        return int(value)
    if facet == "people":
        return PEOPLE.index(value)
    sql = f"""SELECT name, id FROM names WHERE kind = ? AND EXISTS
        (SELECT 1 FROM combos WHERE {facet} = names.id AND times > 0)"""
    known = {NONE: NOTHING} | dict(connection.execute(sql, (facet,)).fetchall())
    if facet in FIXED:
        return known.get(value, _NOWHERE)
    return known[first_known(facet, value, known)]


class Phase(NamedTuple):
    """A part of an order within which rows stand by one column and their key, or by key alone."""

    combos: tuple[Combo, ...]
    value: float | None
    """What all of its rows are ordered by. None: by their rewards, or by nothing but the key."""
    by_reward: bool = False
    where: str = "TRUE"
    """What a row of it is known by, apart from its combination."""
    through: str = "listed_by_key"
    """The index that has all rows in this order."""
    values: tuple[float, ...] = ()
    """The parameters of `where`."""
    bounds: str = ""
    """Where a page begins or ends in it."""
    bound: tuple[float, ...] = ()
    """The parameters of `bounds`."""


@dataclass(frozen=True, slots=True)
class Order:
    """One of `asked.SORTS`."""

    by: Literal["key", "reward", "level", "need"]
    descending: bool
    """Whether what has more stands first; keys run the same way, save by need."""

    def phases(self, found: Chosen) -> list[Phase]:
        """Return the parts of the order, the first first."""
        if self.by == "key":
            return [Phase(found.combos, None)]
        if self.by == "reward":
            scored = tuple(combo for combo in found.combos if combo.scored)
            rest = tuple(combo for combo in found.combos if not combo.scored)
            first = Phase(scored, None, True, "reward IS NOT NULL", "listed_by_reward")
            return [first, Phase(rest, None, False, "reward IS NULL", "listed_by_reward")]
        return [self._of(value, found) for value in self._values(found)]

    def key(self, step: Step) -> tuple[float, ...]:
        """Return by what rows are sorted."""
        value, key = step
        sign = -1 if self.descending else 1
        own = key if self.by == "need" else sign * key
        return (1, 0, own) if value is None else (0, sign * value, own)

    @property
    def column(self) -> str:
        """What rows are ordered by, in SQL."""
        return "NULL" if self.by == "key" else self.by

    def keys_descend(self) -> bool:
        """Return whether among equals the greater key stands first."""
        return self.descending and self.by != "need"

    def _values(self, found: Chosen) -> list[int]:
        values = {getattr(combo, self.by) for combo in found.combos}
        return sorted(values, reverse=self.descending)

    def _of(self, value: int, found: Chosen) -> Phase:
        combos = tuple(combo for combo in found.combos if getattr(combo, self.by) == value)
        if self.by == "level":
            return Phase(combos, value, False, "level = ?", "listed_by_level", (value,))
        if value == 0:
            return Phase(combos, value, False, "need = 0")
        where = "need > 0 AND need = ?"
        return Phase(combos, value, False, where, "listed_by_need", (value,))


ORDERS = {
    "newest": Order("key", True),
    "oldest": Order("key", False),
    "best": Order("reward", True),
    "worst": Order("reward", False),
    "hardest": Order("level", True),
    "easiest": Order("level", False),
    "need": Order("need", True),
}
"""By the name of the sort."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A way through what was chosen."""

    connection: sqlite3.Connection
    found: Chosen
    order: Order
    start: Place | None = None
    """Where it begins, itself left out. None: at the end from which it comes."""
    backward: bool = False

    def steps(self, most: int | None = None) -> Iterator[Step]:
        """Yield the rows in order; `most` says how many will be taken. None: it cannot be told."""
        phases = self.order.phases(self.found)
        for phase in reversed(phases) if self.backward else phases:
            for part in self._parts(phase):
                yield from self._rows(part, most)

    @property
    def _descends(self) -> bool:
        return self.order.keys_descend() != self.backward

    def _parts(self, phase: Phase) -> Iterator[Phase]:
        """Yield what of a phase lies after the start: of equal rewards first, then of others."""
        start = self.start
        if start is None or not phase.combos:
            yield phase
            return
        side = self._side(phase, start)
        beyond = "<" if self._descends else ">"
        if side > 0:
            yield phase
        if side != 0:
            return
        bound = f" AND key {beyond} ?"
        if not phase.by_reward or start.value is None:
            yield _narrowed(phase, bound, start.key)
            return
        yield _narrowed(phase, f" AND reward = ?{bound}", start.value, start.key)
        yield _narrowed(phase, f" AND reward {beyond} ?", start.value)

    def _side(self, phase: Phase, start: Place) -> int:
        """Return whether a phase lies beyond the start (1), has it (0), or lies before it (-1)."""
        if self.order.by == "key":
            return 0
        if self.order.by == "reward":
            side = int(start.value is not None) - int(phase.by_reward)
        else:
            value, at = phase.value or 0, start.value or 0
            side = (value > at) - (value < at)
            side = -side if self.order.descending else side
        return -side if self.backward else side

    def _rows(self, phase: Phase, most: int | None) -> Iterator[Step]:
        if not phase.combos:
            return iter(())
        limit = AT_ONCE if most is None else MANY
        if self.found.every or len(phase.combos) > limit:
            return self._walked(phase)
        return self._merged(phase, most)

    def _walked(self, phase: Phase) -> Iterator[Step]:
        where, values = phase.where + phase.bounds, [*phase.values, *phase.bound]
        if self.found.run is not None and phase.through != "listed_by_reward":
            where += " AND key >= ? AND key < ?"
            first = self.found.run << RUN_BITS
            values += [first, first + (1 << RUN_BITS)]
        if not self.found.every:
            where += " AND +combo IN (SELECT value FROM json_each(?))"
        ids = () if self.found.every else (json.dumps([combo.id for combo in phase.combos]),)
        sql = f"""SELECT {self._value(phase)}, key FROM listed INDEXED BY {phase.through}
            WHERE {where} ORDER BY {self._order_by(phase)}"""
        return self.connection.execute(sql, (*values, *ids))

    def _merged(self, phase: Phase, most: int | None) -> Iterator[Step]:
        """Merge the rows of combinations; if few are taken, of those whose first rows come first.

        A combination that is not among the first so many by its first row has no row on the page.
        """
        direction = -1 if self.backward else 1

        def place(step: Step) -> tuple[float, ...]:
            return tuple(direction * each for each in self.order.key(step))

        sql = f"""SELECT {self._value(phase)}, key FROM listed INDEXED BY {self._through(phase)}
            WHERE combo = ?{phase.bounds} ORDER BY {self._order_by(phase)}"""
        ids = [combo.id for combo in phase.combos]
        if most is not None and len(ids) > most:
            ids = self._leading(phase, most, place)
        cursors = [self.connection.execute(sql, (one, *phase.bound)) for one in ids]
        return heapq.merge(*cursors, key=place)

    def _leading(
        self, phase: Phase, most: int, place: Callable[[Step], tuple[float, ...]]
    ) -> list[int]:
        """Return the combinations whose first rows come first."""
        sql = f"""SELECT first.combo, {self._value(phase)}, key FROM (
                SELECT c.value AS combo, (SELECT key FROM listed INDEXED BY {self._through(phase)}
                    WHERE combo = c.value{phase.bounds} ORDER BY {self._order_by(phase)} LIMIT 1
                ) AS head
                FROM json_each(?) c) first
            CROSS JOIN listed ON listed.key = first.head"""
        ids = json.dumps([combo.id for combo in phase.combos])
        heads = self.connection.execute(sql, (*phase.bound, ids))
        firsts = heapq.nsmallest(most, heads, key=lambda head: place((head[1], head[2])))
        return [head[0] for head in firsts]

    def _through(self, phase: Phase) -> str:
        """Return the index that has each combination's rows in order."""
        return "listed_by_combo_and_reward" if phase.by_reward else "listed_by_combo"

    def _value(self, phase: Phase) -> str:
        if phase.by_reward:
            return "reward"
        return "NULL" if phase.value is None else str(int(phase.value))

    def _order_by(self, phase: Phase) -> str:
        way = "DESC" if self._descends else "ASC"
        return f"reward {way}, key {way}" if phase.by_reward else f"key {way}"


def _narrowed(phase: Phase, condition: str, *values: float) -> Phase:
    """Return what of a phase lies within bounds."""
    return phase._replace(bounds=condition, bound=values)

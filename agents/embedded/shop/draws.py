"""Fill the holes of a frame, so that the question has an answer and every condition matters.

What a newcomer gets wrong: a question may be fair in the shop and empty on the thinned-out variant
that the verifier also runs, so both are looked at. Every frame has at least `DRAWS` fillings in
every shop, so no index is ever refused.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from agents.embedded.shop.database import Value
from agents.embedded.shop.frames import Frame, Inner
from agents.embedded.shop.predicates import Predicate, predicates, tidy
from agents.embedded.shop.rows import Wide, World, cell, measure, worlds
from storage.ids import derive_seed

DRAWS = 16
"""How many fillings of a frame are used in each shop."""
_TRIES = 3_000
_ByColumn = tuple[tuple[Predicate, ...], ...]
_NULLABLE = frozenset({"email", "shipped_on", "paid_on"})


class Filling(NamedTuple):
    """What fills the holes of a frame."""

    outer: tuple[Predicate, ...]
    inner: tuple[Predicate, ...] = ()
    least: int | float | None = None
    """What HAVING compares with. None: there is none."""
    strict: bool = False
    """HAVING asks for more than `least`; otherwise for at least that."""


def fillings(number: int, name: str, frame: Frame) -> tuple[Filling, ...]:
    """Return `DRAWS` fair fillings of a frame in a shop, no two with the same words.

    Args:
        number: The shop.
        name: Of the frame; decides which fillings are drawn.
        frame: The question.
    """
    draw = random.Random(derive_seed("filling", number, name))
    found: dict[frozenset[tuple[bool, str]], Filling] = {}
    for _ in range(_TRIES):
        filling = _drawn(draw, number, frame)
        words = frozenset(
            (inside, predicate.words)
            for inside, both in ((False, filling.outer), (True, filling.inner))
            for predicate in both
        )
        if words not in found and _is_fair(number, frame, filling):
            found[words] = filling
        if len(found) == DRAWS:
            break
    return tuple(found.values())


def _drawn(draw: random.Random, number: int, frame: Frame) -> Filling:
    """Return a filling that may be unfair."""
    none: frozenset[str] = frozenset()
    outer: list[Predicate] = []
    for table, holes in frame.conditions:
        outer += _picked(draw, _choices(number, table, frame.busy, none), holes)
    if (inner := frame.inner) is not None:
        compared = frozenset({inner.left}) if inner.column.aggregate else none
        choices = _choices(number, inner.table, none, compared)
        count = draw.choice((2, 3)) if inner.group else None
        return Filling(tuple(outer), tuple(_picked(draw, choices, inner.conditions)), count)
    if frame.having is None:
        return Filling(tuple(outer))
    given = worlds(number)[0]
    groups = _groups(frame, given.rows(frame.table, given.meeting(frame.table, outer)))
    values = {measure(frame.having.column, rows, frame.table) for rows in groups.values()}
    if frame.having.column.aggregate == "AVG":  # nobody asks for an average of 2.333
        values = {float(int(value) + more) for value in values for more in (0, 1)}
    least = tidy(draw.choice(sorted(values) or [1.0]))
    return Filling(tuple(outer), (), least, strict=draw.random() < 0.5)


def _picked(draw: random.Random, choices: _ByColumn, holes: int) -> list[Predicate]:
    """Draw predicates on different columns."""
    return [draw.choice(column) for column in draw.sample(choices, min(holes, len(choices)))]


@lru_cache(maxsize=1024)
def _choices(number: int, table: str, busy: frozenset[str], avoid: frozenset[str]) -> _ByColumn:
    """Return the predicates of each column, none that pins down a busy one."""
    by_column: defaultdict[str, list[Predicate]] = defaultdict(list)
    for predicate in predicates(number, table):
        pins = predicate.op in ("=", "IS NULL", "IS NOT NULL") or predicate.column in _NULLABLE
        if not (predicate.column in avoid or (predicate.column in busy and pins)):
            by_column[predicate.column].append(predicate)
    return tuple(tuple(found) for found in by_column.values())


def _is_fair(number: int, frame: Frame, filling: Filling) -> bool:
    given, variant = worlds(number)
    kept = _kept(given, frame, filling.outer, filling.inner, filling.least)
    if not _is_enough(frame, given, kept):
        return False
    left = _kept(variant, frame, filling.outer, filling.inner, filling.least)
    if not left:
        return False
    fewer = [(_without(filling.outer, n), filling.inner) for n in range(len(filling.outer))]
    fewer += [(filling.outer, _without(filling.inner, n)) for n in range(len(filling.inner))]
    if any(_kept(given, frame, *others, filling.least) == kept for others in fewer):
        return False
    if frame.having is None:
        return True
    passed, groups = _having(frame, filling, given.rows(frame.table, kept))
    return 0 < passed < groups and _having(frame, filling, variant.rows(frame.table, left))[0] > 0


def _is_enough(frame: Frame, given: World, kept: int) -> bool:
    """Say whether the shop has rows enough to tell a right query from a wrong one."""
    count = kept.bit_count()
    if frame.kind == "rows":
        return count > max(limit or 1 for limit in frame.limits)
    if frame.kind == "total":
        return count >= 3
    rows = given.rows(frame.table, kept)
    if frame.kind == "every":
        other, key = frame.partner
        known = {cell(row, other, key) for row in given.wide[other]}
        return 0 < sum(cell(row, frame.table, "id") in known for row in rows) < count
    return 2 <= len(_groups(frame, rows)) < count


def _kept(
    world: World,
    frame: Frame,
    outer: Iterable[Predicate],
    inner: Iterable[Predicate],
    least: int | float | None = None,
) -> int:
    """Return which rows meet all conditions on rows, as bits."""
    mask = world.meeting(frame.table, outer)
    if frame.inner is None:
        return mask
    inside = world.rows(frame.inner.table, world.meeting(frame.inner.table, inner))
    return mask & _through(world, frame.inner, frame.table, inside, least)


def _through(
    world: World, inner: Inner, table: str, inside: list[Wide], least: int | float | None
) -> int:
    """Return which rows meet the condition with the subquery, as bits."""
    values = world.column(table, inner.left)
    if inner.column.aggregate is None:
        counts = Counter(cell(row, inner.table, inner.column.expr) for row in inside)
        wanted = {key for key, count in counts.items() if count >= (least or 1)}
        met = [(value in wanted) == (inner.op == "IN") for value in values]
    elif inside:
        mean = measure(inner.column, inside, inner.table)
        sign = 1 if inner.op == ">" else -1
        met = [value is not None and sign * (float(value) - mean) > 0 for value in values]
    else:
        met = []
    return sum(is_so << place for place, is_so in enumerate(met))


def _groups(frame: Frame, rows: list[Wide]) -> dict[Value, list[Wide]]:
    table, _, column = frame.group[0].rpartition(".")
    groups: defaultdict[Value, list[Wide]] = defaultdict(list)
    for row in rows:
        groups[cell(row, table or frame.table, column)].append(row)
    return groups


def _having(frame: Frame, filling: Filling, rows: list[Wide]) -> tuple[int, int]:
    """Return how many groups pass HAVING, and how many there are."""
    if frame.having is None or filling.least is None:
        return 0, 0
    groups = _groups(frame, rows).values()
    values = [measure(frame.having.column, group, frame.table) for group in groups]
    least, strict = filling.least, filling.strict
    passed = sum(value > least or (value == least and not strict) for value in values)
    return passed, len(values)


def _without(conditions: tuple[Predicate, ...], place: int) -> tuple[Predicate, ...]:
    return conditions[:place] + conditions[place + 1 :]

"""Pages of the table, and what they are found by.

What a newcomer gets wrong: a page is found by the place where the one before it ended, never by
counting rows that are passed over, so the last page is as quick as the first.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from storage.errors import Unknown
from storage.index import schema
from storage.index.asked import END, NONE, PEOPLE, Filters, Place
from storage.index.index import Index
from storage.index.searching import Matches, Search, understood
from storage.index.walking import ORDERS, Step, Walk, chosen
from storage.records import Rung, Status

_RUNS = 100
"""Of how many runs what they offer is kept in mind."""
PAGE = 50
"""How many trajectories a page has."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the table."""

    id: str
    run_id: str
    n: int
    skill: str
    level: int
    language: str
    status: Status
    rung: Rung | None
    """Who decided: of the attempts with the trajectory's status the last. None: nobody."""
    reward: float | None
    """None: nobody scored it."""
    reason: str | None
    """None: it is accepted."""
    model: str | None
    """The student's, of the first attempt. None: nobody tried."""
    attempts: int
    people: int
    """How many verdicts of people stand on its attempts."""
    why: str | None
    """Why a person should look. None: nobody need."""
    wanted: str | None
    """The id of the attempt to look at. None: nobody need."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of the table."""

    rows: tuple[Listed, ...]
    first: str
    """The place of the first row, for `before`; empty: there is no row."""
    last: str
    """The place to go on after. Of a text it may lie beyond the last row, see `more`."""
    more: bool
    """Whether there may be rows after this page. A page of a text may end early, even empty, when
    its time is up; then the next goes on where it stopped looking."""
    fewer: bool
    """Whether there may be rows before this page."""
    count: int
    """How many trajectories the filters let pass, on all pages."""
    counted_to: int | None
    """None: `count` is exact. Else counting stopped there: there are so many at least."""
    unread: int
    """Of a text: how many trajectories are not searched yet, for the index is being made."""


def find(index: Index, filters: Filters, limit: int = PAGE, *, counted: bool = True) -> Found:
    """Return a page of the trajectories that filters let pass.

    Args:
        index: Kept up as far as is wanted.
        filters: What is asked for.
        limit: How many rows at most.
        counted: Whether the matches of a text are counted, for which other pages are looked at.

    Raises:
        Unknown: there is no run, skill, language, model or reason of that name; the message names
            the nearest.
        StorageError: the index is busy for too long, or the disk is full.
    """
    try:
        return index.read(lambda connection: _find(connection, filters, limit, counted))
    except Unknown:
        if not index.coming():
            raise
        return Found((), "", "", more=False, fewer=False, count=0, counted_to=None, unread=0)


def offered(index: Index, run_id: str | None = None) -> dict[str, list[tuple[str, int]]]:
    """Return by facet the values that a run's trajectories have, or all, and how many have each.

    Values are as `Filters` takes them, the most frequent first, levels in their order.
    """

    def ask(connection: sqlite3.Connection) -> dict[str, list[tuple[str, int]]]:
        state = schema.state(connection)
        known, offer = index.offers.get(run_id, ("", {}))
        if known != state:
            offer = _offered(connection, run_id)
            if len(index.offers) >= _RUNS:
                index.offers.clear()
            index.offers[run_id] = state, offer
        return offer

    return {facet: list(values) for facet, values in index.read(ask).items()}


def _find(connection: sqlite3.Connection, filters: Filters, limit: int, counted: bool) -> Found:
    found, order = chosen(connection, filters), ORDERS[filters.sort]
    backward = bool(filters.before)
    start = Place.of(filters.before if backward and filters.before != END else filters.after)
    if filters.text:
        search = Search(connection, found, order, understood(connection, filters.text))
        matches = search.page(start, backward, limit + 1)
        if counted:
            search.count(matches)
    else:
        walk = Walk(connection, found, order, start, backward)
        steps = list(islice(walk.steps(limit + 1), limit + 1))
        matches = Matches(steps, None, found.count)
    further = len(matches.steps) > limit or matches.stopped is not None
    steps = matches.steps[:limit]
    stopped = matches.stopped if len(matches.steps) <= limit else None
    first, last = _ends(steps, stopped)
    if backward:
        steps.reverse()
        first, last = last, first
    turned = start is not None
    return Found(
        rows=tuple(_listed(connection, [key for _, key in steps])),
        first=first,
        last=last,
        more=turned if backward else further,
        fewer=further if backward else turned,
        count=matches.count,
        counted_to=matches.counted_to,
        unread=schema.texts_coming(connection) if filters.text else 0,
    )


def _ends(steps: list[Step], stopped: Place | None) -> tuple[str, str]:
    """Return the place of the first row, and the one to go on from."""
    first = str(Place(*steps[0])) if steps else str(stopped or "")
    last = str(Place(*steps[-1])) if steps else ""
    return first, str(stopped) if stopped else last


_COLUMNS = ("trajectory_id", "n", "reward", "attempts", "people", "level", "wanted")
_LISTED = f"""SELECT key, {", ".join(_COLUMNS)}, {", ".join(schema.NAMED)} FROM listed
    WHERE key IN (SELECT value FROM json_each(?))"""


def _listed(connection: sqlite3.Connection, keys: list[int]) -> Iterator[Listed]:
    rows = {row[0]: row[1:] for row in connection.execute(_LISTED, (json.dumps(keys),))}
    numbers = {number for row in rows.values() for number in row[len(_COLUMNS) :]}
    names = _names(connection, numbers)
    for key in keys:
        own, named = rows[key][: len(_COLUMNS)], rows[key][len(_COLUMNS) :]
        yield _line(dict(zip(_COLUMNS, own, strict=True)), [names[number] for number in named])


def _line(own: dict[str, Any], named: list[Any]) -> Listed:
    run, status, rung, skill, language, model, reason, why = named
    return Listed(
        id=own.pop("trajectory_id"),
        run_id=run,
        skill=skill,
        language=language,
        status=status,
        rung=rung or None,
        reason=reason or None,
        model=model or None,
        why=why or None,
        **own,
    )


def _names(connection: sqlite3.Connection, numbers: Iterable[int]) -> dict[int, str]:
    sql = "SELECT id, name FROM names WHERE id IN (SELECT value FROM json_each(?))"
    return dict(connection.execute(sql, (json.dumps(list(numbers)),)).fetchall())


def _offered(
    connection: sqlite3.Connection, run_id: str | None
) -> dict[str, list[tuple[str, int]]]:
    filters = Filters(run=run_id or "")
    number = chosen(connection, filters).run if run_id else None
    offer = {}
    for facet in schema.FACETS:
        condition = "run = :run AND" if run_id and facet != "run" else ""
        sql = f"""SELECT {facet}, sum(times) FROM combos WHERE {condition} times > 0
            GROUP BY 1 ORDER BY 2 DESC, 1"""
        values = connection.execute(sql, {"run": number}).fetchall()
        offer[facet] = _said(connection, facet, values)
    return offer


def _said(
    connection: sqlite3.Connection, facet: str, values: list[tuple[int, int]]
) -> list[tuple[str, int]]:
    if facet == "level":
        return [(str(value), times) for value, times in sorted(values)]
    if facet == "people":
        return [(PEOPLE[value], times) for value, times in values]
    names = _names(connection, (value for value, _ in values))
    return [(names[value] or NONE, times) for value, times in values]

"""What a person is asked next: by what their minute buys most, and of that new skills first.

The index knows of every trajectory whether somebody should look, and why, see `need`. What a
newcomer gets wrong: who skips a trajectory has not judged it, and nothing is stored of that; so a
skip is the person's own, and is handed in. And the index knows of one attempt of a trajectory only:
for whoever has judged that one, it is found anew which other they could judge.
"""

import heapq
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

from storage.people.acts import acts_of, standing
from storage.people.need import WEIGHTS, Why, needed, tries_of
from storage.queries import Reader


class Index(Protocol):
    """The index beside the database, as the queue needs it; see `storage.index`."""

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """An attempt that a person should judge."""

    attempt_id: str
    trajectory_id: str
    run_id: str
    n: int
    """The episode's number in its run."""
    skill: str
    why: Why


def next_wanted(
    index: Index,
    reader: Reader,
    *,
    run_id: str | None = None,
    skip: Collection[str] = (),
    person: str | None = None,
) -> Wanted | None:
    """Return the attempt that is wanted most. None: nothing that this person could judge.

    Of one reason those skills come first of which people have judged the fewest attempts, and of
    one skill the episodes in their order. Who has judged what is wanted of an episode is asked
    about what is wanted next of it.

    Args:
        index: Kept up with the database.
        reader: Open.
        run_id: The whole id. None: all runs, each in its turn.
        skip: Ids of attempts that are passed over: what this person has skipped.
        person: Who asks; what they have judged themselves is passed over. None: nobody known.
    """
    told = _spoken(reader, run_id)
    places = sorted(
        _places(index, run_id), key=lambda place: (-WEIGHTS[place.why], told.get(place.skill, 0))
    )
    for place in places:
        for trajectory_id, n, attempt_id in _in_order(index, place.combos):
            if attempt_id in skip or not _is_there(reader, attempt_id):
                continue
            wanted = Wanted(attempt_id, trajectory_id, place.run_id, n, place.skill, place.why)
            open_to = _open_to(reader, person, wanted)
            if open_to is not None and open_to.attempt_id not in skip:
                return open_to
    return None


def queue_counts(index: Index, run_id: str | None = None) -> dict[Why, int]:
    """Return how many trajectories wait for a person, by reason, the most valuable first.

    All reasons are there, zeros included; a trajectory waits for one reason only.
    """
    found: dict[str, int] = {}
    for _, run, _, why, times in index.rows(_COMBOS):
        if run_id in (None, run):
            found[why] = found.get(why, 0) + times
    return {why: found.get(why, 0) for why in WEIGHTS}


@dataclass(slots=True)
class _Place:
    """The trajectories of one run and skill that wait for one reason."""

    run_id: str
    skill: str
    why: Why
    combos: list[int]
    """Where the index has them."""


def _places(index: Index, run_id: str | None) -> list[_Place]:
    """Return where there is somebody to look at, by run and skill in their order."""
    found: dict[tuple[str, str, str], _Place] = {}
    for combo, run, skill, why, _ in index.rows(_COMBOS):
        if why in WEIGHTS and run_id in (None, run):
            place = found.setdefault((run, skill, why), _Place(run, skill, why, []))
            place.combos.append(combo)
    return list(found.values())


def _spoken(reader: Reader, run_id: str | None) -> dict[str, int]:
    """Return how many verdicts of people stand by skill; skills without any may be absent."""
    return {row[0]: row[1] for row in reader.rows(_SPOKEN, run_id, run_id)}


def _in_order(index: Index, combos: list[int]) -> Iterator[tuple[str, int, str]]:
    """Yield trajectory, number and wanted attempt of what the index has in these places."""
    for _, trajectory_id, n, wanted in heapq.merge(*(_of_combo(index, each) for each in combos)):
        yield trajectory_id, n, wanted


def _of_combo(index: Index, combo: int) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of one combination in the order of their keys, some at a time."""
    after = -1
    while found := index.rows(_WAITING, combo, after):
        yield from found
        after = found[-1][0]


def _is_there(reader: Reader, attempt_id: str) -> bool:
    return bool(list(reader.rows("SELECT 1 FROM attempts WHERE id = ?", attempt_id)))


def _open_to(reader: Reader, person: str | None, wanted: Wanted) -> Wanted | None:
    """Return what is wanted, or of the same episode what else this person could judge."""
    given = standing(acts_of(reader, wanted.trajectory_id)) if person is not None else []
    judged = {act.attempt_id for act in given if act.person == person}
    if wanted.attempt_id not in judged:
        return wanted
    people = {act.verdict_id: act.person for act in given}
    need = needed(tries_of(reader.trajectory(wanted.trajectory_id), people), judged)
    return need and replace(wanted, attempt_id=need.attempt_id, why=need.why)


_COMBOS = """SELECT c.id, run.name, skill.name, why.name, c.times FROM combos c
    JOIN names run ON run.id = c.run JOIN names skill ON skill.id = c.skill
    JOIN names why ON why.id = c.why WHERE c.times > 0 ORDER BY c.run, skill.name, c.id"""
_WAITING = """SELECT key, trajectory_id, n, wanted FROM listed
    WHERE combo = ? AND key > ? AND wanted IS NOT NULL ORDER BY key LIMIT 50"""
_SPOKEN = """SELECT skill, sum(CASE act WHEN 'gave' THEN 1 ELSE -1 END) FROM acts
    JOIN assignments USING (trajectory_id) WHERE ? IS NULL OR acts.run_id = ? GROUP BY skill"""

"""What the index takes from the database: plain rows of many trajectories at once.

What a newcomer gets wrong: a million trajectories are read when an index is made, so nothing here
makes records or asks once for each; and an id that changed may be of a trajectory that is gone.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from storage.index.words import document
from storage.people.need import Need, Opinion, Tried, needed
from storage.queries import Reader

_CHAT = "chat/"
"""What stands before the name of a model in `made_by`."""


class Line(NamedTuple):
    """A trajectory as the table shows it."""

    id: str
    n: int
    reward: float | None
    attempts: int
    need: int
    wanted: str | None
    spoken: int
    """How many verdicts of people stand."""
    facets: tuple[str | int, ...]
    """Its names, empty where there is none, and its level; as `schema.FACETS`, without the last."""


_Attempt = tuple[int, int, str, str | None, str | None, str, str]
"""Revision, idx, id, answer, error, why the model stopped, who tried."""
_Said = tuple[int, int, Opinion]
"""Ordinal, place, and what a verdict says."""
_Verdicts = Mapping[str, Sequence[_Said]]
"""By attempt, oldest first."""

_HEADS = """SELECT j.value, t.run_id, t.n, t.status, t.reward, t.reason, t.attempts,
        a.skill, a.level, a.language
    FROM json_each(?) j CROSS JOIN trajectories t ON t.id = j.value
    LEFT JOIN assignments a ON a.trajectory_id = t.id"""
_TRIES = """SELECT j.value, a.revision, a.idx, a.id, a.answer, a.error, a.finish_reason,
        a.made_by, v.ordinal, v.place, v.rung, v.status, v.reward, v.reason, v.checks, v.grades,
        CASE v.rung WHEN 'person' THEN (SELECT person FROM acts
            WHERE acts.attempt_id = v.attempt_id AND verdict_id = v.id AND act = 'gave') END
    FROM json_each(?) j CROSS JOIN attempts a ON a.trajectory_id = j.value
    LEFT JOIN verdicts v ON v.attempt_id = a.id"""
_TASKS = """SELECT j.value, l.question FROM json_each(?) j
    CROSS JOIN trajectories t ON t.id = j.value CROSS JOIN lessons l ON l.id = t.lesson_id"""
_SAID = """SELECT j.value, a.revision, a.idx, a.text FROM json_each(?) j
    CROSS JOIN attempts a ON a.trajectory_id = j.value"""
_CRITIQUES = """SELECT j.value, v.place, v.ordinal, v.critique FROM json_each(?) j
    CROSS JOIN attempts a ON a.trajectory_id = j.value
    CROSS JOIN verdicts v ON v.attempt_id = a.id WHERE v.critique <> ''"""


def changed(reader: Reader, after: int, most: int) -> tuple[list[int], list[str]]:
    """Return the changes that follow this one, and the ids that they name, each once."""
    sql = "SELECT id, trajectory_id FROM changes WHERE id > ? ORDER BY id LIMIT ?"
    found = list(reader.rows(sql, after, most))
    return [row[0] for row in found], list({row[1]: None for row in found})


def following(reader: Reader, run: str, n: int, most: int) -> list[tuple[str, int, str]]:
    """Return the run in hexadecimal, number and id of trajectories, in that order, from one on."""
    sql = """SELECT hex(run_id), n, id FROM trajectories
        WHERE (run_id, n) > (CAST(? AS TEXT), ?) ORDER BY run_id, n LIMIT ?"""
    return [tuple(row) for row in reader.rows(sql, bytes.fromhex(run), n, most)]


def runs(reader: Reader) -> list[str]:
    """Return the ids of all runs, in the order in which they were begun."""
    return [row[0] for row in reader.rows("SELECT id FROM runs ORDER BY rowid")]


def lines(reader: Reader, ids: Sequence[str]) -> list[Line]:
    """Return the lines of those trajectories that are there."""
    given = json.dumps(ids)
    tries: dict[str, dict[str, _Attempt]] = defaultdict(dict)
    verdicts: dict[str, list[_Said]] = defaultdict(list)
    for row in reader.rows(_TRIES, given):
        tries[row[0]][row[3]] = row[1:8]
        if row[8] is not None:
            verdicts[row[3]].append((row[8], row[9], Opinion(*row[10:])))
    for judged in verdicts.values():
        judged.sort(key=_first_two)
    return [
        _line(tuple(head), sorted(tries[head[0]].values(), key=_first_two), verdicts)
        for head in reader.rows(_HEADS, given)
    ]


def texts(reader: Reader, ids: Sequence[str]) -> dict[str, str]:
    """Return what is searched of trajectories, by id; those that are gone are absent."""
    given = json.dumps(ids)
    found: dict[str, list[str]] = defaultdict(list)
    for one, question in reader.rows(_TASKS, given):
        found[one].append(question)
    for sql in (_SAID, _CRITIQUES):
        for one, _, _, text in sorted(reader.rows(sql, given), key=lambda row: row[:3]):
            found[one].append(text)
    return {one: document(parts) for one, parts in found.items()}


def _line(head: tuple[Any, ...], attempts: Sequence[_Attempt], verdicts: _Verdicts) -> Line:
    one, run, n, status, reward, reason, count, skill, level, language = head
    tries = [
        Tried(name, idx, revision, answer, error, finish, [v[2] for v in verdicts.get(name, ())])
        for revision, idx, name, answer, error, finish, _ in attempts
    ]
    need = _need(tries)
    return Line(
        one,
        n,
        reward,
        count,
        need.weight if need else 0,
        need.attempt_id if need else None,
        sum(opinion.rung == "person" for tried in tries for opinion in tried.verdicts),
        (
            run,
            status,
            _decided(status, attempts, verdicts),
            skill or "",
            level or 0,
            language or "",
            attempts[0][-1].removeprefix(_CHAT) if attempts else "",
            reason or "",
            need.why if need else "",
        ),
    )


def _decided(status: str, attempts: Sequence[_Attempt], verdicts: _Verdicts) -> str:
    """Return the rung of the attempt that has the trajectory's status and was judged last."""
    deciding = (-1, "")
    for attempt in attempts:
        judged = verdicts.get(attempt[2])
        if judged and judged[-1][2].status == status and judged[0][1] > deciding[0]:
            deciding = judged[0][1], judged[-1][2].rung or ""
    return deciding[1]


def _need(tries: Sequence[Tried]) -> Need | None:
    try:
        return needed(tries)
    except (AttributeError, TypeError, ValueError, RecursionError):
        return None  # what a verdict holds was edited by hand


def _first_two(row: Sequence[Any]) -> tuple[int, int]:
    return row[0], row[1]

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
    """A trajectory as the table shows it; names are whole, and empty where there is none."""

    id: str
    n: int
    reward: float | None
    attempts: int
    need: int
    wanted: str | None
    spoken: int
    """How many verdicts of people stand."""
    run: str
    status: str
    rung: str
    skill: str
    level: int
    language: str
    model: str
    reason: str
    why: str


_Attempt = tuple[int, int, str, str | None, str | None, str, str]
"""Revision, idx, id, answer, error, why the model stopped, who tried."""
_Verdicts = Mapping[str, Sequence[tuple[int, int, Opinion]]]
"""By attempt: ordinal, place, and what it says."""

_HEADS = """SELECT j.value, t.run_id, t.n, t.status, t.reward, t.reason, t.attempts,
        a.skill, a.level, a.language
    FROM json_each(?) j CROSS JOIN trajectories t ON t.id = j.value
    LEFT JOIN assignments a ON a.trajectory_id = t.id"""
_ATTEMPTS = """SELECT j.value, a.revision, a.idx, a.id, a.answer, a.error, a.finish_reason,
        a.made_by
    FROM json_each(?) j CROSS JOIN attempts a ON a.trajectory_id = j.value"""
_VERDICTS = """SELECT a.id, v.ordinal, v.place, v.rung, v.status, v.reward, v.reason, v.checks,
        v.grades, CASE v.rung WHEN 'person' THEN (SELECT person FROM acts
            WHERE acts.attempt_id = v.attempt_id AND verdict_id = v.id AND act = 'gave') END
    FROM json_each(?) j CROSS JOIN attempts a ON a.trajectory_id = j.value
    CROSS JOIN verdicts v ON v.attempt_id = a.id"""
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


def lines(reader: Reader, ids: Sequence[str]) -> list[Line]:
    """Return the lines of those trajectories that are there."""
    given = json.dumps(ids)
    attempts: dict[str, list[_Attempt]] = defaultdict(list)
    for row in reader.rows(_ATTEMPTS, given):
        attempts[row[0]].append(row[1:])
    verdicts: dict[str, list[tuple[int, int, Opinion]]] = defaultdict(list)
    for row in reader.rows(_VERDICTS, given):
        verdicts[row[0]].append((row[1], row[2], Opinion(*row[3:])))
    for tries in attempts.values():
        tries.sort(key=_first_two)
    for judged in verdicts.values():
        judged.sort(key=_first_two)
    return [
        _line(tuple(head), attempts.get(head[0], ()), verdicts)
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
        id=one,
        n=n,
        reward=reward,
        attempts=count,
        need=need.weight if need else 0,
        wanted=need.attempt_id if need else None,
        spoken=sum(v.rung == "person" for tried in tries for v in tried.verdicts),
        run=run,
        status=status,
        rung=_decided(status, attempts, verdicts),
        skill=skill or "",
        level=level or 0,
        language=language or "",
        model=attempts[0][-1].removeprefix(_CHAT) if attempts else "",
        reason=reason or "",
        why=need.why if need else "",
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

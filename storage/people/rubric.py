"""The criteria by which a person may grade an attempt, of which nothing tells what was said of it.

What a newcomer gets wrong: an attempt has grades only where a judge decided, so a rubric that is
taken from its own verdicts, or from a sibling's, tells a person that one did, before they have
spoken.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from storage.people.saying import NOTES
from storage.queries import Reader

_LOOKED_AT = 200
"""In how many of a run's first trajectories its rubric is looked for."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that an attempt is judged by."""

    name: str
    weight: float
    about: str = ""


def rubric_of(
    reader: Reader, run_id: str, but: str, otherwise: Sequence[Criterion]
) -> Sequence[Criterion]:
    """Return the criteria that a run's judge grades by.

    They are taken from what it graded elsewhere, by name and weight, never from the trajectory
    `but`: that one's grades are there or not according to what was said of it.

    Args:
        reader: Open.
        run_id: The run.
        but: The trajectory that is looked at.
        otherwise: What is returned if no judge graded; its descriptions serve equal names.
    """
    sql = """SELECT v.grades FROM
        (SELECT id FROM trajectories WHERE run_id = ? AND id <> ? ORDER BY n LIMIT ?) t
        JOIN attempts a ON a.trajectory_id = t.id JOIN verdicts v ON v.attempt_id = a.id
        WHERE v.rung = 'judge'"""
    about = {each.name: each.about for each in otherwise}
    for row in reader.rows(sql, run_id, but, _LOOKED_AT):
        graded = [each for each in json.loads(row["grades"]) if each["criterion"] not in NOTES]
        if graded:
            return [
                Criterion(each["criterion"], each["weight"], about.get(each["criterion"], ""))
                for each in graded
            ]
    return otherwise

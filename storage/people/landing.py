"""An episode that lands again gets back what people said of the same attempts.

What a newcomer gets wrong: this is asked of every episode that lands, and nearly none has been
there before; so without an act it is one look into an index.
"""

import sqlite3
from collections.abc import Sequence

from storage import rows
from storage.people.acts import acts_in, in_force
from storage.records import Trajectory
from storage.worth import overruled

_ANY = "SELECT 1 FROM acts WHERE trajectory_id = ? LIMIT 1"


def with_people(
    connection: sqlite3.Connection, trajectory: Trajectory, attempts: Sequence[rows.Row]
) -> tuple[rows.Row, list[rows.Row]] | None:
    """Return the rows of an episode and of its verdicts with those that stand by people's acts.

    Args:
        connection: In the transaction in which the episode lands.
        trajectory: As it was made; verdicts by people that it has count for nothing here.
        attempts: The rows of its attempts.

    Returns:
        None if nobody ever judged it, so that it stands as it was made.

    Raises:
        Corrupt: an act was edited by hand, so that it holds none any more.
    """
    if connection.execute(_ANY, (trajectory.id,)).fetchone() is None:
        return None
    acts = acts_in(lambda sql, key: connection.execute(sql, (key,)), trajectory.id)
    stand = in_force(acts, {row["id"]: row["digest"] for row in attempts})
    whole = overruled(trajectory, [act.verdict for act in stand])
    first = len(whole.verdicts) - len(stand)
    critic = rows.verdict_rows(whole.verdicts[:first])
    people = [
        rows.verdict_row(act.verdict, act.ordinal, place) for place, act in enumerate(stand, first)
    ]
    return rows.trajectory_row(whole), critic + people

"""Where a run stands when it is gone on with, from its sums and its last rows.

What a newcomer gets wrong: a run is not read again. The sums over all of its rows, less the rows
that the next assignment may not know of, are what learning them one by one would give. Those rows
lie at the end, so that it takes no longer after a million episodes; only where an episode is
missing far below the end, because somebody deleted it, all is counted anew.
"""

import sqlite3

from storage import rows
from storage.records import Outcome, Status
from storage.standing import PlaceStanding, Standing
from storage.sums import recount

Landed = tuple[Outcome, Status]


def standing(
    connection: sqlite3.Connection, run_id: str, lag: int, accept: int | None = None
) -> Standing:
    """Return where a run stands, see `Store.standing`; sums that do not hold are put right."""
    [assigned] = _one(connection, "SELECT max(n) + 1 FROM assignments WHERE run_id = ?", run_id)
    [landed] = _one(connection, _LANDED, run_id)
    # Assignment n waits for all episodes up to n - lag, so below this none should be missing.
    sure = max(0, (assigned or 0) - lag)
    [later] = _one(connection, _LATER, run_id, sure)
    if landed - later != sure:
        recount(connection, run_id)
        [landed], sure = _one(connection, _LANDED, run_id), 0
    ended = _first_missing(connection, run_id, sure)
    if accept:
        nth = connection.execute(_NTH_ACCEPTED, (run_id, accept - 1)).fetchone()
        ended = min(ended, nth[0] + 1) if nth else ended
    learnt = max(0, ended - lag)
    numbers = {"run_id": run_id, "ended": ended, "learnt": learnt}
    places = [PlaceStanding(**dict(row)) for row in connection.execute(_PLACES, numbers)]
    return Standing(
        ended=ended,
        accepted=connection.execute(_ACCEPTED, numbers).fetchone()[0],
        landed=landed,
        assigned=assigned or 0,
        learnt=learnt,
        places=tuple(place for place in places if place.asked),
    )


def landed_from(connection: sqlite3.Connection, run_id: str, first: int, most: int) -> list[Landed]:
    """Return outcome and status of what landed of `most` episodes from `first` on, in order."""
    found = connection.execute(_OUTCOMES, (run_id, first, first + most))
    return [(rows.read("trajectories", _outcome, row), row["status"]) for row in found]


def _outcome(row: sqlite3.Row) -> Outcome:
    return Outcome(**{column: row[column] for column in Outcome.model_fields})


def _first_missing(connection: sqlite3.Connection, run_id: str, sure: int) -> int:
    """Return the first episode from `sure` on that has not landed."""
    missing = sure
    for row in connection.execute(_FROM, (run_id, sure)):
        if row[0] != missing:
            break
        missing += 1
    return missing


def _one(connection: sqlite3.Connection, sql: str, *values: object) -> sqlite3.Row:
    row: sqlite3.Row = connection.execute(sql, values).fetchone()
    return row


_LANDED = """SELECT coalesce(sum(accepted + rejected + unscored + failed), 0) FROM place_sums
    WHERE run_id = ?"""
_LATER = "SELECT count(*) FROM trajectories WHERE run_id = ? AND n >= ?"
_FROM = "SELECT n FROM trajectories WHERE run_id = ? AND n >= ? ORDER BY n"
_NTH_ACCEPTED = """SELECT n FROM trajectories WHERE run_id = ? AND status = 'accepted'
    ORDER BY n LIMIT 1 OFFSET ?"""
_ACCEPTED = """SELECT coalesce(sum(accepted), 0) - (SELECT count(*) FROM trajectories
        WHERE run_id = :run_id AND status = 'accepted' AND n >= :ended)
    FROM place_sums WHERE run_id = :run_id"""
# The plus keeps SQLite from walking a whole run in the order of its skills.
_PLACES = """SELECT s.skill, s.level, s.assigned - coalesce(later.asked, 0) AS asked,
        s.tried - coalesce(unknown.tried, 0) AS tried,
        s.solved - coalesce(unknown.solved, 0) AS solved,
        s.critiques - coalesce(unknown.critiques, 0) AS critiques
    FROM place_sums s LEFT JOIN (
        SELECT skill, level, count(*) AS asked FROM assignments
        WHERE run_id = :run_id AND n >= :ended GROUP BY +skill, level) later
        ON (later.skill, later.level) = (s.skill, s.level)
    LEFT JOIN (
        SELECT skill, level, sum(tried) AS tried, sum(solved) AS solved, sum(critiques) AS critiques
        FROM trajectories t JOIN assignments a ON a.trajectory_id = t.id
        WHERE t.run_id = :run_id AND t.n >= :learnt GROUP BY +skill, level) unknown
        ON (unknown.skill, unknown.level) = (s.skill, s.level)
    WHERE s.run_id = :run_id ORDER BY s.skill, s.level"""
_OUTCOMES = """SELECT t.n, a.skill, a.level, t.tried, t.solved, t.critiques, l.question_digest,
        t.status
    FROM trajectories t JOIN assignments a ON a.trajectory_id = t.id
    LEFT JOIN lessons l ON l.id = t.lesson_id
    WHERE t.run_id = ? AND t.n >= ? AND t.n < ? ORDER BY t.n"""

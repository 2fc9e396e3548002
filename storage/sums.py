"""The sums over runs that triggers keep beside the rows: what they should be, and counting anew.

What a newcomer gets wrong: nothing here is needed for the sums to be true. Triggers in the schema
keep them so, whoever writes to the file (`storage.migrations`, m003); this is for `verify`, and for
a file in which somebody changed the sums themselves, or switched triggers off.
"""

import math
import sqlite3
from collections.abc import Callable, Iterator

Ask = Callable[..., Iterator[sqlite3.Row]]
"""Asks a query: SQL, then its values."""
Key = tuple[str | int, ...]
"""The columns that say which sums they are: the run, then a place, a reason or a role."""
TOLERANCE = 1e-6
"""How far a sum of rewards or dollars may be from its rows: it is rounded as often as it grows."""

_PLACES = """SELECT a.run_id, a.skill, a.level, count(*) AS assigned,
        count(*) FILTER (WHERE t.status = 'accepted') AS accepted,
        count(*) FILTER (WHERE t.status = 'rejected') AS rejected,
        count(*) FILTER (WHERE t.status = 'unscored') AS unscored,
        count(*) FILTER (WHERE t.status = 'failed') AS failed,
        coalesce(sum(t.attempts), 0) AS attempts,
        coalesce(sum(t.accepted_attempts), 0) AS accepted_attempts,
        coalesce(sum(t.tried), 0) AS tried,
        coalesce(sum(t.solved), 0) AS solved, coalesce(sum(t.critiques), 0) AS critiques,
        count(t.reward) AS scored, total(t.reward) AS reward
    FROM assignments a LEFT JOIN trajectories t ON t.id = a.trajectory_id
    WHERE a.run_id = :run_id GROUP BY a.skill, a.level"""
_REASONS = """SELECT a.run_id, coalesce(t.reason, 'error') AS reason, count(*) AS trajectories
    FROM trajectories t JOIN assignments a ON a.trajectory_id = t.id
    WHERE a.run_id = :run_id AND t.status <> 'accepted' GROUP BY 2"""
_CALLS = """SELECT :run_id AS run_id, role, coalesce(model_calls, 0) AS model_calls,
        coalesce(journal_hits, 0) AS journal_hits, coalesce(tokens_in, 0) AS tokens_in,
        coalesce(tokens_out, 0) AS tokens_out, coalesce(cost_usd, 0.0) AS cost_usd,
        coalesce(unpriced, 0) AS unpriced, coalesce(times, 0) AS call_errors
    FROM (SELECT 'teacher' AS role UNION SELECT 'student' UNION SELECT 'critic')
    LEFT JOIN (SELECT u.role, count(*) FILTER (WHERE NOT u.journal_hit) AS model_calls,
            count(*) FILTER (WHERE u.journal_hit) AS journal_hits,
            sum(c.tokens_in) FILTER (WHERE NOT u.journal_hit) AS tokens_in,
            sum(c.tokens_out) FILTER (WHERE NOT u.journal_hit) AS tokens_out,
            sum(c.cost_usd) FILTER (WHERE NOT u.journal_hit) AS cost_usd,
            count(*) FILTER (WHERE NOT u.journal_hit AND c.cost_usd IS NULL) AS unpriced
        FROM assignments a JOIN calls_used u ON u.trajectory_id = a.trajectory_id
        JOIN model_calls c ON c.request_digest = u.request_digest
        WHERE a.run_id = :run_id GROUP BY u.role) USING (role)
    LEFT JOIN (SELECT e.role, count(*) AS times
        FROM assignments a JOIN call_errors e ON e.trajectory_id = a.trajectory_id
        WHERE a.run_id = :run_id GROUP BY e.role) USING (role)"""
_TABLES = {"place_sums": (_PLACES, 3), "reason_sums": (_REASONS, 2), "call_sums": (_CALLS, 2)}
"""What the rows of each table should be, and how many of its columns say which row it is."""


def recount(connection: sqlite3.Connection, run_id: str) -> None:
    """Count all sums of a run anew from its rows."""
    for table, (sql, _) in _TABLES.items():
        connection.execute(f"DELETE FROM {table} WHERE run_id = ?", (run_id,))
        connection.execute(f"INSERT INTO {table} {sql}", {"run_id": run_id})


def differing(ask: Ask, run_id: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield table, row, column and what is wrong, for every sum that is not what the rows give."""
    for table, (sql, keys) in _TABLES.items():
        counted = _by_key(ask(sql, run_id=run_id), keys)
        kept = _by_key(ask(f"SELECT * FROM {table} WHERE run_id = :run_id", run_id=run_id), keys)
        for key in sorted(counted.keys() | kept.keys()):
            is_now, was = counted.get(key, {}), kept.get(key, {})
            for column in is_now or was:
                # A row of zeros may as well be absent.
                pair = was.get(column, 0), is_now.get(column, 0)
                if not math.isclose(*pair, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
                    what = f"says {pair[0]}, and the rows give {pair[1]}"
                    yield table, " ".join(str(part) for part in key), column, what


def _by_key(found: Iterator[sqlite3.Row], keys: int) -> dict[Key, dict[str, float]]:
    return {tuple(row)[:keys]: {name: row[name] for name in row.keys()[keys:]} for row in found}

"""Let the rows of an index differ: many skills, levels, models and verdicts, common and rare ones.

What a newcomer gets wrong: nothing of it is true of the database, and the texts are left alone. It
is an index of another run, as large, whose episodes differ as those of a long-lived database do.
"""

import contextlib
import random
import sqlite3
from pathlib import Path
from typing import Any

Facets = tuple[Any, ...]
_SKILLS, _LEVELS = 24, 5
_VERDICTS: list[tuple[str, str, str, str, int, float | None, float]] = [
    ("accepted", "program", "", "", 0, 1.0, 40),
    ("accepted", "judge", "", "judge alone", 0, 0.85, 20),
    ("accepted", "judge", "", "near the threshold", 0, 0.7, 5),
    ("accepted", "person", "", "", 1, 1.0, 1),
    ("rejected", "program", "wrong", "", 0, 0.0, 20),
    ("rejected", "judge", "wrong", "judge alone", 0, 0.25, 5),
    ("rejected", "judge", "wrong", "rungs disagree", 0, 0.4, 1),
    ("rejected", "person", "wrong", "people disagree", 1, 0.0, 0.05),
    ("rejected", "", "screen", "", 0, None, 3),
    ("rejected", "program", "no_answer", "", 0, 0.0, 2),
    ("unscored", "", "undecided", "unscored", 0, None, 2),
    ("unscored", "", "truncated", "", 0, None, 0.5),
    ("failed", "", "error", "", 0, None, 0.01),
]
"""Status, rung, reason, why, whether a person spoke, reward, and how frequent it is."""
_NEED = {"people disagree": 5, "unscored": 4, "rungs disagree": 3, "near the threshold": 2}
_OTHERS = {
    "skill": {f"skill {n}": 1 / n for n in range(1, _SKILLS + 1)},
    "level": {n: 1 / n for n in range(1, _LEVELS + 1)},
    "language": {"en": 90, "de": 8, "ja": 1.99, "th": 0.01},
    "model": {"large": 60, "small": 30, "tiny": 9.9, "old": 0.1},
}
"""By facet: how frequent each value is."""


def spread(path: Path, seed: int) -> None:
    """Write other values into an index that nobody has open."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -500000"):
            connection.execute(f"PRAGMA {pragma}")
        sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql LIKE '% ON listed%'"
        indexes = connection.execute(sql).fetchall()
        connection.execute("BEGIN")
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        _rewrite(connection, random.Random(seed))
        for _, sql in indexes:
            connection.execute(sql)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")


def _rewrite(connection: sqlite3.Connection, chance: random.Random) -> None:
    [run] = connection.execute("SELECT min(run) FROM listed").fetchone()
    verdicts = [_named(connection, verdict) for verdict in _VERDICTS]
    others = {
        facet: [value if facet == "level" else _name(connection, facet, value) for value in known]
        for facet, known in _OTHERS.items()
    }
    combos: dict[Facets, int] = {}
    times: dict[Facets, int] = {}
    rows = []
    for (key,) in connection.execute("SELECT key FROM listed ORDER BY key"):
        [verdict] = chance.choices(verdicts, [each[-1] for each in _VERDICTS])
        skill, level, language, model = (
            chance.choices(others[facet], list(_OTHERS[facet].values()))[0] for facet in _OTHERS
        )
        status, rung, reason, why, people, reward, need = verdict
        values = (status, rung, skill, level, language, model, reason, why, people)
        combo = (run, *values, int(reward is not None))
        number = combos.setdefault(combo, len(combos) + 1)
        times[combo] = times.get(combo, 0) + 1
        rows.append((number, reward, need, *values, key))
    facets = ("status", "rung", "skill", "level", "language", "model", "reason", "why", "people")
    sets = ", ".join(f"{name} = ?" for name in ("combo", "reward", "need", *facets))
    sql = f"UPDATE listed SET {sets} WHERE key = ?"
    connection.executemany(sql, rows)
    connection.execute("DELETE FROM combos")
    every = [(number, *combo, times[combo]) for combo, number in combos.items()]
    connection.executemany(f"INSERT INTO combos VALUES ({', '.join('?' * 13)})", every)


def _named(connection: sqlite3.Connection, verdict: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a verdict with the numbers of its names, and how much it needs a person."""
    status, rung, reason, why, people, reward, _ = verdict
    kinds = {"status": status, "rung": rung, "reason": reason, "why": why}
    numbers = (_name(connection, kind, name) for kind, name in kinds.items())
    return (*numbers, people, reward, _NEED.get(why, int(why == "judge alone")))


def _name(connection: sqlite3.Connection, kind: str, name: str) -> int:
    if not name:
        return 0
    sql = "INSERT INTO names (kind, name) VALUES (?, ?) ON CONFLICT DO NOTHING"
    connection.execute(sql, (kind, name))
    sql = "SELECT id FROM names WHERE kind = ? AND name = ?"
    return int(connection.execute(sql, (kind, name)).fetchone()[0])

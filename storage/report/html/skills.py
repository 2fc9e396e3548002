"""What the page of a curriculum says: each skill, what the student has mastered, what was asked.

What a newcomer gets wrong: what is asked next is decided while a run goes on, from all that ended
before; a page can only say what was asked for last, and what has still to be mastered first.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from storage.queries import Reader
from storage.records import Run, Skill
from storage.report.html.drawing.curriculum import Node, drawn
from storage.report.html.run import Told

LATELY = 200
"""How many of the last assignments count as asked lately."""
_MOST_SKILLS = 400


def curriculum_told(reader: Reader, run: Run, base: str = "") -> Told:
    """Return what the page of a run's curriculum says.

    Args:
        reader: Open.
        run: Whose curriculum; one of a library has none, and then its skills stand alone.
        base: What goes before every address.
    """
    came = {(row["skill"], row["level"]): dict(row) for row in reader.rows(_PLACES, run.id)}
    lately = {row["skill"]: row["times"] for row in reader.rows(_LATELY, run.id, LATELY)}
    skills = run.skills or _unplanned(came)
    nodes = [_node(skill, came, lately, run.id, base) for skill in skills[:_MOST_SKILLS]]
    rows = [
        {
            "skill": skill,
            "node": node,
            "tried": sum(place["tried"] for place in _of(skill, came)),
            "waits_for": _waits_for(skill, came) if not node.asked else [],
        }
        for skill, node in zip(skills, nodes, strict=False)
    ]
    values = {
        "run": run,
        "planned": bool(run.skills),
        "rows": rows,
        "levels": max((skill.levels for skill in skills[:_MOST_SKILLS]), default=0),
        "drawing": drawn(nodes),
        "more": len(skills) - len(nodes),
        "lately": LATELY,
        "asked_lately": sum(lately.values()),
    }
    plain = {
        "run_id": run.id,
        "lately": LATELY,
        "skills": [
            {key: value for key, value in asdict(row["node"]).items() if key != "address"}
            | {"tried": row["tried"], "about": row["skill"].about}
            for row in rows
        ],
    }
    return Told(values, plain)


Places = Mapping[tuple[str, int], Mapping[str, Any]]
"""By skill and level, its sums."""


def _node(skill: Skill, came: Places, lately: Mapping[str, int], run_id: str, base: str) -> Node:
    sums = [came.get((skill.name, level)) for level in range(1, skill.levels + 1)]
    query = urlencode({"run": run_id, "skill": skill.name}, errors="replace")
    return Node(
        name=skill.name,
        after=skill.after,
        rates=[each["solved"] / each["tried"] if each and each["tried"] else None for each in sums],
        lately=lately.get(skill.name, 0),
        asked=sum(place["assigned"] for place in _of(skill, came)),
        address=f"{base}/trajectories?{query}",
    )


def _of(skill: Skill, came: Places) -> list[Mapping[str, Any]]:
    levels = range(1, skill.levels + 1)
    return [came[skill.name, level] for level in levels if (skill.name, level) in came]


def _waits_for(skill: Skill, came: Places) -> list[tuple[str, float | None]]:
    """Return what comes before a skill, each with the solve rate of its first level."""
    firsts = [(name, came.get((name, 1))) for name in skill.after]
    return [
        (name, first["solved"] / first["tried"] if first and first["tried"] else None)
        for name, first in firsts
    ]


def _unplanned(came: Places) -> tuple[Skill, ...]:
    """Return the skills of a run without a curriculum, by name."""
    levels: dict[str, int] = {}
    for skill, level in sorted(came):
        levels[skill] = max(levels.get(skill, 1), min(level, 12))
    return tuple(Skill(name=name, levels=most) for name, most in levels.items())


_PLACES = """SELECT skill, level, assigned, tried, solved FROM place_sums WHERE run_id = ?
    ORDER BY assigned DESC LIMIT 20000"""
_LATELY = """SELECT skill, count(*) AS times FROM (
        SELECT skill FROM assignments WHERE run_id = ? ORDER BY n DESC LIMIT ?) GROUP BY skill"""

"""Everything that is read from the database for the page of one trajectory, at one moment.

What a newcomer gets wrong: reading and showing are apart, so that the page in the browser, the file
on disk and the JSON are made of the same.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

import networkx as nx
from pydantic import JsonValue

from storage.errors import Missing
from storage.export.fates import Fate, edges, fates
from storage.export.making import Steps
from storage.lineage import lineage
from storage.people.acts import Act, acts_of
from storage.queries import Reader, UsedCall
from storage.records import Attempt, CallError, CallSite, ExpertSeed, Run, Trajectory


class Neighbour(NamedTuple):
    """The trajectory before or after one in its run."""

    id: str
    n: int


@dataclass(frozen=True, slots=True)
class Whole:
    """A trajectory and all that belongs to it."""

    run: Run
    trajectory: Trajectory
    calls: tuple[UsedCall, ...]
    errors: tuple[tuple[CallSite, CallError], ...]
    seed: ExpertSeed | None
    """What the lesson grew from. None: from nothing, or it is not known what it was."""
    fates: dict[str, Fate]
    lineage: "nx.DiGraph[str]"
    acts: tuple[Act, ...]
    """What people did, oldest first."""
    before: Neighbour | None
    after: Neighbour | None


def whole(reader: Reader, trajectory: Trajectory, steps: Steps) -> Whole:
    """Return all that belongs to a trajectory.

    Args:
        reader: Open.
        trajectory: As it was just read.
        steps: Finds the steps of an attempt, which some examples are made of.
    """
    calls = reader.calls(trajectory.id)
    found = fates(reader, trajectory.run_id, trajectory.id, steps)
    return Whole(
        run=reader.run(trajectory.run_id),
        trajectory=trajectory,
        calls=calls,
        errors=reader.errors(trajectory.id),
        seed=_seed(reader, trajectory),
        fates=found,
        lineage=lineage(trajectory, calls, edges(found)),
        acts=acts_of(reader, trajectory.id),
        before=_neighbour(reader, trajectory, "<", "DESC"),
        after=_neighbour(reader, trajectory, ">", "ASC"),
    )


def plain(known: Whole) -> dict[str, JsonValue]:
    """Return the same for a program, as `inspect --json` prints it."""
    told = known.trajectory.model_dump(mode="json")
    told["lineage"] = [list(edge) for edge in known.lineage.edges]
    told["examples"] = {each: asdict(fate) for each, fate in known.fates.items()}
    told["calls"] = [
        used.call.model_dump(mode="json") | {"site": used.site.model_dump(mode="json")}
        for used in known.calls
    ]
    if known.acts:
        told["acts"] = [act.model_dump(mode="json", exclude={"token"}) for act in known.acts]
    return told


def name_of(attempt: Attempt) -> str:
    """Return what an attempt is called."""
    number = attempt.idx + 1
    return (
        f"Revision {attempt.revision} of attempt {number}"
        if attempt.revision
        else f"Attempt {number}"
    )


def part_of(attempt: Attempt) -> str:
    """Return the name of an attempt's part of the page."""
    revision = f"-revision-{attempt.revision}" if attempt.revision else ""
    return f"attempt-{attempt.idx + 1}{revision}"


def place_of(trajectory: Trajectory, ref: str) -> str:
    """Return the part of the page that an id, or the beginning of one, stands for; else nothing."""
    ref = ref.partition("-")[0]
    if ref.startswith("l") and trajectory.lesson and trajectory.lesson.id.startswith(ref):
        return "lesson"
    if not ref.startswith(("a", "v")):
        return ""
    judged = {v.attempt_id for v in trajectory.verdicts if v.id.startswith(ref)}
    for attempt in trajectory.attempts:
        if attempt.id.startswith(ref) or attempt.id in judged:
            return part_of(attempt)
    return ""


def attempts_by_line(attempts: Sequence[Attempt]) -> list[list[Attempt]]:
    """Return attempts in lines: each first try with what came of it, in order of revision."""
    lines: dict[int, list[Attempt]] = {}
    for attempt in sorted(attempts, key=lambda each: (each.idx, each.revision)):
        lines.setdefault(attempt.idx, []).append(attempt)
    return list(lines.values())


def _seed(reader: Reader, trajectory: Trajectory) -> ExpertSeed | None:
    lesson = trajectory.lesson
    if lesson is None or lesson.expert_seed is None:
        return None
    try:
        return reader.expert_seed(lesson.expert_seed)
    except Missing:
        return None


def _neighbour(reader: Reader, trajectory: Trajectory, side: str, order: str) -> Neighbour | None:
    sql = f"""SELECT id, n FROM trajectories WHERE run_id = ? AND n {side} ?
        ORDER BY n {order} LIMIT 1"""
    for row in reader.rows(sql, trajectory.run_id, trajectory.assignment.n):
        return Neighbour(row["id"], row["n"])
    return None

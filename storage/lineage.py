"""What was made from what: the DAG of one trajectory.

An edge points from what was there to what was made of it. Nodes are ids (of a call: its request's
digest, of an example: format and id) and carry a `kind`: expert_seed, lesson, attempt, verdict,
call or example.
"""

from collections.abc import Iterable

import networkx as nx

from storage.queries import UsedCall
from storage.records import Trajectory


def lineage(
    trajectory: Trajectory,
    calls: Iterable[UsedCall] = (),
    examples: Iterable[tuple[str, str, str]] = (),
) -> "nx.DiGraph[str]":
    """Return the lineage of a trajectory, from its expert seed to what is exported of it.

    Args:
        trajectory: Whose.
        calls: The model calls behind it.
        examples: What each example is made of: an id, the format, the example's id.

    Drafts that were refused are no lesson: the calls of all drafts lead to the lesson that came of
    them, or to nothing if none did.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    lesson = trajectory.lesson
    if lesson:
        graph.add_node(lesson.id, kind="lesson")
    if lesson and lesson.expert_seed:
        graph.add_node(lesson.expert_seed, kind="expert_seed")
        graph.add_edge(lesson.expert_seed, lesson.id)
    tries = {(attempt.revision, attempt.idx): attempt.id for attempt in trajectory.attempts}
    for attempt in trajectory.attempts:
        graph.add_node(attempt.id, kind="attempt", revision=attempt.revision, idx=attempt.idx)
        graph.add_edge(attempt.lesson_id, attempt.id)
        if before := tries.get((attempt.revision - 1, attempt.idx)):
            graph.add_edge(before, attempt.id)
    for verdict in trajectory.verdicts:
        graph.add_node(verdict.id, kind="verdict", status=verdict.status, rung=verdict.rung)
        graph.add_edge(verdict.attempt_id, verdict.id)
    for used in calls:
        graph.add_node(used.call.request_digest, kind="call", role=used.site.role)
        for made in _made_by(used, trajectory, tries):
            graph.add_edge(used.call.request_digest, made)
    for made_of, form, example in examples:
        graph.add_node(f"{form} {example}", kind="example", format=form)
        graph.add_edge(made_of, f"{form} {example}")
    return graph


def _made_by(
    used: UsedCall, trajectory: Trajectory, tries: dict[tuple[int, int], str]
) -> list[str]:
    """Return the ids of what a call made: one, or none if nothing came of it."""
    if used.site.role == "teacher":
        return [trajectory.lesson.id] if trajectory.lesson else []
    attempt = tries.get((used.site.revision, used.site.idx))
    if used.site.role == "student":
        return [attempt] if attempt else []
    verdicts = [v for v in trajectory.verdicts if v.attempt_id == attempt and v.rung != "person"]
    return [verdict.id for verdict in verdicts[:1]]

"""An episode as a tree of spans: the episode, its roles, and below each what was called and said.

What a newcomer gets wrong: people may come days later. What they did is part of the tree, and the
episode does not last until then.
"""

from storage.records import Attempt, Trajectory
from storage.report.why import why
from storage.traces.landed import TEACHER, Key, Landed, exception, key_of, kind_of
from storage.traces.manner import Manner
from storage.traces.roles import critic, student, teacher
from storage.traces.span import Place, Span, name_of
from storage.traces.verdict import act_span, verdict_span


def spans_of(landed: Landed, manner: Manner) -> list[Span]:
    """Return the spans of an episode, parents before their children."""
    whole = manner.episode(landed.trajectory.id)
    spans = [_episode(landed, manner, whole), *teacher(landed, manner, whole)]
    for attempt in landed.trajectory.attempts:
        spans += student(landed, manner, whole, attempt)
        spans += critic(landed, manner, whole, attempt)
    return [*spans, *_people(landed, manner, whole)]


def _episode(landed: Landed, manner: Manner, place: Place) -> Span:
    trajectory, asked = landed.trajectory, landed.trajectory.assignment
    lesson, known = trajectory.lesson, _known(trajectory)
    values: dict[str, object] = {
        "gen_ai.operation.name": "invoke_workflow",
        "gen_ai.workflow.name": "lyceum.episode",
        "tag.tags": (trajectory.status, asked.skill),
        "lyceum.run.id": trajectory.run_id,
        "lyceum.trajectory.id": trajectory.id,
        "lyceum.trajectory.status": trajectory.status,
        "lyceum.trajectory.reward": trajectory.reward,
        "lyceum.trajectory.reason": trajectory.reason,
        "lyceum.trajectory.attempts": len(trajectory.attempts),
        "lyceum.episode.n": asked.n,
        "lyceum.skill": asked.skill,
        "lyceum.level": asked.level,
        "lyceum.language": asked.language,
        "lyceum.lesson.id": lesson.id if lesson else None,
        "lyceum.lesson.verifier": lesson.verifier if lesson else None,
        "lyceum.expert_seed.id": asked.expert_seed,
    }
    telling = _telling(trajectory)
    texts: dict[str, object] = {
        "input.value": lesson.task.text if lesson else None,
        "output.value": telling.text if telling else None,
        "lyceum.lesson.reference": lesson.reference if lesson else None,
        "lyceum.why": why(trajectory),
    }
    events = [
        event
        for key in dict.fromkeys(key_of(site) for site, _, _ in landed.errors)
        if key not in known
        for event in landed.failures(key, manner)
    ]
    if trajectory.error is not None:
        _, _, raised = trajectory.error.partition(": ")  # what stands first is the node
        events.append(exception(manner, landed.end_ns, *kind_of(raised or trajectory.error)))
    failed = (trajectory.error or "") if trajectory.status == "failed" else None
    return Span(
        place=place,
        parent=manner.run if manner.one_trace else None,
        name=name_of("episode", str(asked.n), asked.skill),
        start_ns=landed.start_ns,
        end_ns=landed.end_ns,
        attributes=manner.about("CHAIN", values) | manner.texts(texts),
        events=tuple(events),
        links=() if manner.one_trace else (manner.run,),
        error=failed if manner.text or failed is None else "",
    )


def _people(landed: Landed, manner: Manner, whole: Place) -> list[Span]:
    """Return what people did, and what stands of them without an act, as in old databases."""
    attempts = {attempt.id: attempt for attempt in landed.trajectory.attempts}
    spans = [act_span(manner, act, attempts.get(act.attempt_id), whole) for act in landed.acts]
    acted = {act.verdict_id for act in landed.acts}
    spans += [
        verdict_span(manner, verdict, attempts[verdict.attempt_id], whole, landed.end_ns)
        for verdict in landed.trajectory.verdicts
        if verdict.rung == "person" and verdict.id not in acted
    ]
    return spans


def _known(trajectory: Trajectory) -> set[Key]:
    """Return the roles that have a span whatever failed."""
    places: set[Key] = {TEACHER}
    for attempt in trajectory.attempts:
        places |= {("student", attempt.revision, attempt.idx)}
        places |= {("critic", attempt.revision, attempt.idx)}
    return places


def _telling(trajectory: Trajectory) -> Attempt | None:
    """Return the attempt for which the episode has its status, else the last one."""
    last = {verdict.attempt_id: verdict.status for verdict in trajectory.verdicts}
    same = [each for each in trajectory.attempts if last.get(each.id) == trajectory.status]
    return next(iter(same), trajectory.attempts[-1] if trajectory.attempts else None)

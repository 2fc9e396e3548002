"""The roles of an episode as spans: what each was given and gave, with its calls below it.

What a newcomer gets wrong: there is a student for every attempt and a critic for every attempt that
was judged, for they work side by side; the teacher is one, whatever it drafted.
"""

from storage.records import Attempt, Role, Trajectory, Verdict
from storage.traces.landed import TEACHER, Key, Landed, exception, kind_of
from storage.traces.manner import Manner
from storage.traces.model_call import call_span
from storage.traces.span import Event, Place, Span, span_of
from storage.traces.verdict import evaluations, result_events, verdict_span


def teacher(landed: Landed, manner: Manner, whole: Place) -> list[Span]:
    """Return the teacher of an episode, with its drafts that the screen refused."""
    trajectory, key = landed.trajectory, TEACHER
    lesson = trajectory.lesson
    start, end = landed.window(key, landed.start_ns)
    place = Place(whole.trace_id, span_of(trajectory.id, "teacher"))
    found = [
        Event("lyceum.screen.finding", end, manner.texts({"lyceum.finding": finding}))
        for finding in trajectory.findings
    ]
    values = _agent("teacher", lesson.made_by if lesson else None)
    texts: dict[str, object] = {
        "input.value": f"{trajectory.assignment.skill}, level {trajectory.assignment.level}",
        "output.value": lesson.task.text if lesson else None,
    }
    own = Span(
        place=place,
        parent=whole,
        name="invoke_agent teacher",
        start_ns=start,
        end_ns=end,
        attributes=manner.about("AGENT", values) | manner.texts(texts),
        events=(*landed.failures(key, manner), *found),
    )
    return [own, *_calls(landed, manner, key, place, start)]


def student(landed: Landed, manner: Manner, whole: Place, attempt: Attempt) -> list[Span]:
    """Return the student of one attempt, with what was said about it."""
    key: Key = ("student", attempt.revision, attempt.idx)
    start, end = landed.window(key, landed.end_ns)
    place = Place(whole.trace_id, span_of(attempt.id))
    verdicts = _about(landed.trajectory, attempt)
    values = _agent("student", attempt.made_by) | {
        "lyceum.attempt.id": attempt.id,
        "lyceum.attempt.idx": attempt.idx,
        "lyceum.attempt.revision": attempt.revision,
        "lyceum.attempt.finish_reason": attempt.finish_reason,
        **evaluations(manner, attempt, verdicts),
    }
    lesson = landed.trajectory.lesson
    texts: dict[str, object] = {
        "input.value": lesson.task.text if lesson else None,
        "output.value": attempt.text,
        "lyceum.attempt.answer": attempt.answer,
        "lyceum.attempt.reasoning": attempt.reasoning,
    }
    events = [*landed.failures(key, manner), *result_events(manner, attempt, verdicts, end)]
    if attempt.error is not None:
        events.append(exception(manner, end, *kind_of(attempt.error)))
    own = Span(
        place=place,
        parent=whole,
        name="invoke_agent student",
        start_ns=start,
        end_ns=end,
        attributes=manner.about("AGENT", values) | manner.texts(texts),
        events=tuple(events),
        error=attempt.error if manner.text or attempt.error is None else "",
    )
    return [own, *_calls(landed, manner, key, place, start)]


def critic(landed: Landed, manner: Manner, whole: Place, attempt: Attempt) -> list[Span]:
    """Return the critic of one attempt; nothing if it was never asked."""
    key: Key = ("critic", attempt.revision, attempt.idx)
    verdicts = [each for each in _about(landed.trajectory, attempt) if each.rung != "person"]
    calls, failures = landed.calls_of(key), landed.failures(key, manner)
    if not (verdicts or calls or failures):
        return []
    _, tried = landed.window(("student", attempt.revision, attempt.idx), landed.end_ns)
    start, end = landed.window(key, tried)
    place = Place(whole.trace_id, span_of(attempt.id, "critic"))
    texts: dict[str, object] = {
        "input.value": attempt.text,
        "output.value": verdicts[-1].critique if verdicts else None,
    }
    values = _agent("critic", None) | {"lyceum.attempt.id": attempt.id}
    own = Span(
        place=place,
        parent=whole,
        name="invoke_agent critic",
        start_ns=start,
        end_ns=end,
        attributes=manner.about("AGENT", values) | manner.texts(texts),
        events=tuple(failures),
    )
    said = [verdict_span(manner, verdict, attempt, place, end) for verdict in verdicts]
    return [own, *_calls(landed, manner, key, place, start), *said]


def _calls(landed: Landed, manner: Manner, key: Key, parent: Place, usual_ns: int) -> list[Span]:
    return [call_span(manner, used, parent, usual_ns) for used in landed.calls_of(key)]


def _agent(role: Role, made_by: str | None) -> dict[str, object]:
    return {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": role,
        "agent.name": role,
        "lyceum.made_by": made_by,
    }


def _about(trajectory: Trajectory, attempt: Attempt) -> list[Verdict]:
    return [verdict for verdict in trajectory.verdicts if verdict.attempt_id == attempt.id]

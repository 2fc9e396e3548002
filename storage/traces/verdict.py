"""What was said about an attempt, by the critic and by people, as spans of an evaluation.

What a newcomer gets wrong: a person may come days after the episode. What they did is a span of its
own, at its own time, and a verdict that was withdrawn is told as well, as two of them.
"""

from collections.abc import Iterable

from storage.people.acts import Act
from storage.records import Attempt, Verdict
from storage.report.why import why_verdict
from storage.traces.manner import Manner
from storage.traces.span import Event, Place, Span, as_json, name_of, nanoseconds, span_of, told

_ANNOTATORS = {"program": "CODE", "judge": "LLM", "person": "HUMAN"}
"""OpenInference's kinds, by rung."""
_DONE = {"gave": "a person gave a verdict", "withdrew": "a person withdrew a verdict"}


def verdict_span(
    manner: Manner, verdict: Verdict, attempt: Attempt, parent: Place, at_ns: int
) -> Span:
    """Return the span of a verdict, which takes no time."""
    return Span(
        place=Place(parent.trace_id, span_of(verdict.id)),
        parent=parent,
        name=name_of("verdict", verdict.rung or "nobody"),
        start_ns=at_ns,
        end_ns=at_ns,
        attributes=manner.about("EVALUATOR", _said(verdict))
        | manner.texts(_words(verdict, attempt)),
    )


def act_span(manner: Manner, act: Act, attempt: Attempt | None, parent: Place) -> Span:
    """Return the span of what a person did; `attempt` is None if it is out of the run for now."""
    own = () if act.act == "gave" else ("withdrew",)
    at_ns = nanoseconds(act.at)
    values = _said(act.verdict) | {
        "lyceum.act": act.act,
        "lyceum.act.person": act.person,
        "lyceum.act.blind": act.blind,
        "lyceum.act.audit": act.audit_id,
        "lyceum.act.at": act.at,
    }
    texts = _words(act.verdict, attempt) | {"lyceum.act.note": act.note or None}
    return Span(
        place=Place(parent.trace_id, span_of(act.verdict_id, *own)),
        parent=parent,
        name=_DONE[act.act],
        start_ns=at_ns,
        end_ns=at_ns,
        attributes=manner.about("EVALUATOR", values) | manner.texts(texts),
    )


def evaluations(manner: Manner, attempt: Attempt, verdicts: Iterable[Verdict]) -> dict[str, object]:
    """Return what is said of an attempt as attributes of the attempt's own span."""
    found: dict[str, object] = {}
    for number, verdict in enumerate(verdicts):
        own = {
            "name": "verdict",
            "label": verdict.status,
            "score": verdict.reward,
            "annotator_kind": _ANNOTATORS.get(verdict.rung or ""),
            "identifier": verdict.id,
            "explanation": why_verdict(verdict, attempt.error) if manner.text else None,
        }
        found |= {f"evaluations.{number}.evaluation.{key}": own[key] for key in own}
    return found


def result_events(
    manner: Manner, attempt: Attempt, verdicts: Iterable[Verdict], at_ns: int
) -> list[Event]:
    """Return the same as the events that the GenAI conventions have for it."""
    return [
        Event("gen_ai.evaluation.result", at_ns, told(_result(manner, verdict, attempt)))
        for verdict in verdicts
    ]


def _result(manner: Manner, verdict: Verdict, attempt: Attempt) -> dict[str, object]:
    why = why_verdict(verdict, attempt.error) if manner.text else None
    return _scored(verdict) | {"gen_ai.evaluation.explanation": why}


def _scored(verdict: Verdict) -> dict[str, object]:
    return {
        "gen_ai.evaluation.name": "verdict",
        "gen_ai.evaluation.score.label": verdict.status,
        "gen_ai.evaluation.score.value": verdict.reward,
    }


def _said(verdict: Verdict) -> dict[str, object]:
    return _scored(verdict) | {
        "lyceum.verdict.id": verdict.id,
        "lyceum.attempt.id": verdict.attempt_id,
        "lyceum.verdict.status": verdict.status,
        "lyceum.verdict.reward": verdict.reward,
        "lyceum.verdict.rung": verdict.rung,
        "lyceum.verdict.reason": verdict.reason,
        "lyceum.verdict.first_wrong_step": verdict.first_wrong_step,
        "lyceum.verdict.first_wrong_step_rung": verdict.first_wrong_step_rung,
    }


def _words(verdict: Verdict, attempt: Attempt | None) -> dict[str, object]:
    judged = {"status": verdict.status, "reward": verdict.reward, "rung": verdict.rung}
    found = {
        "checks": [check.model_dump(mode="json") for check in verdict.checks],
        "grades": [grade.model_dump(mode="json") for grade in verdict.grades],
        "critique": verdict.critique,
    }
    error = attempt.error if attempt else None
    return {
        "gen_ai.evaluation.explanation": why_verdict(verdict, error),
        "input.value": attempt.text if attempt else None,
        "output.value": as_json(judged | found),
        "output.mime_type": "application/json",
    }

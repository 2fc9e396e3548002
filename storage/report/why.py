"""Says in one sentence why a trajectory, or a verdict, has its status."""

from collections.abc import Sequence

from storage.people.acts import Act
from storage.records import Trajectory, Verdict
from storage.report.clean import one_line
from storage.tallies import Tallies

_REASONS = {
    "wrong": "is wrong",
    "no_answer": "states no answer in the asked form",
    "truncated": "was cut off by a token limit",
    "abstained": "is not graded: the judge abstained",
    "undecided": "could not be decided",
    "error": "could not be made or judged",
}
"""What a verdict's reason says about its attempt."""


def why(trajectory: Trajectory, acts: Sequence[Act] = ()) -> str:
    """Return one sentence on why a trajectory is accepted, rejected, unscored or failed.

    Args:
        trajectory: Whose.
        acts: What people did with it, so that who decided is called by their name.
    """
    if trajectory.error is not None:
        return f"Failed: {one_line(trajectory.error)}"
    if trajectory.reason == "screen" or trajectory.lesson is None:
        last = one_line(trajectory.findings[-1]) if trajectory.findings else "it gave no reason"
        return f"{trajectory.status.capitalize()}: the lesson screen refused every draft; {last}"
    verdict = _telling(trajectory)
    if verdict is None:
        reason = one_line(trajectory.reason or "no attempt has a verdict")
        return f"{trajectory.status.capitalize()}: {reason}"
    place = next((i for i, a in enumerate(trajectory.attempts) if a.id == verdict.attempt_id), 0)
    attempt = trajectory.attempts[place]
    which = f"revision {attempt.revision} of " if attempt.revision else ""
    said = why_verdict(verdict, attempt.error, given(acts, verdict))
    return f"{trajectory.status.capitalize()}: {which}attempt {attempt.idx + 1} {said}"


def given(acts: Sequence[Act], verdict: Verdict) -> Act | None:
    """Return the act by which a person gave a verdict. None: no person did."""
    named = (act for act in acts if act.act == "gave" and act.verdict_id == verdict.id)
    return next(named, None)


def why_verdict(verdict: Verdict, error: str | None = None, act: Act | None = None) -> str:
    """Return what is said about an attempt, who says so, and on what evidence.

    Args:
        verdict: What is said.
        error: What the attempt's student raised. None: it did not.
        act: By which a person gave the verdict. None: no person did, or who is not known.
    """
    said = "is right"
    if verdict.status != "accepted":
        said = _REASONS.get(verdict.reason or "", f"is {verdict.status} ({verdict.reason})")
    note = act.note if act else ""
    evidence = one_line(error or note or _evidence(verdict))
    return f"{one_line(said)}{_by(verdict, act)}{': ' + evidence if evidence else ''}"


def _by(verdict: Verdict, act: Act | None) -> str:
    """Return who says so; a person is always called one, whatever name they gave."""
    if act is not None:
        return f", says {one_line(act.person)} (a person)"
    who = {"person": "a person", None: ""}.get(verdict.rung, f"the {verdict.rung}")
    return f", says {who}" if who else ""


def why_listed(status: str, reason: str | None, rung: str | None) -> str:
    """Return why a trajectory stands where it stands, from the little that a table knows of it."""
    if reason == "screen":
        return "the lesson screen refused every draft"
    said = "is right" if status == "accepted" else _REASONS.get(reason or "", reason or status)
    return f"{one_line(said)}, says the {rung}" if rung else one_line(said)


def fit_for_use(sums: Tallies, accept: int | None = None) -> bool:
    """Whether a run came to what was asked: enough is accepted, and not all refused or failed."""
    refused = sums.episodes in (sums.reasons.get("screen"), sums.failed) and sums.episodes > 0
    return not refused and sums.accepted >= (accept or 0)


def hint(sums: Tallies, accept: int | None = None) -> str | None:
    """Return what is probably wrong with a run that came to less than was asked. None: nothing."""
    if sums.reasons == {"screen": sums.episodes}:
        return "the screen refused every lesson; `inspect ID` says why"
    if sums.failed == sums.episodes > 0:
        return "every episode failed; `inspect ID` says why"
    if sums.reasons == {"no_answer": sums.episodes}:
        return (
            "no attempt states an answer in the asked form; does answer_pattern fit what the "
            "instruction asks for? `inspect ID` shows what was said"
        )
    if sums.reasons == {"undecided": sums.episodes}:
        return 'nobody decided; a skill with verifier "judge" needs [critic] kind = "chat"'
    if accept and sums.accepted < accept:
        return (
            f"{sums.accepted} of {accept} were accepted in {sums.episodes} episodes; "
            f"--episodes N tries more{_needed(sums, accept)}"
        )
    return None


def _needed(sums: Tallies, accept: int) -> str:
    """Return how many episodes it takes at the yield so far."""
    if not sums.accepted:
        return ", but `inspect --status rejected` says first why none is accepted"
    needed = -(-accept * sums.episodes // sums.accepted)
    return f"; at this yield of {sums.accepted / sums.episodes:.0%} it takes about {needed}"


def _telling(trajectory: Trajectory) -> Verdict | None:
    """Return the latest verdict that has the trajectory's own status and reason."""
    known = {attempt.id for attempt in trajectory.attempts}
    last = {v.attempt_id: v for v in trajectory.verdicts if v.attempt_id in known}
    same = [v for v in last.values() if v.status == trajectory.status]
    exact = [v for v in same if v.reason == trajectory.reason]
    found = exact or same
    return found[-1] if found else None


def _evidence(verdict: Verdict) -> str:
    """Return what weighed most: the deciding check, else the lowest grade with a reason."""
    for grade in verdict.grades:
        if verdict.rung is None and grade.criterion in ("abstained", "refused"):
            return grade.reason
    deciding = [c for c in verdict.checks if c.finding != "undecided"] or list(verdict.checks)
    if deciding and verdict.rung != "judge":
        return deciding[-1].evidence
    given = [(g.grade, g) for g in verdict.grades if g.grade is not None and g.reason]
    if given:
        lowest = min(given, key=lambda pair: pair[0])[1]
        return f"{lowest.criterion} {lowest.grade:g}, {lowest.reason}"
    return deciding[-1].evidence if deciding else ""

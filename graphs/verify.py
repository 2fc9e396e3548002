"""Re-derive what a program can: answers, program verdicts, standings. No model, no journal.

Digests of rows are the storage's to check (`storage.audit`). This is the other half: a row whose
digest was made to fit would still have to be right.
"""

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass

from agents.critic import ProgramCritic
from agents.parsing import extract_answer
from graphs.disagreement import Disagreement
from graphs.outcome import standing
from storage.records import Attempt, CallSite, Lesson, Trajectory, Verdict


@dataclass(slots=True)
class Verified:
    """How much was re-run."""

    trajectories: int = 0
    checks: int = 0


async def verify(stored: Iterable[Trajectory], verified: Verified) -> AsyncIterator[Disagreement]:
    """Yield every place where what is stored does not follow from what it is made of.

    Args:
        stored: In any order.
        verified: Counts what was re-run, while it is.
    """
    critic = ProgramCritic()
    for trajectory in stored:
        attempts = {a.id: a for a in trajectory.attempts}
        if trajectory.lesson is not None:
            for disagreement in _answers(trajectory.lesson, trajectory.attempts):
                yield disagreement
            for verdict in trajectory.verdicts:
                attempt = attempts.get(verdict.attempt_id)
                if attempt is None:
                    yield Disagreement("verdicts", verdict.id, "attempt_id", "of no attempt here")
                elif verdict.rung != "person":
                    again = await _judged(critic, trajectory.lesson, attempt)
                    verified.checks += len(again.checks)
                    for disagreement in _verdict(verdict, again):
                        yield disagreement
        for disagreement in _standing(trajectory):
            yield disagreement
        verified.trajectories += 1


def _answers(lesson: Lesson, attempts: tuple[Attempt, ...]) -> Iterator[Disagreement]:
    for attempt in attempts:
        answer = extract_answer(attempt.text, lesson.task.answer_pattern)
        if answer != attempt.answer:
            what = f"stored {attempt.answer!r:.80}, the text says {answer!r:.80}"
            yield Disagreement("attempts", attempt.id, "answer", what)


async def _judged(critic: ProgramCritic, lesson: Lesson, attempt: Attempt) -> Verdict:
    site = CallSite(trajectory_id=attempt.trajectory_id, seed=0, role="critic")
    return await critic.judge(lesson, attempt, site, None)


def _verdict(stored: Verdict, again: Verdict) -> Iterator[Disagreement]:
    """Compare a verdict with the program's; of a judge's verdict only the checks can be re-run."""
    columns = ["checks"]
    if stored.rung != "judge" and stored.reason not in ("abstained",):
        columns += ["status", "reward", "rung", "reason", "critique", "first_wrong_step"]
    for column in columns:
        was, now = getattr(stored, column), getattr(again, column)
        if was != now:
            what = f"stored {was!r:.80}, the program says {now!r:.80}"
            yield Disagreement("verdicts", stored.id, column, what)


def _standing(trajectory: Trajectory) -> Iterator[Disagreement]:
    """Compare a trajectory's status, reason and reward with what its verdicts make of it."""
    broken = trajectory.status == "failed" and trajectory.reason == "error"
    status, reason = standing(trajectory.verdicts, failed=broken)
    rewards = [v.reward for v in trajectory.verdicts if v.reward is not None]
    derived = {"status": status, "reason": reason, "reward": max(rewards, default=None)}
    for column, now in derived.items():
        was = getattr(trajectory, column)
        if was != now:
            what = f"stored {was!r}, the verdicts say {now!r}"
            yield Disagreement("trajectories", trajectory.id, column, what)

"""Re-derive what a program can: answers, program verdicts, statuses. No model, no journal.

Digests of rows are the storage's to check (`storage.audit`). This is the other half: a row whose
digest was made to fit would still have to be right.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from agents.critic import ProgramCritic
from agents.parsing import extract_answer
from graphs.disagreement import Disagreement
from graphs.trajectory import worth
from storage.records import Attempt, CallSite, Lesson, Trajectory, Verdict


@dataclass(slots=True)
class Verification:
    """What was found, and how much was re-run."""

    disagreements: list[Disagreement] = field(default_factory=list)
    trajectories: int = 0
    checks: int = 0


async def verify(stored: Iterable[Trajectory]) -> Verification:
    """Return every place where what is stored does not follow from what it is made of."""
    critic, found = ProgramCritic(), Verification()
    for trajectory in stored:
        if trajectory.lesson is not None:
            found.disagreements += _answers(trajectory.lesson, trajectory.attempts)
            await _verdicts(critic, trajectory.lesson, trajectory, found)
        found.disagreements += _worth(trajectory)
        found.trajectories += 1
    return found


async def _verdicts(
    critic: ProgramCritic, lesson: Lesson, trajectory: Trajectory, found: Verification
) -> None:
    attempts = {a.id: a for a in trajectory.attempts}
    for verdict in trajectory.verdicts:
        attempt = attempts.get(verdict.attempt_id)
        if attempt is None:
            what = "is of no attempt in its episode"
            found.disagreements.append(Disagreement("verdicts", verdict.id, "attempt_id", what))
        elif verdict.rung != "person":
            again = await _judged(critic, lesson, attempt)
            found.checks += len(again.checks)
            found.disagreements += _verdict(verdict, again)


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
    if stored.rung != "judge" and stored.reason != "abstained":
        columns += ["status", "reward", "rung", "reason", "critique", "first_wrong_step"]
    for column in columns:
        was, now = getattr(stored, column), getattr(again, column)
        if was != now:
            what = f"stored {was!r:.80}, the program says {now!r:.80}"
            yield Disagreement("verdicts", stored.id, column, what)


def _worth(trajectory: Trajectory) -> Iterator[Disagreement]:
    """Compare a trajectory's status, reason and reward with what its verdicts make of it."""
    broken = trajectory.status == "failed" and trajectory.reason == "error"
    derived = worth(trajectory.verdicts, failed=broken)
    for column, now in zip(("status", "reason", "reward"), derived, strict=True):
        was = getattr(trajectory, column)
        if was != now:
            what = f"stored {was!r}, the verdicts say {now!r}"
            yield Disagreement("trajectories", trajectory.id, column, what)

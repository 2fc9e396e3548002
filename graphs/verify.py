"""Re-derive what a program can: answers, program verdicts, statuses. No model, no journal.

Digests of rows are the storage's to check (`storage.audit`). This is the other half: a row whose
digest was made to fit would still have to be right. What a newcomer gets wrong: a newer version of
a verifier, and a tool that this machine lacks, are told apart from a row that does not hold.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from agents.critic import ProgramCritic
from agents.errors import ToolMissing
from agents.parsing import extract_answer
from graphs.disagreement import Disagreement
from storage.ids import decided
from storage.records import Attempt, CallSite, Check, Lesson, Trajectory, Verdict
from storage.worth import worth

AT_ONCE = 16
"""Trajectories that are looked at side by side, because some checks wait for other processes."""


@dataclass(slots=True)
class Verification:
    """What was found, and how much was re-run."""

    disagreements: list[Disagreement] = field(default_factory=list)
    trajectories: int = 0
    checks: int = 0
    """Program checks that were made again, those of programs in a sandbox not included."""
    code_checks: int = 0
    """Checks that ran a program in a sandbox, made again."""
    not_rerun: Counter[str] = field(default_factory=Counter)
    """How many verdicts could not be made again on this machine, by the reason."""
    differences: Counter[str] = field(default_factory=Counter)
    """How many verdicts another version made, by what is different in it; they hold."""

    def counts(self) -> dict[str, int | list[str]]:
        """Return what was counted, by name, as `verify` prints it."""
        why = [f"{times} because {reason}" for reason, times in self.not_rerun.items()]
        return {
            "episodes": self.trajectories,
            "checks": self.checks,
            "code_checks": self.code_checks,
            "not_rerun": self.not_rerun.total(),
            "not_rerun_why": why,
            "differences": [f"{times} {what}" for what, times in self.differences.items()],
        }

    def add(self, other: "Verification") -> None:
        """Count what was found elsewhere as well."""
        self.disagreements += other.disagreements
        self.trajectories += other.trajectories
        self.checks += other.checks
        self.code_checks += other.code_checks
        self.not_rerun += other.not_rerun
        self.differences += other.differences


async def verify(stored: Iterable[Trajectory]) -> Verification:
    """Return every place where what is stored does not follow from what it is made of."""
    critic, found = ProgramCritic(needs_tools=True), Verification()
    begun: deque[asyncio.Task[Verification]] = deque()
    try:
        for trajectory in stored:
            begun.append(asyncio.create_task(_one(critic, trajectory)))
            if len(begun) == AT_ONCE:
                found.add(await begun.popleft())
        while begun:
            found.add(await begun.popleft())
    finally:
        for task in begun:
            task.cancel()
    return found


async def _one(critic: ProgramCritic, trajectory: Trajectory) -> Verification:
    found = Verification(trajectories=1)
    if trajectory.lesson is not None:
        found.disagreements += _answers(trajectory.lesson, trajectory.attempts)
        await _verdicts(critic, trajectory.lesson, trajectory, found)
    found.disagreements += _worth(trajectory)
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
            try:
                again = await _judged(critic, lesson, attempt)
            except ToolMissing as error:
                found.not_rerun[str(error)] += 1
            else:
                _count(again.checks, found)
                _compare(lesson, verdict, again, found)


def _answers(lesson: Lesson, attempts: tuple[Attempt, ...]) -> Iterator[Disagreement]:
    for attempt in attempts:
        answer = extract_answer(attempt.text, lesson.task.answer_pattern)
        if answer != attempt.answer:
            what = f"stored {attempt.answer!r:.80}, the text says {answer!r:.80}"
            yield Disagreement("attempts", attempt.id, "answer", what)


async def _judged(critic: ProgramCritic, lesson: Lesson, attempt: Attempt) -> Verdict:
    site = CallSite(trajectory_id=attempt.trajectory_id, seed=0, role="critic")
    return await critic.judge(lesson, attempt, site, None)


def _count(checks: tuple[Check, ...], found: Verification) -> None:
    in_sandbox = sum("sandbox" in check.limits for check in checks)
    found.code_checks += in_sandbox
    found.checks += len(checks) - in_sandbox


def _compare(lesson: Lesson, stored: Verdict, again: Verdict, found: Verification) -> None:
    """Compare a verdict with the program's; of a judge's verdict only the checks can be re-run."""
    if not _are_same(stored.checks, again.checks, found):
        found.disagreements.append(_changed(stored, again, "checks"))
    if stored.rung == "judge" or stored.reason == "abstained":
        return
    columns = ["status", "reward", "rung", "reason"]
    if _lacks_a_step(lesson, stored, again):
        found.differences["older verdicts name no step where arithmetic now finds a false one"] += 1
    else:
        columns += ["critique"]
        if stored.first_wrong_step_rung != "judge":
            columns += ["first_wrong_step", "first_wrong_step_rung"]
    for column in columns:
        if getattr(stored, column) != getattr(again, column):
            found.disagreements.append(_changed(stored, again, column))


def _are_same(stored: tuple[Check, ...], again: tuple[Check, ...], found: Verification) -> bool:
    """Return whether checks are the same; of another version's only the findings must be."""
    if len(stored) != len(again):
        return False
    same = True
    for was, now in zip(stored, again, strict=True):
        if was.verifier == now.verifier and was.version != now.version:
            found.differences[f"made by {was.verifier}@{was.version}, here is @{now.version}"] += 1
            same = same and was.finding == now.finding
        else:
            same = same and decided(was) == decided(now)
    return same


def _lacks_a_step(lesson: Lesson, stored: Verdict, again: Verdict) -> bool:
    """Return whether a verdict may be older than the working out of its attempt's arithmetic."""
    missing = stored.first_wrong_step is None and again.first_wrong_step is not None
    return missing and not lesson.made_by.startswith("embedded/")


def _changed(stored: Verdict, again: Verdict, column: str) -> Disagreement:
    was, now = getattr(stored, column), getattr(again, column)
    what = f"stored {was!r:.80}, the program says {now!r:.80}"
    return Disagreement("verdicts", stored.id, column, what)


def _worth(trajectory: Trajectory) -> Iterator[Disagreement]:
    """Compare a trajectory's status, reason and reward with what its verdicts make of it."""
    broken = trajectory.status == "failed" and trajectory.reason == "error"
    derived = worth(trajectory.verdicts, failed=broken)
    for column, now in zip(("status", "reason", "reward"), derived, strict=True):
        was = getattr(trajectory, column)
        if was != now:
            what = f"stored {was!r}, the verdicts say {now!r}"
            yield Disagreement("trajectories", trajectory.id, column, what)

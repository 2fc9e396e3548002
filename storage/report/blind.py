"""One attempt as a person judges it: task, reference and attempt, and nothing of what others said.

What a newcomer gets wrong: that an attempt is a revision tells that an earlier one was wrong, and
why it is asked about tells who was unsure; so neither is shown before the person has spoken. Nor is
the rubric read from its verdicts, see `storage.people.rubric`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from storage.people.acts import Act
from storage.people.rubric import Criterion
from storage.records import Attempt, Trajectory
from storage.report.clean import one_line, shown
from storage.report.conversation import STYLES
from storage.report.why import given, why_verdict


@dataclass(frozen=True, slots=True)
class Case:
    """One attempt that a person is asked about."""

    trajectory: Trajectory
    attempt: Attempt
    why: str = ""
    """Why it is asked about; empty: because it was drawn, or is judged again."""
    criteria: Sequence[Criterion] = ()
    """By which it may be graded."""


def case_of(
    trajectory: Trajectory, attempt_id: str, why: str = "", criteria: Sequence[Criterion] = ()
) -> Case:
    """Return an attempt of an episode as a case."""
    [attempt] = (each for each in trajectory.attempts if each.id == attempt_id)
    return Case(trajectory, attempt, why, criteria)


def blind(case: Case) -> Iterator[RenderableType]:
    """Yield what a person sees before they judge."""
    asked, lesson, attempt = case.trajectory.assignment, case.trajectory.lesson, case.attempt
    yield Rule(style="dim")
    where = f"{one_line(asked.skill)}, level {asked.level}, {one_line(asked.language)}"
    yield shown(f"{where}  {attempt.id[:10]}", "dim")
    if lesson is not None:
        yield from _part("Task", lesson.task.text)
        yield from _part("Reference", lesson.reference)
        steps = "\n".join(f"{n}. {step}" for n, step in enumerate(lesson.steps, start=1))
        yield from _part("Worked steps", steps)
    yield from _part("Attempt", attempt.text)
    if attempt.finish_reason == "length":
        yield shown("A token limit ended this attempt.", "dim")
    yield from _part("Its answer", attempt.answer or "")
    if attempt.reasoning:
        told = f"It thought before, in {len(attempt.reasoning)} characters; t shows them"
        yield shown(told, "dim")
    if names := ", ".join(one_line(each.name) for each in case.criteria):
        yield shown(f"Criteria: {names}", "dim")


def thought(case: Case) -> Iterator[RenderableType]:
    """Yield what the student thought before, unfolded."""
    yield from _part("What it thought before", case.attempt.reasoning or "Nothing that is known.")


def unblind(case: Case, acts: Sequence[Act]) -> Iterator[RenderableType]:
    """Yield what others said of it and why it was asked about, once the person has spoken.

    Args:
        case: As it was shown.
        acts: What people did with its episode.
    """
    if case.why:
        yield shown(f"  It was asked about: {case.why}", "dim")
    for verdict in case.trajectory.verdicts:
        if verdict.attempt_id == case.attempt.id:
            line = Text("  Before you: ", style="dim", overflow="fold")
            line.append(verdict.status, style=STYLES[verdict.status])
            said = why_verdict(verdict, case.attempt.error, given(acts, verdict))
            yield line.append_text(shown(f", it {said}", "dim"))


def _part(name: str, text: str) -> Iterator[RenderableType]:
    if text:
        yield Text(name, style="bold")
        yield Padding(shown(text), (0, 0, 0, 2))

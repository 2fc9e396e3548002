"""One attempt as a person judges it: task, reference and attempt, and nothing of what others said.

What a newcomer gets wrong: that an attempt is a revision tells that an earlier one was wrong, and
why it is asked about tells who was unsure; so neither is shown before the person has spoken.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from storage.people.acts import Act
from storage.people.saying import criteria
from storage.records import Attempt, Grade, Trajectory
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

    @property
    def rubric(self) -> tuple[Grade, ...]:
        """The criteria by which it, or a sibling of it, was judged, with the judge's weights.

        Empty: by none, so there is nothing to grade.
        """
        verdicts = self.trajectory.verdicts
        own = criteria(v for v in verdicts if v.attempt_id == self.attempt.id)
        return own or criteria(verdicts)


def case_of(trajectory: Trajectory, attempt_id: str, why: str = "") -> Case:
    """Return an attempt of an episode as a case."""
    [attempt] = (each for each in trajectory.attempts if each.id == attempt_id)
    return Case(trajectory, attempt, why)


def blind(case: Case) -> Iterator[RenderableType]:
    """Yield what a person sees before they judge."""
    asked, lesson = case.trajectory.assignment, case.trajectory.lesson
    yield Rule(style="dim")
    where = f"{one_line(asked.skill)}, level {asked.level}, {one_line(asked.language)}"
    yield shown(f"{where}  {case.attempt.id[:10]}", "dim")
    if lesson is not None:
        yield from _part("Task", lesson.task.text)
        yield from _part("Reference", lesson.reference)
        steps = "\n".join(f"{n}. {step}" for n, step in enumerate(lesson.steps, start=1))
        yield from _part("Worked steps", steps)
    yield from _part("Attempt", case.attempt.text)
    if names := ", ".join(one_line(grade.criterion) for grade in case.rubric):
        yield shown(f"Criteria: {names}", "dim")


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

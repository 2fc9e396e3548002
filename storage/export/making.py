"""What every format is made of: how it is asked for, what it makes, and what it leaves out.

What a newcomer gets wrong: a format decides about every attempt that it is given. Either an example
names it among its attempts, or it is left out with a reason; `account` counts on that.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

from pydantic import JsonValue

from storage.export.columns import SOURCE, Columns, Example, Shape
from storage.export.episodes import Episode, Judged
from storage.export.weight import weight

Revisions = Literal["alone", "turns", "none"]
"""What becomes of a revision: an answer to the task as any other; the end of a conversation with
what it revises and the critique; or nothing."""
Steps = Callable[[str, str], tuple[str, ...]]
"""Finds the steps of an attempt: its text, and the task's answer pattern."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How examples are made."""

    steps: Steps = field(default=lambda text, answer_pattern: ())
    """None are found unless a caller says how: `stepwise` needs it, and no other format does."""
    revisions: Revisions = "alone"
    shape: Shape = field(default_factory=Shape)
    """With `train`, the turns before a revision are marked as not to be trained."""


class Made(NamedTuple):
    """An example, and the ids of the attempts that it was made of."""

    example: Example
    attempts: tuple[str, ...]
    said: Example | None = None
    """The same as a dialect says it. None: as it stands."""


class Leave(Protocol):
    """Takes down that an attempt is left out."""

    def __call__(self, attempt: Judged, reason: str, twin: str | None = None) -> None:
        """Leave an attempt out for a reason; `twin` is the id of what makes it superfluous."""
        ...


@dataclass(frozen=True, slots=True)
class Form:
    """One format of training data."""

    name: str
    own: Columns
    """Its columns, without those of `SOURCE`."""
    make: Callable[[Episode, Sequence[Judged], Manner, Leave], Iterable[Made]]
    """Makes the examples of one episode from the attempts that were chosen."""
    lacking: str
    """What a run lacks of which nothing can be made, and how to get it."""
    labelled: bool = False
    """Whether rows of one kind alone teach nothing."""

    @property
    def columns(self) -> Columns:
        """All columns, in order."""
        return SOURCE | self.own


def source(episode: Episode, attempt: Judged) -> Example:
    """Return the columns that say where an example of one attempt comes from."""
    lesson = episode.lesson
    return {
        "id": attempt.id,
        "trajectory_id": lesson.trajectory_id,
        "lesson_id": lesson.lesson_id,
        "expert_seed": lesson.expert_seed,
        "licence": lesson.licence,
        "family": lesson.family,
        "skill": lesson.skill,
        "level": lesson.level,
        "language": lesson.language,
        "made_by": attempt.made_by,
        "rung": attempt.rung,
        "reward": attempt.reward,
        "weight": weight(attempt),
    }


def asked(text: str, manner: Manner) -> JsonValue:
    """Return a message of the user, which nobody is to learn."""
    return _message("user", text, None, manner, trained=False)


def replied(attempt: Judged, manner: Manner, *, trained: bool = True) -> JsonValue:
    """Return an attempt as a message of the assistant."""
    return _message("assistant", attempt.text, attempt.reasoning, manner, trained=trained)


def said(text: str, manner: Manner) -> JsonValue:
    """Return a message of the assistant that is no attempt."""
    return _message("assistant", text, None, manner, trained=True)


def prompt(episode: Episode, attempt: Judged, manner: Manner) -> list[JsonValue]:
    """Return what an attempt answers: the task, and for a revision by turns all that went before.

    What stands before is not to be trained, whatever its role.
    """
    found = [asked(episode.lesson.text, manner)]
    if manner.revisions == "turns":
        for earlier in episode.before(attempt):
            found.append(replied(earlier, manner, trained=False))
            found.append(asked(earlier.told, manner))
    return found


def _message(
    role: str, text: str, reasoning: str | None, manner: Manner, *, trained: bool
) -> JsonValue:
    message: dict[str, JsonValue] = {"role": role, "content": text}
    if manner.shape.reasoning:
        message["reasoning_content"] = reasoning
    if manner.shape.train:
        message["train"] = trained
    return message

"""What a domain of the embedded faculty is: lessons drawn by number, worked rightly or wrongly.

The reference and a novice's attempt come out of the same `work`, once without misconceptions and
once with some, so that the first wrong step is known exactly. A domain is pure: same arguments,
same result, in every process.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

from storage.records import Skill, Slip, Task


@dataclass(frozen=True, slots=True)
class Misconception:
    """One wrong belief that a novice may hold about a skill."""

    name: str
    """What the novice does, in snake_case, such as "inverts_a_ratio" or
    "adds_instead_of_multiplying"; stored with every attempt in which it acted."""
    belief: str
    """What the novice thinks, in one sentence."""


@dataclass(frozen=True, slots=True)
class Work:
    """A task worked through, rightly or not."""

    steps: tuple[str, ...]
    """What is written down, one line each, first step first, without numbers in front."""
    answer: str
    slips: tuple[Slip, ...] = ()
    """Which of the active misconceptions changed a step, and the first step that each made wrong.
    """
    stated: str = ""
    """How an attempt states the answer at its end. Empty: behind "Answer:" on one line."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A lesson's content as a domain draws it; the embedded teacher makes the lesson of it."""

    task: Task
    """`task.givens` holds all that `work` needs, and "domain", "skill" and "level"."""
    verifier: str
    data: dict[str, JsonValue]


class Domain(Protocol):
    """One domain of the embedded faculty."""

    name: str
    version: int
    """Raised whenever the same index would give another task or another working."""
    skills: tuple[Skill, ...]
    """Its part of the curriculum; `after` may name skills of other domains."""

    def capacity(self, skill: str, level: int) -> int:
        """Return how many different task texts there are, as a count of indices (2**62 at most)."""
        ...

    def draft(self, skill: str, level: int, index: int) -> Draft:
        """Return the task of an index in [0, capacity); different indices, different task texts."""
        ...

    def misconceptions(self, skill: str) -> tuple[Misconception, ...]:
        """Return what a novice may get wrong about a skill: two or more, each able to spoil it."""
        ...

    def work(self, task: Task, active: Collection[str]) -> Work:
        """Work a task through with these misconceptions active; with none, the right way.

        A misconception that has nothing to act on in this task changes nothing and leaves no slip.
        """
        ...

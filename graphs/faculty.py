"""The context that a run lends to the graph's nodes: three roles, where things go, and the limits.

Context is not state: it is never checkpointed, and an app passes it again whenever it resumes.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from agents.chat.model import Journal
from agents.critic import Critic, ProgramCritic
from agents.embedded.domains import domains
from agents.embedded.novice import Novice
from agents.embedded.teacher import EmbeddedTeacher
from agents.screen import Overlap
from agents.student import Student
from agents.teacher import Teacher
from graphs.errors import ConfigError
from storage.records import Lesson, Trajectory


class Sink(Protocol):
    """Where trajectories go."""

    async def land(self, trajectory: Trajectory) -> None:
        """Store one trajectory whole or not at all; landing it again changes nothing."""
        ...


class Memory(Protocol):
    """What earlier episodes of the run left for the duplicate screen."""

    async def twin(self, question_digest: str, n: int) -> int | None:
        """Return the earliest episode with this question that episode `n` may know of, or None."""
        ...

    async def near(self, lesson: Lesson, n: int) -> int | None:
        """Return an episode with nearly this question that episode `n` may know of, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Faculty:
    """The three roles that a run uses, together, with what they are lent."""

    teacher: Teacher
    student: Student
    critic: Critic
    attempts: int = 2
    """How many attempts a lesson gets at once, from 1."""
    max_revisions: int = 1
    """How often a wrong attempt may be revised, from 0."""
    drafts: int = 3
    """How many drafts of a lesson the screen reads before it gives up, from 1."""
    strict_screen: bool = True
    """False for lessons that are taken as they stand: findings are warnings."""
    journal: Journal | None = None
    """None: nothing is kept, so nothing is reused."""
    sink: Sink | None = None
    """None: nothing is stored; the trajectory is only returned."""
    memory: Memory | None = None
    """None: no lesson is a duplicate."""
    benchmarks: Overlap | None = None
    """None: no lesson is looked up in a benchmark."""


def embedded_faculty(
    *,
    seed: int = 0,
    attempts: int = 2,
    max_revisions: int = 1,
    journal: Journal | None = None,
    sink: Sink | None = None,
) -> Faculty:
    """Return the faculty that needs no model, no key and no network.

    Args:
        seed: Decides the order in which lessons are drawn.
        attempts: How many attempts a lesson gets, from 1.
        max_revisions: How often a wrong attempt may be revised, from 0.
        journal: See `Faculty`; embedded roles make no model calls.
        sink: See `Faculty`.
    """
    return Faculty(
        teacher=EmbeddedTeacher(domains(), seed),
        student=Novice(domains()),
        critic=ProgramCritic(),
        attempts=attempts,
        max_revisions=max_revisions,
        drafts=1,
        journal=journal,
        sink=sink,
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """What stands in a faculty's place where only names and numbers can go, as over HTTP.

    Whoever calls a server chooses these, so none of them names an address or a key's variable.
    """

    attempts: int = 2
    """From 1 to 16."""
    max_revisions: int = 1
    """From 0 to 8."""


def lent(context: Faculty | Settings | None) -> Faculty:
    """Return the faculty of a context; of settings, or of nothing, the embedded one.

    Raises:
        ConfigError: a setting is out of its range.
    """
    return context if isinstance(context, Faculty) else _of_settings(context or Settings())


@lru_cache(maxsize=64)
def _of_settings(settings: Settings) -> Faculty:
    if not (1 <= settings.attempts <= 16 and 0 <= settings.max_revisions <= 8):
        raise ConfigError("context: attempts must be from 1 to 16, max_revisions from 0 to 8")
    return embedded_faculty(attempts=settings.attempts, max_revisions=settings.max_revisions)

"""What a batch asks for next: the curriculum's choice, or the rows of a library in file order.

Both are folds over outcomes. `RunMemory` is the window through which one episode may see earlier
ones: those that had to be ended before it could start, whatever has ended since.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from storage.ids import derive_seed
from storage.records import Assignment, Lesson, Outcome


class Plan(Protocol):
    """Assignments in index order, from outcomes in index order."""

    @property
    def questions(self) -> Mapping[str, int]:
        """Earliest episode of every question digest that was learnt."""
        ...

    @property
    def learnt(self) -> int:
        """How many outcomes were learnt."""
        ...

    def learn(self, outcome: Outcome) -> None:
        """Take in the outcome of the next episode."""
        ...

    def assign(self, n: int) -> Assignment | None:
        """Return assignment `n`; None when there is nothing more to ask for."""
        ...


@dataclass(slots=True)
class LibraryPlan:
    """The lessons of a library, one a row, in file order, until the file ends."""

    lessons: tuple[Lesson, ...]
    seed: int
    questions: dict[str, int] = field(default_factory=dict)
    learnt: int = 0

    def learn(self, outcome: Outcome) -> None:
        """Take in the outcome of the next episode; only its question matters here."""
        if outcome.question_digest is not None:
            self.questions.setdefault(outcome.question_digest, outcome.n)
        self.learnt += 1

    def assign(self, n: int) -> Assignment | None:
        """Return the assignment of row `n`; None beyond the file's end."""
        if n >= len(self.lessons):
            return None
        lesson = self.lessons[n]
        return Assignment(
            n=n,
            skill=lesson.skill,
            level=lesson.level,
            language=lesson.language,
            seed=derive_seed(self.seed, "episode", n),
            ordinal=n,
            expert_seed=lesson.expert_seed,
        )


@dataclass(frozen=True, slots=True)
class RunMemory:
    """What an episode may know of earlier questions: a function of its index, not of the clock."""

    plan: Plan
    lag: int

    def twin(self, question_digest: str, n: int) -> int | None:
        """Return the earliest episode with this question among 0 ... n - lag, or None."""
        first = self.plan.questions.get(question_digest)
        return first if first is not None and first <= n - self.lag else None

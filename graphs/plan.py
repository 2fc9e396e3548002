"""What a batch asks for next: the curriculum's choice, or the rows of a library in file order.

Both are folds over outcomes, and both can be set to where a stored run stands, so that a run that
goes on need not be learnt again from its beginning.
"""

from dataclasses import dataclass
from typing import Protocol

from storage.ids import derive_seed
from storage.records import Assignment, Lesson, Outcome
from storage.standing import Standing


class Plan(Protocol):
    """Assignments in index order, from outcomes in index order."""

    @property
    def learnt(self) -> int:
        """How many outcomes were learnt."""
        ...

    def restore(self, standing: Standing) -> None:
        """Come to where a stored run stands, as if all up to there had been learnt and asked."""
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
    learnt: int = 0

    def restore(self, standing: Standing) -> None:
        """Come to where a stored run stands."""
        self.learnt = standing.learnt

    def learn(self, outcome: Outcome) -> None:
        """Take in the outcome of the next episode; what comes next does not hang on it."""
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

"""The embedded student: a simulated novice with named misconceptions, and called that in every row.

It works a task from its givens, rightly but for the misconceptions that it holds. Which it holds is
drawn from the assignment's seed and grows rarer with practice, the number of critiques it has had
at the skill; so it learns, as a function of records and of nothing else. It sees no reference.
"""

from collections.abc import Iterable
from random import Random

from agents.chat.model import Journal
from agents.embedded.domain import Domain, Misconception, Work
from agents.student import Earlier, Try
from storage.ids import derive_seed
from storage.records import Assignment, CallSite, Task

HELD = 0.33
"""Chance that an untaught novice holds one of a skill's misconceptions, in [0, 1]."""
FORGOTTEN = 0.97
"""What one more critique at the skill leaves of that chance."""
ACTS = 0.92
"""Chance that a misconception that is held acts in one attempt."""
CORRECTED = 0.45
"""Chance that a critique mends a misconception for the revision it leads to."""


class Novice:
    """Attempts the tasks of the embedded domains."""

    name = "embedded/novice@1"

    def __init__(self, domains: Iterable[Domain]) -> None:
        self._domains = {domain.name: domain for domain in domains}

    async def attempt(
        self,
        task: Task,
        assignment: Assignment,
        site: CallSite,
        journal: Journal | None,
        earlier: Earlier | None = None,
    ) -> Try:
        """Work the task; a revision repeats the earlier working, with some misconceptions mended.

        Raises:
            ValueError: the task has no givens of an embedded domain: a novice reads no prose.
        """
        domain = self._domains.get(str((task.givens or {}).get("domain")))
        if domain is None:
            raise ValueError("the embedded student reads only the embedded teacher's tasks")
        active = self._held(domain.misconceptions(assignment.skill), assignment, site.idx)
        for revision in range(1, site.revision + 1):
            slipped = {slip.misconception for slip in domain.work(task, active).slips}
            chance = _random(assignment, "corrected", site.idx, revision)
            mended = {name for name in sorted(slipped) if chance.random() < CORRECTED}
            active = [name for name in active if name not in mended]
        work = domain.work(task, active)
        return Try(text=_written(work), slips=work.slips)

    def _held(self, known: Iterable[Misconception], assignment: Assignment, idx: int) -> list[str]:
        """Return the names that act in this attempt: held for the episode, acting by attempt."""
        practice = assignment.practice.get(assignment.skill, 0)
        holding, acting = _random(assignment, "held"), _random(assignment, "acts", idx)
        held = [m.name for m in known if holding.random() < HELD * FORGOTTEN**practice]
        return [name for name in held if acting.random() < ACTS]


def _random(assignment: Assignment, *path: str | int) -> Random:
    return Random(derive_seed(assignment.seed, "novice", assignment.skill, *path))


def _written(work: Work) -> str:
    steps = [f"{number}. {step}" for number, step in enumerate(work.steps, start=1)]
    return "\n".join([*steps, work.stated or f"Answer: {work.answer}"])

"""The procedures domain: exact tasks worked in steps, one skill or family in each file.

What a newcomer gets wrong: the right working and a novice's come out of the same `solve`; there is
no second, shorter way to the reference here. The tests have one.
"""

from collections.abc import Collection

from pydantic import JsonValue

from agents.embedded.domain import Draft, Misconception, Work
from agents.embedded.procedures.bases import NUMBER_BASES
from agents.embedded.procedures.calendar import CALENDAR
from agents.embedded.procedures.clock import CLOCK_TIME
from agents.embedded.procedures.procedure import Procedure
from agents.embedded.procedures.sequences import SEQUENCES
from agents.embedded.procedures.sets import SET_OPERATIONS
from agents.embedded.procedures.sheet import Sheet
from agents.embedded.procedures.sorting import SORTING
from agents.embedded.procedures.text import TEXT_MANIPULATION
from storage.records import Skill, Task

PROCEDURES = (
    CLOCK_TIME, CALENDAR, SEQUENCES, NUMBER_BASES, SORTING, SET_OPERATIONS, TEXT_MANIPULATION,
)  # fmt: skip


class Procedures:
    """Draws and works the tasks of all procedures, by skill."""

    name = "procedures"
    version = 1

    def __init__(self) -> None:
        self._procedures = {procedure.skill.name: procedure for procedure in PROCEDURES}
        self.skills: tuple[Skill, ...] = tuple(procedure.skill for procedure in PROCEDURES)

    def capacity(self, skill: str, level: int) -> int:
        """Return how many different task texts a skill has at a level; 0: no such level."""
        return self._procedure(skill).capacity(level)

    def draft(self, skill: str, level: int, index: int) -> Draft:
        """Return the task of an index in [0, capacity).

        Raises:
            ValueError: no such skill, or no such index at this level.
        """
        procedure = self._procedure(skill)
        if not 0 <= index < procedure.capacity(level):
            raise ValueError(f"{skill!r} has no task {index} at level {level}")
        kind, question, givens = procedure.draw(level, index)
        place: dict[str, JsonValue] = {
            "domain": self.name,
            "skill": skill,
            "level": level,
            "kind": kind.name,
        }
        task = Task(question=question, instruction=kind.instruction, givens={**place, **givens})
        return Draft(task=task, verifier=kind.verifier, data={})

    def misconceptions(self, skill: str) -> tuple[Misconception, ...]:
        """Return what a novice may get wrong about a skill."""
        return self._procedure(skill).misconceptions

    def work(self, task: Task, active: Collection[str]) -> Work:
        """Work a task through from its givens.

        Raises:
            ValueError: the task is not one of this domain.
        """
        givens = task.givens or {}
        level = givens.get("level")
        procedure = self._procedure(str(givens.get("skill")))
        if not isinstance(level, int) or not procedure.capacity(level):
            raise ValueError(f"{procedure.skill.name!r} has no level {level!r}")
        sheet = Sheet(active)
        answer = procedure.kind(level, str(givens.get("kind"))).solve(givens, sheet)
        return sheet.work(answer)

    def _procedure(self, skill: str) -> Procedure:
        if skill not in self._procedures:
            raise ValueError(f"{skill!r}: not a procedure; there are {[*self._procedures]}")
        return self._procedures[skill]

"""The domain `functions`: a function is specified in words, and the answer is its source.

What a newcomer gets wrong: nothing is run here. The reference is text; the values of the examples
are worked out another way, and whoever verifies a lesson runs the one against the other.
"""

from collections.abc import Collection
from random import Random

from pydantic import JsonValue

from agents.embedded.domain import Draft, Misconception, Work
from agents.embedded.functions.course import SKILLS, families
from agents.embedded.functions.family import Family, Kata
from agents.embedded.functions.misconceptions import MISCONCEPTIONS
from agents.embedded.functions.page import Page
from agents.embedded.functions.shown import examples
from agents.embedded.functions.telling import INSTRUCTION, PATTERN, Example, question
from agents.verifiers.code.literals import written
from storage.canonical import canonical
from storage.ids import derive_seed
from storage.records import Skill, Task

HIDDEN = 16
"""How many inputs the verifier draws for each attempt."""


class Functions:
    """Draws and works katas: functions that are specified in words."""

    name = "functions"
    version = 1
    skills: tuple[Skill, ...] = SKILLS

    def capacity(self, skill: str, level: int) -> int:
        """Return how many different questions there are, each family's as many as the rarest's.

        Raises:
            ValueError: there is no such skill or level.
        """
        known = families(skill, level)
        return len(known) * min(family.count() for family in known)

    def draft(self, skill: str, level: int, index: int) -> Draft:
        """Return the task of an index.

        Raises:
            ValueError: there is no such skill, level or index.
        """
        if not 0 <= index < self.capacity(skill, level):
            raise ValueError(f"{skill} level {level} has no task {index}")
        known = families(skill, level)
        rest, turn = divmod(index, len(known))
        family = known[turn]
        parts = family.parts(rest)
        kata = family.kata(parts)
        chance = Random(derive_seed("examples", family.name, canonical(parts)))
        shown = examples(kata, lambda *row: family.value(parts, *row), chance)
        task = Task(
            question=question(kata, parts["phrasing"] // 2, shown),
            instruction=INSTRUCTION,
            answer_pattern=PATTERN,
            givens={
                "domain": self.name,
                "skill": skill,
                "level": level,
                "family": family.name,
                "parts": parts,
            },
        )
        return Draft(task, "code", _data(kata, shown))

    def misconceptions(self, skill: str) -> tuple[Misconception, ...]:
        """Return what a novice may get wrong about a skill."""
        return tuple(each for each in MISCONCEPTIONS if skill in each.skills)

    def work(self, task: Task, active: Collection[str]) -> Work:
        """Write the program line by line, with these misconceptions active.

        Raises:
            ValueError: the task is not one of this domain.
        """
        family, parts = _told(task)
        page = Page(active)
        family.write(parts, page)
        return page.work()


def _told(task: Task) -> tuple[Family, dict[str, JsonValue]]:
    """Return what a task asks for, from its givens."""
    givens = task.givens or {}
    skill, level, parts = givens.get("skill"), givens.get("level"), givens.get("parts")
    if (
        givens.get("domain") == Functions.name
        and isinstance(level, int)
        and isinstance(parts, dict)
    ):
        for family in families(str(skill), level):
            if family.name == givens.get("family"):
                return family, parts
    raise ValueError("the task is not one of this domain")


def _data(kata: Kata, shown: list[Example]) -> dict[str, JsonValue]:
    """Return what the verifier needs; of all values it holds only those that the question shows."""
    rows: list[JsonValue] = [[[written(each) for each in row], written(v)] for row, v in shown]
    return {
        "entry_point": kata.name,
        "examples": rows,
        "inputs": [each.hidden for each in kata.arguments],
        "hidden": HIDDEN,
        "pure": kata.pure,
    }

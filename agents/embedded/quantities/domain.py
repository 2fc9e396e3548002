"""The domain of quantities: everyday stories over a random dependency graph, with one question.

A newcomer expects two tasks of one index at two levels to be alike; they share the first sentence
and nothing else.
"""

from collections.abc import Collection
from random import Random

from agents.embedded.domain import Draft, Misconception, Work
from agents.embedded.quantities.graph import Form
from agents.embedded.quantities.misconceptions import MISCONCEPTIONS
from agents.embedded.quantities.scene import scene, scenes
from agents.embedded.quantities.shape import OPERATIONS_AT, PREREQUISITES
from agents.embedded.quantities.telling import tell
from agents.embedded.quantities.working import work
from storage.ids import derive_seed
from storage.records import Skill, Task

VERSION = 1

INSTRUCTIONS: dict[Form, str] = {
    "number": "State the number of {what} on the last line, in the form: Answer: <number>",
    "fraction": "State the fraction in lowest terms on the last line, in the form: "
    "Answer: <numerator>/<denominator>",
    "percent": "State the percentage on the last line, in the form: Answer: <number>%",
}

SKILLS = (
    Skill(
        name="sums",
        levels=3,
        verifier="math",
        about="Everyday stories solved by adding and subtracting whole numbers.",
    ),
    Skill(
        name="products",
        after=("sums",),
        levels=3,
        verifier="math",
        about="Everyday stories solved by multiplying and dividing without remainder.",
    ),
    Skill(
        name="fractions",
        after=("products",),
        levels=3,
        verifier="math",
        about="Everyday stories about fractions of an amount, and about what fraction a part is.",
    ),
    Skill(
        name="percentages",
        after=("fractions",),
        levels=3,
        verifier="math",
        about="Everyday stories about percentages of an amount, and percentages more or less.",
    ),
    Skill(
        name="ratios",
        after=("fractions",),
        levels=3,
        verifier="math",
        about="Everyday stories in which amounts are compared or split in a ratio.",
    ),
    Skill(
        name="rates",
        after=("products",),
        levels=3,
        verifier="math",
        about="Everyday stories about so many an hour and so many dollars a piece.",
    ),
    Skill(
        name="units",
        after=("products",),
        levels=3,
        verifier="math",
        about="Everyday stories with grams and kilograms, metres, litres, minutes and hours.",
    ),
)


class Quantities:
    """See `agents.embedded.domain.Domain`."""

    name = "quantities"
    version = VERSION
    skills: tuple[Skill, ...] = SKILLS

    def capacity(self, skill: str, level: int) -> int:
        """Return how many first sentences there are; each index has one of its own."""
        _known(skill, level)
        return scenes(_measured(skill))

    def draft(self, skill: str, level: int, index: int) -> Draft:
        """Return the task of an index in [0, capacity).

        Raises:
            ValueError: there is no such skill, level or index.
        """
        if not 0 <= index < self.capacity(skill, level):
            raise ValueError(f"{skill!r} level {level}: index {index} is outside its capacity")
        rng = Random(derive_seed(self.name, VERSION, skill, level, index))
        text, givens, what = tell(rng, scene(index, _measured(skill)), skill, level)
        task = Task(
            question=text,
            instruction=INSTRUCTIONS[givens.form].format(what=what),
            givens=givens.model_dump(mode="json", exclude_defaults=True) | {"domain": self.name},
        )
        return Draft(task, "math", {})

    def misconceptions(self, skill: str) -> tuple[Misconception, ...]:
        """Return what a novice may get wrong about a skill."""
        _known(skill, 1)
        return tuple(each for each in MISCONCEPTIONS if skill in each.skills)

    def work(self, task: Task, active: Collection[str]) -> Work:
        """Work a task through with these misconceptions active; with none, the right way."""
        return work(task, active)


def _measured(skill: str) -> bool:
    return skill == "units"


def _known(skill: str, level: int) -> None:
    if skill not in PREREQUISITES or level not in OPERATIONS_AT:
        raise ValueError(f"no skill {skill!r} with level {level} among the quantities")

"""What one procedure is: a skill, its misconceptions, and kinds of tasks for each level.

An index is decoded in mixed radix: first the kind, so that all kinds of a level come equally often;
then the phrasing, a name, and the kind's own choices. Different digits give different texts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from pydantic import JsonValue

from agents.embedded.domain import Misconception
from agents.embedded.procedures.sheet import Sheet
from agents.embedded.procedures.unranking import digits, spread
from storage.records import ANSWER_INSTRUCTION, Skill

Givens = Mapping[str, Any]
"""A task's facts as data. JSON; what a kind puts in, only the same kind takes out."""

MOST = 2**62
"""No level counts more indices than this."""
NAMES = (
    "Amina", "Boris", "Chen", "Dalia", "Emeka", "Freya", "Goran", "Hana", "Ines", "Jonas", "Kofi",
    "Leila", "Mateo", "Nadia", "Oskar", "Priya", "Quentin", "Rosa", "Stefan", "Tomoko", "Uma",
    "Viktor", "Wanda", "Yusuf",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of task: what varies in it, how it is told, and how it is worked."""

    name: str
    phrasings: tuple[str, ...]
    """Templates of the question. `{who}`, a name, stands in all of them or in none."""
    sizes: tuple[int, ...]
    """How many options each choice has."""
    decode: Callable[[Sequence[int]], dict[str, JsonValue]]
    """From the choices, one for each size, to the givens; one-to-one."""
    tell: Callable[[Givens], dict[str, str]]
    """From the givens to the words that the phrasings ask for; one-to-one."""
    instruction: str
    verifier: str
    solve: Callable[[Givens, Sheet], str]
    """Writes the steps on the sheet and returns the answer."""

    def count(self) -> int:
        """Return how many tasks of this kind there are."""
        return prod(self._all_sizes())

    def draw(self, index: int) -> tuple[str, dict[str, JsonValue]]:
        """Return the question and the givens of an index in [0, count)."""
        phrasing, name, *choices = digits(spread(index, self.count()), self._all_sizes())
        givens = self.decode(choices)
        return self.phrasings[phrasing].format(who=NAMES[name], **self.tell(givens)), givens

    def _all_sizes(self) -> tuple[int, ...]:
        names = len(NAMES) if "{who}" in self.phrasings[0] else 1
        return (len(self.phrasings), names, *self.sizes)


@dataclass(frozen=True, slots=True)
class Procedure:
    """A skill that is worked in steps."""

    skill: Skill
    misconceptions: tuple[Misconception, ...]
    levels: tuple[tuple[Kind, ...], ...]
    """The kinds of tasks of each level, level 1 first."""

    def capacity(self, level: int) -> int:
        """Return how many tasks a level has, each kind as often as the rarest; 0: no such level."""
        if not 1 <= level <= len(self.levels):
            return 0
        kinds = self.levels[level - 1]
        return min(MOST, len(kinds) * min(kind.count() for kind in kinds))

    def draw(self, level: int, index: int) -> tuple[Kind, str, dict[str, JsonValue]]:
        """Return the kind, question and givens of an index in [0, capacity)."""
        kinds = self.levels[level - 1]
        rest, turn = divmod(index, len(kinds))
        return kinds[turn], *kinds[turn].draw(rest)

    def kind(self, level: int, name: str) -> Kind:
        """Return the kind of this name at this level.

        Raises:
            ValueError: there is none.
        """
        for kind in self.levels[level - 1]:
            if kind.name == name:
                return kind
        raise ValueError(f"{self.skill.name!r} has no kind {name!r} at level {level}")


def stated_as(form: str, how: str = "") -> str:
    """Return the instruction that asks for an answer of this form, after a sentence about it."""
    return f"{how} {ANSWER_INSTRUCTION.replace('<answer>', f'<{form}>')}".lstrip()


def listed(numbers: Sequence[int]) -> str:
    """Return numbers as an answer states them: "3, 7, 12"; "none" for an empty list."""
    return ", ".join(map(str, numbers)) or "none"


def amount(number: int, unit: str) -> str:
    """Return a number with its unit: "1 day", "3 days"."""
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"

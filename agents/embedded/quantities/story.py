"""A story while it is being made: its quantities, its sentences and its numbers so far.

Numbers are drawn forwards. Where they do not come out as people would have them (half a guest, ten
thousand pears) a move raises `DeadEnd`, and the whole story is drawn again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from random import Random

from agents.embedded.quantities.graph import Form, Quantity
from agents.embedded.quantities.operations import calculate, show
from agents.embedded.quantities.phrases import EARLY, LATER
from agents.embedded.quantities.scene import Scene
from agents.embedded.quantities.settings import Setting
from agents.embedded.quantities.shape import ALL_MOVES, Shape
from agents.embedded.quantities.wording import SCALES, Noun, Scale, capital

EVEN_FRACTIONS = (4, 6, 8, 10, 12, 20, 24)
EVEN_PERCENTS = (10, 20, 20, 40, 50)
LARGEST_GRAIN = 120


class DeadEnd(Exception):
    """The numbers drawn so far allow no everyday continuation; draw the story again."""


@dataclass
class Strand:
    """What one person has, from its start to now."""

    holder: str
    first: str
    """Name of the quantity that others are compared with."""
    now: str
    """Name of the quantity after the changes so far."""
    state: str = "did"
    """As at the start "did"; only gained since "grew"; last lost some "left"; else "had"."""


class Story:
    """The quantities and sentences of one story, and the means to add to them."""

    def __init__(self, rng: Random, scene: Scene, shape: Shape) -> None:
        setting = scene.setting
        self.rng = rng
        self.scene = scene
        self.setting: Setting = setting
        self.shape = shape
        self.noun, self.scale = _noun(rng, setting)
        self.base, self.past, self.part = rng.choice(setting.gets).split("/")
        self.quantities: list[Quantity] = []
        self.values: dict[str, Fraction] = {}
        self.facts: list[str] = []
        self.form: Form = "number"
        self.grain = _grain(rng, shape)
        self.loose = False
        """True: the next amount need not be divisible, it changes again before it is divided."""
        self._later = iter(sorted(rng.sample(range(len(LATER)), len(shape.moves))))

    def pick(self, *choices: str) -> str:
        """Return one of the choices."""
        return self.rng.choice(choices)

    def say(self, phrases: Sequence[str], **words: str) -> None:
        """Tell a fact in one of the ways."""
        phrase = self.rng.choice(phrases)
        if "{early}" in phrase:
            words["early"] = self.rng.choice(EARLY)
        if "{then}" in phrase:
            words["then"] = LATER[next(self._later)]
        verbs = {"base": self.base, "past": self.past, "part": self.part}
        self.facts.append(phrase.format(**verbs, **words))

    def leaf(
        self, label: str, unit: str, value: Fraction | int, *, distractor: bool = False
    ) -> str:
        """Add a quantity whose value is given, and return its name."""
        name = f"q{len(self.quantities) + 1}"
        self.values[name] = Fraction(value)
        text = str(value) if unit == "fraction" else show(Fraction(value))
        self.quantities.append(
            Quantity(name=name, label=label, unit=unit, value=text, distractor=distractor)
        )
        return name

    def derive(self, label: str, noun: Noun, op: str, *args: str) -> str:
        """Add a quantity that follows from others, and return its name.

        Raises:
            DeadEnd: its value is not whole, below 2, or more than is usual.
        """
        value = calculate(op, [self.values[arg] for arg in args])
        if value.denominator != 1 or not 2 <= value <= noun.most:
            raise DeadEnd
        return self.conclude(label, noun.measured, op, *args)

    def conclude(self, label: str, unit: str, op: str, *args: str) -> str:
        """Add a quantity that follows from others, whatever its value, and return its name."""
        name = f"q{len(self.quantities) + 1}"
        self.values[name] = calculate(op, [self.values[arg] for arg in args])
        self.quantities.append(
            Quantity(name=name, label=capital(label), unit=unit, op=op, args=args)
        )
        return name

    def multiple(self, least: Fraction | int, most: Fraction | int) -> int:
        """Return an amount from least to most that divides as the story needs it.

        Raises:
            DeadEnd: there is none.
        """
        grain = self.step if self.loose else lcm(self.step, self.grain)
        low, high = -(-Fraction(least) // grain), Fraction(most) // grain
        if low > high:
            raise DeadEnd
        return grain * self.rng.randint(int(low), int(high))

    @property
    def step(self) -> int:
        """Amounts are multiples of this."""
        return self.scale.step if self.scale else 1

    def divisor(self, value: Fraction, least: int, most: int) -> int:
        """Return a number from least to most by which the value divides evenly.

        Raises:
            DeadEnd: there is none.
        """
        fits = [d for d in range(least, most + 1) if value % d == 0]
        if not fits:
            raise DeadEnd
        return self.rng.choice(fits)


def _noun(rng: Random, setting: Setting) -> tuple[Noun, Scale | None]:
    word = rng.choice(setting.things)
    if setting.dimension == "count":
        one, many = word.split("/")
        return Noun(one, many, most=setting.most), None
    scale = SCALES[setting.dimension]
    return Noun(word, word, scale.small, scale.small_name, 4 * scale.most), scale


def _grain(rng: Random, shape: Shape) -> int:
    """Return what first amounts should be multiples of, so that what follows comes out even."""
    grain = 1
    for move in shape.moves:
        if ALL_MOVES[move].divides:
            skill = ALL_MOVES[move].skill
            more = rng.choice(EVEN_PERCENTS if skill == "percentages" else EVEN_FRACTIONS)
            grain = (
                min(grain, LARGEST_GRAIN) if lcm(grain, more) > LARGEST_GRAIN else lcm(grain, more)
            )
    return grain

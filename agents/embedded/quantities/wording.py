"""How amounts are said in English: counted things, measured stuff and money in one manner.

A newcomer is tempted to write "3 more flour": ask the noun instead, it knows whether it is counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from agents.embedded.quantities.operations import show
from agents.embedded.quantities.settings import Dimension


@dataclass(frozen=True, slots=True)
class Noun:
    """Something that there can be an amount of."""

    one: str
    """Singular, or the mass noun."""
    many: str
    """Plural, or the mass noun."""
    unit: str = ""
    """Abbreviation such as "g"; empty: the thing is counted."""
    unit_name: str = ""
    """Plural such as "grams"; empty: the thing is counted."""
    most: int = 2000
    """No sensible story has more of it."""

    def amount(self, value: Fraction) -> str:
        """Return "24 rolls" or "350 g of flour"."""
        if self.unit:
            return f"{show(value)} {self.unit} of {self.many}"
        return f"{show(value)} {self.one if value == 1 else self.many}"

    def size(self, value: Fraction) -> str:
        """Return "24" or "350 g"."""
        return f"{show(value)} {self.unit}".rstrip()

    def difference(self, value: Fraction) -> str:
        """Return "7 more rolls", "7 fewer rolls", "50 g more flour" or "50 g less flour"."""
        size = abs(value)
        if self.unit:
            return f"{self.size(size)} {'more' if value > 0 else 'less'} {self.many}"
        noun = self.one if size == 1 else self.many
        return f"{show(size)} {'more' if value > 0 else 'fewer'} {noun}"

    @property
    def as_many(self) -> str:
        """Return "as many rolls" or "as much flour"."""
        return f"as {'much' if self.unit else 'many'} {self.many}"

    @property
    def was(self) -> str:
        """Return the verb that agrees."""
        return "was" if self.unit else "were"

    @property
    def how_many(self) -> str:
        """Return "how many rolls" or "how many grams of flour"."""
        return f"how many {self.measured}"

    @property
    def how_many_more(self) -> str:
        """Return "how many more rolls" or "how many more grams of flour"."""
        return f"how many more {self.measured}"

    @property
    def measured(self) -> str:
        """Return "rolls" or "grams of flour"."""
        return f"{self.unit_name} of {self.many}" if self.unit else self.many


MONEY = Noun("dollar", "dollars", most=9000)


@dataclass(frozen=True, slots=True)
class Scale:
    """The two units of a dimension, and what amounts are usual."""

    small: str
    small_name: str
    large: str
    large_name: str
    factor: int
    """How many small units make a large one."""
    step: int
    """Amounts in small units are multiples of this."""
    least: int
    most: int
    """Usual first amounts, in small units."""


SCALES: dict[Dimension, Scale] = {
    "mass": Scale("g", "grams", "kg", "kilograms", 1000, 50, 300, 4500),
    "volume": Scale("ml", "millilitres", "l", "litres", 1000, 50, 300, 4500),
    "length": Scale("cm", "centimetres", "m", "metres", 100, 5, 60, 900),
    "time": Scale("min", "minutes", "h", "hours", 60, 15, 45, 480),
}


def capital(text: str) -> str:
    """Return the text with its first letter as a capital and the rest untouched."""
    return text[:1].upper() + text[1:]


def sentence(fragment: str) -> str:
    """Return a fragment as a sentence."""
    return capital(fragment) + "."


def a(noun: str) -> str:
    """Return a noun with its indefinite article; the word lists hold no silent h."""
    article = "an" if noun[0] in "aeio" or noun.startswith(("um", "un")) else "a"
    return f"{article} {noun}" if not noun.startswith("uni") else f"a {noun}"


def listed(names: Sequence[str]) -> str:
    """Return "Rosa, Ben and the apprentice"."""
    return f"{', '.join(names[:-1])} and {names[-1]}"

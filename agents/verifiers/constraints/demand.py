"""What every demand is: a closed record that says what is wrong with a text, if anything is."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from agents.verifiers.constraints.text import MAX_CHARS, Text
from storage.records import Record

Number = Annotated[int, Field(ge=0, le=MAX_CHARS)]


class Demand(Record):
    """One thing that an answer's form must have."""

    model_config = ConfigDict(strict=True)

    kind: str

    @abstractmethod
    def fault(self, text: Text) -> str:
        """Return how the text misses the demand, with what was measured; "" if it meets it."""

    @abstractmethod
    def spoilt(self, text: str) -> Iterator[str]:
        """Yield texts that a text which meets the demand may have been spoilt to, nearest first."""


class Bounded(Demand):
    """A demand on how many there are: `at_least`, `at_most`, both, or `exactly`."""

    at_least: Number | None = None
    at_most: Number | None = None
    exactly: Number | None = None

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.exactly is not None and (self.at_least, self.at_most) != (None, None):
            raise ValueError("'exactly' goes with neither 'at_least' nor 'at_most'")
        if self.least > self.most:
            raise ValueError("'at_least' is more than 'at_most'")
        return self

    @property
    def least(self) -> int:
        """The fewest that are right."""
        return self.exactly if self.exactly is not None else self.at_least or 0

    @property
    def most(self) -> int:
        """The most that are right; more than any text has if there is no such bound."""
        bounds = (self.exactly, self.at_most, MAX_CHARS + 1)
        return next(bound for bound in bounds if bound is not None)

    @property
    def asked(self) -> str:
        """The bounds in words."""
        names = ("at_least", "at_most", "exactly")
        given = {name: getattr(self, name) for name in names}
        return " and ".join(
            f"{name.replace('_', ' ')} {n}" for name, n in given.items() if n is not None
        )

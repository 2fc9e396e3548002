"""How the answers to one data set are compared.

What a newcomer gets wrong: most data sets have one right answer, which may be written in several
ways, so both texts are read and the values compared. A puzzle has several right answers; there the
answer itself is tried on the puzzle, and the reference is only one that is right.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

from pydantic import JsonValue

from agents.errors import VerifierError
from agents.verifiers.evidence import shown

MUTANTS = 8
"""How many near misses of a reference are made at most."""


@dataclass(frozen=True, slots=True)
class OneValue:
    """The right answer is one value; a text states it, or another, or none."""

    name: str
    value_of: Callable[[str], Hashable]
    """Returns the value that a text states, None if it states none; no text makes it raise."""
    near: Callable[[str], Iterable[str]]
    """Returns texts close to a reference; some may state the same value."""
    needs_puzzle: bool = False
    """Whether the lesson's data must hold the task as data too."""

    def fault(self, answer: str, reference: str, puzzle: JsonValue) -> str:
        """Return why the answer does not state the reference's value, in a line; empty: it does.

        Raises:
            VerifierError: the reference states none.
        """
        wanted, found = self._wanted(reference), self.value_of(answer)
        if found is None:
            return f"{shown(answer)} is not of the form {self.name!r}"
        return "" if found == wanted else f"{shown(answer)} is not {shown(reference)}"

    def mutants(self, reference: str, puzzle: JsonValue) -> tuple[str, ...]:
        """Return texts close to the reference that state another value, or none; at most `MUTANTS`.

        Raises:
            VerifierError: the reference states none.
        """
        wanted = self._wanted(reference)
        others = dict.fromkeys(text for text in self.near(reference) if text != reference)
        return tuple(text for text in others if self.value_of(text) != wanted)[:MUTANTS]

    def _wanted(self, reference: str) -> Hashable:
        wanted = self.value_of(reference)
        if wanted is None:
            raise VerifierError(f"reference {shown(reference)} is not of the form {self.name!r}")
        return wanted


@dataclass(frozen=True, slots=True)
class Tried:
    """There may be several right answers; each is tried on the puzzle."""

    name: str
    wrong: Callable[[str, JsonValue], str]
    """Returns why an answer does not solve a puzzle, empty if it does; raises a VerifierError if
    the puzzle is none."""
    near: Callable[[str, JsonValue], Iterable[str]]
    """Returns texts close to a reference that solves a puzzle; some may solve it too."""
    needs_puzzle: bool = True

    def fault(self, answer: str, reference: str, puzzle: JsonValue) -> str:
        """Return why the answer does not solve the puzzle, in a line; empty: it does.

        Raises:
            VerifierError: the puzzle is none, or the reference does not solve it.
        """
        if fault := self.wrong(reference, puzzle):
            raise VerifierError(f"reference {shown(reference)} does not solve its puzzle: {fault}")
        return self.wrong(answer, puzzle)

    def mutants(self, reference: str, puzzle: JsonValue) -> tuple[str, ...]:
        """Return texts close to the reference that do not solve the puzzle; at most `MUTANTS`.

        Raises:
            VerifierError: the puzzle is none.
        """
        others = dict.fromkeys(self.near(reference, puzzle))
        return tuple(text for text in others if self.wrong(text, puzzle))[:MUTANTS]


Comparison = OneValue | Tried

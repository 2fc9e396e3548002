"""What a verifier is: code that decides without a model.

Verifiers are pure: same answer, reference and data, same check. One that cannot decide returns
"undecided"; it never guesses, because a guess here becomes training data. What a newcomer gets
wrong: beside `Verifier` nothing has to be there. The other protocols are looked up by the name of
their one member, so a plain verifier leaves them out.
"""

from collections.abc import Mapping
from typing import Protocol

from pydantic import JsonValue

from storage.records import Check

Data = Mapping[str, JsonValue]


class Verifier(Protocol):
    """Compares an answer with a reference."""

    name: str
    version: int
    """Raised whenever the same arguments would give another finding."""

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        """Return what was found, with evidence in one line; no answer can make it raise.

        Raises:
            ToolMissing: this machine lacks what it works with.
            VerifierError: the data does not fit this verifier; the lesson is wrong, not the answer.
        """
        ...

    def changed(self, reference: str, data: Data) -> str:
        """Return a near miss of the reference that must be refused, for the lesson screen."""
        ...


class Mutating(Protocol):
    """A verifier that knows several ways of being nearly right."""

    def mutants(self, reference: str, data: Data) -> tuple[str, ...]:
        """Return near misses of a reference, all of which must be refused; at least one.

        Without it the lesson screen asks for `changed`.

        Raises:
            VerifierError: the data does not fit, or the reference does not fit it.
        """
        ...


class Wary(Protocol):
    """A verifier that knows which answers take no thought."""

    def trivial(self, question: str, data: Data) -> tuple[str, ...]:
        """Return answers to a question that nobody has to think about, and that must be refused.

        Without it the lesson screen tries no text, "0" and the first number of the question.

        Raises:
            VerifierError: the data does not fit.
        """
        ...


class Doubting(Protocol):
    """A verifier that knows when a reference tells right from wrong badly."""

    def doubts(self, reference: str, data: Data) -> tuple[str, ...]:
        """Return why, a sentence each; empty if there is nothing against it.

        Raises:
            VerifierError: the data does not fit, or the reference does not fit it.
        """
        ...


class Drawing(Protocol):
    """A verifier that draws something for each attempt, such as hidden inputs."""

    draws: bool
    """True: `data["draw"]` is an integer from which it draws, and 0 where it is absent. Whoever
    asks derives it, see `agents.verifiers.call.with_draw`."""

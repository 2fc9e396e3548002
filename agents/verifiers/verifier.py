"""What a verifier is: code that decides without a model.

Verifiers are pure: same answer, reference and data, same check. One that cannot decide returns
"undecided"; it never guesses, because a guess here becomes training data.
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
            VerifierError: the data does not fit this verifier; the lesson is wrong, not the answer.
        """
        ...

    def changed(self, reference: str, data: Data) -> str:
        """Return a near miss of the reference that must be refused, for the lesson screen."""
        ...

"""Compare texts character by character, blind only to white space and to how accents are encoded.

What a newcomer gets wrong: case and punctuation count. A task whose answers may differ in them must
say in its instruction which form it wants.
"""

import unicodedata

from agents.errors import VerifierError
from agents.verifiers.evidence import shown
from agents.verifiers.verifier import Data
from storage.records import Check

MAX_CHARS = 10_000
"""Longest text that is compared, after white space is folded; normalising takes quadratic time."""


class ExactVerifier:
    """Accepts an answer that is the reference's text."""

    name = "exact"
    version = 1

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        """Return "passed" if both texts are equal once they are folded.

        Raises:
            VerifierError: the reference is longer than what is compared.
        """
        wanted, found = fold(reference), fold(answer)
        if wanted is None:
            raise VerifierError(
                f"reference of {len(reference)} characters: 'exact' compares at most {MAX_CHARS}"
            )
        if found is None:
            evidence = f"the answer is longer than {MAX_CHARS} characters"
        elif found == wanted:
            evidence = f"both are {shown(wanted)}"
        else:
            evidence = f"{shown(found)} is not {shown(wanted)}"
        return Check(
            verifier=self.name,
            version=self.version,
            finding="passed" if found == wanted else "failed",
            evidence=evidence,
            limits={"text_max_chars": MAX_CHARS},
        )

    def canonical(self, text: str, data: Data) -> str | None:
        """Return the folded text. None: it is longer than what is compared."""
        return fold(text)

    def changed(self, reference: str, data: Data) -> str:
        """Return the reference with one letter more."""
        return f"{reference.strip()}x"

    def mutants(self, reference: str, data: Data) -> tuple[str, ...]:
        """Return the text with a letter more or less, in other case, and with words around it.

        Nothing for a text that is longer than what is compared.
        """
        text = reference.strip()
        near = (
            f"{text}x",
            text[:-1],
            text[1:],
            text.swapcase(),
            f"{text}.",
            f"not {text}",
            f"{text} or another",
            " ".join(reversed(text.split())),
        )
        return tuple(other for other in near if fold(other) != fold(text))


def fold(text: str) -> str | None:
    """Return the text trimmed, NFC-normalised, with one space for each run of white space.

    None: it is longer than what is compared.
    """
    words = " ".join(text.split())
    return unicodedata.normalize("NFC", words) if len(words) <= MAX_CHARS else None

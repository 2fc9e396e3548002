"""Compare integers: an integer and nothing else.

What a newcomer gets wrong: "4.0" is no integer, although it has the value of one; whoever asks for
a value uses `math`. Neither is "- 4", which could be an entry of a list, nor "4 apples" or "$4".
Groups of thousands, leading zeros, a plus, math delimiters and a last full stop do not count.
Digits are 0 to 9.
"""

import re

from agents.verifiers.canonical import compare, reference_value, refuse_unknown
from agents.verifiers.math import MAX_CHARS, MAX_DIGITS, WHOLE, strict_number_text
from agents.verifiers.verifier import Data
from storage.records import Check

_INTEGER = re.compile(rf"[+-]?(?:{WHOLE})")


class IntegerVerifier:
    """Accepts an answer that is the reference's integer."""

    name = "integer"
    version = 1

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        """Return "passed" if both texts state the same integer.

        Raises:
            VerifierError: the reference is no integer, or there is data.
        """
        limits = {"text_max_chars": MAX_CHARS, "digits_in_a_row_max": MAX_DIGITS}
        return compare(self, limits, answer=answer, reference=reference, data=data)

    def canonical(self, text: str, data: Data) -> int | None:
        """Return the integer that a text states. None: it states none.

        Raises:
            VerifierError: there is data.
        """
        refuse_unknown(self.name, data, frozenset())
        plain = strict_number_text(text)
        if plain is None or not _INTEGER.fullmatch(plain):
            return None
        return int(plain.replace(",", ""))

    def changed(self, reference: str, data: Data) -> str:
        """Return the next integer.

        Raises:
            VerifierError: the reference is no integer.
        """
        return str(reference_value(self, reference, data) + 1)

    def mutants(self, reference: str, data: Data) -> tuple[str, ...]:
        """Return other integers that are near or look alike, and texts that are no integer.

        Raises:
            VerifierError: the reference is no integer.
        """
        value = reference_value(self, reference, data)
        others = (value + 1, value - 1, -value, value * 10, value // 10, value + 100)
        forms = (f"{value}.0", f"{value} or {value + 1}", f"not {value}", f"{value}%")
        return (*(str(other) for other in others if other != value), *forms)

"""Compare fractions of two integers.

What a newcomer gets wrong: "6/8" is "3/4" unless the data asks for lowest terms, and "2" is "2/1"
unless the data says that an integer is no fraction. Decimals, percentages and mixed numbers are no
fractions here; `math` compares their values. A minus stands before the whole fraction.
"""

import re
from fractions import Fraction
from math import gcd

from agents.verifiers.canonical import compare, flag, reference_value, refuse_unknown
from agents.verifiers.math import MAX_CHARS, MAX_DIGITS, WHOLE, strict_number_text
from agents.verifiers.verifier import Data
from storage.records import Check

_FRACTION = re.compile(rf"([+-]?)({WHOLE})(?:[ ]?/[ ]?({WHOLE}))?")
_KEYS = frozenset({"lowest_terms", "integers"})


class FractionVerifier:
    """Accepts an answer that states the reference's fraction."""

    name = "fraction"
    version = 1

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        """Return "passed" if both texts state the same fraction in the asked form.

        Raises:
            VerifierError: the data does not fit, or the reference is no fraction of that form.
        """
        limits = {"text_max_chars": MAX_CHARS, "digits_in_a_row_max": MAX_DIGITS}
        return compare(self, limits, answer=answer, reference=reference, data=data)

    def canonical(self, text: str, data: Data) -> Fraction | None:
        """Return the fraction that a text states in the asked form. None: it states none.

        Raises:
            VerifierError: the data does not fit.
        """
        refuse_unknown(self.name, data, _KEYS)
        lowest_terms = flag(self.name, data, "lowest_terms", default=False)
        integers = flag(self.name, data, "integers", default=True)
        match = _FRACTION.fullmatch(strict_number_text(text) or "")
        if match is None or not (match[3] or integers):
            return None
        numerator, denominator = (int((match[n] or "1").replace(",", "")) for n in (2, 3))
        if denominator == 0 or (lowest_terms and gcd(numerator, denominator) != 1 and match[3]):
            return None
        value = Fraction(numerator, denominator)
        return -value if match[1] == "-" else value

    def changed(self, reference: str, data: Data) -> str:
        """Return the reference's value with one more, in lowest terms.

        Raises:
            VerifierError: the data does not fit, or the reference is no fraction of that form.
        """
        return _written(reference_value(self, reference, data) + 1)

    def mutants(self, reference: str, data: Data) -> tuple[str, ...]:
        """Return other fractions: turned over, negative, one part off; and what is no fraction.

        Raises:
            VerifierError: the data does not fit, or the reference is no fraction of that form.
        """
        value = reference_value(self, reference, data)
        over, under = value.numerator, value.denominator
        others = [value + 1, -value, Fraction(over + 1, under), Fraction(over, under + 1)]
        others += [Fraction(under, over)] if over else []
        near = tuple(_written(other) for other in others if other != value)
        return (*near, f"{over}/{under}%", f"{over}/{under} or {over + 1}/{under}")


def _written(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"

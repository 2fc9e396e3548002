"""Compare decimals that must state a given number of places.

What a newcomer gets wrong: with two places asked, "0.5" and "0.500" fail where "0.50" passes, and
nothing is rounded for anybody. The reference has the asked places as well. So that a slip in its
rounding is found before a student sees the lesson, the data may hold the number that it was rounded
from, and the rule.
"""

import re
from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor

from agents.errors import VerifierError
from agents.verifiers.canonical import compare, reference_value, refuse_unknown
from agents.verifiers.evidence import shown
from agents.verifiers.math import MAX_CHARS, MAX_DIGITS, WHOLE, strict_number_text, value_of
from agents.verifiers.verifier import Data
from storage.records import Check

MAX_PLACES = 100
_DECIMAL = re.compile(rf"[+-]?(?:{WHOLE})?(?:\.([0-9]+))?")
_KEYS = frozenset({"places", "rounding", "unrounded"})


class DecimalVerifier:
    """Accepts an answer that states the reference's decimal with the asked places."""

    name = "decimal"
    version = 1

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        """Return "passed" if both texts state the same value with exactly the asked places.

        Raises:
            VerifierError: the data does not fit, the reference has not the asked places, or it is
                not what the unrounded number becomes.
        """
        _refuse_wrong_rounding(reference_value(self, reference, data), data)
        limits = {
            "text_max_chars": MAX_CHARS,
            "digits_in_a_row_max": MAX_DIGITS,
            "places": _places(data),
        }
        return compare(self, limits, answer=answer, reference=reference, data=data)

    def canonical(self, text: str, data: Data) -> Fraction | None:
        """Return the value that a text states with the asked places. None: it does not.

        Raises:
            VerifierError: the data does not fit.
        """
        places = _places(data)
        plain = strict_number_text(text)
        if plain is None or not any(character.isdigit() for character in plain):
            return None
        match = _DECIMAL.fullmatch(plain)
        if match is None or len(match[1] or "") != places:
            return None
        return Fraction(plain.replace(",", ""))

    def changed(self, reference: str, data: Data) -> str:
        """Return the reference with one added to its last place.

        Raises:
            VerifierError: the data does not fit, or the reference has not the asked places.
        """
        value = reference_value(self, reference, data)
        return _written(value + Fraction(1, 10 ** _places(data)), _places(data))

    def mutants(self, reference: str, data: Data) -> tuple[str, ...]:
        """Return other values with the asked places, and the same value with other places.

        Raises:
            VerifierError: the data does not fit, or the reference has not the asked places.
        """
        value, places = reference_value(self, reference, data), _places(data)
        last = Fraction(1, 10**places)
        others = (value + last, value - last, -value, value * 10, value + 1)
        near = tuple(_written(other, places) for other in others if other != value)
        return (*near, _written(value, places + 1), f"{_written(value, places)}%")


def _places(data: Data) -> int:
    refuse_unknown("decimal", data, _KEYS)
    places = data.get("places")
    if not isinstance(places, int) or isinstance(places, bool) or not 0 <= places <= MAX_PLACES:
        raise VerifierError(f"decimal: 'places' must be a whole number from 0 to {MAX_PLACES}")
    return places


def _refuse_wrong_rounding(wanted: Fraction, data: Data) -> None:
    """Refuse a reference that is not what the unrounded number becomes, if the data has one."""
    if not {"rounding", "unrounded"} & set(data):
        return
    rounding, unrounded = data.get("rounding"), data.get("unrounded")
    if not isinstance(rounding, str) or rounding not in _ROUNDINGS:
        raise VerifierError(f"decimal: 'rounding' must be one of {sorted(_ROUNDINGS)}")
    value = value_of(unrounded) if isinstance(unrounded, str) else None
    if value is None or len(value) != 1:
        raise VerifierError("decimal: 'rounding' needs 'unrounded', a text that states a number")
    scale = 10 ** _places(data)
    if wanted != Fraction(_ROUNDINGS[rounding](value[0] * scale), scale):
        raise VerifierError(f"decimal: {shown(str(unrounded))} does not become the reference")


def _away(number: Fraction, size: int) -> int:
    """Return a size with the sign of a number."""
    return size if number >= 0 else -size


def _written(value: Fraction, places: int) -> str:
    """Return a value that has so many places at most with exactly so many."""
    whole, rest = divmod(abs(int(value * 10**places)), 10**places)
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}.{rest:0{places}}" if places else f"{sign}{whole}"


_ROUNDINGS: dict[str, Callable[[Fraction], int]] = {
    "half_even": round,
    "half_up": lambda number: _away(number, floor(abs(number) + Fraction(1, 2))),
    "down": int,
    "up": lambda number: _away(number, ceil(abs(number))),
    "floor": floor,
    "ceiling": ceil,
}
"""How a number becomes a whole one. "half_up" moves a half away from zero, "down" goes towards
zero and "up" away from it, as in Python's `decimal`."""

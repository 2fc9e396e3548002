"""Work out what a row of tokens is worth, as an exact fraction.

What a newcomer gets wrong: what people write is often not what they mean. "50 + 10%" may be 50.1 or
55, and "2 1/2" is no product; such an expression is unclear and has no value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from agents.steps.tokens import Token

MAX_TOKENS = 120
"""Of one expression; a longer one is unclear."""
MAX_NESTING = 20
MAX_EXPONENT = 20
_MAX_BITS = 4_096


class Unclear(Exception):
    """The tokens are no expression, or one with more than one reading."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What an expression is worth."""

    value: Fraction
    percent: bool = False
    """Whether it is a percentage, or a sum of some."""


def worth(tokens: Sequence[Token]) -> Worth:
    """Return what an expression is worth.

    Raises:
        Unclear: it has no value that everybody agrees on, or is beyond a limit.
    """
    if not tokens or len(tokens) > MAX_TOKENS:
        raise Unclear
    reading = _Reading(tokens)
    found = reading.sum_of(0)
    if reading.rest:
        raise Unclear
    return found


class _Reading:
    """One pass over the tokens, from left to right."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.rest = list(reversed(tokens))

    def sum_of(self, depth: int) -> Worth:
        found = self._product(depth)
        while self._next_is("sign", "+-"):
            sign = self.rest.pop().text
            other = self._product(depth)
            if found.percent != other.percent:
                raise Unclear
            value = found.value + other.value if sign == "+" else found.value - other.value
            found = _bounded(value, percent=found.percent)
        return found

    def _product(self, depth: int) -> Worth:
        found = self._power(depth)
        while self._next_is("sign", "*/"):
            sign = self.rest.pop().text
            other = self._power(depth)
            if sign == "/" and (not other.value or self._next_is("sign", "/")):
                raise Unclear  # 28 / 1/5 is 140 to some
            value = found.value * other.value if sign == "*" else found.value / other.value
            found = _bounded(value, percent=False)
        return found

    def _power(self, depth: int) -> Worth:
        signed = self._next_is("sign", "-")
        found = self._unit(depth)
        if not self._next_is("sign", "^"):
            return found
        if signed:  # -3^2 is -9 to some and 9 to others
            raise Unclear
        self.rest.pop()
        power = self._unit(depth)
        exponent = int(power.value)
        if (
            exponent != power.value
            or not 0 <= exponent <= MAX_EXPONENT
            or self._next_is("sign", "^")
        ):
            raise Unclear
        return _bounded(found.value**exponent, percent=False)

    def _unit(self, depth: int) -> Worth:
        """Return a number, a percentage, or what stands in parentheses; a sign may stand before."""
        if self._next_is("sign", "-") and len(self.rest) > 1 and not self.rest[-2].apart:
            self.rest.pop()
            found = self._unit(depth)
            return Worth(-found.value, found.percent)
        if self._next_is("open") and depth < MAX_NESTING:
            self.rest.pop()
            found = self.sum_of(depth + 1)
            if not self._next_is("close"):
                raise Unclear
            self.rest.pop()
        elif self._next_is("number"):
            found = Worth(self.rest.pop().value)
        else:
            raise Unclear
        if self._next_is("percent"):
            self.rest.pop()
            return Worth(found.value / 100, percent=True)
        return found

    def _next_is(self, kind: str, among: str = "") -> bool:
        return (
            bool(self.rest)
            and self.rest[-1].kind == kind
            and (not among or self.rest[-1].text in among)
        )


def _bounded(value: Fraction, *, percent: bool) -> Worth:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > _MAX_BITS:
        raise Unclear
    return Worth(value, percent)

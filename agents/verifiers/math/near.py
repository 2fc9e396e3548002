"""Arithmetic with numbers that know by how much they may be off.

What a newcomer gets wrong: a value that is not larger than its error is zero. Otherwise a division
by zero would pass for one by something small, and the root of zero for a number half as long. The
bounds are estimates of the right size rather than proofs; `GUARD` bits are kept for the difference.
"""

import math
from typing import NamedTuple

from agents.verifiers.math.extra import Number, mpmath
from agents.verifiers.math.limits import MAX_BITS, MAX_EFFORT

GUARD = 32
"""Bits by which the bound of an error may be too small."""
_GAMMA_BITS = 1_200
_NOTHING = -(10**9)
_TOO_LARGE = f"a number in it has more than {MAX_BITS} bits"


class Undefined(Exception):
    """An expression has no value at a place; says why."""


class Beyond(Exception):
    """To work something out goes beyond a limit; says which."""


class Near(NamedTuple):
    """A number, and the power of two that bounds by how much it may be off."""

    value: Number
    error: int

    def size(self) -> int:
        """Return the binary exponent of the number."""
        return size_of(self.value)

    def is_real(self) -> bool:
        """Return whether it has no imaginary part."""
        return not isinstance(self.value, mpmath.mpc)

    def negative(self) -> "Near":
        """Return the number with the other sign."""
        return Near(-self.value, self.error)


def size_of(value: Number) -> int:
    """Return the binary exponent of a number; a great negative one for zero."""
    return int(mpmath.mag(value)) if value else _NOTHING


def _log2(value: Number) -> float:
    if not value:
        return 0.0
    fraction, exponent = mpmath.frexp(abs(value))
    return math.log2(float(fraction)) + int(exponent)


class Effort:
    """How much may still be spent on one side of a comparison."""

    def __init__(self, most: int = MAX_EFFORT) -> None:
        self._left = most

    def spend(self, bits: int, work: str) -> None:
        """Spend what a piece of work on numbers of so many bits takes, in about microseconds.

        Args:
            bits: The precision.
            work: "arithmetic", "function", "power" or "gamma".

        Raises:
            Beyond: too little is left.
        """
        least, slope = _COSTS[work]
        self._left -= least + bits * bits // slope * (bits if work == "gamma" else 1)
        if self._left < 0:
            raise Beyond("it takes too many steps")


_COSTS = {
    **{"arithmetic": (6, 1_000_000), "function": (25, 20_000), "power": (60, 8_000)},
    **{"gamma": (1_000, 25_000)},
}
"""By measurement: what each takes at least, and one over its growth with the square of the bits,
for the gamma function with their cube."""


class Arithmetic:
    """Operations at one precision; only one such object may be at work at a time.

    Every method raises `Undefined` where there is no number, and `Beyond` at a limit.

    Args:
        bits: The precision.
        effort: Shared by all that work on one side of a comparison.
    """

    def __init__(self, bits: int, effort: Effort) -> None:
        self.high = 0
        self.low = 0
        """The binary exponents of the largest and the smallest number met that is not zero."""
        self.bits = bits
        self.effort = effort
        mpmath.mp.prec = bits + GUARD

    def met(self, value: Number, error: int = _NOTHING) -> Near:
        """Return a value with its error, without the parts that are nothing but error.

        Args:
            value: What was worked out.
            error: The bound that comes from what it was worked out of.
        """
        if not mpmath.isfinite(value):
            raise Undefined("it is infinite")
        error = max(error, size_of(value) - self.bits, _NOTHING)
        if isinstance(value, mpmath.mpc):
            real = value.real if size_of(value.real) > error + GUARD else mpmath.mpf(0)
            value = mpmath.mpc(real, value.imag) if size_of(value.imag) > error + GUARD else real
        elif size_of(value) <= error + GUARD:
            value = mpmath.mpf(0)
        if value:
            size = size_of(value)
            if abs(size) > MAX_BITS:
                raise Beyond(_TOO_LARGE)
            self.high, self.low = max(self.high, size), min(self.low, size)
        return Near(value, error)

    def total(self, parts: list[Near]) -> Near:
        """Return a sum of at least one part."""
        error = max(max(part.error, part.size() - self.bits) for part in parts)
        return self.met(mpmath.fsum(part.value for part in parts), error + len(parts).bit_length())

    def product(self, left: Near, right: Near) -> Near:
        """Return left times right."""
        error = max(left.error + right.size(), right.error + left.size(), left.error + right.error)
        return self.met(left.value * right.value, error + 1)

    def quotient(self, above: Near, below: Near) -> Near:
        """Return above by below."""
        if not below.value:
            raise Undefined("it divides by zero")
        error = max(above.error, below.error + above.size() - below.size()) - below.size()
        return self.met(above.value / below.value, error + 2)

    def ln(self, of: Near) -> Near:
        """Return the natural logarithm."""
        if not of.value:
            raise Undefined("it is the logarithm of zero")
        return self.met(mpmath.log(of.value), of.error - of.size() + 2)

    def exp(self, of: Near) -> Near:
        """Return e to a power."""
        if abs(mpmath.re(of.value)) > MAX_BITS:
            raise Beyond(_TOO_LARGE)
        value = mpmath.exp(of.value)
        return self.met(value, of.error + size_of(value) + 1)

    def power(self, base: Near, exponent: Near) -> Near:
        """Return a power, by the principal value of the logarithm."""
        if base.value:
            return self.exp(self.product(exponent, self.ln(base)))
        if mpmath.re(exponent.value) <= 0:
            raise Undefined("it is zero to the power of what is not positive")
        return base

    def whole_power(self, base: Near, exponent: int) -> Near:
        """Return a power whose exponent is an integer."""
        if not base.value and exponent <= 0:
            raise Undefined("it is zero to the power of what is not positive")
        if base.value in (1, -1):
            return Near(base.value if exponent % 2 else mpmath.mpf(1), base.error)
        if exponent.bit_length() > 64 or abs(exponent * _log2(base.value)) > MAX_BITS:
            raise Beyond(_TOO_LARGE)
        value = base.value**exponent
        lost = size_of(value) - base.size() if base.value else 0
        return self.met(value, base.error + lost + abs(exponent).bit_length() + 1)

    def integer(self, of: Near) -> int | None:
        """Return the integer that a value is, but for its error. None: it is none."""
        if not of.is_real() or of.error > -GUARD:
            return None
        nearest = int(mpmath.nint(of.value))
        return nearest if size_of(of.value - nearest) <= of.error + GUARD else None

    def factorial(self, of: Near) -> Near:
        """Return a factorial; between the integers, that of the gamma function."""
        whole = self.integer(of)
        if whole is not None:
            if whole < 0:
                raise Undefined("it is the factorial of a negative number")
            if whole > 2 and whole * (math.log2(whole) - 1.45) > MAX_BITS:
                raise Beyond(_TOO_LARGE)
            return self.met(mpmath.mpf(math.factorial(whole)))
        self.effort.spend(self.bits, "gamma")
        if self.bits > _GAMMA_BITS or abs(of.value) > 1_000:
            raise Beyond("it needs the gamma function of a number too large")
        value = mpmath.gamma(of.value + 1)
        return self.met(value, of.error + max(size_of(value), 0) + 16)

    def binomial(self, above: Near, below: Near) -> Near:
        """Return in how many ways so many can be chosen."""
        many, few = self.integer(above), self.integer(below)
        if many is None or few is None:
            rest = self.total([above, below.negative()])
            divisor = self.product(self.factorial(below), self.factorial(rest))
            return self.quotient(self.factorial(above), divisor)
        if many < 0:
            raise Undefined("it chooses from a negative number")
        few = min(few, many - few)
        if few > 0 and few * math.log2(many) > MAX_BITS:
            raise Beyond(_TOO_LARGE)
        return self.met(mpmath.mpf(math.comb(many, few) if few >= 0 else 0))

    def rounded(self, of: Near, *, up: bool) -> Near:
        """Return the integer above, or below."""
        if not of.is_real() or of.error > -GUARD:
            raise Undefined("it rounds what cannot be rounded")
        whole = self.integer(of)
        if whole is not None:
            return self.met(mpmath.mpf(whole))
        return self.met(mpmath.ceil(of.value) if up else mpmath.floor(of.value))

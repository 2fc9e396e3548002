"""Trigonometric and hyperbolic functions and their inverses, with the error that they leave.

What a newcomer gets wrong: an inverse that is asked at the very end of its domain meets a value
that is off by its rounding error, and would be complex for no reason; such values are put back.
"""

from collections.abc import Callable

from agents.verifiers.math.extra import Number, mpmath
from agents.verifiers.math.limits import MAX_BITS
from agents.verifiers.math.near import GUARD, Arithmetic, Beyond, Near, size_of

_BITS_PER_E = 1.45
"""A little more than the bits by which e to a power grows with the power by one."""


def _grown(of: Near, part: Number) -> int:
    """Return the error of a function that grows at most like e to the power of `part`."""
    if abs(part) > MAX_BITS:
        raise Beyond(f"a number in it has more than {MAX_BITS} bits")
    return of.error + int(abs(part) * _BITS_PER_E) + 2


def _sin(at: Arithmetic, of: Near) -> Near:
    return at.met(mpmath.sin(of.value), _grown(of, mpmath.im(of.value)))


def _cos(at: Arithmetic, of: Near) -> Near:
    return at.met(mpmath.cos(of.value), _grown(of, mpmath.im(of.value)))


def _sinh(at: Arithmetic, of: Near) -> Near:
    return at.met(mpmath.sinh(of.value), _grown(of, mpmath.re(of.value)))


def _cosh(at: Arithmetic, of: Near) -> Near:
    return at.met(mpmath.cosh(of.value), _grown(of, mpmath.re(of.value)))


def _one(at: Arithmetic) -> Near:
    return at.met(mpmath.mpf(1))


def _inverse(function: Callable[[object], Number]) -> Callable[[Arithmetic, Near], Near]:
    """Return an inverse whose slope is without bound at 1 and -1."""

    def inverse(at: Arithmetic, of: Near) -> Near:
        for end in (1, -1):
            if size_of(of.value - end) <= of.error + GUARD:
                return at.met(function(mpmath.mpf(end)), of.error // 2 + 2)
        steep = -size_of(1 - of.value * of.value)
        return at.met(function(of.value), of.error + max(0, steep) + 2)

    return inverse


def _gentle(function: Callable[[object], Number]) -> Callable[[Arithmetic, Near], Near]:
    """Return an inverse whose slope is at most 1 on the real line."""

    def inverse(at: Arithmetic, of: Near) -> Near:
        steep = -size_of(1 + of.value * of.value) if not of.is_real() else 0
        return at.met(function(of.value), of.error + max(0, steep) + 2)

    return inverse


FUNCTIONS: dict[str, Callable[[Arithmetic, Near], Near]] = {
    "sin": _sin,
    "cos": _cos,
    "tan": lambda at, of: at.quotient(_sin(at, of), _cos(at, of)),
    "cot": lambda at, of: at.quotient(_cos(at, of), _sin(at, of)),
    "sec": lambda at, of: at.quotient(_one(at), _cos(at, of)),
    "csc": lambda at, of: at.quotient(_one(at), _sin(at, of)),
    "sinh": _sinh,
    "cosh": _cosh,
    "tanh": lambda at, of: at.quotient(_sinh(at, of), _cosh(at, of)),
    "arcsin": _inverse(mpmath.asin),
    "arccos": _inverse(mpmath.acos),
    "arctan": _gentle(mpmath.atan),
    "arsinh": _gentle(mpmath.asinh),
    "arcosh": _inverse(mpmath.acosh),
    "artanh": _inverse(mpmath.atanh),
    "exp": Arithmetic.exp,
    "ln": Arithmetic.ln,
    "lg": lambda at, of: at.quotient(at.ln(of), at.ln(at.met(mpmath.mpf(10)))),
}
"""All but `log`, whose base only the place knows, and `abs`, which is an operation."""

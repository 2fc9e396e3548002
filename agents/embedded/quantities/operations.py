"""The operations between quantities: what each gives, and how it is written down.

Values are exact fractions throughout, so a division that does not come out even stays exact.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

Values = Sequence[Fraction]

DECIMAL_PLACES = 4
"""Values with more decimals than this are written as fractions."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One way to get a quantity from others."""

    calculate: Callable[[Values], Fraction]
    expression: str
    """How it is written; `{0}` is the first argument. `add` is written by its own rule."""
    takes: int = 2
    """How many arguments; 0: any number from 2."""


def ratio(dividend: Fraction, divisor: Fraction) -> Fraction:
    """Return the quotient; 0 where a wrong step has made the divisor 0, as many a novice holds."""
    return dividend / divisor if divisor else Fraction(0)


OPERATIONS: dict[str, Operation] = {
    "add": Operation(lambda v: sum(v, Fraction(0)), "", 0),
    "subtract": Operation(lambda v: v[0] - v[1], "{0} - {1}"),
    "multiply": Operation(lambda v: v[0] * v[1], "{0} * {1}"),
    "divide": Operation(lambda v: ratio(v[0], v[1]), "{0} / {1}"),
    "fraction_of": Operation(lambda v: v[0] * v[1], "{1} * {0}"),
    "as_fraction": Operation(lambda v: ratio(v[0], v[1]), "{0} / {1}"),
    "percent_of": Operation(lambda v: v[0] * v[1] / 100, "{1} / 100 * {0}"),
    "as_percent": Operation(lambda v: ratio(v[0], v[1]) * 100, "{0} / {1} * 100"),
    "in_proportion": Operation(lambda v: ratio(v[0], v[1]) * v[2], "{0} / {1} * {2}", 3),
    "one_part": Operation(lambda v: ratio(v[0], v[1] + v[2]), "{0} / ({1} + {2})", 3),
    # Its third argument is the other's term, which only a novice uses.
    "ratio_share": Operation(lambda v: v[0] * v[1], "{1} * {0}", 3),
    "at_rate": Operation(lambda v: v[0] * v[1], "{0} * {1}"),
    "time_at_rate": Operation(lambda v: ratio(v[0], v[1]), "{0} / {1}"),
    "rate_of": Operation(lambda v: ratio(v[0], v[1]), "{0} / {1}"),
    "to_smaller": Operation(lambda v: v[0] * v[1], "{0} * {1}"),
    "to_larger": Operation(lambda v: ratio(v[0], v[1]), "{0} / {1}"),
}
"""Every operation by its name in a task's givens."""


def takes(op: str, count: int) -> bool:
    """Return whether there is such an operation and it works on so many arguments."""
    if op not in OPERATIONS:
        return False
    wanted = OPERATIONS[op].takes
    return count == wanted if wanted else count > 1


def calculate(op: str, values: Values) -> Fraction:
    """Return what an operation gives.

    Raises:
        KeyError: there is no such operation.
    """
    return OPERATIONS[op].calculate(values)


def expression(op: str, values: Values) -> str:
    """Return an operation as it is written down, such as "24 - 9"."""
    if op == "add":
        return " + ".join(map(operand, values))
    if op == "fraction_of":
        return f"{values[1]} * {operand(values[0])}"
    return OPERATIONS[op].expression.format(*map(operand, values))


def operand(value: Fraction) -> str:
    """Return a value as a part of an expression, in parentheses where it would be misread."""
    text = show(value)
    return f"({text})" if text.startswith("-") or "/" in text else text


def show(value: Fraction) -> str:
    """Return a value as people write it: "12", "2.5", or "17/3" where decimals do not end."""
    if value.denominator == 1:
        return str(value.numerator)
    scaled = value * 10**DECIMAL_PLACES
    if scaled.denominator != 1:
        return str(value)
    whole, decimals = divmod(abs(scaled.numerator), 10**DECIMAL_PLACES)
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}.{decimals:0{DECIMAL_PLACES}d}".rstrip("0")

"""What a wrong belief does to one operation.

Every act looks at an operation with the values that the novice has for its arguments, and says what
the novice writes, or None where it has nothing to act on. It never sees the right value.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from agents.embedded.quantities.operations import calculate, expression, operand, show

Written = tuple[str, Fraction]
"""An expression as the novice writes it, and its value."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One operation as a novice meets it."""

    op: str
    values: tuple[Fraction, ...]
    """Values of the arguments, as the novice has them."""
    last: bool
    """It is the operation that the question asks for."""
    before: Fraction | None
    """Value of the step that it builds on. None: it builds on given numbers only."""
    elsewhere: Fraction | None
    """Another quantity of the first argument's unit. None: there is no other so far."""
    distractor: Fraction | None
    """A number of the story that nothing depends on. None: there is none."""


Act = Callable[[Spot], Written | None]


def add(values: Sequence[Fraction]) -> Written:
    """Write a sum."""
    return expression("add", values), sum(values, Fraction(0))


def times(*values: Fraction) -> Written:
    """Write a product."""
    return f"{operand(values[0])} * {operand(values[1])}", values[0] * values[1]


def over(dividend: Fraction, divisor: Fraction) -> Written | None:
    """Write a quotient; None if the divisor is 0."""
    if divisor == 0:
        return None
    return f"{operand(dividend)} / {operand(divisor)}", dividend / divisor


def scaled(written: Written | None, factor: Fraction) -> Written | None:
    """Write an expression times a factor."""
    return written and (f"{written[0]} * {operand(factor)}", written[1] * factor)


def plain(value: Fraction) -> Written:
    """Write a value without working anything out."""
    return show(value), value


def drop_a_carry(spot: Spot) -> Written | None:
    """Pass nothing on from a column that comes to ten or more."""
    if any(v.denominator != 1 or v < 0 for v in spot.values):
        return None
    if spot.op == "add":
        return expression("add", spot.values), _by_columns(spot.values, sum)
    if spot.op in ("multiply", "at_rate") and min(spot.values) < 10:
        # One-digit factors only: longer ones are worked out in rows, which is another procedure.
        digit = min(spot.values)
        number = _by_columns([max(spot.values)], lambda column: column[0] * int(digit))
        return expression(spot.op, spot.values), number
    return None


def _by_columns(values: Sequence[Fraction], column: Callable[[Sequence[int]], int]) -> Fraction:
    """Work on each column of digits alone; all but the first column keep only their last digit."""
    width = max(len(str(v)) for v in values)
    rows = [str(v).zfill(width) for v in values]
    first, *others = (column([int(d) for d in c]) for c in zip(*rows, strict=True))
    return Fraction("".join([str(first), *(str(total % 10) for total in others)]))


def borrow_the_wrong_way(spot: Spot) -> Written | None:
    """Take the smaller digit of each column from the larger."""
    if spot.op != "subtract" or any(v.denominator != 1 or v < 0 for v in spot.values):
        return None
    number = _by_columns(spot.values, lambda column: abs(column[0] - column[1]))
    return expression("subtract", spot.values), number


def add_instead_of_subtracting(spot: Spot) -> Written | None:
    """Add."""
    return add(spot.values) if spot.op == "subtract" else None


def add_instead_of_multiplying(spot: Spot) -> Written | None:
    """Add."""
    return add(spot.values) if spot.op in ("multiply", "at_rate") else None


DIVISIONS = ("divide", "time_at_rate", "rate_of")


def divide_the_wrong_way(spot: Spot) -> Written | None:
    """Divide the second by the first."""
    return over(spot.values[1], spot.values[0]) if spot.op in DIVISIONS else None


def multiply_instead_of_dividing(spot: Spot) -> Written | None:
    """Multiply."""
    return times(*spot.values) if spot.op in DIVISIONS else None


def divide_instead_of_multiplying(spot: Spot) -> Written | None:
    """Divide the larger by the smaller."""
    if spot.op != "at_rate":
        return None
    return over(max(spot.values), min(spot.values))


def multiply_by_the_denominator(spot: Spot) -> Written | None:
    """Take the whole as often as the lower number says."""
    if spot.op != "fraction_of":
        return None
    return times(spot.values[0], Fraction(spot.values[1].denominator))


def ignore_the_numerator(spot: Spot) -> Written | None:
    """Take one part only."""
    if spot.op != "fraction_of":
        return None
    return over(spot.values[0], Fraction(spot.values[1].denominator))


def take_the_rest_for_the_part(spot: Spot) -> Written | None:
    """Take what remains."""
    if spot.op == "fraction_of":
        whole, share = spot.values
        return f"(1 - {share}) * {operand(whole)}", (1 - share) * whole
    if spot.op == "as_fraction":
        part, whole = spot.values
        if whole == 0:
            return None
        return f"({operand(whole)} - {operand(part)}) / {operand(whole)}", 1 - part / whole
    return None


def turn_a_fraction_over(spot: Spot) -> Written | None:
    """Swap numerator and denominator."""
    if spot.op == "fraction_of":
        whole, share = spot.values
        return f"{1 / share} * {operand(whole)}", whole / share
    return over(spot.values[1], spot.values[0]) if spot.op == "as_fraction" else None


def treat_percent_as_a_plain_number(spot: Spot) -> Written | None:
    """Take the number before the percent sign for the amount."""
    if spot.op == "percent_of":
        return plain(spot.values[1])
    return plain(spot.values[0]) if spot.op == "as_percent" else None


def take_the_percentage_of_the_wrong_whole(spot: Spot) -> Written | None:
    """Take the percentage of another amount, or of the rest."""
    if spot.op == "percent_of" and spot.elsewhere is not None:
        values = (spot.elsewhere, spot.values[1])
        return expression("percent_of", values), values[0] * values[1] / 100
    if spot.op == "as_percent":
        part, whole = spot.values
        return scaled(over(part, whole - part), Fraction(100))
    return None


def divide_by_the_percentage(spot: Spot) -> Written | None:
    """Divide by the number before the percent sign; or the whole by the part."""
    if spot.op == "percent_of":
        return over(*spot.values)
    if spot.op == "as_percent":
        return scaled(over(spot.values[1], spot.values[0]), Fraction(100))
    return None


def move_the_decimal_point(spot: Spot) -> Written | None:
    """Take so many of ten instead of so many of a hundred."""
    if spot.op == "percent_of":
        whole, share = spot.values
        return f"{operand(share)} / 10 * {operand(whole)}", share / 10 * whole
    return scaled(over(*spot.values), Fraction(10)) if spot.op == "as_percent" else None


def invert_a_ratio(spot: Spot) -> Written | None:
    """Give each the other's term."""
    if spot.op == "in_proportion":
        whole, theirs, mine = spot.values
        return scaled(over(whole, mine), theirs)
    return times(spot.values[2], spot.values[0]) if spot.op == "ratio_share" else None


def take_a_ratio_for_a_fraction(spot: Spot) -> Written | None:
    """Divide by one term where the sum is meant, and the other way round."""
    if spot.op == "in_proportion":
        whole, theirs, mine = spot.values
        return scaled(over(whole, theirs + mine), mine)
    return over(spot.values[0], spot.values[2]) if spot.op == "one_part" else None


def stop_at_one_part(spot: Spot) -> Written | None:
    """Take one part for the share."""
    if spot.op == "in_proportion":
        return over(spot.values[0], spot.values[1])
    return plain(spot.values[0]) if spot.op == "ratio_share" else None


def add_the_difference_of_a_ratio(spot: Spot) -> Written | None:
    """Add what one term is more than the other."""
    if spot.op != "in_proportion":
        return None
    whole, theirs, mine = spot.values
    text = f"{operand(whole)} + {operand(mine)} - {operand(theirs)}"
    return text, whole + mine - theirs


CONVERSIONS = ("to_smaller", "to_larger")


def _convert(op: str, amount: Fraction, factor: Fraction) -> Written | None:
    return times(amount, factor) if op == "to_smaller" else over(amount, factor)


def miss_a_power_of_ten(spot: Spot) -> Written | None:
    """Convert with a factor that is ten times too small."""
    if spot.op not in CONVERSIONS or spot.values[1] < 100:
        return None
    return _convert(spot.op, spot.values[0], spot.values[1] / 10)


def take_every_factor_for_a_hundred(spot: Spot) -> Written | None:
    """Convert with a hundred."""
    return _convert(spot.op, spot.values[0], Fraction(100)) if spot.op in CONVERSIONS else None


def convert_the_wrong_way(spot: Spot) -> Written | None:
    """Multiply where one divides, and the other way round."""
    if spot.op not in CONVERSIONS:
        return None
    opposite = CONVERSIONS[1 - CONVERSIONS.index(spot.op)]
    return _convert(opposite, *spot.values)


def forget_to_convert(spot: Spot) -> Written | None:
    """Leave the number as it is."""
    return plain(spot.values[0]) if spot.op in CONVERSIONS else None


def use_the_distractor(spot: Spot) -> Written | None:
    """Put a number that has nothing to do with it into the last step."""
    if not spot.last or spot.distractor is None:
        return None
    text, value = expression(spot.op, spot.values), calculate(spot.op, spot.values)
    if spot.op == "subtract":
        return f"{text} - {operand(spot.distractor)}", value - spot.distractor
    return f"{text} + {operand(spot.distractor)}", value + spot.distractor


def forget_the_last_step(spot: Spot) -> Written | None:
    """Take what the last step builds on for its value."""
    return plain(spot.before) if spot.last and spot.before is not None else None

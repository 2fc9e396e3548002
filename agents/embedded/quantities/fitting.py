"""Fractions, percentages and ratios that come out even for an amount."""

from fractions import Fraction
from math import gcd

from agents.embedded.quantities.story import DeadEnd, Story

FRACTIONS = tuple(
    Fraction(n, d)
    for d in (2, 3, 4, 5, 6, 8, 10)
    for n in range(1, d)
    if Fraction(n, d).denominator == d
)
PERCENTS = tuple(range(5, 100, 5))
RATIOS = tuple((a, b) for a in range(1, 8) for b in range(1, 8) if gcd(a, b) == 1 and a + b > 3)


def fitting_fraction(story: Story, whole: Fraction) -> Fraction:
    """Draw a fraction that divides the whole evenly.

    Raises:
        DeadEnd: there is none.
    """
    fits = [f for f in FRACTIONS if whole % (f.denominator * story.step) == 0]
    if not fits:
        raise DeadEnd
    return story.rng.choice(fits)


def fitting_percent(story: Story, whole: Fraction) -> int:
    """Draw a percentage that divides the whole evenly.

    Raises:
        DeadEnd: there is hardly any.
    """
    fits = [p for p in PERCENTS if (whole * p / 100).denominator == 1]
    if len(fits) < 3:
        raise DeadEnd
    return story.rng.choice(fits)


def fitting_ratio(story: Story, whole: Fraction) -> tuple[int, int]:
    """Draw two terms, such as 2 and 3, whose sum divides the whole evenly.

    Raises:
        DeadEnd: there are none.
    """
    fits = [(a, b) for a, b in RATIOS if whole % (a + b) == 0]
    if not fits:
        raise DeadEnd
    return story.rng.choice(fits)

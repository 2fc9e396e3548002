"""Work the equations of an attempt again: "12 + 5 = 17", "48/2 = <<48/2=24>>24", "a = b = c".

What a newcomer gets wrong: a false alarm costs more than a miss, because a step that is called
wrong keeps a right attempt out of the training data. So an equation is false only where nobody
could read it as true: rounded, as a percentage, in another unit, or as the first half of
"3 + 4 = 7 * 2 = 14". Everything else that does not hold is unclear, and unclear is not wrong.
"""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice, pairwise

from agents.steps.expression import Unclear, worth
from agents.steps.sides import Stated, calculation, stated
from agents.steps.tokens import Token, tokens

MAX_LINES = 2_000
"""Of one attempt; nothing is worked out in the lines behind them."""
MAX_LINE = 2_000
"""Characters; nothing is worked out in a longer line."""
MAX_EQUATIONS = 50
"""Of one line; nothing is worked out in a line with more."""

_NOTE = re.compile(r"<<([^<>\n]{1,200})>>")
"""A calculator's note, as in GSM8K: an equation of its own, from which the text goes on."""
_RELATION = re.compile(
    r"([<>!~:\u2248-\u2265]=|=[<>=~]+|[-\u2013\u2014]+>|=|[<>~\u2190-\u21ff\u2243-\u2269])"
)
_BULLET = re.compile(r"^\s{0,20}[-*•+]\s+")
_NOT_MEANT = re.compile(
    r"\b(?:wrong|incorrect|mistake|wait|oops|actually|instead|suppose|assum\w{0,4}|if|base|binary|"
    r"hex|octal|mod|modulo|clock|a\.?m|p\.?m)\b",
    re.IGNORECASE,
)
"""Words of a line whose equations need not be meant as they stand."""
_ROUNDED = re.compile(
    r"\b(?:round\w{0,4}|about|approx\w{0,10}|nearest|roughly|around|full|whole|complete\w{0,2}|"
    r"remain\w{0,4}|left ?over|left|at least|at most)\b|[~\u2248]",
    re.IGNORECASE,
)
"""Words of a line in which a number may be rounded up or down, as the story needs."""
_UNITS = frozenset(map(Fraction, (3, 7, 10, 12, 14, 16, 24, 30, 36, 52, 60, 365, 1000, 3600)))
"""How many of one unit make another; with a unit behind it, a number may be in the other one."""


def first_false_step(steps: Sequence[str]) -> int | None:
    """Return the number of the first step with an equation that does not hold, from 1.

    Args:
        steps: First step first, each of one or more lines; see `written_steps`.

    Returns:
        None: no equation is surely false, which does not make the steps right.
    """
    lines = ((number, line) for number, step in enumerate(steps, 1) for line in step.splitlines())
    return next((number for number, line in islice(lines, MAX_LINES) if _is_false(line)), None)


def _is_false(line: str) -> bool:
    """Return whether a line has an equation that is surely false.

    A calculator's note counts only where the text around it says nothing that can be worked out.
    """
    if len(line) > MAX_LINE or not 0 < line.count("=") <= MAX_EQUATIONS:
        return False
    if _NOT_MEANT.search(line):
        return False
    loose = bool(_ROUNDED.search(line))
    parts = _RELATION.split(_BULLET.sub("", _NOTE.sub("", line)))
    told = [each for chain in _chains(parts) for each in _holding(chain, loose=loose)]
    for note in _NOTE.findall(line) if not told else ():
        told += _holding(note.split("="), loose=loose)
    return not all(told)


def _chains(parts: list[str]) -> Iterator[list[str]]:
    """Yield the sides of each chain of equations, of a line that was split at every relation."""
    chain = parts[:1]
    for relation, side in zip(parts[1::2], parts[2::2], strict=True):
        if relation == "=":
            chain.append(side)
        else:
            yield chain
            chain = [side]
    yield chain


def _holding(sides: list[str], *, loose: bool) -> Iterator[bool]:
    """Yield for each two neighbouring sides whether they may be equal; nothing if it is unclear."""
    read = [tokens(side) for side in sides]
    for left, right in pairwise(read):
        try:
            found = stated(right)
            yield _may_hold(calculation(left, found.then), found, loose=loose)
        except Unclear:
            continue


def _may_hold(terms: tuple[Token, ...], found: Stated, *, loose: bool) -> bool:
    """Return whether a calculation may be meant to be what is stated.

    It may be rounded, be a percentage without its sign, or say how much less is missing.

    Raises:
        Unclear: one of the two has no value.
    """
    left, right = worth(terms).value, worth(found.terms).value
    first = found.numbers[0]
    said = -first.value if found.terms[0].text == "-" else first.value
    off = _rounding(terms, found, loose=loose) + _carried(terms, left)
    return (
        left == right
        or any(abs(left * scale - said) <= off for scale in (1, 100))
        or left in (-said, said * 100)
        or (found.has_unit and _is_in_another_unit(left, said))
        or (len(found.numbers) > 1 and abs(left - right) <= _carried(terms, left))
    )


def _rounding(terms: tuple[Token, ...], found: Stated, *, loose: bool) -> Fraction:
    """Return how far off a number may be because it is rounded to the places that it has.

    A whole number with a unit behind it may be rounded either way, as with 66 sticks of 66 2/3.
    """
    number = found.numbers[0]
    if loose or (found.has_unit and not number.places):
        return number.last_place * Fraction(99, 100)
    if number.places or any(token.text in ("/", "%") for token in terms):
        return number.last_place / 2
    return Fraction(0)


def _carried(terms: tuple[Token, ...], value: Fraction) -> Fraction:
    """Return how far off a value may be because numbers in it were rounded before."""
    rounded = [t for t in terms if t.kind == "number" and t.places > 1 and t.value]
    shares = (t.last_place / t.value for t in rounded)
    return sum(shares, Fraction(0)) * abs(value)


def _is_in_another_unit(value: Fraction, said: Fraction) -> bool:
    """Return whether two numbers may be the same amount in two units."""
    return bool(said and value and {value / said, said / value} & _UNITS)

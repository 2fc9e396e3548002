"""Find out whether two expressions have the same values, by working both out at several places.

What a newcomer gets wrong: what differs at one place is another expression, for certain; what
agrees at all of them may still be one. The reference says where to look: at places where it has no
real value, such as the root of a negative number, nothing is compared, unless it has none anywhere.
"""

import hashlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from agents.verifiers.math.near import GUARD, Arithmetic, Beyond, Effort, Near, Undefined, size_of
from agents.verifiers.math.numeric import BASE, Place, value_at
from agents.verifiers.math.tree import Node, names_of, walk

MOST_PLACES = 16
LEAST_PLACES = 6
_SIZE = 4_000
"""So many operations at all places together are thought to be little; larger expressions are
worked out at fewer places."""
ENOUGH = 3
"""At so many places the reference must have a value, if it has variables."""
START_BITS = 256
MAX_PRECISION = 72_000
_RANGES = ((3, 30, False), (3, 30, True), (1, 9, True), (20, 90, False))
"""Tenths between which the sizes of variables lie, and whether they may be negative, in turn."""


class ReferenceFault(Exception):
    """The reference cannot be worked out; says why."""


class AnswerFault(Exception):
    """The answer cannot be worked out; says why."""


@dataclass(frozen=True, slots=True)
class Alike:
    """What was found."""

    same: bool
    positive: bool = False
    """The reference has real values only where all variables are positive."""


def alike(reference: Node, answer: Node, mark: Callable[[str], None]) -> Alike:
    """Return whether two expressions have the same values wherever it was tried.

    Args:
        reference: An expression.
        answer: An expression.
        mark: Told "reference" or "answer" before that one is worked out.

    Raises:
        ReferenceFault: it has no values, or is beyond a limit.
        AnswerFault: it is beyond a limit.
    """
    pair = _Pair(reference, answer, mark)
    names = names_of(reference, answer)
    is_complex = not names or any(node.op == "i" for node in walk(reference))
    agreeing: list[tuple[bool, bool]] = []
    complex_differences = 0
    for place in _places(reference, answer, names, pair.places if names else 1):
        found = pair.compared(place)
        if found is None:
            continue
        is_real = found.reference.is_real() or is_complex
        if found.same:
            agreeing.append((is_real, all(value > 0 for value in place.values())))
        elif is_real:
            return Alike(same=False)
        else:
            complex_differences += 1
    real = [positive for is_real, positive in agreeing if is_real]
    if len(real) >= min(ENOUGH, len(names) * ENOUGH + 1):
        return Alike(same=True, positive=all(real) and len(real) < pair.places)
    if len(agreeing) + complex_differences >= ENOUGH:
        return Alike(same=not complex_differences)
    raise ReferenceFault(pair.why or "it has no value where it was tried")


def constant(
    node: Node, fault: type[ReferenceFault | AnswerFault], mark: Callable[[str], None]
) -> Near:
    """Return the real value of an expression without variables.

    Raises:
        ReferenceFault: it has none, or is beyond a limit, if this is the `fault` given.
        AnswerFault: likewise.
    """
    mark("reference" if fault is ReferenceFault else "answer")
    digits = sum(len(each.text) for each in walk(node) if each.op == "number")
    at = Arithmetic(2 * START_BITS + 4 * digits, Effort())
    try:
        near = value_at(node, {BASE: Fraction(7, 5)}, at)
    except (Undefined, Beyond) as error:
        raise fault(str(error)) from error
    if not near.is_real():
        raise fault("an end of it is no real number")
    return near


def _places(reference: Node, answer: Node, names: tuple[str, ...], count: int) -> Iterator[Place]:
    """Yield places that only the two texts determine, and nobody who writes one of them knows."""
    seed = hashlib.sha256(repr((reference, answer)).encode()).digest()
    drawn = random.Random(int.from_bytes(seed))
    for turn in range(count):
        low, high, signed = _RANGES[turn % len(_RANGES)]
        place = {BASE: Fraction(drawn.randint(2**40, 2**42), 2**39)}
        for name in names:
            size = Fraction(drawn.randint(low * 2**40, high * 2**40), 10 * 2**40)
            place[name] = -size if signed and drawn.random() < 0.6 else size
        yield place


@dataclass(frozen=True, slots=True)
class _Found:
    reference: Near
    same: bool


class _Pair:
    """Two expressions that are worked out at one place after another."""

    def __init__(self, reference: Node, answer: Node, mark: Callable[[str], None]) -> None:
        self.why = ""
        """Why the reference had no value at the last place where it had none."""
        self._reference, self._answer = reference, answer
        self._mark = mark
        self._efforts = (Effort(), Effort())
        nodes = (*walk(reference), *walk(answer))
        self.places = max(LEAST_PLACES, min(MOST_PLACES, _SIZE // len(nodes)))
        """At how many places they are worked out."""
        self._digits = sum(len(node.text) for node in nodes if node.op == "number")

    def compared(self, place: Place) -> _Found | None:
        """Return whether both have the same value here. None: the reference has none."""
        bits = START_BITS + 4 * self._digits
        while True:
            wanted, low = self._reference_at(place, bits)
            if wanted is None:
                return None
            found, low = self._answer_at(place, bits, low)
            if found is None:
                return _Found(wanted, same=False)
            error = max(wanted.error, found.error)
            if size_of(wanted.value - found.value) > error + GUARD:
                return _Found(wanted, same=False)
            lacking = error - (2 * low - 4 * self._digits - START_BITS // 2)
            if lacking <= 0:
                return _Found(wanted, same=True)
            bits += lacking + GUARD
            if bits > MAX_PRECISION:
                raise AnswerFault("it takes too many digits to tell it from the reference")

    def _reference_at(self, place: Place, bits: int) -> tuple[Near | None, int]:
        self._mark("reference")
        at = Arithmetic(bits, self._efforts[0])
        try:
            return value_at(self._reference, place, at), at.low
        except (Undefined, Beyond) as fault:
            self.why = str(fault)
            return None, 0

    def _answer_at(self, place: Place, bits: int, low: int) -> tuple[Near | None, int]:
        """Return the answer's value, and the size of the smallest number met on either side."""
        self._mark("answer")
        at = Arithmetic(bits, self._efforts[1])
        try:
            return value_at(self._answer, place, at), min(low, at.low)
        except Undefined:
            return None, 0
        except Beyond as beyond:
            raise AnswerFault(str(beyond)) from beyond

"""Compare two statements part by part, down to pairs of expressions.

What a newcomer gets wrong: the kind of a statement counts. The set {1, 2} is not the pair (1, 2),
an equation is not its right side, and an interval is not its two ends. Where two parts have the
same values but are written otherwise, they are put down as `pairs`, to be proved equal.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

from agents.verifiers.math.alike import AnswerFault, ReferenceFault, alike, constant
from agents.verifiers.math.kinds import brackets_fit
from agents.verifiers.math.limits import MAX_PAIRS
from agents.verifiers.math.region import can_be_region, ends_of, holds, is_compound
from agents.verifiers.math.tree import (
    TUPLES,
    Node,
    is_expression,
    literal_of,
    names_of,
    number,
    replaced,
)

_ZERO = number(0)
_PRIMES = (2, 3, 5, 7, 11, 13)
_FLIPPED = {">": "<", ">=": "<="}


class Structure:
    """A comparison of two statements.

    Args:
        mark: Told "reference" or "answer" before that one is worked out.
    """

    def __init__(self, mark: Callable[[str], None]) -> None:
        self.pairs: list[tuple[Node, Node, bool]] = []
        """What has the same values and is written otherwise: a part of the reference, one of the
        answer, and whether their variables must be positive."""
        self._mark = mark
        self._compared = 0

    def same(self, reference: Node, answer: Node) -> bool:
        """Return whether two statements say the same, as far as values tell.

        Raises:
            ReferenceFault: it cannot be worked out.
            AnswerFault: it cannot be worked out.
        """
        if is_expression(reference) and is_expression(answer):
            return self._leaf(reference, answer)
        if reference.op in TUPLES and answer.op in TUPLES:
            return brackets_fit(reference, answer) and self._elements(reference, answer)
        has_compound = is_compound(reference) or is_compound(answer)
        if has_compound and can_be_region(reference) and can_be_region(answer):
            return self._region(reference, answer)
        if reference.op != answer.op or is_expression(reference):
            return False
        return _COMPARE[reference.op](self, reference, answer)

    def _leaf(self, reference: Node, answer: Node) -> bool:
        """Return whether two expressions have the same values; a number must be worked out."""
        wanted = literal_of(reference)
        if wanted is not None:
            return literal_of(answer) == wanted
        return self._values(reference, answer)

    def _values(self, reference: Node, answer: Node) -> bool:
        self._compared += 1
        if self._compared > MAX_PAIRS:
            raise ReferenceFault(f"more than {MAX_PAIRS} pairs of parts would have to be compared")
        found = alike(reference, answer, self._mark)
        literal = literal_of(reference)
        written_otherwise = reference != answer and (
            literal is None or literal_of(answer) != literal
        )
        if found.same and written_otherwise:
            self.pairs.append((reference, answer, found.positive))
        return found.same

    def _tried(self, reference: Node, answer: Node, compare: "Compare") -> bool:
        """Return what a comparison finds; if nothing comes of it, its pairs are forgotten."""
        before = len(self.pairs)
        same = compare(self, reference, answer)
        if not same:
            del self.pairs[before:]
        return same

    def _elements(self, reference: Node, answer: Node) -> bool:
        """Return whether the elements are the same in order; of relations, in any order."""
        if {each.op for each in (*reference.args, *answer.args)} == {"chain"}:
            return self._matched(reference.args, answer.args, Structure.same)
        return self._in_order(reference, answer)

    def _in_order(self, reference: Node, answer: Node) -> bool:
        if reference.text != answer.text or len(reference.args) != len(answer.args):
            return False
        return all(map(self.same, reference.args, answer.args))

    def _unordered(self, reference: Node, answer: Node) -> bool:
        return self._matched(reference.args, answer.args, Structure.same)

    def _matched(self, wanted: Sequence[Node], found: Sequence[Node], compare: "Compare") -> bool:
        """Return whether every part of the one has a part of the other for itself."""
        left = list(found)
        if len(wanted) != len(left):
            return False
        for each in wanted:
            place = next(
                (n for n, other in enumerate(left) if self._tried(each, other, compare)), None
            )
            if place is None:
                return False
            del left[place]
        return True

    def _both_signs(self, reference: Node, answer: Node) -> bool:
        return self._matched(reference.args, answer.args, Structure.same)

    def _member(self, reference: Node, answer: Node) -> bool:
        return reference.args[0] == answer.args[0] and self.same(reference.args[1], answer.args[1])

    def _chain(self, reference: Node, answer: Node) -> bool:
        """Return whether two relations, or chains of them, are the same up to a factor."""
        if not all(map(is_expression, (*reference.args, *answer.args))):
            turned = Node("chain", answer.args[::-1], answer.text)
            ways = (answer, turned) if answer.text == "=" else (answer,)
            return any(self._tried(reference, way, Structure._in_order) for way in ways)
        return self._matched(_relations(reference), _relations(answer), Structure._proportional)

    def _proportional(self, reference: Node, answer: Node) -> bool:
        """Return whether one difference is the other times a number, which is positive for "<"."""
        if reference.text != answer.text:
            return False
        wanted, found = reference.args[0], answer.args[0]
        names = names_of(wanted, found)
        for turn in range(len(_PRIMES)):
            place = {name: number(_PRIMES[(n + turn) % 6]) for n, name in enumerate(names)}
            here, there = replaced(wanted, place), replaced(found, place)
            if not self._is_not_zero(here):
                continue
            if alike(_ZERO, there, self._mark).same:
                return False
            both = Node("mul", (here, there))
            is_directed = reference.text in _FLIPPED.values()
            if is_directed and not alike(Node("abs", (both,)), both, self._mark).same:
                return False
            return self._values(Node("mul", (wanted, there)), Node("mul", (found, here)))
        raise ReferenceFault("its relation says nothing")

    def _is_not_zero(self, node: Node) -> bool:
        try:
            return not alike(node, _ZERO, self._mark).same
        except ReferenceFault:
            return False

    def _region(self, reference: Node, answer: Node) -> bool:
        values = {end: constant(end, AnswerFault, self._mark) for end in ends_of(answer)}
        values |= {end: constant(end, ReferenceFault, self._mark) for end in ends_of(reference)}
        ordered = sorted(values, key=lambda end: values[end].value)
        order = dict.fromkeys(ordered, 0)
        for below, above in pairwise(ordered):
            order[above] = order[below] + (not self._values(below, above))
        spots = range(2 * len(ordered) + 2)
        return all(holds(reference, n, order) == holds(answer, n, order) for n in spots)


Compare = Callable[[Structure, Node, Node], bool]
_COMPARE: dict[str, Compare] = {
    "infinity": Structure._in_order,
    "set": Structure._unordered,
    "empty": Structure._in_order,
    "interval": Structure._in_order,
    "line": Structure._in_order,
    "union": Structure._unordered,
    "intersection": Structure._unordered,
    "difference": Structure._in_order,
    "matrix": Structure._in_order,
    "row": Structure._in_order,
    "chain": Structure._chain,
    "member": Structure._member,
    "signs": Structure._both_signs,
}


def _relations(chain: Node) -> list[Node]:
    """Return each relation of a chain as a difference that is zero, below zero, and so on."""
    relations = []
    for sign, (left, right) in zip(chain.text.split(), pairwise(chain.args), strict=True):
        if sign in _FLIPPED:
            left, right = right, left
        difference = Node("add", (left, Node("neg", (right,))))
        relations.append(Node("chain", (difference,), _FLIPPED.get(sign, sign)))
    return relations

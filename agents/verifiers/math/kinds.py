"""Of what kind a statement is, and what a statement that is worked out says.

What a newcomer gets wrong: where the reference leaves nothing to be worked out, the answer must not
either. `17 * 23` has the value of 391, and is the question rather than its answer. Brackets around
a sequence do not count, but around two elements they may be the ends of an interval; then they are
compared where both sides have some.
"""

from collections.abc import Hashable
from fractions import Fraction

from agents.verifiers.math.tokens import unwrapped
from agents.verifiers.math.tree import TUPLES, Node, is_expression, literal_of

_KINDS = {
    **dict.fromkeys(TUPLES, "a sequence"),
    **dict.fromkeys(("set", "empty"), "a set"),
    **dict.fromkeys(("interval", "line", "union", "intersection", "difference"), "a region"),
    **{"matrix": "a matrix", "chain": "a relation", "member": "a membership"},
    **{"signs": "a statement with two signs", "infinity": "an infinity"},
}
_FLIPPED = {">": "<", ">=": "<="}


def kind_of(node: Node) -> str:
    """Return the kind of a statement, with its article."""
    return _KINDS.get(node.op, "an expression")


def kinds_fit(reference: Node, answer: Node) -> bool:
    """Return whether two statements could say the same, by their kinds alone."""
    one, other = kind_of(reference), kind_of(answer)
    return one == other or (
        "a region" in (one, other) and {one, other} <= {"a region", "a set", "a sequence"}
    )


def brackets_fit(reference: Node, answer: Node) -> bool:
    """Return whether the brackets of two sequences may mean the same."""
    if "angle" in (reference.op, answer.op):
        return reference.op == answer.op
    bare = "sequence" in (reference.op, answer.op)
    return bare or reference.op == answer.op or len(reference.args) != 2


def brackets_differ(reference: str, answer: str, canonical: Hashable) -> bool:
    """Return whether two texts of one pair of values have brackets that make intervals of it.

    Args:
        reference: The one text.
        answer: The other.
        canonical: What both say.
    """
    if not isinstance(canonical, tuple) or len(canonical) != 2:
        return False
    low, high = canonical
    if isinstance(low, Fraction) and isinstance(high, Fraction) and low >= high:
        return False
    return {tuple_of(reference), tuple_of(answer)} == {"round", "square"}


def tuple_of(text: str) -> str:
    """Return the operation of a sequence by its first bracket: "round", "square" or "sequence"."""
    plain = unwrapped(text).replace(r"\left", "").strip()
    return {"(": "round", "[": "square"}.get(plain[:1], "sequence")


def worked_out(node: Node) -> Hashable | None:
    """Return what a statement says if nothing in it is left to be worked out; else None.

    Equal if and only if the statements say the same, but for the brackets of a sequence. Of a
    number or a sequence of numbers it is what `value_of` returns.
    """
    if node.op in ("sequence", "round", "square"):
        parts = [_part(arg) for arg in node.args]
        if {arg.op for arg in node.args} == {"chain"}:
            parts.sort(key=repr)
        return None if None in parts else tuple(parts)
    if is_expression(node):
        literal = literal_of(node)
        return None if literal is None else (literal,)
    return _part(node)


def _part(node: Node) -> Hashable | None:
    """Return what an element says; the brackets of a pair count, as it may be an interval."""
    if is_expression(node):
        return literal_of(node)
    if node.op == "chain":
        return _relations(node)
    if node.op not in (*TUPLES, "set", "empty", "interval", "matrix", "row"):
        return None
    parts = [_part(arg) for arg in node.args]
    if None in parts:
        return None
    if node.op in ("set", "empty"):
        return "set", tuple(sorted(parts, key=repr))
    op = node.op if node.op not in TUPLES or len(parts) == 2 else "tuple"
    return op, node.text, tuple(parts)


def _relations(node: Node) -> Hashable | None:
    """Return a chain of relations between variables and numbers, blind to its direction."""
    sides: list[Hashable] = []
    for side in node.args:
        said = side.text if side.op == "name" else _part(side)
        if said is None:
            return None
        sides.append(said)
    found = []
    for place, sign in enumerate(node.text.split()):
        ends = sides[place : place + 2]
        if sign in _FLIPPED or (sign in ("=", "!=") and repr(ends[0]) > repr(ends[1])):
            ends.reverse()
        found.append((_FLIPPED.get(sign, sign), *ends))
    return "chain", tuple(sorted(found, key=repr))

"""What an answer says, as a tree: expressions, and what is made of them (sets, intervals, ...).

What a newcomer gets wrong: a tree keeps what was written. `2/4` and `1/2` are two trees; that they
are equal is for others to find. Numbers are exact, as texts of fractions, and never floats.

Operations of an expression, with what `text` and `args` hold:
    number (a fraction, not negative), name (a variable as LaTeX), pi, e, i,
    add, mul (two or more), neg, div, pow, root (of a, its degree), factorial, abs, floor, ceil,
    percent, degrees, binomial, log (base, of what), call (`text` is the function; one argument),
    pm, mp (one of two signs; they stand in no finished statement)
Kinds of a statement: an expression, or
    infinity (`text` is its sign), sequence (no brackets), round, square, angle (in such brackets),
    set, empty, interval (`text` is its brackets, such as "[)"), line (`text` names a number set),
    union, intersection, difference, matrix (of row), chain (`text` is its signs, parted by spaces),
    member (a name, a set), signs (the statement with the upper signs, and with the lower ones)
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from pydantic import JsonValue

RELATIONS = ("=", "!=", "<", "<=", ">", ">=")
TUPLES = ("sequence", "round", "square", "angle")
REGIONS = ("interval", "line", "union", "intersection", "difference", "empty")
"""What is a part of the real line and cannot be anything else."""
_STATEMENTS = frozenset(
    {"infinity", *TUPLES, *REGIONS, "set", "matrix", "row", "chain", "member", "signs"}
)


class NotMathematics(Exception):
    """A text is no mathematics that is read here; says why in a few words."""


@dataclass(frozen=True, slots=True)
class Node:
    """One operation and what it is applied to."""

    op: str
    args: tuple["Node", ...] = ()
    text: str = ""


def number(value: Fraction | int) -> Node:
    """Return the node of a number, which may be negative."""
    node = Node("number", text=str(abs(value)))
    return node if value >= 0 else Node("neg", (node,))


def is_expression(node: Node) -> bool:
    """Return whether a node is one expression, rather than a set, a relation or the like."""
    return node.op not in _STATEMENTS


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and all below it."""
    yield node
    for arg in node.args:
        yield from walk(arg)


def names_of(*nodes: Node) -> tuple[str, ...]:
    """Return the variables of the nodes, each once, in order of the alphabet."""
    return tuple(sorted({each.text for node in nodes for each in walk(node) if each.op == "name"}))


def replaced(node: Node, by: Mapping[str, Node]) -> Node:
    """Return a tree with other nodes in place of variables."""
    if node.op == "name":
        return by.get(node.text, node)
    return Node(node.op, tuple(replaced(arg, by) for arg in node.args), node.text)


def packed(node: Node) -> JsonValue:
    """Return the tree as JSON knows it."""
    return [node.op, node.text, [packed(arg) for arg in node.args]]


def unpacked(given: JsonValue) -> Node:
    """Return the tree that `packed` made this of.

    Raises:
        ValueError: it made no such thing.
    """
    match given:
        case [str(op), str(text), list(args)]:
            return Node(op, tuple(map(unpacked, args)), text)
    raise ValueError("no packed tree")


def literal_of(node: Node) -> Fraction | None:
    """Return the number that an expression is, if nothing is left to be worked out; else None.

    Such are numbers, fractions of two integers, either with a sign, percentages of them, and a
    number times a power of ten.
    """
    if node.op == "neg":
        value = literal_of(node.args[0]) if node.args[0].op != "neg" else None
        return None if value is None else -value
    if node.op == "percent":
        value = literal_of(node.args[0])
        return None if value is None else value / 100
    if node.op == "number":
        return Fraction(node.text)
    if node.op == "div":
        return _fraction(*node.args)
    return _scientific(*node.args) if node.op == "mul" and len(node.args) == 2 else None


def _fraction(above: Node, below: Node) -> Fraction | None:
    signed = above.args[0] if above.op == "neg" else above
    for each in (signed, below):
        if each.op != "number" or "/" in each.text:
            return None
    if below.text == "0":
        return None
    value = Fraction(signed.text) / Fraction(below.text)
    return -value if above.op == "neg" else value


def _scientific(mantissa: Node, power: Node) -> Fraction | None:
    if mantissa.op != "number" or power.op != "pow" or power.args[0] != Node("number", text="10"):
        return None
    exponent = literal_of(power.args[1])
    if exponent is None or exponent.denominator != 1 or abs(exponent) > 64:
        return None
    return Fraction(mantissa.text) * Fraction(10) ** int(exponent)

"""Change a statement a little, so that it surely says something else.

What a newcomer gets wrong: a near miss must differ whatever the statement is. Twice an expression
differs unless that is zero, and nothing differs from a joined region unless it is empty, or all;
no reference is so that is worth asking for.
"""

from collections.abc import Iterator
from fractions import Fraction

from agents.verifiers.math.latex import latex
from agents.verifiers.math.tree import TUPLES, Node, is_expression, literal_of, number
from agents.verifiers.math.values import Value

_OTHER_SIGNS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "=": "!=", "!=": "="}


def near_values(value: Value) -> Iterator[str]:
    """Yield other numbers or sequences: one more, one off, the sign, the reciprocal, the order."""
    if not value:
        yield "0"
        return
    *before, last = value
    others = [last + 1, last - 1, -last, last * 10, last / 10]
    others += [1 / last] if last else []
    for other in dict.fromkeys(each for each in others if each != last):
        yield _joined([*before, other])
    if before:
        yield _joined(before)
        yield _joined([*value, last])
        if (turned := value[::-1]) != value:
            yield _joined(turned)


def _joined(value: list[Fraction] | Value) -> str:
    return ", ".join(map(str, value))


def near_statements(node: Node) -> Iterator[str]:
    """Yield other statements as LaTeX, the nearest first; of two signs, the upper one alone."""
    plain = _upper(node)
    if plain != node:
        yield latex(plain)
    for near in _near(plain):
        yield latex(near)


def _upper(node: Node) -> Node:
    """Return a statement in which only the upper of two signs is left."""
    if node.op == "signs":
        return _upper(node.args[0])
    return Node(node.op, tuple(map(_upper, node.args)), node.text)


def _near(node: Node) -> Iterator[Node]:
    if is_expression(node):
        yield from _near_expressions(node)
    elif node.op == "chain":
        yield from _near_chains(node)
    elif node.op == "infinity":
        yield Node("infinity", text="+" if node.text == "-" else "-")
    elif node.op in ("union", "intersection", "difference"):
        # Which change of a part is one of the whole, only its values would tell.
        yield from (Node("empty"), Node("line", text="R"))
    elif node.op in ("empty", "line"):
        yield Node("set", (number(0),))
    else:
        yield from _near_collections(node)


def _near_expressions(node: Node) -> Iterator[Node]:
    yield Node("add", (node, number(1)))
    yield Node("add", (node, number(-1)))
    if literal_of(node) != 0:
        yield Node("neg", (node,))
        yield Node("mul", (number(2), node))


def _near_chains(node: Node) -> Iterator[Node]:
    *sides, last = node.args
    for near in _near(last):
        yield Node("chain", (*sides, near), node.text)
    *signs, sign = node.text.split()
    yield Node("chain", node.args, " ".join([*signs, _OTHER_SIGNS[sign]]))


def _near_collections(node: Node) -> Iterator[Node]:
    """Yield a collection with its last element changed or left out, another order, another kind."""
    *before, last = node.args or (number(0),)
    for near in _near(last):
        yield Node(node.op, (*before, near), node.text)
    if node.op == "member":
        return
    if len(before) > 1 and node.op not in ("matrix", "row"):
        yield Node(node.op, tuple(before), node.text)
    is_ordered = node.op in TUPLES and any(arg.op != "chain" for arg in node.args)
    if is_ordered and node.args[::-1] != node.args:
        yield Node(node.op, node.args[::-1])
    if node.op == "interval":
        turned = node.text.translate(str.maketrans("()[]", "[]()"))
        yield Node("interval", node.args, turned)
    if node.op == "set" and before:
        yield Node("round", node.args)

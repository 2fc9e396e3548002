"""Compare parts of the real line: intervals, finite sets, and what is joined or taken away.

What a newcomer gets wrong: `(-1, 1)` without 0 and `(-1, 0)` with `(0, 1)` are one region in two
writings. All ends of both sides are put in order; a region is then known by which of these ends,
and which of the gaps between them, it holds. That decides it, so no point is tried in vain.
"""

from agents.verifiers.math.tree import Node, is_expression, names_of

COMPOUND = ("interval", "line", "union", "intersection", "difference")


def is_compound(node: Node) -> bool:
    """Return whether a statement is a part of the real line and can be nothing else."""
    return node.op in COMPOUND


def can_be_region(node: Node) -> bool:
    """Return whether a statement can be read as a part of the real line with known ends."""
    if node.op in ("round", "square", "interval"):
        return len(node.args) == 2 and all(_is_end(arg) for arg in node.args)
    if node.op == "set":
        return all(is_expression(arg) and not names_of(arg) for arg in node.args)
    if node.op == "line":
        return node.text == "R"
    if node.op == "empty":
        return True
    return is_compound(node) and all(can_be_region(arg) for arg in node.args)


def _is_end(node: Node) -> bool:
    return node.op == "infinity" or (is_expression(node) and not names_of(node))


def ends_of(node: Node) -> list[Node]:
    """Return the expressions at which a region begins, ends, or has a single point."""
    if node.op in ("union", "intersection", "difference"):
        return [end for arg in node.args for end in ends_of(arg)]
    return [arg for arg in node.args if arg.op != "infinity"]


def holds(node: Node, spot: int, order: dict[Node, int]) -> bool:
    """Return whether a region holds a spot.

    Args:
        node: The region.
        spot: 2k + 1 is the end of rank k, 2k the gap below it.
        order: The rank of every end.
    """
    if node.op == "line":
        return True
    if node.op in ("set", "empty"):
        return any(2 * order[arg] + 1 == spot for arg in node.args)
    if node.op == "union":
        return any(holds(arg, spot, order) for arg in node.args)
    if node.op == "intersection":
        return all(holds(arg, spot, order) for arg in node.args)
    if node.op == "difference":
        return holds(node.args[0], spot, order) and not holds(node.args[1], spot, order)
    brackets = {"round": "()", "square": "[]"}.get(node.op, node.text)
    low, high = (_spot(arg, order) for arg in node.args)
    above = low < spot or (low == spot and brackets[0] == "[")
    return above and (spot < high or (spot == high and brackets[1] == "]"))


def _spot(end: Node, order: dict[Node, int]) -> float:
    if end.op == "infinity":
        return float("-inf" if end.text == "-" else "inf")
    return 2 * order[end] + 1

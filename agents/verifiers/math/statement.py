"""Read what an answer says: an expression, or a set, an interval, a relation, a matrix, a sequence.

What a newcomer gets wrong: braces make a set, and nothing else does; a set is the only thing whose
order does not count. `(1, 2)` is a pair or an interval, and nobody can tell from the text which.
"""

from collections.abc import Callable

from agents.verifiers.evidence import shown
from agents.verifiers.math.cursor import Cursor
from agents.verifiers.math.grammar import TWO_WAYS, expression
from agents.verifiers.math.tokens import Token, tokens_of
from agents.verifiers.math.tree import RELATIONS, Node, NotMathematics, is_expression, walk

_CLOSING = {"(": (")", "]"), "[": ("]", ")"), "{": ("}",), r"\{": (r"\}",), "langle": ("rangle",)}
_TUPLES = {"()": "round", "[]": "square", "langlerangle": "angle"}
_VECTORS = (r"\vec", r"\overrightarrow")
_REGIONS = {"cup": "union", "cap": "intersection", "setminus": "difference"}


def read_statement(text: str) -> Node:
    """Return what a whole text says.

    Raises:
        NotMathematics: it is no mathematics, is beyond a limit, or can be read in two ways.
    """
    cursor = Cursor(tokens_of(text))
    if cursor.peek() is None:
        raise NotMathematics("it is empty")
    _refuse_group_like(cursor.tokens)
    items = _items(cursor, None)
    node = items[0] if len(items) == 1 else Node("sequence", tuple(items))
    if any(each.op == "mul" and sum(map(_is_vector, each.args)) > 1 for each in walk(node)):
        raise NotMathematics("it multiplies vectors")
    return node


def _is_vector(node: Node) -> bool:
    return any(each.op == "name" and each.text.startswith(_VECTORS) for each in walk(node))


def _refuse_group_like(tokens: list[Token]) -> None:
    """Refuse `1,234x` outside brackets: the comma could group thousands, or part two elements."""
    depth = 0
    for left, comma, right in zip(tokens, tokens[1:], tokens[2:], strict=False):
        depth += (left.text in _CLOSING) - (left.text in (")", "]", "}", r"\}", "rangle"))
        close = left.end == comma.at and comma.end == right.at
        grouped = left.kind == right.kind == "number" and comma.is_sign(",") and close
        if depth == 0 and grouped and left.text.isdigit() and len(left.text) <= 3:
            whole, _, _ = right.text.partition(".")
            if len(whole) == 3:
                raise NotMathematics(TWO_WAYS)


def _items(cursor: Cursor, closing: tuple[str, ...] | None) -> list[Node]:
    """Return the elements up to a closing bracket, or the end; commas part them, or semicolons."""
    items = [_item(cursor)]
    separator = cursor.take_sign(",", ";")
    while separator is not None:
        items.append(_item(cursor))
        before, separator = separator, cursor.take_sign(",", ";")
        if separator not in (before, None):
            raise NotMathematics(TWO_WAYS)
    left = cursor.peek()
    if left is not None and (closing is None or left.text not in closing):
        raise NotMathematics(f"{shown(left.text)} is left over")
    return items


def _item(cursor: Cursor) -> Node:
    """Return an element: what a relation says, or one side of none."""
    cursor.deeper()
    sides, signs = [_side(cursor)], []
    if cursor.take_command("in"):
        item = Node("member", (sides[0], _region(cursor)))
        if sides[0].op != "name":
            raise NotMathematics("only a variable can be in a set")
    else:
        while (sign := cursor.take_sign(*RELATIONS)) is not None:
            signs.append(sign)
            sides.append(_side(cursor))
        item = Node("chain", tuple(sides), " ".join(signs)) if signs else sides[0]
    cursor.depth -= 1
    return _with_both_signs(item)


def _with_both_signs(item: Node) -> Node:
    r"""Return a statement with signs such as `\pm` as two: with the upper, and the lower ones."""
    if not any(each.op in ("pm", "mp") for each in walk(item)):
        return item
    upper = {"pm": lambda node: node, "mp": lambda node: Node("neg", (node,))}
    lower = {"mp": lambda node: node, "pm": lambda node: Node("neg", (node,))}
    return Node("signs", (_replaced(item, upper), _replaced(item, lower)))


def _replaced(node: Node, by: dict[str, Callable[[Node], Node]]) -> Node:
    args = tuple(_replaced(arg, by) for arg in node.args)
    return by[node.op](args[0]) if node.op in by else Node(node.op, args, node.text)


def _side(cursor: Cursor) -> Node:
    """Return one side of a relation: an expression, or a set, a region, a tuple, a matrix."""
    if (infinity := _infinity(cursor)) is not None:
        return infinity
    token = cursor.peek()
    after = cursor.peek(1)
    if token is not None and "begin" in (token.kind, after.kind if after else ""):
        return _bracketed_matrix(cursor)
    closes = _container_end(cursor)
    if closes is None and not _is_named_set(token):
        return expression(cursor)
    return _region(cursor)


def _infinity(cursor: Cursor) -> Node | None:
    """Step over an infinity with its sign and return it, if it is next."""
    ahead = 1 if (token := cursor.peek()) is not None and token.is_sign("+", "-") else 0
    after = cursor.peek(ahead)
    if after is None or not after.is_command("infty"):
        return None
    sign = cursor.next().text if ahead else "+"
    cursor.next()
    return Node("infinity", text=sign)


def _is_named_set(token: Token | None) -> bool:
    return token is not None and (token.kind == "line" or token.is_command("emptyset"))


def _region(cursor: Cursor) -> Node:
    """Return a set, a tuple or an interval, and what is joined to it or taken from it."""
    region = _container(cursor)
    while (command := cursor.take_command(*_REGIONS)) is not None:
        op = _REGIONS[command]
        if region.op in _REGIONS.values() and (region.op, op) != ("union", "union"):
            raise NotMathematics(TWO_WAYS)
        parts = region.args if region.op == "union" else (region,)
        region = Node(op, (*parts, _container(cursor)))
    return region


def _container(cursor: Cursor) -> Node:
    token = cursor.next()
    if token.kind == "line":
        return Node("line", text=token.text)
    if token.is_command("emptyset"):
        return Node("empty")
    if token.text not in _CLOSING:
        raise NotMathematics(f"{shown(token.text)} stands where a set should")
    after = cursor.peek()
    if after is not None and after.text in _CLOSING[token.text]:
        return _bracketed(token.text, cursor.next().text, ())
    items = _items(cursor, _CLOSING[token.text])
    return _bracketed(token.text, cursor.next().text, tuple(items))


def _bracketed(opening: str, closing: str, items: tuple[Node, ...]) -> Node:
    if opening in ("{", r"\{"):
        return Node("set", items) if items else Node("empty")
    if opening + closing in _TUPLES:
        is_single = len(items) == 1 and is_expression(items[0])
        return items[0] if is_single else Node(_TUPLES[opening + closing], items)
    if len(items) != 2:
        raise NotMathematics("its brackets do not match")
    return Node("interval", items, opening + closing)


def _container_end(cursor: Cursor) -> int | None:
    """Return where the bracket at the cursor closes; None: it is a part of an expression.

    Round and square brackets hold a tuple or an interval if there is a comma in them, and braces
    a set if there is one, or if nothing stands beside them.
    """
    first = cursor.peek()
    if first is None or first.text not in _CLOSING:
        return None
    depth, commas = 0, 0
    for place in range(cursor.at, len(cursor.tokens)):
        text = cursor.tokens[place].text
        depth += (text in _CLOSING) - (text in (")", "]", "}", r"\}", "rangle"))
        commas += depth == 1 and text in (",", ";")
        if depth == 0:
            return place if _holds_elements(cursor, first.text, place, commas) else None
    raise NotMathematics("a bracket is not closed")


def _holds_elements(cursor: Cursor, opening: str, place: int, commas: int) -> bool:
    if commas or opening in (r"\{", "langle") or place == cursor.at + 1:
        return True
    if opening == "{":
        after = cursor.tokens[place + 1] if place + 1 < len(cursor.tokens) else None
        if after is None or after.is_command(*_REGIONS):
            return True
        return after.is_sign(",", ";", ")", "]", *RELATIONS)
    return (opening, cursor.tokens[place].text) in (("(", "]"), ("[", ")"))


def _bracketed_matrix(cursor: Cursor) -> Node:
    opening = cursor.take_sign("(", "[")
    if (token := cursor.peek()) is None or token.kind != "begin":
        raise NotMathematics("a matrix stands within an expression")
    matrix = _matrix(cursor)
    if opening:
        cursor.expect(_CLOSING[opening][0])
    return matrix


def _matrix(cursor: Cursor) -> Node:
    cursor.next()
    rows: list[tuple[Node, ...]] = []
    cells: list[Node] = []
    while True:
        cells.append(_with_no_signs(expression(cursor)))
        token = cursor.next()
        if token.is_sign("&"):
            continue
        rows.append(tuple(cells))
        cells = []
        if token.kind == "end":
            break
        if not token.is_sign(r"\\"):
            raise NotMathematics(f"{shown(token.text)} stands in a matrix")
        if (after := cursor.peek()) is not None and after.kind == "end":
            cursor.next()
            break
    if len({len(row) for row in rows}) != 1:
        raise NotMathematics("the rows of the matrix are not equally long")
    return Node("matrix", tuple(Node("row", row) for row in rows))


def _with_no_signs(node: Node) -> Node:
    if any(each.op in ("pm", "mp") for each in walk(node)):
        raise NotMathematics("a matrix holds a sign of two")
    return node

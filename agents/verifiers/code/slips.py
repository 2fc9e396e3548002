"""The slips of somebody who knows Python: a reference with one small change, in source.

What a newcomer gets wrong: some of them do the same as the reference (`<` for `<=` where the two
are never equal), so whoever uses them must know by other means which are wrong. Nothing is run.
"""

import ast
from collections.abc import Callable, Iterator

from agents.errors import VerifierError

CHARACTERS = 64_000
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.FloorDiv,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_LEFT_OUT = frozenset({"abs", "dict", "list", "reversed", "set", "sorted", "tuple"})
"""Calls that a careless hand leaves out; without a copy, an argument is changed."""


def slips(reference: str) -> tuple[str, ...]:
    """Return programs that differ from a reference in one place, each once; all compile.

    Raises:
        VerifierError: the reference is no Python, or too long.
    """
    if len(reference) > CHARACTERS:
        raise VerifierError(f"code: the reference has more than {CHARACTERS} characters")
    try:
        same = ast.unparse(ast.parse(reference))
        found = dict.fromkeys(_changed_once(reference))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise VerifierError(f"code: the reference is no Python program: {error}") from error
    return tuple(text for text in found if text != same and _compiles(text))


def _changed_once(reference: str) -> Iterator[str]:
    nodes = list(ast.walk(ast.parse(reference)))
    prose = [node.value for node in nodes if isinstance(node, ast.Expr)]
    for place, node in enumerate(nodes):
        if isinstance(node, ast.Constant) and node in prose:
            continue
        for number in range(len(list(_changes(node)))):
            # Nodes are changed where they stand, so each change begins with a tree of its own.
            tree = ast.parse(reference)
            old = list(ast.walk(tree))[place]
            new = list(_changes(old))[number]
            yield ast.unparse(ast.fix_missing_locations(_Exchange(old, new).visit(tree)))


class _Exchange(ast.NodeTransformer):
    """Puts one node in the place of another."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old = old
        self._new = new

    def visit(self, node: ast.AST) -> ast.AST:
        return self._new if node is self._old else self.generic_visit(node)


def _compiles(text: str) -> bool:
    try:
        compile(text, "<slip>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what a slip may make of a node."""
    if change := _SLIPS.get(type(node)):
        yield from change(node)


def _compare(node: ast.Compare) -> Iterator[ast.AST]:
    for other in _COMPARISONS[type(node.ops[0])]:
        yield ast.Compare(node.left, [other(), *node.ops[1:]], node.comparators)


def _operator(node: ast.BinOp) -> Iterator[ast.AST]:
    if other := _OPERATORS.get(type(node.op)):
        yield ast.BinOp(node.left, other(), node.right)
    if isinstance(node.op, ast.Sub | ast.Div | ast.FloorDiv | ast.Mod | ast.Pow):
        yield ast.BinOp(node.right, node.op, node.left)


def _assigned(node: ast.AugAssign) -> Iterator[ast.AST]:
    if other := _OPERATORS.get(type(node.op)):
        yield ast.AugAssign(node.target, other(), node.value)


def _both(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    yield from node.values[:2]


def _sign(node: ast.UnaryOp) -> Iterator[ast.AST]:
    yield node.operand


def _constant(node: ast.Constant) -> Iterator[ast.AST]:
    """Yield neighbours of a number, the other truth value, a text without its end."""
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int):
        yield ast.Constant(node.value + 1)
        yield ast.Constant(node.value - 1)
    elif isinstance(node.value, float):
        yield ast.Constant(node.value + 1)
    elif isinstance(node.value, str):
        yield ast.Constant(node.value[:-1] if node.value else " ")


def _call(node: ast.Call) -> Iterator[ast.AST]:
    first = node.args[:2]
    if len(first) == 2:
        yield ast.Call(node.func, [first[1], first[0], *node.args[2:]], node.keywords)
    if not isinstance(node.func, ast.Name) or not first or isinstance(first[0], ast.Starred):
        return
    if node.func.id == "range":
        last = min(len(node.args), 2) - 1
        end = ast.BinOp(node.args[last], ast.Sub(), ast.Constant(1))
        yield ast.Call(node.func, [*node.args[:last], end, *node.args[last + 1 :]], [])
    if node.func.id in _LEFT_OUT:
        yield first[0]


def _returned(node: ast.Return) -> Iterator[ast.AST]:
    if node.value is not None:
        yield ast.Return(None)


def _if(node: ast.If) -> Iterator[ast.AST]:
    """Yield the branch turned round, and the case forgotten."""
    yield ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
    yield ast.If(ast.Constant(False), node.body, node.orelse)


def _loop(node: ast.For | ast.While) -> Iterator[ast.AST]:
    """Yield a loop that ends after its first turn."""
    early = [*node.body, ast.Break()]
    if isinstance(node, ast.For):
        yield ast.For(node.target, node.iter, early, node.orelse)
    else:
        yield ast.While(node.test, early, node.orelse)


_SLIPS: dict[type[ast.AST], Callable[..., Iterator[ast.AST]]] = {
    ast.Compare: _compare,
    ast.BinOp: _operator,
    ast.AugAssign: _assigned,
    ast.BoolOp: _both,
    ast.UnaryOp: _sign,
    ast.Constant: _constant,
    ast.Call: _call,
    ast.Return: _returned,
    ast.If: _if,
    ast.For: _loop,
    ast.While: _loop,
}

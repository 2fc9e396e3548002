"""Ask math-verify whether two expressions are equal.

What a newcomer gets wrong: math-verify is asked last and only about what has the same values
already, because it takes much for equal that is not. Its own limits of time are off: they hang on
signals, and the process in which this runs is killed from outside.
"""

from collections.abc import Mapping

from agents.verifiers.math.extra import Symbolic, latex2sympy, math_verify, sympy
from agents.verifiers.math.latex import LETTERS, UNKNOWN_BASE, latex
from agents.verifiers.math.tree import Node, literal_of, names_of

_AS_IT_STANDS = math_verify.LatexExtractionConfig(
    boxed_match_priority=-1,
    normalization_config=latex2sympy.NormalizationConfig(
        basic_latex=False,
        units=False,
        malformed_operators=False,
        nits=False,
        boxed="none",
        equations=False,
    ),
)
_DIGITS = 60
_ADDED = sympy.Symbol("t", real=True)
"""Added to both sides: math-verify compares a lone symbol by its name, and never simplifies."""


def is_proved(left: Node, right: Node, *, positive: bool) -> bool:
    """Return whether math-verify finds two expressions equal; if not, nothing is known.

    Args:
        left: An expression.
        right: Another one.
        positive: Take all variables to be positive; without it, they are real.
    """
    names = names_of(left, right)
    if len(names) > len(LETTERS):
        return False
    letters = dict(zip(names, LETTERS, strict=False))
    wanted, found = _parsed(left, letters), _parsed(right, letters)
    if wanted is None or found is None:
        return False
    if positive:
        signs = {
            s: sympy.Symbol(s.name, positive=True) for s in wanted.free_symbols | found.free_symbols
        }
        wanted, found = wanted.xreplace(signs), found.xreplace(signs)
    return bool(
        math_verify.verify(
            wanted + _ADDED, found + _ADDED, numeric_precision=_DIGITS, timeout_seconds=None
        )
    )


def _parsed(node: Node, letters: Mapping[str, str]) -> Symbolic | None:
    """Return what math-verify reads, if it is one expression of these letters."""
    read = math_verify.parse(
        f"${latex(_with_real_roots(node), letters)}$",
        [_AS_IT_STANDS],
        fallback_mode="no_fallback",
        parsing_timeout=None,
    )
    if len(read) != 1 or not isinstance(read[0], sympy.Expr):
        return None
    known = {*letters.values(), UNKNOWN_BASE}
    return read[0] if {symbol.name for symbol in read[0].free_symbols} <= known else None


def _with_real_roots(node: Node) -> Node:
    """Return an expression with odd roots of what has a minus as minus the roots.

    For math-verify, such roots are complex numbers.
    """
    args = tuple(map(_with_real_roots, node.args))
    degree = literal_of(args[1]) if node.op == "root" else None
    is_odd = degree is not None and degree.denominator == 1 and degree.numerator % 2
    if is_odd and args[0].op == "neg":
        return Node("neg", (Node("root", (args[0].args[0], args[1])),))
    return Node(node.op, args, node.text)

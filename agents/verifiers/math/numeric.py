"""Work out an expression at one place.

What a newcomer gets wrong: real odd roots of negative numbers are negative, as in school, and a
power whose exponent is written as such a fraction is a root. `log` without a base is the logarithm
to a base that nobody knows, so it is neither `ln` nor `lg`.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction

from agents.verifiers.math.elementary import FUNCTIONS
from agents.verifiers.math.extra import mpmath
from agents.verifiers.math.near import Arithmetic, Near, Undefined
from agents.verifiers.math.tree import Node, literal_of

BASE = "log"
"""The name in a place that stands for the base that `log` does not say."""
Place = Mapping[str, Fraction]
"""The value of every variable, and of `BASE`."""
_WORK = {
    **dict.fromkeys(("pow", "root", "log"), "power"),
    **dict.fromkeys(("call", "degrees", "pi", "e"), "function"),
}


def value_at(node: Node, place: Place, at: Arithmetic) -> Near:
    """Return the value of an expression.

    Raises:
        Undefined: it has none here.
        Beyond: it goes beyond a limit.
    """
    at.effort.spend(at.bits, _WORK.get(node.op, "arithmetic"))
    if node.op == "name":
        return _exact(at, place[node.text])
    parts = [value_at(arg, place, at) for arg in node.args]
    try:
        if node.op == "call" and node.text == "log":
            return at.quotient(at.ln(parts[0]), at.ln(_exact(at, place[BASE])))
        return _OPERATIONS[node.op](at, node, parts)
    except (ValueError, ArithmeticError) as error:
        raise Undefined(str(error)) from error


def _exact(at: Arithmetic, exact: Fraction) -> Near:
    return at.met(mpmath.mpf(exact.numerator) / exact.denominator)


def _product(at: Arithmetic, node: Node, parts: list[Near]) -> Near:
    product = parts[0]
    for part in parts[1:]:
        product = at.product(product, part)
    return product


def _root(at: Arithmetic, node: Node, parts: list[Near]) -> Near:
    degree = literal_of(node.args[1])
    exponent = at.quotient(_exact(at, Fraction(1)), parts[1])
    return _raised(at, parts[0], exponent, 1 / degree if degree else None)


def _raised(at: Arithmetic, base: Near, exponent: Near, exact: Fraction | None) -> Near:
    """Return a power; `exact` is the exponent where it is written as a number."""
    if exact is not None and exact.denominator == 1:
        return at.whole_power(base, int(exact))
    is_odd_root = exact is not None and exact.denominator % 2 == 1
    if exact is None or not is_odd_root or not base.is_real() or base.value >= 0:
        return at.power(base, exponent)
    size = at.power(base.negative(), exponent)
    return size.negative() if exact.numerator % 2 else size


_OPERATIONS: dict[str, Callable[[Arithmetic, Node, list[Near]], Near]] = {
    "number": lambda at, node, parts: _exact(at, Fraction(node.text)),
    "pi": lambda at, node, parts: at.met(+mpmath.pi),
    "e": lambda at, node, parts: at.met(+mpmath.e),
    "i": lambda at, node, parts: at.met(mpmath.mpc(0, 1)),
    "add": lambda at, node, parts: at.total(parts),
    "mul": _product,
    "neg": lambda at, node, parts: parts[0].negative(),
    "div": lambda at, node, parts: at.quotient(*parts),
    "pow": lambda at, node, parts: _raised(at, parts[0], parts[1], literal_of(node.args[1])),
    "root": _root,
    "factorial": lambda at, node, parts: at.factorial(parts[0]),
    "abs": lambda at, node, parts: at.met(abs(parts[0].value), parts[0].error),
    "floor": lambda at, node, parts: at.rounded(parts[0], up=False),
    "ceil": lambda at, node, parts: at.rounded(parts[0], up=True),
    "percent": lambda at, node, parts: at.quotient(parts[0], _exact(at, Fraction(100))),
    "degrees": lambda at, node, parts: at.product(parts[0], at.met(mpmath.pi / 180)),
    "binomial": lambda at, node, parts: at.binomial(*parts),
    "log": lambda at, node, parts: at.quotient(at.ln(parts[1]), at.ln(parts[0])),
    "call": lambda at, node, parts: FUNCTIONS[node.text](at, parts[0]),
}

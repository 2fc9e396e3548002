"""Write a statement as LaTeX that can be read in one way only.

What a newcomer gets wrong: no text of a student's is in here. It is written anew from the tree, and
with other names for the variables where it is meant for math-verify, so that what a parser makes of
units, fonts, quotes, words or capital letters never comes up.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction

from agents.verifiers.math.tree import Node

LETTERS = "xyzabckmnpqrsuvwghj"
"""What variables may be called for math-verify, which reads small letters only, and takes some of
them for something else."""
UNKNOWN_BASE = "l"
"""What stands there for one over the logarithm of the base that `log` does not say."""

Names = Mapping[str, str] | None
"""What to call each variable, for math-verify. None: what it is called, for our own grammar."""


def latex(node: Node, names: Names = None) -> str:
    """Return a statement as LaTeX; for math-verify, it must be an expression."""
    if node.op == "number":
        return _number(Fraction(node.text))
    if node.op == "name":
        return node.text if names is None else names[node.text]
    if node.op == "i":
        return "i" if names is None else "I"
    parts = [latex(arg, names) for arg in node.args]
    if node.op == "call":
        return _call(node.text, parts[0], names)
    return _WRITERS[node.op](node, parts)


def _number(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value)
    return rf"\frac{{{value.numerator}}}{{{value.denominator}}}"


def _call(function: str, argument: str, names: Names) -> str:
    if names is not None and function == "log":
        return rf"(\ln({argument}) \cdot {UNKNOWN_BASE})"
    if names is not None and function == "lg":
        return rf"\log_{{10}}({argument})"
    if function in ("arsinh", "arcosh", "artanh"):
        return rf"\operatorname{{{function}}}({argument})"
    return rf"\{function}({argument})"


def _sum(node: Node, parts: list[str]) -> str:
    written = _factor(node.args[0], parts[0])
    for arg, part in zip(node.args[1:], parts[1:], strict=True):
        sign = " - " if arg.op == "neg" else " + "
        written += sign + (part[1:] if arg.op == "neg" else _factor(arg, part))
    return written


def _factor(node: Node, part: str) -> str:
    """Return a part in brackets if it is a sum or has a sign."""
    return f"({part})" if node.op in ("add", "neg") else part


def _tight(node: Node, part: str) -> str:
    """Return a part in brackets unless it is one sign or one whole number."""
    is_atom = node.op in ("name", "pi", "e", "i") or (node.op == "number" and part.isdigit())
    return part if is_atom else f"({part})"


def _between(opening: str, closing: str) -> "_Writer":
    return lambda node, parts: f"{opening}{', '.join(parts)}{closing}"


def _joined(sign: str) -> "_Writer":
    return lambda node, parts: sign.join(map(_factor, node.args, parts))


def _chain(node: Node, parts: list[str]) -> str:
    signs = [{"!=": r"\ne", "<=": r"\le", ">=": r"\ge"}.get(s, s) for s in node.text.split()]
    return parts[0] + "".join(
        f" {sign} {part}" for sign, part in zip(signs, parts[1:], strict=True)
    )


_Writer = Callable[[Node, list[str]], str]
_WRITERS: dict[str, _Writer] = {
    "pi": lambda node, parts: r"\pi",
    "e": lambda node, parts: "e",
    "add": _sum,
    "mul": _joined(r" \cdot "),
    "neg": lambda node, parts: "-" + _factor(node.args[0], parts[0]),
    "div": lambda node, parts: rf"\frac{{{parts[0]}}}{{{parts[1]}}}",
    "pow": lambda node, parts: f"{_tight(node.args[0], parts[0])}^{{{parts[1]}}}",
    "root": lambda node, parts: (
        rf"\sqrt{{{parts[0]}}}" if parts[1] == "2" else rf"\sqrt[{parts[1]}]{{{parts[0]}}}"
    ),
    "factorial": lambda node, parts: _tight(node.args[0], parts[0]) + "!",
    "abs": _between(r"\lvert ", r" \rvert"),
    "floor": _between(r"\lfloor ", r" \rfloor"),
    "ceil": _between(r"\lceil ", r" \rceil"),
    "percent": lambda node, parts: rf"\frac{{{parts[0]}}}{{100}}",
    "degrees": lambda node, parts: rf"\frac{{{_factor(node.args[0], parts[0])} \cdot \pi}}{{180}}",
    "binomial": lambda node, parts: rf"\binom{{{parts[0]}}}{{{parts[1]}}}",
    "log": lambda node, parts: rf"\log_{{{parts[0]}}}({parts[1]})",
    "infinity": lambda node, parts: r"-\infty" if node.text == "-" else r"\infty",
    "sequence": _between("", ""),
    "round": _between("(", ")"),
    "square": _between("[", "]"),
    "angle": _between(r"\langle ", r" \rangle"),
    "set": _between(r"\{", r"\}"),
    "empty": lambda node, parts: r"\emptyset",
    "interval": lambda node, parts: f"{node.text[0]}{', '.join(parts)}{node.text[1]}",
    "line": lambda node, parts: rf"\mathbb{{{node.text}}}",
    "union": _joined(r" \cup "),
    "intersection": _joined(r" \cap "),
    "difference": _joined(r" \setminus "),
    "row": lambda node, parts: " & ".join(parts),
    "matrix": lambda node, parts: r"\begin{pmatrix}" + r" \\ ".join(parts) + r"\end{pmatrix}",
    "chain": _chain,
    "member": lambda node, parts: rf"{parts[0]} \in {parts[1]}",
}

"""The words, commands and characters of mathematics that are read, and what each stands for.

What a newcomer gets wrong: what is missing here is missing on purpose. Sums, integrals and limits
state a task; units and words are no mathematics.
"""


def _words(text: str) -> list[str]:
    return text.split()


_GREEK = _words(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau upsilon"
    " phi chi psi omega"
)
NAMES = frozenset(
    _words(
        "varepsilon vartheta varrho varsigma varphi Gamma Delta Theta Lambda Xi Pi Sigma Upsilon"
        " Phi Psi Omega ell hbar"
    )
    + _GREEK
)
"""Commands that are variables."""

FUNCTIONS = frozenset(
    _words(
        "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh arsinh arcosh artanh exp ln lg"
        " log abs"
    )
)
_INVERSES = {
    **{"asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arsinh", "acosh": "arcosh"},
    **{"atanh": "artanh", "arcsinh": "arsinh", "arccosh": "arcosh", "arctanh": "artanh"},
}
WORDS = frozenset([*FUNCTIONS, *_INVERSES, "sqrt", "pi"])
"""Runs of letters that are one word without a backslash as well."""
NO_PRODUCTS = frozenset(
    _words(
        "or and not is no yes if the are for any all but one two six ten nor to of in as at by so"
        " we us an on it its be"
    )
)
"""Short words of English; other runs of two or three letters are products."""

COMMANDS = {
    **{each: each for each in WORDS},
    **_INVERSES,
    **{"frac": "frac", "dfrac": "frac", "tfrac": "frac", "cfrac": "frac"},
    **{"binom": "binom", "dbinom": "binom", "tbinom": "binom", "infty": "infty", "pm": "pm"},
    **{"mp": "mp", "circ": "circ", "cup": "cup", "cap": "cap", "in": "in", "radical": "radical"},
    **{"setminus": "setminus", "backslash": "setminus", "emptyset": "emptyset"},
    **{"varnothing": "emptyset", "langle": "langle", "rangle": "rangle", "lfloor": "lfloor"},
    **{"rfloor": "rfloor", "lceil": "lceil", "rceil": "rceil"},
}
SIGNS = {
    **{"times": "*", "cdot": "*", "ast": "*", "div": "/", "le": "<=", "leq": "<=", "ge": ">="},
    **{"geq": ">=", "leqslant": "<=", "geqslant": ">=", "ne": "!=", "neq": "!=", "lt": "<"},
    **{"gt": ">", "lbrace": r"\{", "rbrace": r"\}", "{": r"\{", "}": r"\}", "%": "%"},
    **{"lvert": "|(", "rvert": "|)", "vert": "|", "lbrack": "[", "rbrack": "]", "prime": "'"},
}
_LETTERS = [*range(0x3B1, 0x3BF), 0x3C1, *range(0x3C3, 0x3CA)]
CHARACTERS = {
    **{chr(code): f"\\{name} " for code, name in zip(_LETTERS, _GREEK, strict=True)},
    **{"\u00d7": "*", "\u00b7": "*", "\u22c5": "*", "\u2217": "*", "\u00f7": "/"},
    **{"\u2264": "<=", "\u2265": ">=", "\u2a7d": "<=", "\u2a7e": ">=", "\u2260": r"\ne "},
    **{"\u222a": r"\cup ", "\u2229": r"\cap ", "\u2216": r"\setminus ", "\u2208": r"\in "},
    **{"\u2205": r"\emptyset ", "\u27e8": r"\langle ", "\u27e9": r"\rangle "},
    **{"\u03c0": r"\pi ", "\u221e": r"\infty ", "\u221a": r"\radical ", "\u00b1": r"\pm "},
    **{"\u00b0": r"^\circ ", "\u2032": "'", "\u2019": "'"},
    **{"\u211d": r"\mathbb{R}", "\u2124": r"\mathbb{Z}", "\u2115": r"\mathbb{N}"},
    **{"\u211a": r"\mathbb{Q}", "\u2102": r"\mathbb{C}"},
}
"""Characters beyond ASCII, each with what it is written as in ASCII."""
_LOWERED_DIGITS = "".join(map(chr, range(0x2080, 0x208A)))
_RAISED_DIGITS = "\u2070\u00b9\u00b2\u00b3" + "".join(map(chr, range(0x2074, 0x207A)))
RAISED = str.maketrans(_RAISED_DIGITS + "\u207b", "0123456789-")
LOWERED = str.maketrans(_LOWERED_DIGITS, "0123456789")

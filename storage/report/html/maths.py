"""Mathematics in LaTeX to MathML, or as it was written where that cannot be had.

The formulas were written by models and strangers. What a newcomer gets wrong: what a converter
gives is not to be trusted either. It passes on links, styles, colours and boxes without width, by
which a formula runs, hides or covers what stands beside it; so only what is listed here leaves.
"""

import html
import re
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import NamedTuple
from xml.etree.ElementTree import Element

from markupsafe import Markup, escape

from storage.report.html.unseen import marked
from storage.report.unseen import visible

LONGEST = 2_000
"""Characters of a formula that is set; a longer one is shown as it was written."""
DEEPEST = 40
"""Braces in braces, and elements in elements."""
MOST_ELEMENTS = 4_000
_ELEMENTS = {
    "math", "mrow", "mi", "mo", "mn", "mtext", "mspace", "msup", "msub", "msubsup", "mfrac",
    "msqrt", "mroot", "mover", "munder", "munderover", "mtable", "mtr", "mtd", "mstyle",
    "menclose", "mmultiscripts", "mprescripts", "none",
}  # fmt: skip
_AS_ROWS = {"mphantom", "mpadded"}
"""They hide what they hold, or lay it over its neighbours: what they hold is shown as it is."""
_WORDS = {
    "display": "block inline",
    "mathvariant": "normal bold italic bold-italic double-struck bold-fraktur script bold-script "
    "fraktur sans-serif bold-sans-serif sans-serif-italic sans-serif-bold-italic monospace",
    "columnalign": "left center right",
    "form": "prefix infix postfix",
    "notation": "box circle roundedbox updiagonalstrike downdiagonalstrike horizontalstrike top "
    "bottom left right longdiv",
    "scriptlevel": "0 1 2",
    "linethickness": "0 0px 0em",
    **dict.fromkeys(
        ("stretchy", "fence", "accent", "accentunder", "displaystyle", "movablelimits", "largeop"),
        "true false",
    ),
}
"""Attributes that are passed on, with the words that each may be."""
_WIDTH = re.compile(r"-?[0-9]*\.?[0-9]+em")
_WIDEST_EM = 4.0
_COMMANDS = re.compile(r"\\(?:begin|end) ?\{[a-zA-Z]+\*?\}|\\[a-zA-Z]+")
_MOST_UNSAID = 24
"""Letters and digits that a formula may have more than what comes of it, as names of colours and
widths are; with more it would keep something from its reader."""
_STRANGE = re.compile(
    # Macros: a few lines of them can stand for more text than there is memory.
    r"\\(?:(?:re|provide)?newcommand|providecommand|def|let|Declare|newenviron)"
    r"|\\(?:href|url|style|class|cssId|html|unicode|rule|raise|lower|verb)"
    r"|(?<!\\)%"  # what follows would not be shown
)
_ALIGNED = re.compile(r"\\(begin|end)\{(?:aligned|gathered|gather\*?|multline\*?|eqnarray\*?)\}")
_PLAIN = re.compile(r"\\(?:begin|end)\{(?:equation|displaymath|math)\*?\}")
_DEFECTS = (
    ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RuntimeError,
    StopIteration, AssertionError,
)  # fmt: skip
"""What a converter raises of Python's own where it meets what it does not know."""


class _Unset(Exception):
    """A formula that cannot be set."""


class _Converter(NamedTuple):
    convert: ModuleType
    defects: tuple[type[BaseException], ...]


def formula(latex: str, written: str, *, block: bool = False) -> Markup:
    """Return a formula as MathML; where it cannot be set, as it was written.

    Args:
        latex: Without what delimits it.
        written: The same with it.
        block: Whether it stands on a line of its own.
    """
    kind = "block" if block else "inline"
    try:
        whole = _set(latex, kind)
    except _Unset:
        return Markup('<code class="latex {}" dir="ltr">{}</code>').format(kind, marked(written))
    return Markup('<span class="maths {}" dir="ltr">{}</span>').format(kind, whole)


def _set(latex: str, kind: str) -> Markup:
    converter = _converter()
    if converter is None or not _may_be_set(latex):
        raise _Unset
    try:
        root = converter.convert.convert_to_element(_known(latex), display=kind)
    except converter.defects as error:
        raise _Unset from error
    told = sum(map(str.isalnum, html.unescape("".join(root.itertext()))))
    asked = sum(map(str.isalnum, _COMMANDS.sub("", latex)))
    if sum(1 for _ in root.iter()) > MOST_ELEMENTS or asked - told > _MOST_UNSAID:
        raise _Unset
    return _passed_on(root, DEEPEST)


def _may_be_set(latex: str) -> bool:
    depth = deepest = 0
    for char in latex[: LONGEST + 1]:
        depth += (char == "{") - (char == "}")
        deepest = max(depth, deepest)
    within = len(latex) <= LONGEST and deepest <= DEEPEST and latex.count("\\begin") <= DEEPEST
    return bool(latex.strip()) and within and not _STRANGE.search(latex)


def _known(latex: str) -> str:
    """Return a formula in which environments have the names that the converter knows."""
    return _ALIGNED.sub(r"\\\1{align*}", _PLAIN.sub("", latex))


def _passed_on(element: Element, depth: int) -> Markup:
    """Return an element as markup, with the listed names and attributes, and text as text."""
    tag = "mrow" if element.tag in _AS_ROWS else str(element.tag)
    if tag not in _ELEMENTS or depth == 0:
        raise _Unset
    parts = [_text(element.text)]
    for child in element:
        parts += [_passed_on(child, depth - 1), _text(child.tail)]
    # Names are of the lists above, and so are values.
    opening = "".join(f' {name}="{value}"' for name, value in _attributes(tag, element))
    return Markup(f"<{tag}{opening}>") + Markup("").join(parts) + Markup(f"</{tag}>")


def _text(text: str | None) -> Markup:
    """Return text as text; the converter writes characters as references."""
    return escape(visible(html.unescape(text or "")))


def _attributes(tag: str, element: Element) -> list[tuple[str, str]]:
    passed = [
        (name, str(escape(value)))
        for name, value in element.items()
        if value in _WORDS.get(name, "").split() or (name == "notation" and _is_notation(value))
    ]
    width = element.get("width", "")
    if tag == "mspace" and _WIDTH.fullmatch(width) and 0 <= float(width[:-2]) <= _WIDEST_EM:
        passed.append(("width", width))
    return passed


def _is_notation(value: str) -> bool:
    return set(value.split()) <= set(_WORDS["notation"].split())


@cache
def _converter() -> _Converter | None:
    """Return what converts, with what it raises. None: it is not installed."""
    try:
        converter = import_module("latex2mathml.converter")  # of the extra `web`
        exceptions = import_module("latex2mathml.exceptions")
    except ImportError:
        return None
    own = tuple(
        each
        for each in vars(exceptions).values()
        if isinstance(each, type) and issubclass(each, Exception)
    )
    return _Converter(converter, (*own, *_DEFECTS))

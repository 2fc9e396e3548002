"""Read the value that an answer states: a number, words, a grid, groups.

What a newcomer gets wrong: nothing is searched for. A text is of the asked form as a whole, or it
states nothing, which is None. Every text here is a model's, so it is never evaluated.
"""

import re
from decimal import Decimal
from fractions import Fraction

from agents.verifiers import json_values
from agents.verifiers.exact import fold
from agents.verifiers.fraction import FractionVerifier
from agents.verifiers.integer import IntegerVerifier

MAX_CHARS = 10_000
"""Longest answer that is read."""
_INTEGERS, _FRACTIONS = IntegerVerifier(), FractionVerifier()
_NUMBER = re.compile(r"""(['"]?)([+-]?[0-9]{1,40}(?:[.][0-9]{1,40})?)\1""")
_SIGNS = str.maketrans(dict.fromkeys("<>\u2227\u2228", " "))


def integer(text: str) -> int | None:
    """Return an integer, as the verifier `integer` reads it."""
    return _INTEGERS.canonical(text, {})


def fraction(text: str) -> Fraction | None:
    """Return a fraction in lowest terms, as the verifier `fraction` reads it."""
    return _FRACTIONS.canonical(text, {"lowest_terms": True})


def plain(text: str) -> str | None:
    """Return a text, as the verifier `exact` reads it."""
    return fold(text) or None


def truth(text: str) -> bool | None:
    """Return what "True" or "False" says; other spellings say nothing."""
    return {"True": True, "False": False}.get(text.strip())


def words(text: str) -> tuple[str, ...] | None:
    """Return words that stand between commas."""
    found = tuple(fold(part) or "" for part in text.split(","))
    return None if "" in found else found


def numbers(text: str) -> tuple[Decimal, ...] | None:
    """Return the numbers of a list in square brackets, each with or without quotes."""
    listed = text.strip()
    if not (listed.startswith("[") and listed.endswith("]")) or len(listed) < len("[]"):
        return None
    inner = listed[1:-1].strip()
    found = [_NUMBER.fullmatch(part.strip()) for part in inner.split(",")] if inner else []
    if not all(found):
        return None
    return tuple(Decimal(each[2]) for each in found if each)


def grid(text: str) -> tuple[tuple[str, ...], ...] | None:
    """Return the rows of a grid: what stands on each line between blanks; blank lines are none."""
    rows = tuple(tuple(line.split()) for line in text.splitlines() if line.split())
    return rows or None


def signed_grid(text: str) -> tuple[tuple[str, ...], ...] | None:
    """Return the rows of a grid whose cells have signs of order between them, without these."""
    return grid(text.translate(_SIGNS))


def groups(text: str) -> tuple[tuple[str, ...], ...] | None:
    """Return JSON lists of words, in one order, as are the words in each."""
    found = _lists(text)
    return None if found is None else tuple(sorted(tuple(sorted(each)) for each in found))


def partitions(text: str) -> tuple[tuple[str, ...], ...] | None:
    """Return JSON lists of words, in one order; the order of the words in each is part of it."""
    found = _lists(text)
    return None if found is None else tuple(sorted(map(tuple, found)))


def _lists(text: str) -> list[list[str]] | None:
    try:
        value = json_values.read(text)
    except json_values.NotRead:
        return None
    if not isinstance(value, list):
        return None
    found: list[list[str]] = []
    for each in value:
        if not isinstance(each, list):
            return None
        inner = [word for word in each if isinstance(word, str)]
        if len(inner) != len(each) or not inner:
            return None
        found.append(inner)
    return found

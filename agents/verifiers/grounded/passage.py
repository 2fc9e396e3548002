"""A passage to quote from, and the numbers that stand in texts.

What a newcomer gets wrong: a piece of a passage may say the opposite of it. "2.5" stands letter by
letter in "12.5", and "significant" in "non-significant", so a quote may not cut a word or a number.
It may still leave out a "not" before it: that takes a judge.
"""

import re
from fractions import Fraction

from agents.verifiers.evidence import shown
from agents.verifiers.grounded.claims import MAX_QUOTE_CHARS, Claims
from agents.verifiers.reading import Unreadable, folded, is_inner, is_mark
from agents.verifiers.scripts import UNSPACED, belongs

MAX_CHARS = 200_000
"""Of a passage, once white space is folded."""
MIN_WORDS = 3
MIN_CHARS = 12
"""A quote needs so many words or so many characters, unless it is the whole passage."""
_PLACES = 1_000
"""Where a quote is looked for at most."""

_MINUS = "-\N{MINUS SIGN}"
_JOINERS = "-'\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{RIGHT SINGLE QUOTATION MARK}"
_NUMBER = re.compile(
    rf"""
    (?<![\w.,])
    (?P<minus> (?<![\w.,%)\]][{_MINUS}]) (?<=[{_MINUS}]) )?
    (?P<digits> [0-9]++(?:[.,][0-9]++)*+ | \.[0-9]++ )
    (?! [eE][+-]?[0-9] )
    """,
    re.VERBOSE,
)
_PLAIN = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})++|[0-9]++)(?:\.[0-9]++)?+|\.[0-9]++")
_DIGITS = 64


class Passage:
    """A text that quotes must stand in, verbatim but for white space and encoding of accents."""

    def __init__(self, text: str) -> None:
        """Read a passage.

        Raises:
            Unreadable: it is beyond a limit.
        """
        self._text = folded(text, MAX_CHARS)

    def fault(self, claims: Claims) -> str:
        """Return the first quote that does not hold and why, or ""."""
        if claims.rows:
            return "it cites rows, but there is no database"
        if not claims.quotes:
            return "it quotes nothing"
        for number, quote in enumerate(claims.quotes, 1):
            if fault := self._quote_fault(quote):
                return f"quote {number} {shown(quote, 60)} {fault}"
        return ""

    def numbers(self, claims: Claims) -> frozenset[Fraction]:
        """Return the numbers that stand in the quotes."""
        spans = [folded(quote, MAX_QUOTE_CHARS) for quote in claims.quotes]
        return frozenset(number for span in spans for number in numbers_in(span))

    def _quote_fault(self, quote: str) -> str:
        try:
            span = folded(quote, MAX_QUOTE_CHARS)
        except Unreadable as error:
            return f"is beyond a limit: {error}"
        short = len(span.split()) < MIN_WORDS and len(span) < MIN_CHARS
        if not span or (short and span != self._text):
            return f"has fewer than {MIN_WORDS} words and {MIN_CHARS} characters"
        at = self._text.find(span)
        if at < 0:
            return "does not stand in the passage"
        for _ in range(_PLACES):
            if not self._cuts(at) and not self._cuts(at + len(span)):
                return ""
            at = self._text.find(span, at + 1)
            if at < 0:
                break
        return "cuts a word or a number of the passage"

    def _cuts(self, at: int) -> bool:
        """Return whether a border before this character cuts a word or a number."""
        text = self._text
        if at in (0, len(text)):
            return False
        before, behind = text[at - 1], text[at]
        further, beyond = text[max(at - 2, 0) : at - 1], text[at + 1 : at + 2]
        if is_mark(behind):
            return True
        if is_inner(before) and is_inner(behind):
            return not (_is_unspaced(before) or _is_unspaced(behind))
        if before.isdigit() and behind == "%":
            return True
        if before in f".{_MINUS}" and behind.isdigit():
            return True
        return _holds_together(before, behind, beyond) or _holds_together(further, before, behind)


def numbers_in(text: str) -> list[Fraction]:
    """Return the numbers that stand alone in a text, in their order.

    A number is written in digits, with commas between thousands and a point before decimals. What
    belongs to a word ("B12"), has an exponent, or could be read in two ways ("1,2") is none. A
    minus counts if it stands right before the digits and behind no word. A percent sign does not.
    """
    return [
        -value if found["minus"] is not None else value
        for found in _NUMBER.finditer(text)
        if len(found["digits"]) <= _DIGITS and _PLAIN.fullmatch(found["digits"])
        for value in (Fraction(found["digits"].replace(",", "")),)
    ]


def _holds_together(before: str, joiner: str, behind: str) -> bool:
    """Return whether the middle one of three characters joins the others to a word or a number."""
    if joiner in (".", ","):
        return before.isdigit() and behind.isdigit()
    return joiner in _JOINERS and bool(before and behind) and is_inner(before) and is_inner(behind)


def _is_unspaced(character: str) -> bool:
    return any(belongs(character, script) for script in UNSPACED)

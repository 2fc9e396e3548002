"""Cut a line into the pieces that arithmetic is made of, and everything else.

What a newcomer gets wrong: what cannot be read with certainty must not vanish, or what is left
would look like arithmetic. It becomes a token of the kind "unclear", and ends what is beside it.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

MAX_DIGITS = 15
"""Digits of one number; a longer one is unclear."""

Kind = Literal["number", "sign", "open", "close", "percent", "word", "stop", "unclear"]


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a line."""

    kind: Kind
    text: str
    """Of a sign one of + - * / ^, whatever was written; of a word in small letters."""
    apart: bool
    """Whether white space stands before it."""
    value: Fraction = Fraction(0)
    """Of a number."""
    places: int = 0
    """How many digits a number has behind the point."""

    @property
    def last_place(self) -> Fraction:
        """What one in the last place of a number is worth."""
        return Fraction(1, 10**self.places)


def tokens(text: str) -> list[Token]:
    """Return the tokens of a piece of a line, in linear time. Signs of currency are left out."""
    found: list[Token] = []
    end, apart = 0, True
    for match in _TOKEN.finditer(_plain(text)):
        kind = str(match.lastgroup)
        apart = apart or match.start() > end
        end = match.end()
        if kind != "currency":
            found.append(_token(kind, match[0], apart, found[-1:]))
            apart = False
    return found


def _token(kind: str, text: str, apart: bool, before: list[Token]) -> Token:
    if kind == "number":
        return _number(text, apart)
    if kind == "times":
        follows = bool(before) and before[0].kind in ("number", "close", "percent")
        return Token("sign", "*", apart) if follows else Token("unclear", text, apart)
    if kind == "sign":
        return Token("sign", _SIGNS.get(text, text), apart)
    if kind == "mark":
        return Token(_mark(text, apart, before), text, apart)
    if kind == "word":
        return Token("word", text.casefold(), apart)
    plain: dict[str, Kind] = {"open": "open", "close": "close", "percent": "percent"}
    return Token(plain.get(kind, "unclear"), text, apart)


def _number(text: str, apart: bool) -> Token:
    """Return a number's token; "5:30", "3,5" and "1.500", which is 1500 to some, are unclear."""
    match = _DECIMAL.fullmatch(text)
    if match is None or sum(map(str.isdigit, text)) > MAX_DIGITS or _TWO_READINGS.fullmatch(text):
        return Token("unclear", text, apart)
    value = Fraction(text.replace(",", ""))
    return Token("number", text, apart, value, len(match[1] or ""))


def _mark(text: str, apart: bool, before: list[Token]) -> Kind:
    """Return what a punctuation mark is: 5! and 12 : 4 are arithmetic that is not read."""
    follows = bool(before) and before[0].kind in ("number", "close")
    return "unclear" if follows and (text == "!" or (text == ":" and apart)) else "stop"


def _plain(text: str) -> str:
    """Return a text without LaTeX's and Markdown's ways to write the same."""
    for pattern, plain in _REWRITTEN:
        text = pattern.sub(plain, text)
    return text


_REWRITTEN = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in (
        (r"\\(?:times|cdot)(?![A-Za-z])", "*"),
        (r"\\div(?![A-Za-z])", "/"),
        (r"\\[dt]?frac\{([0-9.,]{1,20})\}\{([0-9.,]{1,20})\}", r"(\1/\2)"),
        (r"\\(?:boxed|mathbf|text|mathrm)\{([^{}\\]{0,100})\}", r"\1"),
        (r"\\[()\[\]]", ";"),
        (r"\\([$%, ])", r" \1"),
        (r"(?<![0-9)])\*\*|\*\*(?![0-9(])|__", ""),
    )
)
_NUMBER = r"\.?[0-9](?:[0-9]|[.,:](?=[0-9]))*"
_TOKEN = re.compile(
    rf"""
    (?P<number>{_NUMBER})
  | (?P<times>[xX](?=\s{{0,3}}[($€£¥]?\s{{0,3}}\.?[0-9]))
  | (?P<word>[^\W\d_][\w'\u2019]*)
  | (?P<sign>\*\*|[-+*/^\xd7\xf7\xb7\u22c5\u2219\u2212\u2013])
  | (?P<open>\()
  | (?P<close>\))
  | (?P<percent>%)
  | (?P<currency>[$€£¥₹])
  | (?P<mark>[.,;:!?"'\u201c\u201d\u2018\u2019\u2014\u2026\u2022])
  | (?P<other>\S)
    """,
    re.VERBOSE,
)
_DECIMAL = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.([0-9]+))?")
_TWO_READINGS = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")
_SIGNS = {"**": "^", "\xf7": "/", "\u2212": "-", "\u2013": "-"} | dict.fromkeys(
    ("\xd7", "\xb7", "\u22c5", "\u2219"), "*"
)
"""What is written for a sign: division sign, minus, en dash; times, and three kinds of dots."""

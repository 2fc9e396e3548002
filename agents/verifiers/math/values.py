"""Read numbers, and sequences of numbers, exactly as values.

Values are integers, decimals ("0.5", "1.5e3"), fractions ("3/4"), mixed numbers ("1 1/2" is 3/2)
and percentages ("50%" is 1/2). What a newcomer gets wrong: this is no reader of prose. "5 apples",
"5 or 4" and "not 4" are no values, and an answer that is no value has failed. Text never becomes
code or a float.

A comma between digits groups thousands if every group is right ("1,234"). The elements of a
sequence are parted by semicolons, else by commas with a space, else by commas; "1,234,5" could be
read in two ways and is no value. Brackets do not count, and one value is a sequence of one.
"""

import re
import unicodedata
from fractions import Fraction

from agents.verifiers.evidence import cut, shown

MAX_CHARS = 4_096
MAX_DIGITS = 256
MAX_EXPONENT = 64
MAX_ELEMENTS = 1_000

Value = tuple[Fraction, ...]

WHOLE = r"[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+"
"""A whole number without a sign, as a pattern without a group around it."""
_NUMBER = re.compile(
    rf"""
    (?P<sign>[+-]?) (?:\\?\$|[€£¥₹])?[ ]? (?P<sign_after>[+-]?)
    (?:
        (?:(?P<whole>{WHOLE})[ ](?=[0-9]))?                      # 1 1/2
        (?P<numerator>{WHOLE})[ ]?/[ ]?(?P<denominator>{WHOLE})
      | (?P<decimal>(?:{WHOLE})(?:\.[0-9]+)?|\.[0-9]+)(?:[eE](?P<exponent>[+-]?[0-9]+))?
    )
    (?P<percent>[ ]?\\?%)?
    """,
    re.VERBOSE | re.ASCII,
)
_LONG_RUN = re.compile(rf"[0-9]{{{MAX_DIGITS + 1}}}")
_GROUP_LIKE = re.compile(r"(?<![0-9])[0-9]{1,3},[0-9]{3}(?![0-9])")
_BRACKETS = {"[": "]", "(": ")"}


def value_of(text: str) -> Value | None:
    """Return the value that a text states, one element for a number. None: it states none."""
    if len(text) > MAX_CHARS:
        return None
    folded = _fold(text)
    if _LONG_RUN.search(folded):
        return None
    if (number := _number(folded)) is not None:
        return (number,)
    elements = elements_of(folded)
    if elements is None or len(elements) > MAX_ELEMENTS:
        return None
    numbers = [_number(element) for element in elements]
    return None if None in numbers else tuple(n for n in numbers if n is not None)


def strict_number_text(text: str) -> str | None:
    """Return a text as numbers are read from it where only plain ASCII digits count.

    It is trimmed, without math delimiters and a last full stop. None: it is beyond a limit, or
    holds a character that is not ASCII; a minus sign counts as a hyphen.
    """
    if len(text) > MAX_CHARS:
        return None
    plain = " ".join(text.replace("\N{MINUS SIGN}", "-").split())
    return None if not plain.isascii() or _LONG_RUN.search(plain) else _fold(plain)


def _fold(text: str) -> str:
    """Return the text in plain digits and signs, without math delimiters and a last full stop."""
    plain = " ".join(plain_characters(text).split())
    plain = plain.removesuffix(".").rstrip()
    for opening, closing in (("$", "$"), ("\\(", "\\)")):
        longer = len(plain) > len(opening + closing)
        if longer and plain.startswith(opening) and plain.endswith(closing):
            return plain[len(opening) : -len(closing)].strip()
    return plain


def plain_characters(text: str) -> str:
    """Return a text with the digits of all scripts as ASCII, and the minus sign as a hyphen."""
    return "".join(_plain(character) for character in text)


def _plain(character: str) -> str:
    """Return the ASCII digit or sign that a character stands for, else the character."""
    if character == "\N{MINUS SIGN}":
        return "-"
    if character.isascii():
        return character
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)


def _number(text: str) -> Fraction | None:
    match = _NUMBER.fullmatch(text)
    if match is None or (match["sign"] and match["sign_after"]):
        return None
    value = _decimal(match) if match["decimal"] else _fraction(match)
    if value is None:
        return None
    if match["percent"]:
        value /= 100
    return -value if "-" in (match["sign"], match["sign_after"]) else value


def _decimal(match: re.Match[str]) -> Fraction | None:
    exponent = match["exponent"] or "0"
    if len(exponent.lstrip("+-0")) > 2 or abs(int(exponent)) > MAX_EXPONENT:
        return None
    return Fraction(match["decimal"].replace(",", "")) * Fraction(10) ** int(exponent)


def _fraction(match: re.Match[str]) -> Fraction | None:
    """Return the value of a fraction or a mixed number, whose fraction must be below one."""
    whole, numerator, denominator = (
        int((match[name] or "0").replace(",", "")) for name in ("whole", "numerator", "denominator")
    )
    if denominator == 0 or (match["whole"] and numerator >= denominator):
        return None
    return whole + Fraction(numerator, denominator)


def elements_of(text: str) -> list[str] | None:
    """Return the texts of a sequence's elements. None: it is none, or could be read in two ways."""
    bracketed = len(text) >= 2 and _BRACKETS.get(text[0]) == text[-1]
    inner = text[1:-1].strip() if bracketed else text
    if bracketed and not inner:
        return []
    if ";" in inner:
        parts = inner.split(";")
    elif ", " in inner:
        parts = inner.split(", ")
    elif bracketed or not _GROUP_LIKE.search(inner):
        parts = inner.split(",")
    else:
        return None
    return [part.strip() for part in parts]


def stated(answer: str, value: Value) -> str:
    """Return an answer and, where it is written otherwise, the value that it states."""
    return (
        shown(answer) if answer == value_text(value) else f"{shown(answer)} is {value_text(value)}"
    )


def value_text(value: Value) -> str:
    """Return a value in a line for a person, cut if it is long."""
    return cut(", ".join(str(element) for element in value)) or "the empty sequence"

"""Recompute a number from cited ones, exactly: + - * / and parentheses over fractions.

What a newcomer gets wrong: an expression may not bring numbers of its own, because from a 1 alone
every number can be made. The one exception is 100, which turns shares into percentages.
"""

import re
from collections.abc import Set
from fractions import Fraction

MAX_CHARS = 1_000
MAX_TOKENS = 200
MAX_DEPTH = 16
MAX_DIGITS = 64
"""Of one number."""

_TOKEN = re.compile(r"[ \t]*+(?:([0-9]++(?:\.[0-9]++)?+|\.[0-9]++)|([-+*/()]))", re.ASCII)
_SIGNS = str.maketrans(
    {"\N{MINUS SIGN}": "-", "\N{MULTIPLICATION SIGN}": "*", "\N{DIVISION SIGN}": "/"}
)
_HUNDRED = Fraction(100)
_END = ""


class Unfounded(Exception):
    """The expression has no value, or uses a number that is not cited; says why in a few words."""


def recomputed(source: str, cited: Set[Fraction]) -> Fraction:
    """Return the value of an expression over cited numbers.

    Raises:
        Unfounded: see there.
    """
    reading = _Reading(_tokens(source), cited)
    value = reading.sum(0)
    if reading.next != _END:
        raise Unfounded(f"{reading.next!r} is not expected there")
    if not reading.used:
        raise Unfounded("it uses no cited number")
    return value


def _tokens(source: str) -> list[str]:
    if len(source) > MAX_CHARS:
        raise Unfounded(f"longer than {MAX_CHARS} characters")
    plain = source.translate(_SIGNS).rstrip(" \t")
    tokens: list[str] = []
    at = 0
    while at < len(plain):
        found = _TOKEN.match(plain, at)
        if found is None:
            raise Unfounded(f"character {at + 1} is no number, sign or parenthesis")
        token = found[1] or found[2]
        if len(token) > MAX_DIGITS or len(tokens) == MAX_TOKENS:
            raise Unfounded(f"more than {MAX_DIGITS} digits or {MAX_TOKENS} numbers and signs")
        tokens.append(token)
        at = found.end()
    return tokens


class _Reading:
    """Reads tokens from left to right; products bind before sums."""

    def __init__(self, tokens: list[str], cited: Set[Fraction]) -> None:
        self._tokens = [*tokens, _END]
        self._at = 0
        self._cited = cited
        self.used = False
        """Whether a cited number has been read."""

    @property
    def next(self) -> str:
        """The token that comes next; empty at the end."""
        return self._tokens[self._at]

    def sum(self, depth: int) -> Fraction:
        """Read what is added and subtracted."""
        value = self._product(depth)
        while self.next in ("+", "-"):
            if self._take() == "+":
                value += self._product(depth)
            else:
                value -= self._product(depth)
        return value

    def _product(self, depth: int) -> Fraction:
        value = self._factor(depth)
        while self.next in ("*", "/"):
            if self._take() == "*":
                value *= self._factor(depth)
            elif divisor := self._factor(depth):
                value /= divisor
            else:
                raise Unfounded("it divides by zero")
        return value

    def _factor(self, depth: int) -> Fraction:
        negative = self.next == "-"
        if negative:
            self._take()
        token = self._take()
        if token == "(":
            if depth == MAX_DEPTH:
                raise Unfounded(f"parentheses more than {MAX_DEPTH} deep")
            value = self.sum(depth + 1)
            if self._take() != ")":
                raise Unfounded("a parenthesis is not closed")
            return -value if negative else value
        if token in ("+", "-", "*", "/", ")", _END):
            raise Unfounded(f"{token!r} stands where a number must")
        return self._number(token, negative)

    def _number(self, token: str, negative: bool) -> Fraction:
        value = Fraction(token)
        signed = -value if negative else value
        if self._cited & {value, signed}:
            self.used = True
        elif value != _HUNDRED:
            raise Unfounded(f"{token} is in no citation")
        return signed

    def _take(self) -> str:
        token = self.next
        if token != _END:
            self._at += 1
        return token

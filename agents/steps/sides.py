"""Find the two sides of an equation in what stands left and right of "=".

What a newcomer gets wrong: a side is not all that stands there, only the arithmetic that touches
the "=", and only if the words beside it cannot change what it is worth: "twice 3 + 4" is not 7.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agents.steps.expression import Unclear
from agents.steps.tokens import Token

_OF_EXPRESSIONS = frozenset({"number", "sign", "open", "close", "percent"})


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


_BENDING = _words(
    "of half third quarter twice double triple thrice minus plus times divided multiplied over by",
    "squared cubed root sqrt square cube log ln sin cos tan mod modulo max min gcd lcm",
    "dozen hundred thousand million",
    "minute minutes hour hours day days week weeks month months year years",
    "no number step part row level grade chapter page figure table item question case option",
    "equation method term room group box trip stop team class side",
    "a b c k n x y z",
)
"""Words before an expression that may change what it is worth, or have a number of their own."""
_SCALING = _words(
    "hundred hundreds thousand thousands million millions billion billions k m b bn",
    "dozen dozens pair pairs percent cent cents half halves third thirds quarter quarters",
    "fourths fifths tenths hundredths th st nd rd am pm o'clock oclock",
    "r rem remainder e times x",
)
"""Words behind a number that may change what it is worth."""
_MIXED = _words("a half one two three quarter third")


@dataclass(frozen=True, slots=True)
class Stated:
    """What stands right of a "="."""

    terms: tuple[Token, ...]
    then: Token | None
    """What stands behind it. None: the end of the line, or another "="."""

    @property
    def numbers(self) -> tuple[Token, ...]:
        """The numbers in it, in order; never empty."""
        return tuple(token for token in self.terms if token.kind == "number")

    @property
    def has_unit(self) -> bool:
        """Whether a word stands behind it."""
        return self.then is not None and self.then.kind == "word"


def stated(right: Sequence[Token]) -> Stated:
    """Return the expression with which the right of a "=" begins.

    Raises:
        Unclear: it begins with none, or what stands behind it may change its worth.
    """
    end = 0
    while end < len(right) and _is_of_expression(right, end):
        end += 1
    end = min(end, _first_unmatched_close(right[:end]))
    while end and right[end - 1].kind == "open":
        end -= 1
    then = right[end] if end < len(right) else None
    if end and then and then.kind == "word" and _is_only_a_mark(right[end - 1], then):
        end -= 1
    if then and (then.kind == "unclear" or then.text in _SCALING or _is_mixed(right[end:])):
        raise Unclear
    found = Stated(_without_words(right[:end]), then)
    if not found.numbers:
        raise Unclear
    return found


def calculation(left: Sequence[Token], then: Token | None) -> tuple[Token, ...]:
    """Return the expression with which the left of a "=" ends.

    Args:
        left: All that stands there.
        then: What stands behind the number on the right.

    Raises:
        Unclear: it ends with none, it is only a number, or its worth hangs on words.
    """
    if left and left[-1].kind == "word":
        return _of_one_unit(left, then)
    start = len(left)
    while start and _is_of_expression(left, start - 1):
        start -= 1
    start += _last_unmatched_open(left[start:])
    found, before = _without_words(left[start:]), left[start - 1] if start else None
    if before and (before.kind == "unclear" or before.text in _BENDING):
        raise Unclear
    if not any(token.kind == "sign" for token in found[1:]):
        raise Unclear
    if before and before.kind == "word" and (found[0].kind == "sign" or not found[0].apart):
        raise Unclear
    return found


def _of_one_unit(left: Sequence[Token], then: Token | None) -> tuple[Token, ...]:
    """Return the sum of "3 hours + 1 hour" if the right side is in hours too.

    Raises:
        Unclear: it is none.
    """
    unit = _singular(left[-1])
    found: list[Token] = []
    place = len(left)
    while place >= 2 and _singular(left[place - 1]) == unit and left[place - 2].kind == "number":
        found.insert(0, left[place - 2])
        place -= 2
        if not place or left[place - 1].text not in ("+", "-"):
            break
        place -= 1
        found.insert(0, left[place])
    before = left[place - 1] if place else None
    alone = before is None or before.kind == "stop"
    if (
        then is None
        or _singular(then) != unit
        or len(found) < 3
        or len(found) % 2 == 0
        or not alone
    ):
        raise Unclear
    return tuple(found)


def _singular(token: Token) -> str:
    if token.kind != "word":
        return ""
    return token.text.removesuffix("s") if len(token.text) > 2 else token.text


def _is_of_expression(side: Sequence[Token], place: int) -> bool:
    """Return whether a token can stand in an expression; "of" can, behind a percentage."""
    if side[place].kind in _OF_EXPRESSIONS:
        return True
    return side[place].text == "of" and place > 0 and side[place - 1].kind == "percent"


def _without_words(side: Sequence[Token]) -> tuple[Token, ...]:
    return tuple(replace(t, kind="sign", text="*") if t.kind == "word" else t for t in side)


def _is_only_a_mark(sign: Token, then: Token) -> bool:
    """Return whether a sign before a word is no arithmetic: "$5/hour", "7 - which is"."""
    return sign.kind == "sign" and (sign.text == "/" or (sign.text == "-" and then.apart))


def _is_mixed(rest: Sequence[Token]) -> bool:
    """Return whether a number goes on in words, as in "2 and a half" or "2 and 1/2"."""
    if len(rest) < 2 or rest[0].text != "and":
        return False
    return rest[1].text in _MIXED or (len(rest) > 2 and rest[2].text == "/")


def _first_unmatched_close(side: Sequence[Token]) -> int:
    """Return where the first parenthesis stands that closes nothing; the length if none does."""
    depth = 0
    for place, token in enumerate(side):
        depth += (token.kind == "open") - (token.kind == "close")
        if depth < 0:
            return place
    return len(side)


def _last_unmatched_open(side: Sequence[Token]) -> int:
    """Return how many tokens stand up to the last parenthesis that is not closed; 0: all are."""
    depth = 0
    for place in range(len(side) - 1, -1, -1):
        depth += (side[place].kind == "close") - (side[place].kind == "open")
        if depth < 0:
            return place + 1
    return 0

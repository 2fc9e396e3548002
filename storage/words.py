"""A text as the words that are compared, whoever wrote it and however it is set.

What a newcomer gets wrong: some scripts put no space between words, and some write vowels as marks
that a pattern's word character does not match. So Han, kana, Thai, Lao, Burmese and Khmer count
letter by letter, and marks stay with their letters.
"""

import re
import unicodedata

_LETTER_BY_LETTER = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF), (0x3400, 0x9FFF),
    (0xF900, 0xFAFF), (0x20000, 0x3FFFF),
)  # fmt: skip
_OPERATORS = frozenset("+*/^=<>%\N{MULTIPLICATION SIGN}÷±√≤≥≠-")
# What begins with a character of its own is found many times quicker than what looks back first.
_THOUSANDS = re.compile(r",(?<=[0-9],)(?=[0-9]{3}(?![0-9]))")
_POINT = re.compile(r"\.(?!\d)")
"""One that stands in no number."""
_HYPHEN = re.compile(r"-(?!\s?[\d(])")
"""One that is no minus."""


class _Folding(dict[int, str]):
    """What each character becomes, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kind = unicodedata.category(character)
        apart = any(first <= code <= last for first, last in _LETTER_BY_LETTER)
        if kind == "Cf":
            folded = ""
        elif character in _OPERATORS or (apart and kind[0] in "LM"):
            folded = f" {character} "
        else:
            folded = character if kind[0] in "LMN" or character == "." else " "
        self[code] = folded
        return folded


_FOLDING = _Folding()


def words(text: str) -> list[str]:
    """Return the words, numbers and operators of a text in order, without punctuation.

    They are blind to case, to width and the like (NFKC), and to separators of thousands.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        text = text.replace("\N{MINUS SIGN}", "-")
    for pattern, instead in ((_THOUSANDS, ""), (_POINT, " "), (_HYPHEN, " ")):
        text = pattern.sub(instead, text)
    return text.lower().translate(_FOLDING).split()


def marks(found: list[str]) -> str:
    """Return the numbers and operators among words, in order, with one space between."""
    # Most words are letters only, which is quickly told.
    return " ".join(word for word in found if not word.isalpha() and _is_mark(word))


def _is_mark(word: str) -> bool:
    return word.isdecimal() or word in _OPERATORS or any(each.isdecimal() for each in word)

"""Texts as they are searched, and what a person types as a question to the search.

A text is cut into words by SQLite's own rules, blind to case and accents. What a newcomer gets
wrong: nothing that a person types is ever syntax of FTS5. Every word is quoted; only a phrase in
double quotes and a star at the end of a word mean something, and what holds no word finds nothing.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

MOST = 32
"""How many words of a question count; what follows is passed over."""
APART = "\ue000"
"""What stands between two texts of one document, so that no phrase spans both; a word to SQLite."""
_LETTER_BY_LETTER = (
    (0x0E00, 0x0FFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x1A20, 0x1AAF), (0x2E80, 0x2FDF),
    (0x3005, 0x3007), (0x3040, 0x30FF), (0x3100, 0x312F), (0x31A0, 0x31FF), (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF), (0xA9E0, 0xA9FF), (0xAA60, 0xAADF), (0xF900, 0xFAFF), (0x1B000, 0x1B16F),
    (0x20000, 0x3FFFF),
)  # fmt: skip
"""Scripts that put no space between words: Thai, Lao, Tibetan, Burmese, Khmer, Han, kana."""
_ACCENT = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe2f]+")
_TYPED = re.compile(r'"([^"]*)"?|([^\s"]+)')


class Part(NamedTuple):
    """A word or a phrase that a person typed."""

    words: tuple[str, ...]
    begins: bool
    """Whether the last word is only the beginning of one."""


class _Folding(dict[int, str]):
    """What each character becomes, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kind = unicodedata.category(character)
        folded = character if kind[0] in "LMN" else " "
        if kind == "Cf":
            folded = ""  # joiners and marks of direction, which nobody sees
        elif folded != " " and any(first <= code <= last for first, last in _LETTER_BY_LETTER):
            folded = f" {character} "
        self[code] = folded
        return folded


_FOLDING = _Folding()


def prepared(text: str) -> str:
    """Return a text as it is given to the search: words without accents, spaces between them."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).casefold()
        text = unicodedata.normalize("NFKC", _ACCENT.sub("", text))
    return text.translate(_FOLDING)


def document(texts: Iterable[str | None]) -> str:
    """Return the texts of a trajectory as one that is searched."""
    return f" {APART} ".join(prepared(text) for text in texts if text)


def question(typed: str) -> tuple[Part, ...]:
    """Return what a person typed as parts of which each must be found; none if it has no word."""
    left, parts = MOST, []
    for found in _TYPED.finditer(typed.encode("utf-8", "replace").decode("utf-8")):
        phrase, word = found[1], found[2]
        words = terms(phrase if word is None else word)[:left]
        left -= len(words)
        if words:
            parts.append(Part(tuple(words), bool(word) and word.endswith("*")))
    return tuple(parts)


def terms(text: str) -> list[str]:
    """Return the words of a text, as SQLite has them in its index of words."""
    return prepared(text).lower().split()


def expression(parts: Iterable[Sequence[Sequence[str]]]) -> str:
    """Return a question in the language of FTS5.

    Args:
        parts: Of each part the phrases of which one must be found; at least one.
    """
    either = (" OR ".join(f'"{" ".join(phrase)}"' for phrase in phrases) for phrases in parts)
    return " AND ".join(f"({each})" for each in either)

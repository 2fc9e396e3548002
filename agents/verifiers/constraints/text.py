"""An answer as its demands measure it.

What a newcomer gets wrong: an answer may hide things. What must be there is looked for as it is
written; what must not be there is looked for in its plainest reading as well.
"""

import re
import unicodedata
from collections import Counter
from functools import cached_property

from agents.verifiers.reading import is_mark, normal

MAX_CHARS = 100_000

_WORD = re.compile(
    r"""
    [^\W_]++
    (?: (?: ['\u2019\u2010\u2011-] | (?<=[0-9]) [.,] (?=[0-9]) ) [^\W_]++ )*+
    """,
    re.VERBOSE,
)
_SENTENCE_END = re.compile(
    r"""
    (?<![.!?\u2026]) [.!?\u2026]++ ["'\u201d\u2019\u00bb)\]*_]*+ (?=\s|\Z)
  | [\u3002\uff01\uff1f\u0964\u0965\u061f\u06d4\u1362]++ [\u300d\u300f\u201d\u2019)\uff09]*+
  | \n [^\S\n]* \n
    """,
    re.VERBOSE,
)
_BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n)++")


class Text:
    """An answer, read once and measured often; all its measures take linear time."""

    def __init__(self, answer: str) -> None:
        """Read an answer.

        Raises:
            Unreadable: it is beyond `MAX_CHARS`, or has too many combining marks in a row.
        """
        lines = answer.replace("\r\n", "\n").replace("\r", "\n")
        self.written = normal(lines, MAX_CHARS).strip()
        """In NFC, with one kind of line break, trimmed."""

    @cached_property
    def visible(self) -> str:
        """The text without the characters that nobody sees: controls, joiners, direction marks."""
        if self.written.isascii() and self.written.isprintable():
            return self.written
        return unicodedata.normalize("NFC", _without_unseen(self.written)).strip()

    @cached_property
    def plainest(self) -> str:
        """The visible text, in which wide, small, raised and joined letters are plain (NFKC)."""
        return unicodedata.normalize("NFKC", self.visible)

    @cached_property
    def letters(self) -> Counter[str]:
        """How often each letter stands there, in order of first appearance."""
        counts = Counter(self.visible)
        for character in list(counts):
            if not unicodedata.category(character).startswith("L"):
                del counts[character]
        return counts

    @cached_property
    def words(self) -> list[str]:
        """Words: runs of letters and digits, with apostrophes and hyphens within.

        A number is one word, with the points and commas between its digits. Accents that stand
        apart from their letters are left out. Where a script puts no space between words, a run
        of letters is one word.
        """
        if self.visible.isascii():
            return _WORD.findall(self.visible)
        return _WORD.findall("".join(c for c in self.visible if not is_mark(c)))

    @cached_property
    def sentences(self) -> list[str]:
        """Sentences: what ends with . ! ? or … before white space, or with a paragraph.

        Closing quotes and brackets belong to the end; what holds no letter or digit is none. The
        full stops of Chinese, Japanese, Hindi, Arabic and Amharic need no white space. "Dr. No"
        are two.
        """
        return [part for part in _SENTENCE_END.split(self.visible) if _says_something(part)]

    @cached_property
    def paragraphs(self) -> list[str]:
        """Paragraphs: what is parted by blank lines."""
        return [part for part in _BLANK_LINES.split(self.visible) if part.strip()]

    @cached_property
    def lines(self) -> list[str]:
        """Lines that are not blank."""
        return [line for line in self.visible.split("\n") if line.strip()]


def plainest(text: str) -> str:
    """Return a short text in the reading of `Text.plainest`."""
    return unicodedata.normalize("NFKC", _without_unseen(text))


def _without_unseen(text: str) -> str:
    kinds = ("Cc", "Cf", "Cs")
    unseen = {ord(c): None for c in set(text) - {"\n", "\t"} if unicodedata.category(c) in kinds}
    return text.translate(unseen)


def _says_something(text: str) -> bool:
    return any(character.isalnum() for character in text)

"""How many of something there are: words, sentences, items of a list and the like."""

import re
from collections.abc import Callable, Iterator
from typing import Literal, Self

from pydantic import model_validator

from agents.verifiers.constraints.demand import Bounded
from agents.verifiers.constraints.text import Text

_BULLET = re.compile(r" {0,3}[-*+•] +\S")
_ITEM = re.compile(r" {0,3}([0-9]{1,4})[.)] +\S")
_HEADING = re.compile(r" {0,3}#{1,6} +[^\s#]")
_PLACEHOLDER = re.compile(r"\[[^\[\]\n]+\]")


class Amount(Bounded):
    """How many of its kind the text has.

    characters: all that are seen, white space within the text included.
    words, sentences, paragraphs, lines: see `Text`.
    capital_words: words of two or more letters, all of which are capitals.
    bullets: lines that begin with "- ", "* ", "+ " or "• ", after at most three spaces.
    numbered_items: lines that begin with "1. " or "1) ", and so on; they must count up from 1.
    headings: lines that begin with one to six "#" and a space.
    placeholders: texts in square brackets on one line.
    """

    kind: Literal[
        "characters",
        "words",
        "sentences",
        "paragraphs",
        "lines",
        "capital_words",
        "bullets",
        "numbered_items",
        "headings",
        "placeholders",
    ]

    @model_validator(mode="after")
    def _is_bounded(self) -> Self:
        if not self.asked:
            raise ValueError("needs 'at_least', 'at_most' or 'exactly'")
        return self

    def fault(self, text: Text) -> str:
        """Return the number and the bounds it misses."""
        if self.kind == "numbered_items" and (out_of_order := _out_of_order(text)):
            return out_of_order
        measured = _MEASURES[self.kind][0](text)
        if self.least <= measured <= self.most:
            return ""
        return f"{measured} {self.kind}, not {self.asked}"

    def spoilt(self, text: str) -> Iterator[str]:
        """Yield the text with too many of its kind, and cut shorter and shorter."""
        measure, piece = _MEASURES[self.kind]
        measured = measure(Text(text))
        if self.least:
            yield _cut_after(text, self.kind, self.least - 1)
        surplus = self.most - measured + 1
        if surplus * len(piece) <= 10_000:
            yield text + "".join(piece.format(measured + n) for n in range(1, surplus + 1))
        for part in range(7, 0, -1):
            yield text[: len(text) * part // 8]


def _cut_after(text: str, kind: str, number: int) -> str:
    """Return the first so many pieces of a text."""
    if kind == "characters":
        return text[:number]
    separator = {"words": " ", "sentences": ". ", "paragraphs": "\n\n"}.get(kind, "\n")
    return separator.join(text.split(separator)[:number])


def _out_of_order(text: Text) -> str:
    for place, found in enumerate(filter(None, map(_ITEM.match, text.lines)), 1):
        if int(found[1]) != place:
            return f"numbered item {place} has the number {int(found[1])}"
    return ""


def _capital_words(text: Text) -> int:
    return sum(word.isupper() and sum(map(str.isalpha, word)) > 1 for word in text.words)


def _lines_like(pattern: re.Pattern[str]) -> Callable[[Text], int]:
    return lambda text: sum(pattern.match(line) is not None for line in text.lines)


_MEASURES: dict[str, tuple[Callable[[Text], int], str]] = {
    "characters": (lambda text: len(text.visible), "x"),
    "words": (lambda text: len(text.words), " x"),
    "sentences": (lambda text: len(text.sentences), " X."),
    "paragraphs": (lambda text: len(text.paragraphs), "\n\nX"),
    "lines": (lambda text: len(text.lines), "\nx"),
    "capital_words": (_capital_words, " XX"),
    "bullets": (_lines_like(_BULLET), "\n- x"),
    "numbered_items": (_lines_like(_ITEM), "\n{}. x"),
    "headings": (_lines_like(_HEADING), "\n# x"),
    "placeholders": (lambda text: len(_PLACEHOLDER.findall(text.visible)), " [x]"),
}
"""Of each kind, how it is measured, and what adds one more of it."""

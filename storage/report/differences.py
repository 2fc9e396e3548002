"""What a text has that another has not: by lines, and by words within the lines that differ.

What a newcomer gets wrong: `difflib` takes time that grows with the cube of what is compared, which
six hundred equal lines are enough to feel. So the longest common part is found here, in a table of
bounded size; of texts that are too long, or too unlike, it is only said that they differ.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Literal, NamedTuple

LONGEST = 20_000
"""Characters of each text that are compared."""
_MOST_PAIRS = 160_000
"""Pairs of lines, and then pairs of words, that are compared in all."""
_LEAST_IN_COMMON = 0.3
"""Share of the longer one's words; of what has less in common the words are not compared."""
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")

Kind = Literal["same", "before", "after"]


class Piece(NamedTuple):
    """A stretch of text, and in which of two texts it stands."""

    kind: Kind
    text: str


def differences(before: str, after: str) -> tuple[Piece, ...] | None:
    """Return how a text came of another, in order. None: they are too long to be compared.

    Without the pieces of kind "after" it is the text before, without those of "before" the text
    after it.
    """
    if max(len(before), len(after)) > LONGEST:
        return None
    table = _Table(_MOST_PAIRS)
    lines = table.pieces(before.splitlines(keepends=True), after.splitlines(keepends=True))
    return tuple(_joined(_by_words(list(lines), _Table(_MOST_PAIRS))))


def changed_lines(before: str, after: str) -> list[Piece]:
    """Return the lines that stand in one of two texts and not in the other, in order."""
    old, new = before.splitlines(), after.splitlines()
    return [piece for piece in _Table(_MOST_PAIRS).pieces(old, new) if piece.kind != "same"]


def _by_words(lines: Sequence[Piece], table: "_Table") -> Iterator[Piece]:
    """Yield the pieces of lines, those that came in the place of others compared by words."""
    for kept, group in groupby(lines, key=lambda piece: piece.kind == "same"):
        pieces = list(group)
        if kept:
            yield from pieces
            continue
        gone = "".join(piece.text for piece in pieces if piece.kind == "before")
        come = "".join(piece.text for piece in pieces if piece.kind == "after")
        old, new = _WORDS.findall(gone), _WORDS.findall(come)
        words = list(table.pieces(old, new))
        same = sum(piece.kind == "same" for piece in words if piece.text.strip())
        longer = max(sum(not word.isspace() for word in each) for each in (old, new))
        if same < _LEAST_IN_COMMON * longer:
            words = [Piece("before", gone), Piece("after", come)]
        yield from _without_islands(words)


def _without_islands(words: Sequence[Piece]) -> Iterator[Piece]:
    """Yield pieces; white space that alone is the same between what differs differs with it."""
    for place, piece in enumerate(words):
        around = [*words[max(place - 1, 0) : place], *words[place + 1 : place + 2]]
        alone = len(around) == 2 and all(each.kind != "same" for each in around)
        if piece.kind == "same" and piece.text.isspace() and alone:
            yield from (Piece("before", piece.text), Piece("after", piece.text))
        else:
            yield piece


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Yield pieces with neighbours of one kind in one; what went stands before what came."""
    for kept, group in groupby(pieces, key=lambda piece: piece.kind == "same"):
        parts = list(group)
        kinds: tuple[Kind, ...] = ("same",) if kept else ("before", "after")
        for kind in kinds:
            if text := "".join(part.text for part in parts if part.kind == kind):
                yield Piece(kind, text)


class _Table:
    """Finds the longest common part of two sequences, while it has room."""

    def __init__(self, most: int) -> None:
        self._left = most

    def pieces(self, old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
        """Yield all of both in order; without room what differs stands there as a whole."""
        start, end = _same_ends(old, new)
        middle = old[start : len(old) - end], new[start : len(new) - end]
        yield from (Piece("same", each) for each in old[:start])
        size = len(middle[0]) * len(middle[1])
        if size > self._left or not size:
            yield from (Piece("before", each) for each in middle[0])
            yield from (Piece("after", each) for each in middle[1])
        else:
            self._left -= size
            yield from _walked(*middle, _lengths(*middle))
        yield from (Piece("same", each) for each in old[len(old) - end :])


def _same_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """Return how many are the same at the beginning, and of the others at the end."""
    most = min(len(old), len(new))
    start = next((i for i in range(most) if old[i] != new[i]), most)
    most -= start
    return start, next((i for i in range(most) if old[-1 - i] != new[-1 - i]), most)


def _lengths(old: Sequence[str], new: Sequence[str]) -> list[list[int]]:
    """Return for every two places how much is in common from there on."""
    below = [0] * (len(new) + 1)
    rows = [below]
    for each in reversed(old):
        row = [0] * (len(new) + 1)
        for j in range(len(new) - 1, -1, -1):
            row[j] = below[j + 1] + 1 if new[j] == each else max(below[j], row[j + 1])
        rows.append(row)
        below = row
    return rows[::-1]


def _walked(old: Sequence[str], new: Sequence[str], lengths: list[list[int]]) -> Iterator[Piece]:
    i = j = 0
    while i < len(old) and j < len(new):
        if old[i] == new[j]:
            yield Piece("same", old[i])
            i, j = i + 1, j + 1
        elif lengths[i + 1][j] >= lengths[i][j + 1]:
            yield Piece("before", old[i])
            i += 1
        else:
            yield Piece("after", new[j])
            j += 1
    yield from (Piece("before", each) for each in old[i:])
    yield from (Piece("after", each) for each in new[j:])

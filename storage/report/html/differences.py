"""What a text has that another has not: by lines, and by words within the lines that differ.

What a newcomer gets wrong: comparing takes time that grows with the square of what is compared, so
it is bounded. Of texts that are too long, or too unlike, it is only said that they differ.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal, NamedTuple

from markupsafe import Markup

from storage.report.html.unseen import marked

LONGEST = 20_000
"""Characters of each text that are compared."""
_MOST_LINES = 600
_MOST_WORDS = 400
"""In each of two stretches of lines; longer stretches differ as a whole."""
_MOST_PAIRS = 400_000
"""Pairs of words that are compared in all."""
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


class Piece(NamedTuple):
    """A stretch of text, and in which of two texts it stands."""

    kind: Literal["same", "before", "after"]
    text: str


def differences(before: str, after: str) -> tuple[Piece, ...] | None:
    """Return how a text came of another, in order. None: they are too long to be compared.

    Without the pieces of kind "after" it is the text before, without those of "before" the text
    after it.
    """
    if max(len(before), len(after)) > LONGEST:
        return None
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if max(len(old), len(new)) > _MOST_LINES:
        return None
    return tuple(
        Piece(kind, "".join(piece.text for piece in same))
        for kind, same in groupby(_lines(old, new), key=lambda piece: piece.kind)
        for same in [list(same)]
        if any(piece.text for piece in same)
    )


def told(pieces: Sequence[Piece]) -> Markup:
    """Return differences as HTML in the exact form of the texts, unseen characters marked."""
    tags = {"before": "del", "after": "ins"}
    parts = [
        Markup(f"<{tag}>{marked(piece.text)}</{tag}>")
        if (tag := tags.get(piece.kind))
        else marked(piece.text)
        for piece in pieces
    ]
    return Markup('<pre class="as-written differences">{}</pre>').format(Markup("").join(parts))


def _lines(old: list[str], new: list[str]) -> Iterator[Piece]:
    left = _MOST_PAIRS
    for op, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = "".join(old[i:j]), "".join(new[k:m])
        if op == "equal":
            yield Piece("same", gone)
            continue
        words = _WORDS.findall(gone), _WORDS.findall(come)
        pairs = len(words[0]) * len(words[1])
        if pairs > left or max(map(len, words)) > _MOST_WORDS:
            yield from _whole(gone, come)
        else:
            left -= pairs
            yield from _words(*words)


def _words(old: list[str], new: list[str]) -> Iterator[Piece]:
    """Yield the differences of two stretches; two that have little in common differ as a whole."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.quick_ratio() < 0.4:
        yield from _whole("".join(old), "".join(new))
        return
    for op, i, j, k, m in matcher.get_opcodes():
        gone, come = "".join(old[i:j]), "".join(new[k:m])
        yield from [Piece("same", gone)] if op == "equal" else _whole(gone, come)


def _whole(gone: str, come: str) -> list[Piece]:
    return [Piece("before", gone), Piece("after", come)]

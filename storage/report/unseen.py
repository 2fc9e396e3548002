"""Finds characters that nobody sees, or that are obeyed: controls, joiners, directions.

What a newcomer gets wrong: escaping is not enough. A right-to-left override needs no markup to make
a wrong answer read as a right one, and an invisible letter makes two answers look alike. Languages
that are written from right to left need none of these characters; the few joiners that Persian,
Indian scripts and emoji do need are left alone between letters of their own.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby, islice

MOST_COMBINING = 8
"""So many marks may stand on one letter; writing systems need five. The rest is shown as marks."""
_MOST_IN_A_ROW = 12
"""So many unseen characters in a row are named; of the others it is said how many there are."""
_STRANGE = re.compile(r"[^\t\n -~]+")
_JOINERS = "\u200c\u200d"
_SELECTORS = re.compile("[\ufe00-\ufe0f]")
_EMPTY = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
"""Invisible, though letters, marks or symbols by their category."""
_UNSEEN_KINDS = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_NAMES = {
    0x00: "null", 0x07: "bell", 0x08: "backspace", 0x0B: "vertical tab", 0x0C: "form feed",
    0x0D: "carriage return", 0x1B: "escape", 0x7F: "delete", 0x9B: "control sequence introducer",
}  # fmt: skip
_KINDS = {
    "Cc": "control character", "Cs": "half of a surrogate pair", "Co": "private use",
    "Cn": "not a character", "Mn": "combining mark", "Me": "combining mark",
}  # fmt: skip


def visible(text: str) -> str:
    """Return a text in which unseen characters are written as [U+202E]; for where no HTML can be.

    It is not escaped.
    """
    return "".join(f"[{piece}]" if name else piece for piece, name in pieces(text))


def stripped(text: str) -> str:
    """Return a text without unseen characters."""
    return "".join(piece for piece, name in pieces(text) if not name)


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """Yield what stands in a text, in order: a piece and "", or a mark such as U+202E and its name.

    Marks and names are of this module's vocabulary, whatever the text says.
    """
    text = text.replace("\r\n", "\n")
    start = 0
    for run in _STRANGE.finditer(text):
        for first, last in _unseen_within(text, run.start(), run.end()):
            if start < first:
                yield text[start:first], ""
            yield from _marks(text[first:last])
            start = last
    if start < len(text):
        yield text[start:], ""


def _unseen_within(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the stretches between two places that hold unseen characters alone."""
    combining, first = 0, -1
    for place in range(start, end):
        kind = unicodedata.category(text[place])
        unseen = _is_unseen(text, place, kind)
        if not unseen:
            combining = combining + 1 if kind in ("Mn", "Me") else 0
        if unseen or combining > MOST_COMBINING:
            first = place if first < 0 else first
        elif first >= 0:
            yield first, place
            first = -1
    if first >= 0:
        yield first, end


def _is_unseen(text: str, place: int, kind: str) -> bool:
    char = text[place]
    if char in _JOINERS:
        return not (_joins(text[place - 1 : place]) and _joins(text[place + 1 : place + 2]))
    if _SELECTORS.match(char):
        return not _selects(text[place - 1 : place])
    if "\U000e0100" <= char <= "\U000e01ef":
        before = text[place - 1 : place] or " "
        return before in _EMPTY or unicodedata.category(before) != "Lo"
    return kind in _UNSEEN_KINDS or char in _EMPTY


def _joins(char: str) -> bool:
    """Return whether a joiner beside this character can be meant: a far script, or an emoji."""
    seen = char and char not in _JOINERS + _EMPTY and unicodedata.category(char)[0] in "LMS"
    return bool(seen) and ord(char) >= 0x590


def _selects(before: str) -> bool:
    """Return whether a character may be followed by a choice of how it looks."""
    if not before or before in _EMPTY:
        return False
    return before in "#*0123456789" or unicodedata.category(before)[0] in "LS"


def _marks(unseen: str) -> Iterator[tuple[str, str]]:
    start = 0
    for char, same in islice(groupby(unseen), _MOST_IN_A_ROW):
        count = len(list(same))
        start += count
        yield f"U+{ord(char):04X}" + (f" times {count}" if count > 1 else ""), _name(char)
    if start < len(unseen):
        yield f"{len(unseen) - start} more", "unseen characters"


def _name(char: str) -> str:
    known = unicodedata.name(char, "").lower()
    return known or _NAMES.get(ord(char)) or _KINDS.get(unicodedata.category(char), "unseen")

"""Whether a text repeats an item of a benchmark: words in a row that also stand there.

The rule is the usual one, n words in a row with n = 13. What a newcomer gets wrong: an item of
fewer words would never match, so it matches as a whole; one of a few words only is looked for as
the whole text, for such words stand anywhere. Punctuation, case and width do not count, and a
letter counts as a word in scripts that put no space between words.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from pydantic import JsonValue

from storage.errors import SourceError
from storage.tabular import Row, read_lines, read_rows, require_columns
from storage.words import words

USUAL = 13
"""Words in a row that are no chance; what GPT-3's authors and lm-evaluation-harness went by."""
FEWEST = 8
"""Items of fewer words are looked for as the whole text only."""
_SHOWN = 120
_PRIME = 2**61 - 1
_BASE = 1_000_003


@dataclass(frozen=True, slots=True)
class Hit:
    """What a text has in common with a benchmark."""

    path: str
    """The file, as it was named."""
    place: str
    """Where in it the item stands, such as "line 12"."""
    words: str
    """What stands in both, folded, with one space between."""

    def __str__(self) -> str:
        count = len(self.words.split(" "))
        shown = self.words if len(self.words) <= _SHOWN else self.words[: _SHOWN - 3] + "..."
        some = f"{count} words in a row" if count > 1 else "one word"
        return f"{some} with {self.path!r} {self.place}: {shown!r}"


@dataclass(frozen=True, slots=True)
class _Item:
    path: str
    place: str
    words: str
    """With a space before, between and after."""


@dataclass(frozen=True, slots=True)
class Benchmarks:
    """The items of all files that were named; equal texts give equal hits in every process."""

    ngram: int = USUAL
    _items: list[_Item] = field(default_factory=list)
    _known: dict[str, int] = field(default_factory=dict)
    """A number for each word of an item; words that stand in none end a row."""
    _rows: dict[int, dict[int, int]] = field(default_factory=dict)
    """By length, and by the hash of so many words in a row, the first item that has them."""
    _whole: dict[str, int] = field(default_factory=dict)
    """Of items that are too short for a row: all their words."""

    @classmethod
    def read(cls, paths: Iterable[str | Path], n: int = USUAL) -> Self:
        """Return the items of files: JSONL, CSV, Parquet, or text with one item a line.

        Args:
            paths: Of each file all columns of text are read, and texts inside lists and objects,
                each an item of its own; `file:column` reads one column.
            n: How many words in a row are too many, from 2.

        Raises:
            SourceError: a file cannot be read, or has no such column, or no word.
        """
        found = cls(n)
        for path in paths:
            before = len(found._items)
            for row, text in _texts(str(path)):
                found._add(str(row.path), row.place, text)
            if len(found._items) == before:
                raise SourceError(
                    f"{str(path)!r}: has no text; name a file, or a column, with some"
                )
        return found

    def found(self, text: str) -> Hit | None:
        """Return the longest row of words in common with an item, of equal ones the first."""
        mine = words(text)
        whole = self._whole.get(" ".join(mine))
        if whole is not None:
            return self._hit(whole, " ".join(mine))
        numbers = [self._known.get(word, 0) for word in mine]
        for length in sorted(self._rows, reverse=True):
            known = self._rows[length]
            for start, row in _hashes(numbers, length):
                item = known.get(row)
                if item is None:
                    continue
                common = " ".join(mine[start : start + length])
                # Another row could have the same hash.
                if f" {common} " in self._items[item].words:
                    return self._hit(item, common)
        return None

    def where(self, text: str) -> str | None:
        """Return what `found` finds, as a sentence without a full stop; None: nothing."""
        hit = self.found(text)
        return str(hit) if hit else None

    def _hit(self, item: int, common: str) -> Hit:
        return Hit(self._items[item].path, self._items[item].place, common)

    def _add(self, path: str, place: str, text: str) -> None:
        mine = words(text)
        if not mine:
            return
        index = len(self._items)
        self._items.append(_Item(path, place, f" {' '.join(mine)} "))
        if len(mine) < min(FEWEST, self.ngram):
            self._whole.setdefault(" ".join(mine), index)
            return
        length = min(self.ngram, len(mine))
        known = self._rows.setdefault(length, {})
        numbers = [self._known.setdefault(word, len(self._known) + 1) for word in mine]
        for _, row in _hashes(numbers, length):
            known.setdefault(row, index)


def _hashes(numbers: list[int], length: int) -> Iterator[tuple[int, int]]:
    """Yield where each row of so many words begins, and its hash; none holds a word of number 0."""
    first = pow(_BASE, length - 1, _PRIME)
    row = unbroken = 0
    for end, number in enumerate(numbers):
        if number == 0:
            row = unbroken = 0
            continue
        if unbroken == length:
            row -= numbers[end - length] * first
            unbroken -= 1
        row = (row * _BASE + number) % _PRIME
        unbroken += 1
        if unbroken == length:
            yield end - length + 1, row


def _texts(named: str) -> Iterator[tuple[Row, str]]:
    path, column = split(named)
    if path.suffix.lower() == ".txt":
        if column is not None:
            raise SourceError(f"{str(path)!r}: a text file has no column {column!r}; leave it out")
        yield from ((row, str(row.values["text"])) for row in read_lines(path))
        return
    rows = read_rows(path, [column])
    require_columns(path, rows, [column])
    for row in rows:
        values = row.values.values() if column is None else [row.values.get(column)]
        for value in values:
            yield from ((row, text) for text in _inside(value))


def split(named: str) -> tuple[Path, str | None]:
    """Return a file and a column; a colon that stands in the file's own name splits nothing."""
    before, colon, column = named.rpartition(":")
    if colon and Path(before).suffix and not Path(named).exists():
        return Path(before), column
    return Path(named), None


def _inside(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for each in value if isinstance(value, list) else value.values():
            yield from _inside(each)

"""Finds what is nearly the same as an earlier text, among any number of them, in flat memory.

What a newcomer gets wrong: this is no set. `twin` looks and does not add, so that what is left out
of an export is nobody's twin. What is added goes to a SQLite file of its own in a temporary folder,
which is gone afterwards; only the last few thousand texts and a filter of fixed size are in memory.
"""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

from storage.database import translated
from storage.likeness import IN_A_BAND, Likeness, Sketch, likeliest

_WAITING = 4_096
"""So many texts wait in memory to be written together, in the order of the index."""
_BITS = 27
"""The filter has two to this many bits, 16 MiB: most bands have never been met, and need no look
into the file."""
_SCHEMA = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32768;
CREATE TABLE texts (id INTEGER NOT NULL PRIMARY KEY, key TEXT NOT NULL, words TEXT NOT NULL,
    marks TEXT NOT NULL) STRICT;
CREATE TABLE bands (band INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (band, id))
    STRICT, WITHOUT ROWID;
"""


class Twins:
    """The texts of an export so far; a context manager, which makes its file and removes it."""

    def __init__(self, threshold: float = 0.8, folder: Path | None = None) -> None:
        """Make ready.

        Args:
            threshold: The share of shingles in common from which two texts are twins, in [0.5, 1].
            folder: Where the temporary folder is made. None: where this machine has such things.

        Raises:
            ValueError: the threshold is out of its range.
            NotInstalled: the package rensa is missing.
        """
        self._likeness = Likeness(threshold)
        self._folder = folder
        self._count = 0
        self._last: tuple[tuple[str, str], Sketch] | None = None
        self._filter = bytearray(1 << (_BITS - 3))
        self._fresh: dict[int, tuple[str, Sketch]] = {}
        self._bands: dict[int, list[int]] = {}

    def __enter__(self) -> Self:
        self._scratch = tempfile.TemporaryDirectory(prefix="lyceum-twins-", dir=self._folder)
        self._path = Path(self._scratch.name) / "twins.db"
        self._connection = sqlite3.connect(self._path, isolation_level=None)
        self._connection.executescript(_SCHEMA)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()
        self._scratch.cleanup()

    def twin(self, key: str, text: str, reference: str = "") -> str | None:
        """Return the key of the most likely earlier text that is nearly this one, or None.

        Args:
            key: The text's own; of what was added under it nothing is said.
            text: A question.
            reference: What must be the same word for word; "": nothing.

        Raises:
            StorageError: the disk is failing.
        """
        sketch = self._sketch(text, reference)
        for found in likeliest(self._candidates(sketch)):
            known, other = self._read(found)
            if known != key and self._likeness.alike(sketch, other):
                return known
        return None

    def add(self, key: str, text: str, reference: str = "") -> None:
        """Take a text in, see `twin`.

        Raises:
            StorageError: the disk is full or failing.
        """
        sketch = self._sketch(text, reference)
        if not sketch.bands:
            return
        self._fresh[self._count] = (key, sketch)
        for band in sketch.bands:
            self._bands.setdefault(band, []).append(self._count)
            place = band & ((1 << _BITS) - 1)
            self._filter[place >> 3] |= 1 << (place & 7)
        self._count += 1
        if len(self._fresh) >= _WAITING:
            self._write()

    def _sketch(self, text: str, reference: str) -> Sketch:
        asked = (text, reference)
        if self._last is None or self._last[0] != asked:
            self._last = (asked, self._likeness.sketch(text, reference))
        return self._last[1]

    def _candidates(self, sketch: Sketch) -> Iterator[int]:
        for band in sketch.bands:
            place = band & ((1 << _BITS) - 1)
            if self._filter[place >> 3] & (1 << (place & 7)):
                yield from self._in_band(band)

    def _in_band(self, band: int) -> list[int]:
        """Return the earliest texts with a band."""
        sql = "SELECT id FROM bands WHERE band = ? ORDER BY id LIMIT ?"
        try:
            found = [row[0] for row in self._connection.execute(sql, (band, IN_A_BAND))]
        except sqlite3.Error as error:
            raise translated(error, self._path) from error
        return (found + self._bands.get(band, []))[:IN_A_BAND]

    def _read(self, found: int) -> tuple[str, Sketch]:
        if found in self._fresh:
            return self._fresh[found]
        sql = "SELECT key, words, marks FROM texts WHERE id = ?"
        try:
            [(key, words, marks)] = self._connection.execute(sql, (found,))
        except sqlite3.Error as error:
            raise translated(error, self._path) from error
        return key, Sketch(words, marks, (0,))

    def _write(self) -> None:
        """Bring what waits into the file; in the order of the index, which takes half the time."""
        texts = ((n, key, each.text, each.marks) for n, (key, each) in self._fresh.items())
        bands = sorted((band, n) for band, found in self._bands.items() for n in found)
        try:
            with closing(self._connection.cursor()) as cursor:
                cursor.execute("BEGIN")
                cursor.executemany("INSERT INTO texts VALUES (?, ?, ?, ?)", texts)
                cursor.executemany("INSERT INTO bands VALUES (?, ?)", bands)
                cursor.execute("COMMIT")
        except sqlite3.Error as error:
            raise translated(error, self._path) from error
        self._fresh.clear()
        self._bands.clear()

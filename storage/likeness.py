"""When two texts are nearly the same: their shingles, and the bands by which such pairs are found.

A shingle is three words in a row. Words rather than characters: what tells one lesson from the next
of its kind is mostly a word, which is in three shingles of some fifty, but in a few of hundreds of
groups of characters. What a newcomer gets wrong: two texts that share a band are only candidates;
what counts is the share of shingles that they have in common. And two lessons that differ in a
number, an operator or the words of their reference are two lessons, however much they share: two
questions about one long passage are no twins. Only where a judge decides may references differ, for
there they are worded freely.
"""

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any

from storage.errors import NotInstalled
from storage.records import Lesson, Run
from storage.words import marks, words

EXTRA = 'pip install "lyceum[export]"'
BANDS = 8
"""Places at which two sketches are compared; to agree in one is to be a candidate."""
MOST = 64
"""So many candidates are looked at, those with the most bands in common first."""
IN_A_BAND = 256
"""So many candidates are taken of one band, the earliest; so time stays flat where thousands of
texts are alike and yet not the same."""
_SHINGLE = 3
_AGREE = 0.3125
"""Two texts right at the threshold agree in a whole band with at least this chance, so that with
eight bands 19 of 20 such pairs are found."""
_MOST_ROWS = 16
_SEED = 20_170_404
_ALGORITHM = 2
"""Rensa's own number for what its sketches are made of; those of another would not compare."""


@dataclass(frozen=True)
class Sketch:
    """A text, ready to be compared."""

    text: str
    """Its words, with one space between."""
    marks: str
    """Its numbers and operators in order, and what else must be the same."""
    bands: tuple[int, ...]
    """63 bits for each band; empty: the text has no words, and is like no other."""

    @cached_property
    def shingles(self) -> frozenset[str]:
        """Every three words in a row; all of them in one if there are fewer."""
        return frozenset(_shingles(self.text.split(" ")))


class Likeness:
    """The measure of one threshold, in [0.5, 1]: the shingles in common, of all of both texts."""

    def __init__(self, threshold: float) -> None:
        """Make ready to compare.

        Raises:
            ValueError: the threshold is out of its range.
            NotInstalled: the package rensa is missing, or is of a version that sketches otherwise.
        """
        if not 0.5 <= threshold <= 1:
            raise ValueError(f"a threshold lies between 0.5 and 1, not at {threshold}")
        self.threshold = threshold
        self._rows = _rows(threshold)
        self._minhash = _minhash()
        self._layout = struct.Struct(f"<{BANDS * self._rows}I")

    def sketch(self, text: str, reference: str = "") -> Sketch:
        """Return a text made ready; equal on every machine and in every process.

        Args:
            text: A question.
            reference: What must be the same word for word beside it; "": nothing, as where a judge
                decides.
        """
        found = words(text)
        decisive = marks(found)
        if reference:
            decisive += "\n" + " ".join(words(reference))
        return Sketch(" ".join(found), decisive, self._bands(found, decisive) if found else ())

    def of_lesson(self, lesson: Lesson) -> Sketch:
        """Return a lesson made ready; where a judge decides, references are worded freely."""
        reference = "" if lesson.verifier == "judge" else lesson.reference
        return self.sketch(lesson.task.question, reference)

    def alike(self, one: Sketch, other: Sketch) -> bool:
        """Return whether two texts are nearly the same; one without words is like no other."""
        if one.marks != other.marks or not one.text:
            return False
        return jaccard(one.shingles, other.shingles) >= self.threshold

    def _bands(self, found: list[str], decisive: str) -> tuple[int, ...]:
        minhash = self._minhash(BANDS * self._rows, _SEED)
        minhash.update(_shingles(found))
        digest = minhash.digest()
        whole = self._layout.pack(*digest)
        step = 4 * self._rows
        # Texts with other numbers are no candidates, so they share no band.
        begun = zlib.crc32(decisive.encode())
        return tuple(
            zlib.crc32(whole[step * band : step * (band + 1)], begun ^ band) << 31
            | digest[self._rows * band] >> 1
            for band in range(BANDS)
        )


def likeness_of(run: Run) -> Likeness | None:
    """Return the likeness that a stored run screens by. None: by none.

    Raises:
        NotInstalled: the package rensa is missing.
    """
    threshold = run.config.get("near_duplicates")
    return Likeness(threshold) if isinstance(threshold, int | float) else None


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the share of what two sets have in common, in [0, 1], of all that is in either."""
    common = len(one & other)
    whole = len(one) + len(other) - common
    return common / whole if whole else 0.0


def likeliest(found: Iterable[int]) -> list[int]:
    """Return the candidates to look at: those met most often first, of equals the lowest."""
    met: dict[int, int] = {}
    for each in found:
        met[each] = met.get(each, 0) + 1
    return sorted(met, key=lambda each: (-met[each], each))[:MOST]


def _shingles(found: list[str]) -> list[str]:
    if len(found) < _SHINGLE:
        return [" ".join(found)]
    return list(map(" ".join, zip(found, found[1:], found[2:], strict=False)))


def _rows(threshold: float) -> int:
    """Return how many numbers a band is made of: as many as leave few pairs unfound."""
    rows, chance = 1, threshold * threshold
    while chance >= _AGREE and rows < _MOST_ROWS:
        rows, chance = rows + 1, chance * threshold
    return rows


def _minhash() -> Any:  # noqa: ANN401 - a class of a package that may be missing
    try:
        package = import_module("rensa")
    except ImportError as error:
        raise NotInstalled(f"near-duplicates: rensa is not installed; {EXTRA}") from error
    if getattr(package.RMinHash, "ALGORITHM_VERSION", None) != _ALGORITHM:
        raise NotInstalled(f"near-duplicates: rensa is not of version 0.5; {EXTRA}")
    return package.RMinHash

"""The verifier `sql`: run answer and reference on several databases and compare what they give.

What a newcomer gets wrong: one database proves little, because a wrong query often gives the right
rows on it by luck. So there are variants, and without any the verifier makes them: it thins out the
database, and shakes it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

from pydantic import JsonValue

from agents.errors import VerifierError
from agents.verifiers.sql import query
from agents.verifiers.sql.databases import Image, Shelf, build, read_file, stamp
from agents.verifiers.sql.near_miss import great_slips, small_slips
from agents.verifiers.sql.query import Refused, Rows
from agents.verifiers.sql.rows import RELATIVE_TOLERANCE, difference
from agents.verifiers.sql.shaken import shake
from agents.verifiers.sql.ties import tied
from agents.verifiers.sql.variant import thin_out
from agents.verifiers.verifier import Data
from storage.records import Check

_LIMITS: dict[str, JsonValue] = {
    "sql_characters": query.SQL_CHARACTERS,
    "steps": query.STEPS,
    "wall_s": query.WALL_S,
    "text_bytes": query.TEXT_BYTES,
    "cells": query.CELLS,
    "result_bytes": query.RESULT_BYTES,
    "function_calls": query.CALLS,
    "relative_tolerance": RELATIVE_TOLERANCE,
}
_KEYS = frozenset({"database", "script", "ordered", "variants"})
_DATABASES = 10
_TRIES = 40
"""Changed queries that are tried before coarser ones."""
_MUTANTS = 3
"""How many of those that are told apart are shown."""
_SHAKEN, _SHAKES = 6, 80
"""How many shaken variants there are at most, and out of how many they are chosen."""
_IDLE = 12
"""After so many in a row that tell nothing new, the slips that are left are taken for no slips."""
_SHAKEN_BYTES = 4 * 2**20
"""How much of databases is shaken for one reference; of a larger one there is no such variant."""


@dataclass(frozen=True, slots=True)
class _Source:
    """A verifier's data, read."""

    kind: str
    """"database" (paths) or "script" (SQL)."""
    all: tuple[str, ...]
    """The given database, then its variants."""
    ordered: bool


@dataclass(frozen=True, slots=True)
class _Expected:
    """What the reference gives on one database."""

    label: str
    image: Image
    rows: Rows


class SqlVerifier:
    """Accepts a query that gives the rows of the reference on the database and every variant."""

    name = "sql"
    version = 2

    def __init__(self) -> None:
        self._shelf = Shelf()
        self._latest: tuple[tuple[Image, ...], str, list[_Expected]] | None = None

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        """Run both queries on every database, one after the other, within the limits it states.

        Raises:
            VerifierError: the data does not fit, or the reference cannot be run.
        """
        expected = self._expected(reference, source := _read(data))
        fault = _fault(answer, expected, ordered=source.ordered)
        return Check(
            verifier=self.name,
            version=self.version,
            finding="failed" if fault else "passed",
            evidence=fault or _praise(expected),
            limits=_LIMITS,
        )

    def changed(self, reference: str, data: Data) -> str:
        """Return a near miss of the reference that runs but gives other rows somewhere.

        Raises:
            VerifierError: the data does not fit, or the reference cannot be run.
        """
        return next(self._refused(reference, data))

    def mutants(self, reference: str, data: Data) -> tuple[str, ...]:
        """Return slips that run but give other rows somewhere, the smallest first.

        A slip that gives the same rows everywhere is no mutant: it may be right.

        Raises:
            VerifierError: the data does not fit, or the reference cannot be run.
        """
        return tuple(islice(self._refused(reference, data), _MUTANTS))

    def trivial(self, question: str, data: Data) -> tuple[str, ...]:
        """Return queries that look at no table."""
        return ("", "SELECT 0", "SELECT 1", "SELECT NULL")

    def _refused(self, reference: str, data: Data) -> Iterator[str]:
        expected = self._expected(reference, source := _read(data))
        slips = islice(small_slips(reference), _TRIES)
        for candidate in chain(slips, great_slips(reference)):
            if _runs(candidate, expected) and _fault(candidate, expected, ordered=source.ordered):
                yield candidate

    def doubts(self, reference: str, data: Data) -> tuple[str, ...]:
        """Return why a reference tells right from wrong badly on the databases that are given.

        Raises:
            VerifierError: the data does not fit, or the reference cannot be run.
        """
        source = _read(data)
        expected = self._expected(reference, source)[: len(source.all)]
        empty = [there.label for there in expected if not there.rows.cells]
        open_ones = [
            there.label
            for there in expected
            if tied(there.image, reference, ordered=source.ordered)
        ]
        found = []
        if empty:
            found.append(f"the reference gives no rows ({', '.join(empty)})")
        if open_ones:
            found.append(f"the reference leaves the order of rows open ({', '.join(open_ones)})")
        return tuple(found)

    def _expected(self, reference: str, source: _Source) -> list[_Expected]:
        """Return what the reference gives on every database; the latest one is remembered."""
        images, latest = self._images(source, reference), self._latest
        if latest and latest[0] is images and latest[1] == reference:
            return latest[2]
        labels = ["given", *(f"variant {number}" for number in range(1, len(images)))]
        found = []
        for label, image in zip(labels, images, strict=True):
            try:
                found.append(_Expected(label, image, query.run(image, reference)))
            except Refused as error:
                raise VerifierError(f"the reference cannot be run ({label}): {error}") from error
        self._latest = (images, reference, found)
        return found

    def _images(self, source: _Source, reference: str) -> tuple[Image, ...]:
        make = build if source.kind == "script" else read_file
        marks = source.all if source.kind == "script" else tuple(map(stamp, source.all))
        images = self._shelf.get((source.kind, *marks), lambda: tuple(map(make, source.all)))
        if len(images) > 1:
            return images
        key = (source.kind, *marks, str(source.ordered), reference)
        return self._shelf.get(key, lambda: (*images, *_variants(images[0], reference, source)))


def _read(data: Data) -> _Source:
    if unknown := sorted(set(data) - _KEYS):
        raise VerifierError(f"sql: unknown data {unknown}; known are {sorted(_KEYS)}")
    kinds = [kind for kind in ("database", "script") if kind in data]
    if len(kinds) != 1:
        raise VerifierError("sql: data needs either 'database' (a path) or 'script' (SQL)")
    given, ordered = data[kinds[0]], data.get("ordered", False)
    variants = data.get("variants", [])
    if not isinstance(ordered, bool):
        raise VerifierError(f"sql: 'ordered' must be true or false, not {ordered!r}")
    if not isinstance(variants, list):
        raise VerifierError("sql: 'variants' must be a list")
    texts = [text for text in (given, *variants) if isinstance(text, str)]
    if len(texts) != 1 + len(variants) or not all(texts):
        raise VerifierError(f"sql: {kinds[0]!r} and 'variants' must be text and not empty")
    if len(texts) > _DATABASES:
        raise VerifierError(f"sql: more than {_DATABASES} databases")
    return _Source(kinds[0], tuple(texts), ordered)


def _variants(image: Image, reference: str, source: _Source) -> Iterator[Image]:
    """Yield a thinned variant, then shaken ones, each of which tells a slip that none before told.

    Slips are queries that are nearly the reference (mutation testing: a test is worth what it
    tells apart). On all variants the reference decides every row.
    """
    yield (thin := thin_out(image))
    if not _runs(reference, [_Expected("given", image, Rows(0, []))]):
        return
    shakes, chosen, idle = min(_SHAKES, _SHAKEN_BYTES // len(image.content)), 0, 0
    slips = set(islice(small_slips(reference), min(_TRIES, 10 * shakes)))
    for each in (image, thin):
        slips -= _told(each, slips, reference, source)
    for turn in range(shakes):
        if chosen == _SHAKEN or idle == _IDLE or (chosen and not slips):
            return
        idle += 1
        shaken = shake(image, reference, turn)
        if not _is_decided(shaken, reference, source):
            continue
        told = _told(shaken, slips, reference, source)
        if told or not slips:
            yield shaken
            chosen, slips, idle = chosen + 1, slips - told, 0


def _told(image: Image, slips: set[str], reference: str, source: _Source) -> set[str]:
    """Return the slips that a database tells from the reference; none if that does not run."""
    try:
        expected = _Expected("", image, query.run(image, reference))
    except Refused:
        return set()
    return {slip for slip in slips if _fault(slip, [expected], ordered=source.ordered)}


def _is_decided(image: Image, reference: str, source: _Source) -> bool:
    try:
        return not tied(image, reference, ordered=source.ordered)
    except Refused:
        return False


def _fault(answer: str, expected: list[_Expected], *, ordered: bool) -> str:
    """Return where and how the answer is not the reference, or "" if it is."""
    if not isinstance(answer, str):
        return "the answer is not text"
    for there in expected:
        try:
            found = difference(query.run(there.image, answer), there.rows, ordered=ordered)
        except Refused as error:
            found = str(error)
        if found:
            return f"{there.label}: {found}"
    return ""


def _runs(answer: str, expected: list[_Expected]) -> bool:
    try:
        return all(query.run(there.image, answer) is not None for there in expected)
    except Refused:
        return False


def _praise(expected: list[_Expected]) -> str:
    rows = ", ".join(f"{there.label} {len(there.rows.cells)}" for there in expected)
    return f"the same rows on every database ({rows})"

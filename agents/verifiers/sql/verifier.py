"""The verifier `sql`: run answer and reference on several databases and compare what they give.

What a newcomer gets wrong: one database proves little, because a wrong query often gives the right
rows on it by luck. So there are variants, and without any the verifier thins out the database.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, islice

from pydantic import JsonValue

from agents.errors import VerifierError
from agents.verifiers.sql import query
from agents.verifiers.sql.databases import Image, Shelf, build, read_file, stamp
from agents.verifiers.sql.near_miss import great_slips, small_slips
from agents.verifiers.sql.query import Refused, Rows
from agents.verifiers.sql.rows import RELATIVE_TOLERANCE, difference
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
_TRIES = 24
"""Changed queries that are tried before coarser ones."""


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
    version = 1

    def __init__(self) -> None:
        self._shelf = Shelf()

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
        expected = self._expected(reference, source := _read(data))
        slips = islice(small_slips(reference), _TRIES)
        return next(
            candidate
            for candidate in chain(slips, great_slips(reference))
            if _runs(candidate, expected) and _fault(candidate, expected, ordered=source.ordered)
        )

    def _expected(self, reference: str, source: _Source) -> list[_Expected]:
        images = self._images(source)
        labels = ["given", *(f"variant {number}" for number in range(1, len(images)))]
        found = []
        for label, image in zip(labels, images, strict=True):
            try:
                found.append(_Expected(label, image, query.run(image, reference)))
            except Refused as error:
                raise VerifierError(f"the reference cannot be run ({label}): {error}") from error
        return found

    def _images(self, source: _Source) -> tuple[Image, ...]:
        if source.kind == "script":
            return self._shelf.get(("script", *source.all), lambda: _made(build, source.all))
        stamps = [stamp(path) for path in source.all]
        return self._shelf.get(("file", *stamps), lambda: _made(read_file, source.all))


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


def _made(make: Callable[[str], Image], sources: tuple[str, ...]) -> tuple[Image, ...]:
    images = tuple(make(source) for source in sources)
    return images if len(images) > 1 else (*images, thin_out(images[0]))


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

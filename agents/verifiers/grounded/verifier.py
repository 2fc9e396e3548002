"""The verifier `grounded`: look up everything that an answer cites, then compare the answer.

What a newcomer gets wrong: that the citations hold does not make the answer follow from them. Its
last word is another verifier, which compares the answer with the reference's.
"""

from collections.abc import Callable
from itertools import islice
from typing import Annotated, Self

from pydantic import ConfigDict, Field, JsonValue, ValidationError, model_validator

from agents.errors import VerifierError
from agents.verifiers.evidence import cut, shown
from agents.verifiers.grounded import arithmetic, claims, passage
from agents.verifiers.grounded.claims import Claims, NotClaims, read_claims
from agents.verifiers.grounded.near_miss import near_misses, with_answer
from agents.verifiers.grounded.passage import Passage
from agents.verifiers.grounded.tables import Tables
from agents.verifiers.math import value_of
from agents.verifiers.reading import Unreadable
from agents.verifiers.sql.databases import Shelf, read_file, stamp
from agents.verifiers.verifier import Data, Verifier
from storage.records import Check, Record

_LIMITS: dict[str, JsonValue] = {
    "text_max_chars": claims.MAX_CHARS,
    "passage_max_chars": passage.MAX_CHARS,
    "quotes_max": claims.MAX_QUOTES,
    "quote_max_chars": claims.MAX_QUOTE_CHARS,
    "quote_min_words": passage.MIN_WORDS,
    "quote_min_chars": passage.MIN_CHARS,
    "numbers_max": claims.MAX_NUMBERS,
    "expression_max_chars": arithmetic.MAX_CHARS,
    "rows_max": claims.MAX_ROWS,
}


_MUTANTS = 12


class _Given(Record):
    """The verifier's data."""

    model_config = ConfigDict(strict=True)

    passage: Annotated[str, Field(min_length=1)] | None = None
    database: Annotated[str, Field(min_length=1)] | None = None
    """Path of a SQLite file."""
    answer: str = "exact"
    """Name of the verifier that compares the `answer` field with the reference's."""
    answer_data: dict[str, JsonValue] = Field(default_factory=dict)
    """That verifier's data."""

    @model_validator(mode="after")
    def _has_one_ground(self) -> Self:
        if (self.passage is None) == (self.database is None):
            raise ValueError("needs either 'passage' (text) or 'database' (a path)")
        if self.answer == GroundedVerifier.name:
            raise ValueError("'answer' must name another verifier")
        return self


class GroundedVerifier:
    """Accepts an answer whose citations all hold and whose last word is the reference's."""

    name = "grounded"
    version = 1

    def __init__(self, find: Callable[[str], Verifier]) -> None:
        """Make one that finds the verifier of the `answer` field by its name with `find`."""
        self._find = find
        self._shelf = Shelf()

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        """Return what the named verifier finds if all citations hold, else "failed".

        Raises:
            VerifierError: the data does not fit, or the reference's own citations do not hold.
        """
        given = _read(data)
        ground = self._ground(given)
        wanted = _claims_of(reference, ground)
        compare = self._find(given.answer)
        try:
            found = read_claims(answer)
        except NotClaims as error:
            return self._check("failed", f"it is not of the asked form: {error}")
        if fault := _fault(found, ground):
            return self._check("failed", fault)
        last = await compare.check(
            answer=found.answer, reference=wanted.answer, data=given.answer_data
        )
        evidence = f"what it cites holds; answer: {last.evidence}"
        return self._check(last.finding, evidence, last)

    def changed(self, reference: str, data: Data) -> str:
        """Return the reference with a changed quote, cell or number, which does not hold.

        Raises:
            VerifierError: the data does not fit, or the reference's own citations do not hold.
        """
        return self.mutants(reference, data)[0]

    def mutants(self, reference: str, data: Data) -> tuple[str, ...]:
        """Return the reference with a changed quote, cell or number, and with another last word.

        Raises:
            VerifierError: the data does not fit, or the reference's own citations do not hold.
        """
        ground = self._ground(given := _read(data))
        wanted = _claims_of(reference, ground)
        misses = (text for text in near_misses(wanted) if _fault(read_claims(text), ground))
        last = self._find(given.answer).changed(wanted.answer, given.answer_data)
        return (*islice(misses, _MUTANTS), with_answer(wanted, last))

    def _ground(self, given: _Given) -> Passage | Tables:
        if given.passage is not None:
            try:
                return Passage(given.passage)
            except Unreadable as error:
                raise VerifierError(f"grounded: 'passage' is beyond a limit: {error}") from error
        path = given.database or ""
        [image] = self._shelf.get((stamp(path),), lambda: (read_file(path),))
        return Tables(image)

    def _check(self, finding: str, evidence: str, last: Check | None = None) -> Check:
        limits = dict(_LIMITS)
        if last is not None:
            limits |= {"answer_verifier": f"{last.verifier}@{last.version}"}
            limits |= {"answer_limits": last.limits}
        return Check.model_validate(
            {"verifier": self.name, "version": self.version, "finding": finding}
            | {"evidence": evidence, "limits": limits}
        )


def _read(data: Data) -> _Given:
    try:
        return _Given.model_validate(dict(data))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise VerifierError(f"grounded: {where or 'data'}: {cut(first['msg'], 300)}") from error


def _claims_of(reference: str, ground: Passage | Tables) -> Claims:
    try:
        wanted = read_claims(reference)
    except NotClaims as error:
        raise VerifierError(f"grounded: the reference is not of the form: {error}") from error
    if fault := _fault(wanted, ground):
        raise VerifierError(f"grounded: the reference does not hold: {fault}")
    return wanted


def _fault(found: Claims, ground: Passage | Tables) -> str:
    """Return the first thing that does not hold, in one line, or ""."""
    if fault := ground.fault(found):
        return fault
    cited = ground.numbers(found)
    reckoned = set()
    for number, each in enumerate(found.numbers, 1):
        where = f"number {number} {shown(each.value, 40)}"
        stated = value_of(each.value)
        if stated is None or len(stated) != 1:
            return f"{where} is no number"
        try:
            value = arithmetic.recomputed(each.source, cited)
        except arithmetic.Unfounded as error:
            return f"{where} from {shown(each.source, 40)}: {error}"
        if value != stated[0]:
            return f"{where} from {shown(each.source, 40)}: it is {cut(str(value), 60)}"
        reckoned.add(value)
    if any(value not in reckoned for value in value_of(found.answer) or ()):
        return f"the answer {shown(found.answer, 40)} is a number, but none of its `numbers`"
    return ""

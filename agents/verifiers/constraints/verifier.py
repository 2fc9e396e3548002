"""The verifier `constraints`: measure the form of an answer, and ask nothing about what it says.

What a newcomer gets wrong: the reference is an example. Every text that meets the demands is as
right, so a lesson whose content matters needs another verifier.
"""

from typing import Annotated

from pydantic import Field, JsonValue, ValidationError

from agents.errors import VerifierError
from agents.verifiers.constraints.amounts import Amount
from agents.verifiers.constraints.demand import Demand
from agents.verifiers.constraints.forms import JsonObject, Postscript, Title
from agents.verifiers.constraints.looks import Case, OnlyCharacters, Script
from agents.verifiers.constraints.text import MAX_CHARS, Text
from agents.verifiers.constraints.wordings import (
    MAX_WORDING,
    EndsWith,
    MustContain,
    MustNotContain,
    StartsWith,
)
from agents.verifiers.evidence import cut
from agents.verifiers.reading import MARKS, Unreadable
from agents.verifiers.verifier import Data
from storage.records import Check, Record

MAX_DEMANDS = 64

_Any = Annotated[
    Amount
    | MustContain
    | MustNotContain
    | StartsWith
    | EndsWith
    | Case
    | OnlyCharacters
    | Script
    | JsonObject
    | Title
    | Postscript,
    Field(discriminator="kind"),
]


class _Given(Record):
    """The verifier's data."""

    constraints: Annotated[list[_Any], Field(min_length=1, max_length=MAX_DEMANDS)]


_LIMITS: dict[str, JsonValue] = {
    "text_max_chars": MAX_CHARS,
    "constraints_max": MAX_DEMANDS,
    "wording_max_chars": MAX_WORDING,
    "marks_in_a_row_max": MARKS,
}


class ConstraintsVerifier:
    """Accepts an answer that meets every one of the lesson's demands on its form."""

    name = "constraints"
    version = 1

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        """Return "passed" if the answer meets all demands; else the evidence names the first fault.

        Raises:
            VerifierError: the data does not fit, or the reference misses a demand.
        """
        demands = _read(data, reference)
        fault = _fault(answer, demands)
        return Check(
            verifier=self.name,
            version=self.version,
            finding="failed" if fault else "passed",
            evidence=fault or f"it meets the {len(demands)} constraints",
            limits=_LIMITS,
        )

    def changed(self, reference: str, data: Data) -> str:
        """Return the reference, spoilt so that it misses a demand.

        Raises:
            VerifierError: the data does not fit, or the reference misses a demand.
        """
        return self.mutants(reference, data)[0]

    def mutants(self, reference: str, data: Data) -> tuple[str, ...]:
        """Return the reference, spoilt once for each demand that it can be made to miss.

        Raises:
            VerifierError: the data does not fit, or the reference misses a demand.
        """
        demands = _read(data, reference)
        found = []
        for demand in demands:
            texts = filter(str.strip, demand.spoilt(reference))
            found += [next((text for text in texts if _fault(text, demands)), "")]
        return (*filter(None, found), "")  # the last of which is never accepted


def _read(data: Data, reference: str) -> list[Demand]:
    try:
        demands: list[Demand] = [*_Given.model_validate(dict(data)).constraints]
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise VerifierError(f"constraints: {where}: {cut(first['msg'], 300)}") from error
    if fault := _fault(reference, demands):
        raise VerifierError(f"constraints: the reference does not meet them: {fault}")
    return demands


def _fault(answer: str, demands: list[Demand]) -> str:
    """Return the first demand that the answer misses and how, or "" if it meets all."""
    try:
        text = Text(answer)
    except Unreadable as error:
        return f"it is {error}" if "longer" in str(error) else f"it has {error}"
    if not text.visible:
        return "it is empty"
    for number, demand in enumerate(demands, 1):
        if fault := demand.fault(text):
            return f"constraint {number} ({demand.kind}): {fault}"
    return ""

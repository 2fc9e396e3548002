"""Compare JSON with a JSON Schema, with the reference's value, or with both.

What a newcomer gets wrong: the answer is JSON and nothing else, so words or a code fence around it
fail. Values are compared with their kinds: true is not 1, and 1 is not 1.0 unless the data says
`by_value`. The order of members does not count, that of elements does. Which keywords a schema may
hold is a closed list.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from pydantic import JsonValue

from agents.errors import VerifierError
from agents.verifiers import json_values
from agents.verifiers.canonical import flag, refuse_unknown
from agents.verifiers.evidence import cut, shown
from agents.verifiers.json_keywords import NotASchema
from agents.verifiers.json_pattern import MAX_MATCHED_CHARS
from agents.verifiers.json_schema import MAX_NESTING, MAX_STEPS, JsonSchema, TooMuch
from agents.verifiers.json_values import Identities, Json, NotRead, read
from agents.verifiers.verifier import Data
from storage.records import Check

_KEYS = frozenset({"schema", "compare", "by_value"})
_TRIES = 200
"""Changed references that are tried before it is said that none is refused."""
_MUTANTS = 12
"""How many of those that are refused are shown."""
_LIMITS: dict[str, JsonValue] = {
    "text_max_bytes": json_values.MAX_BYTES,
    "depth_max": json_values.MAX_DEPTH,
    "number_max_digits": json_values.MAX_DIGITS,
    "exponent_max": json_values.MAX_EXPONENT,
    "schema_max_steps": MAX_STEPS,
    "schema_max_nesting": MAX_NESTING,
    "pattern_text_max_chars": MAX_MATCHED_CHARS,
}


@dataclass(frozen=True, slots=True)
class _Demand:
    """A verifier's data, read."""

    schema: JsonSchema | None
    compare: bool
    by_value: bool

    def fault(self, value: Json, wanted: Json) -> str:
        """Return why a value is refused; empty: it is not."""
        try:
            fault = self.schema.fault(value) if self.schema else ""
        except TooMuch as error:
            fault = f"the schema cannot be told to fit: {error}"
        if fault or not self.compare:
            return fault
        identities = Identities(by_value=self.by_value)
        return "" if identities.of(value) == identities.of(wanted) else "it is another value"


class JsonVerifier:
    """Accepts JSON that fits the schema, and has the reference's value if that is asked."""

    name = "json"
    version = 1

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        """Return "passed" if the answer is JSON as the data asks.

        Raises:
            VerifierError: the data does not fit, or the reference would not pass.
        """
        demand, wanted = _read(reference, data)
        try:
            fault = demand.fault(read(answer), wanted)
        except NotRead as error:
            fault = str(error)
        return Check(
            verifier=self.name,
            version=self.version,
            finding="failed" if fault else "passed",
            evidence=f"{shown(answer)}: {cut(fault, 300) or 'it is as asked'}",
            limits=_LIMITS,
        )

    def changed(self, reference: str, data: Data) -> str:
        """Return the reference with a small part changed or lost, so that it is refused.

        Raises:
            VerifierError: the data does not fit, or it refuses no small change.
        """
        return next(self._refused(reference, data))

    def mutants(self, reference: str, data: Data) -> tuple[str, ...]:
        """Return the reference with small parts changed or lost, and with words around it.

        Raises:
            VerifierError: the data does not fit, or it refuses no small change.
        """
        text = written(_read(reference, data)[1])
        around = (f"```json\n{text}\n```", f"{text} {text}", f"Here it is: {text}", f"{text}]")
        return (*islice(self._refused(reference, data), _MUTANTS), *around)

    def _refused(self, reference: str, data: Data) -> Iterator[str]:
        demand, wanted = _read(reference, data)
        found = False
        for near in islice(_near(wanted), _TRIES):
            if demand.fault(near, wanted):
                found = True
                yield written(near)
        if not found:
            raise VerifierError("json: nothing like the reference is refused; ask for more")


def written(value: Json) -> str:
    """Return a value as JSON."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quoted(n)}: {written(each)}" for n, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return str(value) if isinstance(value, Decimal) else _quoted(value)


def _quoted(value: str | int | bool | None) -> str:
    return json.dumps(value, ensure_ascii=False)


def _read(reference: str, data: Data) -> tuple[_Demand, Json]:
    """Return what the data demands, and the reference's value.

    Raises:
        VerifierError: the data does not fit, or the reference would not pass.
    """
    refuse_unknown("json", data, _KEYS)
    demand = _Demand(
        schema=_schema(data["schema"]) if "schema" in data else None,
        compare=flag("json", data, "compare", default=False),
        by_value=flag("json", data, "by_value", default=False),
    )
    if not (demand.schema or demand.compare):
        raise VerifierError("json: data needs 'schema', or 'compare' = true, or both")
    try:
        wanted = read(reference)
    except NotRead as error:
        raise VerifierError(f"reference {shown(reference)}: {error}") from error
    if fault := demand.fault(wanted, wanted):
        raise VerifierError(f"reference {shown(reference)}: {cut(fault, 300)}")
    return demand, wanted


def _schema(given: JsonValue) -> JsonSchema:
    """Return a schema, given as a value or as its JSON text."""
    try:
        text = given if isinstance(given, str) else json.dumps(given, allow_nan=False)
        return JsonSchema(read(text))
    except (NotRead, NotASchema, ValueError, RecursionError) as error:
        raise VerifierError(f"json: 'schema': {error}") from error


def _near(value: Json) -> Iterator[Json]:
    """Give values that differ from a value in one small part, the smallest changes first."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from ({**value, name: near} for near in _near(each))
        for name in value:
            yield {other: each for other, each in value.items() if other != name}
        yield {**value, "x" * (1 + max(map(len, value), default=0)): None}
    elif isinstance(value, list):
        for n, each in enumerate(value):
            yield from ([*value[:n], near, *value[n + 1 :]] for near in _near(each))
        yield value[:-1] or [None]
        yield [*value, *value[-1:]] if value else [[]]
        yield [*value, None]
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int | Decimal):
        yield value + 1
        yield -value - 1
    elif isinstance(value, str):
        yield f"{value}x"
        yield value[:-1]
    kinds: tuple[Json, ...] = (None, "", 0, [], {})
    yield from (other for other in kinds if type(other) is not type(value))

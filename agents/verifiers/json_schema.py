"""Decide whether a JSON value fits a JSON Schema (2020-12), exactly and in bounded time.

Schemas come from files and models, so they are as hostile as answers: no `$ref` leaves the schema,
and every step is counted. What a newcomer gets wrong: numbers have their exact values, 1.0 is an
integer, and true is no number.
"""

import operator
from collections.abc import Callable
from fractions import Fraction

from agents.verifiers.evidence import shown
from agents.verifiers.json_keywords import KINDS, LOCAL, look_over, number
from agents.verifiers.json_pattern import MAX_MATCHED_CHARS, compiled
from agents.verifiers.json_values import Identities, Json

MAX_STEPS = 100_000
"""One for each keyword looked at, each element compared, and each character matched."""
MAX_NESTING = 128
"""How deep schemas are followed into each other, through `$ref` as well."""

_BOUNDS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "minimum": operator.ge,
    "maximum": operator.le,
    "exclusiveMinimum": operator.gt,
    "exclusiveMaximum": operator.lt,
    "multipleOf": lambda value, step: value % step == 0,
}
_SIZES: dict[str, tuple[type, Callable[[int, int], bool]]] = {
    "minLength": (str, operator.ge),
    "maxLength": (str, operator.le),
    "minItems": (list, operator.ge),
    "maxItems": (list, operator.le),
    "minProperties": (dict, operator.ge),
    "maxProperties": (dict, operator.le),
}


class TooMuch(Exception):
    """To tell would take more steps, or deeper ones, than are taken."""


class JsonSchema:
    """A schema that was looked over once and fits any number of values."""

    def __init__(self, schema: Json) -> None:
        """Look the schema over.

        Raises:
            NotASchema: it holds anything that is not known here.
        """
        look_over(schema)
        self._schema = schema

    def fault(self, value: Json) -> str:
        """Return where a value does not fit the schema, and which keyword says so; empty: it fits.

        Raises:
            TooMuch: to tell would take too many steps.
        """
        return _Look(self._schema).fault(self._schema, value, "$", 0)


class _Look:
    """One look at one value; counts its steps."""

    def __init__(self, root: Json) -> None:
        self._root = root
        self._steps = 0
        self._identities = Identities(by_value=True)

    def fault(self, schema: Json, value: Json, where: str, nesting: int) -> str:
        self._step(1)
        if nesting > MAX_NESTING:
            raise TooMuch(f"schemas nested more than {MAX_NESTING} deep")
        if not isinstance(schema, dict):
            return "" if schema else f"{where}: nothing is allowed here"
        for keyword, argument in schema.items():
            self._step(1 + _size(argument))
            if not self._holds_plainly(keyword, argument, value):
                return f"{where}: {keyword!r} does not hold"
            within = self._within(keyword, argument, value, schema)
            for inner, each, place in within:
                if fault := self.fault(inner, each, f"{where}{place}", nesting + 1):
                    return fault
            if not self._holds_for_schemas(keyword, argument, value, where, nesting):
                return f"{where}: {keyword!r} does not hold"
        return ""

    def _step(self, count: int) -> None:
        self._steps += count
        if self._steps > MAX_STEPS:
            raise TooMuch(f"more than {MAX_STEPS} steps")

    def _holds_plainly(self, keyword: str, argument: Json, value: Json) -> bool:
        """Return whether a keyword without schemas of its own holds; True if it has some."""
        if keyword in _BOUNDS:
            mine, bound = number(value), number(argument)
            return mine is None or bound is None or _BOUNDS[keyword](mine, bound)
        if keyword in _SIZES and isinstance(argument, int):
            kind, compare = _SIZES[keyword]
            return not isinstance(value, kind) or compare(_size(value), argument)
        if keyword == "type":
            kinds = argument if isinstance(argument, list) else [argument]
            return any(KINDS[str(kind)](value) for kind in kinds)
        if keyword == "pattern":
            return not isinstance(value, str) or self._matches(str(argument), value)
        if keyword == "required" and isinstance(argument, list):
            return not isinstance(value, dict) or all(name in value for name in argument)
        return self._holds_for_values(keyword, argument, value)

    def _holds_for_values(self, keyword: str, argument: Json, value: Json) -> bool:
        same = self._identities.of
        if keyword == "const":
            return same(argument) == same(value)
        if keyword == "enum" and isinstance(argument, list):
            return same(value) in {same(each) for each in argument}
        if keyword == "uniqueItems" and argument is True and isinstance(value, list):
            self._step(len(value))
            return len({same(each) for each in value}) == len(value)
        return True

    def _within(
        self, keyword: str, argument: Json, value: Json, schema: dict[str, Json]
    ) -> list[tuple[Json, Json, str]]:
        """Return which parts of a value must fit which schemas, each with its place."""
        if keyword == "$ref":
            return [(self._referred(str(argument)), value, "")]
        if keyword == "allOf" and isinstance(argument, list):
            return [(each, value, "") for each in argument]
        if isinstance(value, list):
            return self._within_array(keyword, argument, value, schema)
        if isinstance(value, dict):
            return self._within_object(keyword, argument, value, schema)
        return []

    def _within_array(
        self, keyword: str, argument: Json, value: list[Json], schema: dict[str, Json]
    ) -> list[tuple[Json, Json, str]]:
        first = schema.get("prefixItems", [])
        if keyword == "prefixItems" and isinstance(argument, list):
            pairs = zip(argument, value, strict=False)
            return [(inner, each, f"[{n}]") for n, (inner, each) in enumerate(pairs)]
        if keyword == "items" and isinstance(first, list):
            self._step(len(value))
            skipped = len(first)
            return [(argument, each, f"[{n}]") for n, each in enumerate(value) if n >= skipped]
        return []

    def _within_object(
        self, keyword: str, argument: Json, value: dict[str, Json], schema: dict[str, Json]
    ) -> list[tuple[Json, Json, str]]:
        named = schema.get("properties", {})
        if keyword == "properties" and isinstance(argument, dict):
            known = [name for name in argument if name in value]
            return [(argument[name], value[name], f"[{shown(name)}]") for name in known]
        if keyword == "additionalProperties" and isinstance(named, dict):
            self._step(len(value))
            others = [name for name in value if name not in named]
            return [(argument, value[name], f"[{shown(name)}]") for name in others]
        return []

    def _holds_for_schemas(
        self, keyword: str, argument: Json, value: Json, where: str, nesting: int
    ) -> bool:
        """Return whether enough of a keyword's schemas fit; True if it asks for no count."""
        schemas = argument if isinstance(argument, list) else [argument]
        if keyword not in ("anyOf", "oneOf", "not"):
            return True
        fitting = 0
        for each in schemas:
            fitting += not self.fault(each, value, where, nesting + 1)
            if fitting and keyword == "anyOf":
                return True
        return fitting == (1 if keyword == "oneOf" else 0) and keyword != "anyOf"

    def _referred(self, reference: str) -> Json:
        if not isinstance(self._root, dict) or reference == "#":
            return self._root
        definitions = self._root["$defs"]
        return definitions[reference.removeprefix(LOCAL)] if isinstance(definitions, dict) else True

    def _matches(self, pattern: str, text: str) -> bool:
        if len(text) > MAX_MATCHED_CHARS:
            raise TooMuch(f"a text of more than {MAX_MATCHED_CHARS} characters for a pattern")
        self._step(len(text))
        return compiled(pattern).search(text) is not None


def _size(value: Json) -> int:
    return len(value) if isinstance(value, str | list | dict) else 0

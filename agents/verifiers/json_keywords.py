"""Which keywords of a JSON Schema are known, and what each of them must be given.

What a newcomer gets wrong: a misspelt keyword is legal JSON Schema and means nothing. Here what is
not known is refused, `format`, `if` and `patternProperties` too, because to ignore it would accept
what the schema's author meant to refuse.
"""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from agents.verifiers.json_pattern import NotAPattern, compiled
from agents.verifiers.json_values import Json

DIALECT = "https://json-schema.org/draft/2020-12/schema"
LOCAL = "#/$defs/"
"""What a `$ref` begins with, unless it is "#"."""
_SILENT = frozenset({"title", "description", "$comment", "default", "examples", "deprecated"})
"""Keywords for people, which refuse nothing."""
_AT_ROOT = frozenset({"$schema", "$id", "$defs"})


class NotASchema(Exception):
    """The schema is none that is read here; says why in a few words."""


def number(value: Json) -> Fraction | None:
    """Return a number exactly. None: the value is no number."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return Fraction(value)


def _is_whole(value: Json) -> bool:
    exact = number(value)
    return exact is not None and exact.denominator == 1


KINDS: dict[str, Callable[[Json], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: number(value) is not None,
    "integer": _is_whole,
}
"""Returns whether a value is of a kind, by the kind's name."""


def look_over(schema: Json) -> None:
    """Refuse a schema that holds anything that is not known here.

    Raises:
        NotASchema: it does.
    """
    root = schema if isinstance(schema, dict) else {}
    if root.get("$schema", DIALECT) != DIALECT:
        raise NotASchema(f"'$schema' must be {DIALECT!r}")
    definitions = root.get("$defs", {})
    if not isinstance(definitions, dict):
        raise NotASchema("'$defs' must be a mapping of schemas")
    _look_at({name: each for name, each in root.items() if name not in _AT_ROOT}, definitions)
    for each in [*definitions.values(), *([] if root else [schema])]:
        _look_at(each, definitions)


def _look_at(schema: Json, definitions: dict[str, Json]) -> None:
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        raise NotASchema("a schema must be an object, true or false")
    for keyword, argument in schema.items():
        if keyword in _OF_SCHEMAS:
            for each in _schemas(keyword, argument):
                _look_at(each, definitions)
        elif keyword == "$ref":
            _look_at_reference(argument, definitions)
        elif keyword not in _SILENT:
            _look_at_argument(keyword, argument)


def _look_at_argument(keyword: str, argument: Json) -> None:
    if keyword not in _ARGUMENTS:
        raise NotASchema(f"the keyword {keyword[:40]!r} is not known")
    if not _ARGUMENTS[keyword](argument):
        raise NotASchema(f"{keyword!r} has an argument of the wrong form")
    if keyword == "pattern":
        _look_at_pattern(argument)


def _look_at_reference(argument: Json, definitions: dict[str, Json]) -> None:
    name = argument.removeprefix(LOCAL) if isinstance(argument, str) else ""
    if argument != "#" and (name == argument or name not in definitions):
        raise NotASchema(f"'$ref' must be '#' or '{LOCAL}' and a name of '$defs'")


def _look_at_pattern(pattern: Json) -> None:
    try:
        compiled(str(pattern))
    except NotAPattern as error:
        raise NotASchema(str(error)) from error


def _schemas(keyword: str, argument: Json) -> list[Json]:
    """Return the schemas in a keyword's argument."""
    kind = _OF_SCHEMAS[keyword]
    if kind is dict and isinstance(argument, dict):
        return list(argument.values())
    if kind is list and isinstance(argument, list) and argument:
        return argument
    if kind is None:
        return [argument]
    raise NotASchema(f"{keyword!r} has an argument of the wrong form")


def _is_size(argument: Json) -> bool:
    return isinstance(argument, int) and not isinstance(argument, bool) and argument >= 0


def _is_number(argument: Json) -> bool:
    return number(argument) is not None


def _are_kinds(argument: Json) -> bool:
    kinds = argument if isinstance(argument, list) else [argument]
    return bool(kinds) and all(isinstance(kind, str) and kind in KINDS for kind in kinds)


def _are_names(argument: Json) -> bool:
    return isinstance(argument, list) and all(isinstance(name, str) for name in argument)


_OF_SCHEMAS: dict[str, type | None] = {
    "properties": dict,
    "allOf": list,
    "anyOf": list,
    "oneOf": list,
    "prefixItems": list,
    "not": None,
    "items": None,
    "additionalProperties": None,
}
"""Keywords whose argument is a mapping of schemas, a list of schemas, or (None) a schema."""

_ARGUMENTS: dict[str, Callable[[Json], bool]] = {
    "type": _are_kinds,
    "enum": lambda argument: isinstance(argument, list) and bool(argument),
    "const": lambda argument: True,
    "required": _are_names,
    "uniqueItems": lambda argument: isinstance(argument, bool),
    "pattern": lambda argument: isinstance(argument, str),
    "multipleOf": lambda argument: (number(argument) or 0) > 0,
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _is_number),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _is_size),
    **dict.fromkeys(("minProperties", "maxProperties"), _is_size),
}
"""Keywords without schemas of their own, each with whether an argument has the right form."""

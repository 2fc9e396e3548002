"""Read JSON exactly, and tell when two values are the same.

What a newcomer gets wrong: Python reads 0.1 as a binary float, takes NaN, keeps the last of two
members of one name, and calls 1, 1.0 and true equal. Here decimals stay decimals, each of the rest
is refused, and a value's kind belongs to it.
"""

import json
from collections.abc import Hashable
from decimal import Decimal
from fractions import Fraction

Json = dict[str, "Json"] | list["Json"] | str | int | Decimal | bool | None

MAX_BYTES = 100_000
MAX_DEPTH = 64
MAX_DIGITS = 256
MAX_EXPONENT = 400


class NotRead(Exception):
    """The text is no JSON, or beyond a limit; says why in a few words."""


def read(text: str) -> Json:
    """Return the value of a JSON text.

    Raises:
        NotRead: it is no JSON in the strict sense, or beyond a limit.
    """
    try:
        if len(text) > MAX_BYTES or len(text.encode()) > MAX_BYTES:
            raise NotRead(f"more than {MAX_BYTES} bytes")
        value: Json = _DECODER.decode(text)
    except UnicodeEncodeError as error:
        raise NotRead("half of a surrogate pair") from error
    except RecursionError as error:
        raise NotRead(f"nested more than {MAX_DEPTH} deep") from error
    except json.JSONDecodeError as error:
        raise NotRead(f"no JSON: {error.msg} at character {error.pos + 1}") from error
    _look_through(value)
    return value


class Identities:
    """Gives each value a number that is the same for the same values and for no others."""

    def __init__(self, *, by_value: bool) -> None:
        self._by_value = by_value
        self._numbers: dict[Hashable, int] = {}
        self._seen: dict[int, tuple[Json, int]] = {}
        """By `id`, with the value itself, so that no other one gets this `id`."""

    def of(self, value: Json) -> int:
        """Return the value's number. `by_value`: 1 and 1.0 are one value; true never is 1."""
        if isinstance(value, dict | list):
            if id(value) not in self._seen:
                self._seen[id(value)] = (value, self._number(self._parts(value)))
            return self._seen[id(value)][1]
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            kind = "number" if self._by_value else type(value).__name__
            return self._number((kind, Fraction(value)))
        return self._number((type(value).__name__, value))

    def _parts(self, value: dict[str, Json] | list[Json]) -> Hashable:
        if isinstance(value, dict):
            return ("object", frozenset((name, self.of(each)) for name, each in value.items()))
        return ("array", tuple(self.of(each) for each in value))

    def _number(self, content: Hashable) -> int:
        return self._numbers.setdefault(content, len(self._numbers))


def _look_through(value: Json) -> None:
    """Refuse what is nested too deep or holds half of a surrogate pair, without recursion."""
    layer = [value]
    for depth in range(MAX_DEPTH + 1):
        if depth == MAX_DEPTH and any(isinstance(each, dict | list) for each in layer):
            raise NotRead(f"nested more than {MAX_DEPTH} deep")
        inner: list[Json] = []
        for each in layer:
            if isinstance(each, dict):
                inner += [*each, *each.values()]
            elif isinstance(each, list):
                inner += each
            elif isinstance(each, str) and _is_torn(each):
                raise NotRead("half of a surrogate pair")
        layer = inner


def _is_torn(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)


def _members(pairs: list[tuple[str, Json]]) -> Json:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise NotRead("two members of one name")
    return members


def _integer(source: str) -> Json:
    if len(source) > MAX_DIGITS:
        raise NotRead(f"a number of more than {MAX_DIGITS} digits")
    return int(source)


def _decimal(source: str) -> Json:
    exponent = source.lower().partition("e")[2].lstrip("+-0")
    if len(source) > MAX_DIGITS or len(exponent) > len(str(MAX_EXPONENT)):
        raise NotRead(f"a number of more than {MAX_DIGITS} digits")
    if int(exponent or "0") > MAX_EXPONENT:
        raise NotRead(f"an exponent beyond {MAX_EXPONENT}")
    return Decimal(source)


def _constant(source: str) -> Json:
    raise NotRead(f"{source} is no JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members,
    parse_int=_integer,
    parse_float=_decimal,
    parse_constant=_constant,
)

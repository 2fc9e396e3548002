"""Inputs that no student has seen: what each argument may be, and values drawn from that.

What a newcomer gets wrong: chance alone seldom draws the empty list or the greatest number, and
these are where programs go wrong; so the edges always stand among the inputs, and they come first.
The same numbers in give the same inputs out, on every machine.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from pydantic import JsonValue

from agents.errors import VerifierError
from agents.verifiers.code.literals import value_of, written
from agents.verifiers.evidence import shown
from storage.canonical import canonical
from storage.ids import derive_seed

LARGEST = 2_000
"""Values within values that one argument may consist of; a character counts as one."""
DEPTH = 6
ARGUMENTS = 8
NEAR = 12
"""A third of the integers is drawn at most so far from zero, or from the end next to it."""
_OF_TWELVE = ("an end", *["near"] * 4, *["anywhere"] * 7)
"""Where an integer is drawn."""
TRIES = 8
"""How often an input that stands there already is drawn again."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What one argument may be."""

    edges: Callable[[Random], Sequence[object]]
    """Least, greatest, and what else programs forget; at least one, and always as many."""
    draw: Callable[[Random], object]
    largest: int
    """How many values within values it consists of at most."""
    hashable: bool


def kinds(specs: JsonValue) -> tuple[Kind, ...]:
    """Return what each argument may be, in order.

    Raises:
        VerifierError: this is no list of specifications; the message names the wrong one.
    """
    if not isinstance(specs, list) or not 1 <= len(specs) <= ARGUMENTS:
        raise VerifierError(f"code: 'inputs' must be a list of 1 to {ARGUMENTS} specifications")
    return tuple(_kind(spec, 0) for spec in specs)


def drawn(arguments: Sequence[Kind], draw: int, number: int) -> list[list[object]]:
    """Return inputs, each a list of arguments; edges are at most the first half of them.

    Args:
        arguments: What each argument may be.
        draw: Decides what chance decides.
        number: How many; fewer come back where there are hardly more different ones.
    """
    chance = Random(derive_seed(draw, "inputs"))
    found: dict[str, list[object]] = {}
    for row in _edge_rows(arguments, chance)[: (number + 1) // 2]:
        found.setdefault(_told(row), row)
    for _ in range(number * TRIES):
        if len(found) >= number:
            break
        row = [kind.draw(chance) for kind in arguments]
        found.setdefault(_told(row), row)
    return list(found.values())


def _told(row: list[object]) -> str:
    return canonical([written(argument) for argument in row])


def _edge_rows(arguments: Sequence[Kind], chance: Random) -> list[list[object]]:
    """Return all least, all greatest and so on, then each edge beside arguments by chance."""
    edges = [kind.edges(chance) for kind in arguments]
    rows = [[each[n % len(each)] for each in edges] for n in range(max(map(len, edges)))]
    for place, kind in enumerate(arguments if len(arguments) > 1 else ()):
        for edge in kind.edges(chance)[:2]:
            row = [other.draw(chance) for other in arguments]
            row[place] = edge
            rows.append(row)
    return rows


def _kind(spec: JsonValue, depth: int) -> Kind:
    if not isinstance(spec, dict) or len(spec) != 1 or next(iter(spec)) not in KINDS:
        raise VerifierError(
            f"code: {shown(str(spec))} is no specification of an input; write an object with one "
            f"member of {sorted(KINDS)}"
        )
    if depth > DEPTH:
        raise VerifierError(f"code: an input is nested more than {DEPTH} deep; flatten it")
    name, inner = next(iter(spec.items()))
    made = KINDS[name](inner, depth)
    if made.largest > LARGEST:
        raise VerifierError(
            f"code: an input {shown(canonical(spec))} may hold {made.largest} values; "
            f"make its lengths less, so that it holds at most {LARGEST}"
        )
    return made


def _bounds(inner: JsonValue, what: str) -> tuple[int, int]:
    """Return a pair of integers in order."""
    if isinstance(inner, list) and len(inner) == 2:
        low, high = inner
        if type(low) is int and type(high) is int and low <= high:
            return low, high
    raise VerifierError(f"code: {what} must be [least, greatest], not {shown(str(inner))}")


def _length(inner: JsonValue) -> tuple[int, int]:
    least, greatest = _bounds(inner, "'length'")
    if least < 0 or greatest > LARGEST:
        raise VerifierError(f"code: 'length' must lie within 0 and {LARGEST}")
    return least, greatest


def _members(inner: JsonValue, kind: str, *names: str) -> tuple[JsonValue, ...]:
    if not isinstance(inner, dict) or set(inner) != set(names):
        raise VerifierError(f"code: the input {kind!r} needs exactly {sorted(names)}")
    return tuple(inner[name] for name in names)


def _int(inner: JsonValue, depth: int) -> Kind:
    low, high = _bounds(inner, "the input 'int'")
    if max(abs(low), abs(high)) >= 10**100:
        raise VerifierError("code: the input 'int' has at most 100 digits")
    nearest = min(max(0, low), high)
    near = (max(low, nearest - NEAR), min(high, nearest + NEAR))

    def draw(chance: Random) -> object:
        where = chance.choice(_OF_TWELVE)
        if where == "an end":
            return chance.choice((low, high))
        return chance.randint(*(near if where == "near" else (low, high)))

    edges = tuple(dict.fromkeys([low, high, *(n for n in (0, 1, -1) if low < n < high)]))
    return Kind(lambda chance: edges, draw, 1, True)


def _bool(inner: JsonValue, depth: int) -> Kind:
    if inner is not True:
        raise VerifierError("code: the input 'bool' is written {'bool': true}")
    return Kind(lambda chance: (False, True), lambda chance: chance.randrange(2) == 1, 1, True)


def _text(inner: JsonValue, depth: int) -> Kind:
    alphabet, length = _members(inner, "text", "alphabet", "length")
    least, greatest = _length(length)
    if not isinstance(alphabet, str) or not alphabet:
        raise VerifierError("code: 'alphabet' must be a text that is not empty")

    def draw(chance: Random) -> object:
        return "".join(chance.choice(alphabet) for _ in range(chance.randint(least, greatest)))

    edges = [alphabet[0] * n for n in _lengths(least, greatest)]
    return Kind(lambda chance: edges, draw, max(1, greatest), True)


def _lengths(least: int, greatest: int) -> list[int]:
    """Return the lengths that stand at an edge: least, greatest, and one."""
    return list(dict.fromkeys([least, greatest, *([1] if least < 1 < greatest else [])]))


def _list(inner: JsonValue, depth: int) -> Kind:
    of, length = _members(inner, "list", "of", "length")
    kind = _kind(of, depth + 1)
    least, greatest = _length(length)

    def draw(chance: Random) -> object:
        return _some(kind, chance, chance.randint(least, greatest))

    def edges(chance: Random) -> list[object]:
        return [_some(kind, chance, n) for n in _lengths(least, greatest)]

    return Kind(edges, draw, max(1, greatest * kind.largest), False)


def _some(kind: Kind, chance: Random, number: int) -> list[object]:
    """Return so many values; every fourth or so stands there already, for chance seldom repeats."""
    found: list[object] = []
    for _ in range(number):
        again = found and chance.randrange(4) == 0
        found.append(chance.choice(found) if again else kind.draw(chance))
    return found


def _tuple(inner: JsonValue, depth: int) -> Kind:
    if not isinstance(inner, list) or len(inner) > ARGUMENTS:
        raise VerifierError(f"code: the input 'tuple' is a list of at most {ARGUMENTS}")
    parts = [_kind(spec, depth + 1) for spec in inner]

    def edges(chance: Random) -> list[object]:
        of_parts = [part.edges(chance) for part in parts]
        most = max(map(len, of_parts), default=1)
        return [tuple(each[n % len(each)] for each in of_parts) for n in range(most)]

    return Kind(
        edges,
        lambda chance: tuple(part.draw(chance) for part in parts),
        max(1, sum(part.largest for part in parts)),
        all(part.hashable for part in parts),
    )


def _dict(inner: JsonValue, depth: int) -> Kind:
    names, values, length = _members(inner, "dict", "keys", "values", "length")
    keys, each = _kind(names, depth + 1), _kind(values, depth + 1)
    least, greatest = _length(length)
    if not keys.hashable:
        raise VerifierError(f"code: {shown(str(names))} cannot be a key of a dict")

    def draw(chance: Random, number: int | None = None) -> object:
        number = chance.randint(least, greatest) if number is None else number
        made: dict[object, object] = {}
        for _ in range(number + TRIES):
            # A value is drawn for a new key only: dicts of dicts would multiply their tries.
            if len(made) < number and (key := keys.draw(chance)) not in made:
                made[key] = each.draw(chance)
        return made

    def edges(chance: Random) -> list[object]:
        return [draw(chance, n) for n in _lengths(least, greatest)]

    return Kind(edges, draw, max(1, greatest * (keys.largest + each.largest)), False)


def _choice(inner: JsonValue, depth: int) -> Kind:
    if not isinstance(inner, list) or not inner:
        raise VerifierError("code: the input 'choice' is a list of values that is not empty")
    values = tuple(value_of(each) for each in inner)
    ends = values[:: max(1, len(values) - 1)]
    largest = max(map(_size, values))
    return Kind(
        lambda chance: ends,
        lambda chance: chance.choice(values),
        largest,
        all(map(_hashes, values)),
    )


def _size(value: object) -> int:
    if isinstance(value, dict):
        return max(1, sum(_size(key) + _size(each) for key, each in value.items()))
    if isinstance(value, list | tuple | set | frozenset):
        return max(1, sum(map(_size, value)))
    return max(1, len(value)) if isinstance(value, str | bytes) else 1


def _hashes(value: object) -> bool:
    if isinstance(value, tuple):
        return all(map(_hashes, value))
    return not isinstance(value, list | dict | set)


KINDS: Mapping[str, Callable[[JsonValue, int], Kind]] = {
    "int": _int,
    "bool": _bool,
    "text": _text,
    "list": _list,
    "tuple": _tuple,
    "dict": _dict,
    "choice": _choice,
}

"""Tell whether two values are the same, and put a value into evidence.

What a newcomer gets wrong: Python says that 1, 1.0 and True are equal, and asks a stranger's object
what it equals. Here everything was told as JSON and read back, so all values are plain; types must
be the same, NaN is never the same as anything, and neither is what could not be told.
"""

import cmath
import math
from collections.abc import Hashable, Iterable

from agents.verifiers.evidence import cut
from agents.verifiers.sandbox.guest import Foreign

MEMBERS = 8
"""Of a list, set or dict in evidence."""
CHARACTERS = 60
"""Of a text or number in evidence."""
LEVELS = 3


def same(found: object, expected: object, tolerance: float) -> bool:
    """Return whether two values are the same, type by type.

    Args:
        found: What came back.
        expected: What should have.
        tolerance: Relative, between two floats, which may also be members of lists, tuples and
            dicts; members of sets and keys must be exactly the same.
    """
    if type(found) is not type(expected):
        return False
    if isinstance(found, float) and isinstance(expected, float):
        return math.isclose(found, expected, rel_tol=tolerance, abs_tol=0.0)
    if isinstance(found, complex) and isinstance(expected, complex):
        return cmath.isclose(found, expected, rel_tol=tolerance, abs_tol=0.0)
    if isinstance(found, list | tuple) and isinstance(expected, list | tuple):
        if len(found) != len(expected):
            return False
        return all(same(a, b, tolerance) for a, b in zip(found, expected, strict=True))
    if isinstance(found, dict) and isinstance(expected, dict):
        return _same_pairs(found, expected, tolerance)
    return _key(found) == _key(expected)


def is_told(value: object) -> bool:
    """Return whether a value could be told wholly."""
    if isinstance(value, dict):
        return all(is_told(key) and is_told(each) for key, each in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(is_told, value))
    return not isinstance(value, Foreign)


def brief(value: object, levels: int = LEVELS) -> str:
    """Return a value as Python writes it, cut, on one line; the same whatever the hash seed."""
    if isinstance(value, Foreign):
        return f"something of type {printable(value.type_name, CHARACTERS)}"
    if isinstance(value, str | bytes):
        whole = len(value) <= CHARACTERS
        return repr(value[:CHARACTERS]) + ("" if whole else "...")
    if not isinstance(value, list | tuple | set | frozenset | dict):
        return cut(repr(value), CHARACTERS)
    opened, closed = _BRACKETS[type(value)]
    if isinstance(value, tuple) and len(value) == 1:
        closed = ",)"
    if levels == 0:
        return f"{opened}...{closed}"
    return f"{opened}{', '.join(_some(value, levels - 1))}{closed}"


def printable(text: str, limit: int) -> str:
    """Return a stranger's text cut, with "?" for what cannot be shown on a line."""
    return "".join(each if each.isprintable() else "?" for each in cut(text, limit))


def raising(kind: str, message: str) -> str:
    """Return an exception, named by a stranger, as it stands in evidence."""
    return printable(f"{kind[:60]}: {message}" if message else kind[:60], 160)


def _same_pairs(
    found: dict[object, object], expected: dict[object, object], tolerance: float
) -> bool:
    wanted = {_key(key): each for key, each in expected.items()}
    given = {_key(key): each for key, each in found.items()}
    return given.keys() == wanted.keys() and all(
        same(each, wanted[key], tolerance) for key, each in given.items()
    )


def _key(value: object) -> Hashable:
    """Return what equals another value's key if and only if the values are exactly the same."""
    if isinstance(value, Foreign) or value != value:
        return object()
    if isinstance(value, set | frozenset):
        return type(value), frozenset(map(_key, value))
    if isinstance(value, tuple):
        return tuple, tuple(map(_key, value))
    return type(value), value


_Container = (
    list[object] | tuple[object, ...] | set[object] | frozenset[object] | dict[object, object]
)
_BRACKETS = {
    list: "[]",
    tuple: "()",
    dict: "{}",
    set: "{}",
    frozenset: ("frozenset({", "})"),
}


def _some(
    value: list[object]
    | tuple[object, ...]
    | set[object]
    | frozenset[object]
    | dict[object, object],
    levels: int,
) -> Iterable[str]:
    """Yield the first members; those of sets, which have no order, by their text."""
    if isinstance(value, set | frozenset):
        members = sorted(brief(each, levels) for each in value)[:MEMBERS]
    elif isinstance(value, dict):
        pairs = list(value.items())[:MEMBERS]
        members = [f"{brief(key, levels)}: {brief(each, levels)}" for key, each in pairs]
    else:
        members = [brief(each, levels) for each in value[:MEMBERS]]
    yield from members
    if len(value) > MEMBERS:
        yield "..."

"""How values and messages are told between a guest and whoever asks it; used on both sides.

It imports the standard library only, because it also runs where nothing of ours is.

A value is told as JSON that names its type, so that 1, True and 1.0 differ. What a newcomer gets
wrong: only exact types are told. Whatever else a program returns, also an instance of a class of
its own that claims to equal everything, is `{"foreign": name of its type}`, which equals nothing.

    null, true, false, "text", [...]          None, bool, str, list
    {"int": "12"}, {"float": "0.5"}           decimal text; "inf", "-inf" and "nan" are floats
    {"complex": ["0.5", "nan"]}, {"bytes": "00ff"}, {"surrogates": "eda080"}
    {"tuple": [...]}, {"set": [...]}, {"frozenset": [...]}, {"dict": [[key, value], ...]}
"""

import builtins
import json
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable
from typing import Any

# Functions look built-ins up in the dictionary that stands here when they are made. It is a copy,
# so a program that puts something else into the module `builtins` does not change how we talk.
globals()["__builtins__"] = dict(vars(builtins))

LINE_BYTES = 1_000_000
"""The longest line that a guest may say, with its end."""
DEPTH = 32
"""How deep values may stand in values."""
DIGITS = 4_300
"""The longest integer, in decimal digits; it is Python's own default."""
Told = Any
"""A value as JSON in the form above; a recursive type says no more to a reader."""
Value = Any
"""A Python value of any type; what it may be is asked of it."""
Message = dict[str, Any]


class Malformed(ValueError):
    """A line is no message, or JSON tells no value. Whoever sent it is not to be believed."""


class Foreign:
    """A value that cannot be told. It equals nothing, not even itself."""

    __slots__ = ("type_name",)

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"<foreign {self.type_name}>"


# --- values


class _TooLong(Exception):
    """A value is longer than a line."""


type_name = type.__dict__["__name__"].__get__
"""Reads a type's true name; a metaclass can give another to whoever asks the type."""


def encode(value: object) -> Told:
    """Return a value as JSON; foreign if it is longer than a line."""
    try:
        return _told(value, DEPTH, [LINE_BYTES])
    except _TooLong:
        return {"foreign": f"{type_name(type(value))} of more than {LINE_BYTES} bytes"}


def _told(value: object, depth: int, left: list[int]) -> Told:
    """Return a value as JSON; `left` holds how many characters may still be written."""
    kind = type(value)
    writer = _SCALARS.get(kind)
    if writer is not None:
        told = writer(value)
        left[0] -= len(value) if kind is str or kind is bytes else 8  # type: ignore[arg-type]
    elif kind not in _CONTAINERS or depth == 0:
        told = {"foreign": type_name(kind)[:100]}
        left[0] -= 16
    else:
        left[0] -= 2
        told = _told_members(value, kind, depth - 1, left)
    if left[0] < 0:
        raise _TooLong
    return told


def _told_members(value: Value, kind: type, depth: int, left: list[int]) -> Told:
    if _CONTAINERS[kind] == "dict":
        pairs = [[_told(key, depth, left), _told(each, depth, left)] for key, each in value.items()]
        return {"dict": pairs}
    told = [_told(each, depth, left) for each in value]
    return told if kind is list else {_CONTAINERS[kind]: told}


_LARGEST = 10**DIGITS - 1


def _told_int(value: int) -> Told:
    if -_LARGEST <= value <= _LARGEST:
        return {"int": int.__repr__(value)}
    return {"foreign": f"int of more than {DIGITS} digits"}


def _told_str(value: str) -> Told:
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        # JSON would make one character of two halves that stand beside each other.
        return {"surrogates": value.encode("utf-8", "surrogatepass").hex()}
    return value


def _same(value: object) -> Told:
    return value


_SCALARS: dict[type, Callable[[Any], Told]] = {
    type(None): _same,
    bool: _same,
    int: _told_int,
    float: lambda value: {"float": float.__repr__(value)},
    complex: lambda value: {"complex": [float.__repr__(value.real), float.__repr__(value.imag)]},
    str: _told_str,
    bytes: lambda value: {"bytes": value.hex()},
}
_CONTAINERS: dict[type, str] = {
    Counter: "dict",
    OrderedDict: "dict",
    defaultdict: "dict",
    list: "list",
    tuple: "tuple",
    set: "set",
    frozenset: "frozenset",
    dict: "dict",
}


def decode(told: Told) -> object:
    """Return the value that JSON tells; what cannot be told is `Foreign`.

    Raises:
        Malformed: it tells no value in the only way in which `encode` would tell it.
    """
    try:
        return _value(told, DEPTH)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Malformed(f"JSON that tells no value: {error}") from error


def _value(told: Told, depth: int) -> Value:
    kind = type(told)
    if told is None or kind is bool or kind is str:
        return told
    if kind is list:
        return _members(told, depth)
    if kind is not dict or len(told) != 1:
        raise Malformed("a value must be told by one tag")
    ((tag, inner),) = told.items()
    if tag in _READERS:
        return _READERS[tag](inner)
    if type(inner) is not list:
        raise Malformed("members must be a list")
    if tag == "dict":
        return _dict(inner, depth)
    members = _members(inner, depth)
    if tag == "tuple":
        return tuple(members)
    if tag not in ("set", "frozenset"):
        raise Malformed("no such tag")
    refuse_alike(members)
    found = set(members)
    if len(found) != len(members):
        raise Malformed("a member stands there twice")
    return found if tag == "set" else frozenset(found)


def _members(told: list[Told], depth: int) -> list[Any]:
    if depth == 0:
        raise Malformed("too deep")
    return [_value(each, depth - 1) for each in told]


def _dict(told: list[Told], depth: int) -> dict[Any, Any]:
    if depth == 0 or any(type(pair) is not list or len(pair) != 2 for pair in told):
        raise Malformed("a dict must be pairs")
    keys = [_value(key, depth - 1) for key, _ in told]
    refuse_alike(keys)
    found = {key: _value(each, depth - 1) for key, (_, each) in zip(keys, told, strict=True)}
    if len(found) != len(keys):
        raise Malformed("a key stands there twice")
    return found


def refuse_alike(members: list[Any]) -> None:
    """Refuse members that were chosen to have one hash; to gather them would take minutes.

    Raises:
        Malformed: they were.
    """
    if len(members) > 64 and max(Counter(map(hash, members)).values()) > 64:
        raise Malformed("too many members have the same hash")


def _int(text: str) -> int:
    if len(text) <= DIGITS + 1 and int.__repr__(number := int(text)) == text:
        return number
    raise Malformed("no integer")


def _float(text: str) -> float:
    if len(text) <= 32 and float.__repr__(number := float(text)) == text:
        return number
    raise Malformed("no float")


def _complex(parts: list[str]) -> complex:
    real, imaginary = parts
    return complex(_float(real), _float(imaginary))


def _bytes(text: str) -> bytes:
    found = bytes.fromhex(text)
    if found.hex() != text:
        raise Malformed("no bytes")
    return found


def _foreign(name: str) -> Foreign:
    if type(name) is not str:
        raise Malformed("no name of a type")
    return Foreign(name)


_READERS: dict[str, Callable[[Any], object]] = {
    "int": _int,
    "float": _float,
    "complex": _complex,
    "bytes": _bytes,
    "surrogates": lambda text: _bytes(text).decode("utf-8", "surrogatepass"),
    "foreign": _foreign,
}


# --- lines


def _refuse(what: object) -> object:
    raise Malformed(f"no {str(what)[:20]!r} stands in a message")


def _small(text: str) -> int:
    if len(text) > 16:  # a sign and fifteen digits
        raise Malformed("a number is too long")
    return int(text)


# The scanner and the writer are made of C and bound once, so that a program that replaces
# `json.loads` or a method of `json.JSONEncoder` replaces it for itself only.
_scan = json.JSONDecoder(  # type: ignore[attr-defined]
    parse_float=_refuse, parse_int=_small, parse_constant=_refuse
).scan_once
_quote = json.encoder.encode_basestring_ascii
_chunks = json.encoder.c_make_encoder(  # type: ignore[attr-defined]
    None, _refuse, _quote, None, ":", ",", False, False, False
)


def write_line(message: Message) -> bytes:
    """Return a message as one line with its end."""
    return "".join(_chunks(message, 0)).encode("ascii") + b"\n"


def read_line(line: bytes) -> Message:
    """Return the message of one line.

    Raises:
        Malformed: it is no JSON object, has no end, or holds numbers that no message holds.
    """
    try:
        text = line.decode("ascii")
        message, end = _scan(text, 0)
    except (ValueError, StopIteration, RecursionError) as error:
        raise Malformed(f"a line is no JSON: {error}") from error
    if text[end:] != "\n" or type(message) is not dict:
        raise Malformed("a line is no JSON object")
    return message

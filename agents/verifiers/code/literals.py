"""Python values in the JSON of a lesson, and back.

Plain JSON means the same in Python. What JSON has no word for is an object with one member whose
name begins with "$": `{"$tuple": [1, 2]}`. What a newcomer gets wrong: 1 and 1.0 are two values
here, and so are 1 and true.
"""

from collections.abc import Callable, Mapping

from pydantic import JsonValue

from agents.errors import VerifierError
from agents.verifiers.evidence import shown
from agents.verifiers.sandbox.told import refuse_alike

DEPTH = 32
"""How deep a value may be nested."""
DIGITS = 4_000
"""Of one integer. Python itself reads no more than 4,300."""
_PLAIN_DIGITS = 15
"""Longer integers are written as text, because many readers of JSON take a number for a float."""
_FLOATS = {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}


def value_of(written: JsonValue, depth: int = 0) -> object:
    """Return the Python value that is written in JSON.

    Raises:
        VerifierError: it is nested too deep, or is no known form.
    """
    if depth > DEPTH:
        raise VerifierError(f"code: a value is nested more than {DEPTH} deep; flatten it")
    if isinstance(written, list):
        return [value_of(each, depth + 1) for each in written]
    if not isinstance(written, dict):
        return written
    if not any(name.startswith("$") for name in written):
        # An object has no order in JSON and loses it in a database; a dict has one that shows.
        return {name: value_of(each, depth + 1) for name, each in sorted(written.items())}
    return _form(written, depth)


def written(value: object) -> JsonValue:
    """Return a value as a lesson writes it; `value_of` reads it back.

    Raises:
        VerifierError: it is of a type that no lesson can write.
    """
    if type(value) in _WRITERS:
        return _WRITERS[type(value)](value)
    raise VerifierError(f"code: a lesson cannot write a value of type {type(value).__name__}")


def source_of(value: object) -> str:
    """Return the Python expression that makes a value which `value_of` gave."""
    if isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool)):
        return f"float({str(value)!r})" if isinstance(value, float) else hex(value)
    if isinstance(value, complex):
        return f"complex({source_of(value.real)}, {source_of(value.imag)})"
    if isinstance(value, dict):
        pairs = (f"{source_of(key)}: {source_of(each)}" for key, each in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list | tuple | set | frozenset):
        return f"{type(value).__name__}([{', '.join(map(source_of, value))}])"
    return repr(value)


def _form(written: Mapping[str, JsonValue], depth: int) -> object:
    """Return the value of an object one of whose members begins with "$"."""
    name, inner = next(iter(written.items()))
    if len(written) > 1 or name not in _READERS:
        raise VerifierError(
            f"code: {shown(str(sorted(written)))} is no form of a value; known are "
            f"{sorted(_READERS)}, each alone, and a dict with such keys is written as $dict"
        )
    try:
        return _READERS[name](inner, depth)
    except (TypeError, ValueError) as error:
        raise VerifierError(f"code: {name} cannot hold {shown(str(inner))}: {error}") from error


def _many(written: JsonValue, depth: int) -> list[object]:
    if not isinstance(written, list):
        raise TypeError("it must be a list")
    return [value_of(each, depth + 1) for each in written]


def _dict(written: JsonValue, depth: int) -> object:
    pairs = _many(written, depth)
    if not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise TypeError("it must be a list of pairs")
    told = [pair for pair in pairs if isinstance(pair, list)]
    refuse_alike([key for key, _ in told])
    made = dict(told)
    if len(made) < len(pairs):
        raise ValueError("a key stands there twice")
    return made


def _set(written: JsonValue, depth: int) -> set[object]:
    members = _many(written, depth)
    refuse_alike(members)
    made = set(members)
    if len(made) < len(members):
        raise ValueError("a member stands there twice")
    return made


def _text(written: JsonValue) -> str:
    if not isinstance(written, str):
        raise TypeError("it must be a text")
    return written


def _int(written: JsonValue) -> int:
    text = _text(written)
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= DIGITS):
        raise ValueError(f"it must be at most {DIGITS} digits")
    return int(text)


def _float(written: JsonValue) -> float:
    if written not in _FLOATS:
        raise ValueError(f"it must be one of {sorted(_FLOATS)}")
    return _FLOATS[_text(written)]


def _complex(written: JsonValue, depth: int) -> complex:
    parts = _many(written, depth)
    if len(parts) != 2 or not all(isinstance(part, float) for part in parts):
        raise TypeError("it must be a list of two floats")
    real, imaginary = (part for part in parts if isinstance(part, float))
    return complex(real, imaginary)


_READERS: Mapping[str, Callable[[JsonValue, int], object]] = {
    "$tuple": lambda inner, depth: tuple(_many(inner, depth)),
    "$set": _set,
    "$frozenset": lambda inner, depth: frozenset(_set(inner, depth)),
    "$bytes": lambda inner, depth: bytes.fromhex(_text(inner)),
    "$dict": _dict,
    "$float": lambda inner, depth: _float(inner),
    "$complex": _complex,
    "$int": lambda inner, depth: _int(inner),
}


def _written_int(value: int) -> JsonValue:
    return value if abs(value) < 10**_PLAIN_DIGITS else {"$int": str(value)}


def _written_float(value: float) -> JsonValue:
    return {"$float": str(value)} if str(value) in _FLOATS else value


def _written_dict(value: dict[object, object]) -> JsonValue:
    texts = [key for key in value if isinstance(key, str) and not key.startswith("$")]
    if texts == list(value) == sorted(texts):
        return {str(key): written(each) for key, each in value.items()}
    return {"$dict": [[written(key), written(each)] for key, each in value.items()]}


def _written_set(value: set[object] | frozenset[object]) -> list[JsonValue]:
    """Return the members in an order that does not hang on how Python keeps them."""
    return [written(each) for each in sorted(value, key=lambda each: repr(written(each)))]


_WRITERS: Mapping[type, Callable[..., JsonValue]] = {
    type(None): lambda value: value,
    bool: lambda value: value,
    str: lambda value: value,
    int: _written_int,
    float: _written_float,
    complex: lambda value: {"$complex": [_written_float(value.real), _written_float(value.imag)]},
    bytes: lambda value: {"$bytes": value.hex()},
    list: lambda value: [written(each) for each in value],
    tuple: lambda value: {"$tuple": [written(each) for each in value]},
    set: lambda value: {"$set": _written_set(value)},
    frozenset: lambda value: {"$frozenset": _written_set(value)},
    dict: _written_dict,
}

"""Canonical JSON: the one text of a value, so that equal values are equal bytes."""

import json
from typing import Final

from pydantic import BaseModel


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise TypeError(f"{type(value).__name__} has no canonical JSON")


_ENCODER: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain
)


def canonical(value: object) -> str:
    """Return the one JSON text of a value: sorted keys, no spaces, no NaN, records by their fields.

    Raises:
        ValueError: a float is NaN or infinite.
        TypeError: the value is not made of JSON types, tuples and records.
    """
    return _ENCODER.encode(value)

"""The columns of an export as the library `datasets` declares them, made without that library.

What a newcomer gets wrong: tool arguments must be `Json`. As a struct, which is what readers infer,
the keys of one call appear in all others as null, and a model learns to write them.
"""

from typing import Final

from pydantic import JsonValue

from storage.export.columns import Columns, Shape

Feature = dict[str, JsonValue]
"""What a column holds: a declaration with a `_type`, or one by key if it is an object."""

JSON: Final[Feature] = {"_type": "Json"}
IMAGE: Final[Feature] = {"_type": "Image"}
TEXT: Final[Feature] = {"dtype": "string", "_type": "Value"}
_FLAG: Final[Feature] = {"dtype": "bool", "_type": "Value"}


def features(columns: Columns, shape: Shape) -> dict[str, Feature]:
    """Return what each column holds, as the metadata of a file and a dataset card name it."""
    message = _message(shape)
    of: dict[str, Feature] = {
        "text": TEXT,
        "integer": {"dtype": "int64", "_type": "Value"},
        "number": {"dtype": "float64", "_type": "Value"},
        "flag": _FLAG,
        "message": message,
        "messages": _list(message),
        "texts": _list(TEXT),
        "flags": _list(_FLAG),
        "images": _list(IMAGE),
        "json": JSON,
    }
    return {name: of[kind] for name, kind in columns.items()}


def message_keys(shape: Shape) -> tuple[str, ...]:
    """Return the keys of every message, in the order of the file."""
    return tuple(_message(shape))


def _message(shape: Shape) -> Feature:
    message: Feature = {"role": TEXT, "content": TEXT}
    if shape.images:
        message["content"] = _list({"type": TEXT, "text": TEXT})
    if shape.reasoning:
        message["reasoning_content"] = TEXT
    if shape.tool_calls:
        message["tool_calls"] = _list(JSON)
    if shape.train:
        message["train"] = _FLAG
    return message


def _list(feature: Feature) -> Feature:
    return {"feature": feature, "_type": "List"}

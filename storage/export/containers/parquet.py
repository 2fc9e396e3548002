"""Parquet with a declared schema: anything opens it, and the library `datasets` decodes it.

What a newcomer gets wrong: the schema is made of the columns, never of the first rows; and a file
says itself, in its metadata, which of its texts are JSON and which of its bytes are pictures.
"""

import importlib
import json
import math
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from storage.canonical import canonical
from storage.errors import NotWritable, Refused
from storage.export.columns import Example
from storage.export.containers.declared import Declared, picture_type, unwritable
from storage.export.containers.features import IMAGE, JSON, features
from storage.export.containers.part import Part

_BATCH = 100
"""How many examples are held as Python objects before they become columns."""
_GROUP = 1000
_GROUP_OF_PICTURES = 100
"""How many rows a group has at most: what a reader loads to see one of them."""
_GROUP_BYTES = 64_000_000
"""How many bytes a group has before it is compressed, at most but for one batch."""
_SETTINGS = {
    "compression": "zstd",
    "compression_level": 3,
    "write_page_index": True,
    # Pages end where the content says: a row more does not change all that follow, for a hub that
    # keeps equal pieces once.
    "use_content_defined_chunking": True,
}
_EXTRA = '.parquet needs pyarrow, which is not installed: pip install "lyceum[export]"'


class Parquet:
    """Writes the examples of one file, a group of rows at a time.

    Raises:
        NotWritable: the package pyarrow is not installed.
    """

    def __init__(self, part: Part, declared: Declared) -> None:
        if find_spec("pyarrow") is None:
            raise NotWritable(_EXTRA)
        self._arrow = importlib.import_module("pyarrow")
        self._declared = declared
        self._group = _GROUP_OF_PICTURES if declared.of_pictures else _GROUP
        of_datasets = features(declared.columns, declared.shape)
        metadata = {"huggingface": json.dumps({"info": {"features": of_datasets}})}
        types = {name: self._type(each) for name, each in of_datasets.items()}
        self._schema = self._arrow.schema(types.items(), metadata)
        # Values become plain types first: pyarrow makes no JSON within a list of them.
        self._plain = {name: self._type(each, plain=True) for name, each in of_datasets.items()}
        self._writer = importlib.import_module("pyarrow.parquet").ParquetWriter(
            part, self._schema, **_SETTINGS
        )
        self._examples: list[Example] = []
        self._batches: list[Any] = []

    def write(self, example: Example) -> None:
        """Take an example.

        Raises:
            Refused: it, or one of the last before it, does not have what is declared.
            DiskError: the disk is full or failing.
        """
        self._declared.require_columns(example)
        self._declared.require_messages(example)
        self._examples.append(example)
        if len(self._examples) >= _BATCH:
            self._convert()

    def end(self) -> None:
        """Write what is held back, and the end of the file.

        Raises:
            Refused: one of the last examples does not have what is declared.
            DiskError: the disk is full or failing.
        """
        self._convert()
        self._write_group()
        self._writer.close()

    def _convert(self) -> None:
        """Make columns of the examples that are held."""
        if not self._examples:
            return
        try:
            self._batches.append(self._batch(self._examples))
        except (ValueError, TypeError) as error:
            raise self._refusal(error) from error
        self._examples.clear()
        rows = sum(batch.num_rows for batch in self._batches)
        if rows >= self._group or sum(batch.nbytes for batch in self._batches) >= _GROUP_BYTES:
            self._write_group()

    def _refusal(self, error: Exception) -> Refused:
        """Return the refusal of the first example that makes no columns."""
        for example in self._examples:
            try:
                self._batch([example])
            except (ValueError, TypeError) as own:
                return unwritable(example, own)
        return unwritable(self._examples[0], error)

    def _batch(self, examples: list[Example]) -> Any:  # noqa: ANN401 - pyarrow has no types
        arrays = []
        for name, kind in self._declared.columns.items():
            convert = self._converter(kind)
            values = [value if (value := row[name]) is None else convert(value) for row in examples]
            array = self._arrow.array(values, self._plain[name])
            arrays.append(array.cast(self._schema.field(name).type))
        return self._arrow.record_batch(arrays, schema=self._schema)

    def _converter(self, kind: str) -> Callable[[Any], Any]:
        """Return what makes a value of this kind one of the plain type."""
        converters: dict[str, Callable[[Any], Any]] = {
            "number": _finite,
            "images": _pictures,
            "json": canonical,
        }
        if self._declared.shape.tool_calls:
            converters |= {"message": _message, "messages": _messages}
        return converters.get(kind, _same)

    def _write_group(self) -> None:
        if self._batches:
            table = self._arrow.Table.from_batches(self._batches, self._schema)
            self._writer.write_table(table, row_group_size=table.num_rows)
            self._batches.clear()

    def _type(self, feature: Any, *, plain: bool = False) -> Any:  # noqa: ANN401 - pyarrow has no types
        """Return the type of what is declared; with JSON as text, if it is to be a plain one."""
        arrow = self._arrow
        if feature == JSON:
            return arrow.string() if plain else arrow.json_()
        if feature == IMAGE:
            return arrow.struct({"bytes": arrow.binary(), "path": arrow.string()})
        if feature.get("_type") == "Value":
            return arrow.type_for_alias(feature["dtype"])
        if feature.get("_type") == "List":
            return arrow.list_(self._type(feature["feature"], plain=plain))
        return arrow.struct({key: self._type(each, plain=plain) for key, each in feature.items()})


def _same(value: Any) -> Any:  # noqa: ANN401 - of any kind
    return value


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(f"{value} is no number that JSON knows")
    return value


def _messages(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [_message(message) for message in messages]


def _message(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message with each of its tool calls as a JSON text."""
    calls = message["tool_calls"]
    return {**message, "tool_calls": calls and [canonical(call) for call in calls]}


def _pictures(pictures: list[bytes]) -> list[dict[str, Any]]:
    for picture in pictures:
        picture_type(picture)
    return [{"bytes": picture, "path": None} for picture in pictures]

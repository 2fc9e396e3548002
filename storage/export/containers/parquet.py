"""Parquet with a declared schema, readable by anything and decoded by `datasets` as it is meant.

What a newcomer gets wrong: the schema is made from the columns, never from rows, and the library
`datasets` finds in the file's metadata which texts are JSON and which bytes are pictures.
"""

import importlib
import json
import math
from importlib.util import find_spec
from typing import Any

from storage.canonical import canonical
from storage.errors import NotWritable, Refused
from storage.export.columns import Example
from storage.export.containers.features import IMAGE, JSON, Feature, features
from storage.export.containers.form import Form, unwritable
from storage.export.containers.part import Part

_BATCH = 100
"""How many examples are held as Python objects before they become columns."""
_GROUP = 1000
_GROUP_OF_IMAGES = 100
"""How many rows a group has at most: what a reader has to load to see any of them."""
_GROUP_BYTES = 64_000_000
"""How many bytes a group has before it is compressed, at most but for one batch."""
_EXTRA = '.parquet needs pyarrow, which is not installed: pip install "lyceum[export]"'
_SETTINGS = {
    "compression": "zstd",
    "compression_level": 3,
    "write_page_index": True,
    # Pages end where the content says so: a row more or less does not change all pages after it.
    "use_content_defined_chunking": True,
}


class Parquet:
    """Writes the examples of one file, a group of rows at a time.

    Raises:
        NotWritable: the package pyarrow is not installed.
    """

    def __init__(self, part: Part, form: Form) -> None:
        if find_spec("pyarrow") is None:
            raise NotWritable(_EXTRA)
        self._pa = importlib.import_module("pyarrow")
        self._form = form
        self._group = _GROUP_OF_IMAGES if form.of_images else _GROUP
        declared = features(form.columns, form.shape)
        metadata = {"huggingface": json.dumps({"info": {"features": declared}})}
        self._schema = self._typed(declared).with_metadata(metadata)
        self._plain = self._typed(declared, json_as_text=True)
        self._writer = importlib.import_module("pyarrow.parquet").ParquetWriter(
            part, self._schema, **_SETTINGS
        )
        self._examples: list[Example] = []
        self._batches: list[Any] = []

    def write(self, example: Example) -> None:
        """Take an example.

        Raises:
            Refused: it, or one of a few before it, is not of the file's form.
            DiskError: the disk is full or failing.
        """
        self._form.require(example)
        self._examples.append(example)
        if len(self._examples) >= _BATCH:
            self._convert()

    def end(self) -> None:
        """Write what is held back, and the end of the file.

        Raises:
            Refused: one of the last examples is not of the file's form.
            DiskError: the disk is full or failing.
        """
        self._convert()
        self._write_group()
        self._writer.close()

    def _convert(self) -> None:
        """Make columns of the examples."""
        if not self._examples:
            return
        try:
            self._batches.append(self._columns(self._examples))
        except (ValueError, TypeError) as error:
            raise self._first_refused(error) from error
        self._examples.clear()
        rows = sum(batch.num_rows for batch in self._batches)
        if rows >= self._group or sum(batch.nbytes for batch in self._batches) >= _GROUP_BYTES:
            self._write_group()

    def _first_refused(self, error: Exception) -> Refused:
        """Return the refusal of the first example that makes no columns."""
        for example in self._examples:
            try:
                self._columns([example])
            except (ValueError, TypeError) as own:
                return unwritable(example, own)
        return unwritable(self._examples[0], error)

    def _columns(self, examples: list[Example]) -> Any:  # noqa: ANN401 - pyarrow has no types
        arrays = []
        for name, kind in self._form.columns.items():
            values: list[Any] = [example[name] for example in examples]
            if kind == "messages" and self._form.shape.tool_calls:
                values = [messages and [_message(one) for one in messages] for messages in values]
            elif kind == "message" and self._form.shape.tool_calls:
                values = [message and _message(message) for message in values]
            elif kind == "images":
                values = [pictures and [_picture(one) for one in pictures] for pictures in values]
            elif kind == "number" and not all(math.isfinite(value or 0) for value in values):
                raise ValueError(f"{name} is not a finite number")
            array = self._pa.array(values, self._plain.field(name).type)
            arrays.append(array.cast(self._schema.field(name).type))
        return self._pa.record_batch(arrays, schema=self._schema)

    def _write_group(self) -> None:
        if self._batches:
            table = self._pa.Table.from_batches(self._batches, self._schema)
            self._writer.write_table(table, row_group_size=table.num_rows)
            self._batches.clear()

    def _typed(self, declared: dict[str, Feature], *, json_as_text: bool = False) -> Any:  # noqa: ANN401 - pyarrow has no types
        """Return the schema; with JSON as plain text it is one that Python values convert to."""
        pa = self._pa
        values = {"string": pa.string(), "int64": pa.int64(), "float64": pa.float64()}
        values["bool"] = pa.bool_()

        def typed(feature: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
            if feature == JSON:
                return pa.string() if json_as_text else pa.json_()
            if feature == IMAGE:
                return pa.struct([("bytes", pa.binary()), ("path", pa.string())])
            if feature.get("_type") == "Value":
                return values[feature["dtype"]]
            if feature.get("_type") == "List":
                return pa.list_(typed(feature["feature"]))
            return pa.struct([(key, typed(each)) for key, each in feature.items()])

        return pa.schema([(name, typed(feature)) for name, feature in declared.items()])


def _message(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message with its tool calls as JSON."""
    calls = message["tool_calls"]
    return {**message, "tool_calls": None if calls is None else [canonical(one) for one in calls]}


def _picture(picture: bytes) -> dict[str, Any]:
    return {"bytes": picture, "path": None}

"""Rows of a Parquet file, as the values that JSON knows.

What a newcomer gets wrong: Parquet knows more than JSON. Dates and decimal numbers become the text
that they are written as; bytes become nothing, so a column of them is left out, and refused where
it is asked for.
"""

import datetime
import decimal
import math
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from storage.errors import SourceError

_BATCH = 1_000
"""So many rows are held as columns at once."""
_AS_WRITTEN = (datetime.date, datetime.time, datetime.timedelta, decimal.Decimal)


def parquet_rows(path: Path, wanted: frozenset[str]) -> Iterator[dict[str, JsonValue]]:
    """Yield the rows of a Parquet file in order, by column.

    Args:
        path: A file that exists.
        wanted: Columns that must not be left out.

    Raises:
        SourceError: the package pyarrow is missing, the file is no Parquet or damaged, a wanted
            column holds bytes, or a value is nothing that JSON can say; it names the row.
    """
    try:
        package = import_module("pyarrow")
    except ImportError as error:
        said = f"{str(path)!r}: Parquet needs pyarrow, which is not installed"
        raise SourceError(f'{said}: pip install "lyceum[export]"') from error
    number = 0
    try:
        with closing(import_module("pyarrow.parquet").ParquetFile(path)) as file:
            columns = _columns(path, file.schema_arrow, wanted, package.types)
            for batch in file.iter_batches(_BATCH, columns=columns):
                names, vectors = batch.schema.names, batch.columns
                for place in range(batch.num_rows):
                    number += 1
                    values = (vector[place].as_py() for vector in vectors)
                    found = zip(names, values, strict=True)
                    yield {name: _plain(path, number, name, value) for name, value in found}
    except UnicodeDecodeError as error:
        raise _wrong(path, number, "a text is not UTF-8; write the file anew") from error
    except (package.ArrowException, OSError, ValueError, OverflowError) as error:
        why = " ".join(str(error).split())[:200]
        after = f" after row {number}" if number else ""
        raise SourceError(
            f"{str(path)!r}: is no Parquet that can be read{after} ({why}); write it anew"
        ) from error


def _columns(
    path: Path,
    schema: Any,  # noqa: ANN401 - a type of a package that may be missing
    wanted: frozenset[str],
    types: Any,  # noqa: ANN401 - a module of that package
) -> list[str]:
    """Return the columns that hold no bytes."""
    if len(set(schema.names)) < len(schema.names):
        raise SourceError(f"{str(path)!r}: every column needs a name of its own; rename one")
    of_bytes = {field.name for field in schema if _holds_bytes(field.type, types)}
    for column in sorted(of_bytes & wanted):
        raise SourceError(f"{str(path)!r}: column {column!r} holds bytes; write it as text")
    return [name for name in schema.names if name not in of_bytes]


def _holds_bytes(kind: Any, types: Any) -> bool:  # noqa: ANN401 - as above
    flat = (
        types.is_binary, types.is_large_binary, types.is_fixed_size_binary, types.is_binary_view,
    )  # fmt: skip
    if any(each(kind) for each in flat):
        return True
    if types.is_dictionary(kind):
        return _holds_bytes(kind.value_type, types)
    return any(_holds_bytes(kind.field(n).type, types) for n in range(kind.num_fields))


def _plain(path: Path, row: int, column: str, value: object) -> JsonValue:
    """Return a value as JSON has it."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        raise _wrong(path, row, f"column {column!r} is {value}, no number; leave it empty (null)")
    if isinstance(value, _AS_WRITTEN):
        # Of time stamps, the form with T between date and time.
        return value.isoformat() if isinstance(value, datetime.date) else str(value)
    if isinstance(value, dict):
        return {key: _plain(path, row, column, each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(path, row, column, each) for each in value]
    # What is left is a map's entries, and kinds that are no data of lessons.
    if isinstance(value, tuple):
        return [_plain(path, row, column, each) for each in value]
    kind = type(value).__name__
    raise _wrong(path, row, f"column {column!r} holds a {kind}; write it as text")


def _wrong(path: Path, row: int, what: str) -> SourceError:
    return SourceError(f"{str(path)!r} row {row}: {what}")

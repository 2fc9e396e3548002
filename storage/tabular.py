"""Rows of a JSONL, CSV or Parquet file, each with the place that an error names.

What a newcomer gets wrong: the place is a line of the file, not a count of rows, so that an editor
finds it; a CSV field may span lines, and then it is the last of them. Only Parquet has no lines,
and counts rows.
"""

import csv
import difflib
import io
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from pydantic import JsonValue

from storage.errors import SourceError
from storage.parquet import parquet_rows

_JSONL = (".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file."""

    path: Path
    line: int
    """Its line in the file, from 1; of Parquet its row."""
    values: dict[str, JsonValue]
    """By column; a CSV's are strings."""

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        return f"{'row' if _is_parquet(self.path) else 'line'} {self.line}"

    def wrong(self, what: str) -> SourceError:
        """Return an error about this row; `what` says what is wrong and what to do."""
        return SourceError(f"{str(self.path)!r} {self.place}: {what}")


def read_rows(path: Path, wanted: Iterable[str | None] = ()) -> tuple[Row, ...]:
    """Return the rows of a JSONL (.jsonl, .ndjson), CSV (.csv) or Parquet file; at least one.

    Args:
        path: The file, in UTF-8.
        wanted: Columns that will be asked for. Other columns of Parquet that hold bytes, such as
            pictures, are left out.

    Raises:
        SourceError: the file is missing, empty, binary, of another kind, or has a malformed row; or
            it is Parquet, and the package pyarrow is missing.
    """
    kind = path.suffix.lower()
    if _is_parquet(path):
        _bytes(path)
        named = frozenset(column for column in wanted if column is not None)
        found = enumerate(parquet_rows(path, named), start=1)
        rows = tuple(Row(path, number, values) for number, values in found)
    elif kind == ".csv":
        rows = tuple(_csv_rows(path, _text(path)))
    elif kind in _JSONL:
        rows = tuple(_jsonl_rows(path, _text(path)))
    else:
        raise _of_no_kind(path)
    if not rows:
        raise SourceError(f"{str(path)!r}: has no rows; name a file with at least one")
    return rows


def read_lines(path: Path) -> tuple[Row, ...]:
    """Return the lines of a text file (.txt) in UTF-8 that are not empty, in a column `text`.

    Raises:
        SourceError: the file is missing, empty or binary.
    """
    lines = enumerate(_text(path).split("\n"), start=1)
    return tuple(Row(path, line, {"text": each.strip()}) for line, each in lines if each.strip())


def has_column(rows: Iterable[Row], column: str) -> bool:
    """Tell whether any row has a value in a column of this name."""
    return any(column in row.values for row in rows)


def require_columns(path: Path, rows: Sequence[Row], wanted: Iterable[str | None]) -> None:
    """Refuse a column that no row has; None asks for nothing.

    Raises:
        SourceError: it names the nearest column and lists all.
    """
    known = list(dict.fromkeys(column for row in rows for column in row.values))
    for column in wanted:
        if column is not None and column not in known:
            near = difflib.get_close_matches(column, known, n=1, cutoff=0.6)
            hint = f"did you mean {near[0]!r}? " if near else ""
            columns = ", ".join(repr(name) for name in known)
            raise SourceError(f"{str(path)!r}: has no column {column!r}; {hint}it has {columns}")


def text(row: Row, column: str) -> str:
    """Return a value as text: a number as JSON writes it, a list of texts joined with blank lines.

    Raises:
        SourceError: there is none, or it is an object.
    """
    found = optional_text(row, column)
    if found is None:
        raise row.wrong(f"column {column!r} is empty; fill it in or take the row out")
    return found


def optional_text(row: Row, column: str | None) -> str | None:
    """Return a value as text; None if no column is asked for, or the row has nothing there.

    Raises:
        SourceError: the value is an object.
    """
    value = row.values.get(column) if column is not None else None
    parts = value if isinstance(value, list) else [value]
    texts = []
    for part in parts:
        if isinstance(part, dict | list):
            raise row.wrong(f"column {column!r} holds an object; give text, or a list of texts")
        if part is not None:
            texts.append(part if isinstance(part, str) else json.dumps(part))
    joined = "\n\n".join(texts)
    return joined if joined.strip() else None


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() == ".parquet"


def _of_no_kind(path: Path) -> SourceError:
    kinds = "name it .jsonl, .csv or .parquet, after what it is"
    return SourceError(f"{str(path)!r}: is of no known kind; {kinds}")


def _text(path: Path) -> str:
    """Return what a text file holds, without the mark that may stand at its beginning."""
    name, content = repr(str(path)), _bytes(path)
    if b"\0" in content:
        raise SourceError(f"{name}: is binary; give text in UTF-8, such as JSONL or CSV")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SourceError(f"{name} line {line}: is not UTF-8; save the file as UTF-8") from error


def _bytes(path: Path) -> bytes:
    """Return what a file holds; of Parquet its beginning, which says that there is something."""
    name = repr(str(path))
    try:
        with path.open("rb") as file:
            content = file.read(4 if _is_parquet(path) else -1)
    except FileNotFoundError as error:
        raise SourceError(f"{name}: there is no such file; correct the path") from error
    except OSError as error:
        raise SourceError(
            f"{name}: cannot be read ({error.strerror}); name another file"
        ) from error
    if not content.strip():
        raise SourceError(f"{name}: is empty; name a file with at least one row")
    return content


def _jsonl_rows(path: Path, content: str) -> Iterator[Row]:
    # Not splitlines: JSON strings may hold U+2028 and the like, which it takes for ends of lines.
    for number, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        row = Row(path, number, {})
        try:
            values = json.loads(line, parse_constant=_refuse_constant, parse_float=_finite)
            # A lone surrogate is good JSON, but no text that can be stored.
            json.dumps(values, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            why = " ".join(str(error).split())
            raise row.wrong(f"is no JSON that can be stored ({why}); correct it") from error
        if not isinstance(values, dict):
            raise row.wrong("is no JSON object; give one object a line, its keys are the columns")
        yield Row(path, number, values)


def _csv_rows(path: Path, content: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(content, newline=""), strict=True)
    row = Row(path, 1, {})
    try:
        header = next(reader)
        if len(set(header)) < len(header) or not all(name.strip() for name in header):
            raise row.wrong("every column needs a name of its own; correct the first line")
        for values in reader:
            row = Row(path, reader.line_num, dict(zip(header, values, strict=False)))
            if values and len(values) != len(header):
                raise row.wrong(f"has {len(values)} fields, the first line {len(header)}; quote it")
            if values:
                yield row
    except csv.Error as error:
        place = Row(path, reader.line_num, {})
        raise place.wrong(f"is no CSV ({error}); correct it, or give JSONL") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"{digits:.40} is too large for a number")
    return number

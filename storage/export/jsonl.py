"""Writes examples as JSON lines, whole or not at all."""

import os
from collections.abc import Iterable
from pathlib import Path

from pydantic import JsonValue

from storage.canonical import canonical
from storage.errors import DiskError, NotWritable

_ENDS = str.maketrans({"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"})
"""What some readers take for the end of a line, though JSON does not."""


def write_jsonl(
    examples: Iterable[dict[str, JsonValue]], path: Path, *, force: bool = False
) -> int:
    """Write examples to a file, one a line with sorted keys, and return how many there were.

    They go to a file beside it that takes its name at the end: no reader ever meets half of them.

    Raises:
        NotWritable: the file exists and `force` is not given, or its folder cannot be written.
        DiskError: the disk is full or failing; nothing is left behind.
    """
    name = repr(str(path))
    if path.is_dir() or (path.exists() and not force):
        raise NotWritable(f"{name}: exists already; name another file, or force it")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.touch()
    except OSError as error:
        raise NotWritable(
            f"{name}: cannot be made ({error.strerror}); name a file in a folder that is writable"
        ) from error
    try:
        count = _write(part, examples)
        part.replace(path)
    except OSError as error:
        raise DiskError(f"{name}: {error.strerror}; free some space and try again") from error
    finally:
        part.unlink(missing_ok=True)
    return count


def _write(path: Path, examples: Iterable[dict[str, JsonValue]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for example in examples:
            file.write(canonical(example).translate(_ENDS) + "\n")
            count += 1
        file.flush()
        os.fsync(file.fileno())
    return count

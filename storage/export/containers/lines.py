"""JSON lines: one example a line, with sorted keys; as they are, or compressed with zstd.

What a newcomer gets wrong: some readers end a line at characters that JSON allows in a text, so
those are escaped; and JSON has no bytes, so pictures become data URLs.
"""

import base64
import importlib
from contextlib import suppress
from importlib.util import find_spec
from typing import Any

import orjson
from pydantic import JsonValue

from storage.canonical import canonical
from storage.errors import NotWritable
from storage.export.columns import Example
from storage.export.containers.declared import Declared, picture_type, unwritable
from storage.export.containers.part import Part

_BLOCK = 1 << 20
_ENDS = tuple(
    (end.encode(), escaped.encode())
    for end, escaped in (("\x85", "\\u0085"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029"))
)
"""What some readers take for the end of a line, though JSON does not."""
_LEVEL = 3
_EXTRA = '.zst needs zstandard, which is not installed: pip install "lyceum[export]"'


class JsonLines:
    """Writes the examples of one file, in large blocks."""

    def __init__(self, part: Part, declared: Declared) -> None:
        self._file: Any = part
        self._declared = declared
        self._block = bytearray()

    def write(self, example: Example) -> None:
        """Take an example.

        Raises:
            Refused: it does not have what is declared, or is no JSON.
            DiskError: the disk is full or failing.
        """
        self._declared.require_columns(example)
        try:
            self._block += self._line(example)
        except (ValueError, TypeError) as error:
            raise unwritable(example, error) from error
        if len(self._block) >= _BLOCK:
            self._flush()

    def end(self) -> None:
        """Write what is held back.

        Raises:
            DiskError: the disk is full or failing.
        """
        self._flush()

    def _line(self, example: Example) -> bytes:
        if self._declared.of_pictures:
            urls = {name: _urls(example[name]) for name in self._declared.of_pictures}
            example = example | urls
        line = self._encoded(example)
        if not line.isascii():
            for end, escaped in _ENDS:
                line = line.replace(end, escaped)
        return line + b"\n"

    def _encoded(self, example: Example) -> bytes:
        """Return canonical JSON; quickly, where no arguments of tools may hold any number."""
        if not self._declared.shape.tool_calls:
            with suppress(TypeError):  # a number of more than 64 bits
                return orjson.dumps(example, option=orjson.OPT_SORT_KEYS)
        return canonical(example).encode()

    def _flush(self) -> None:
        self._file.write(bytes(self._block))
        self._block.clear()


class ZstdLines(JsonLines):
    """The same, compressed.

    Raises:
        NotWritable: the package zstandard is not installed.
    """

    def __init__(self, part: Part, declared: Declared) -> None:
        super().__init__(part, declared)
        if find_spec("zstandard") is None:
            raise NotWritable(_EXTRA)
        compressor = importlib.import_module("zstandard").ZstdCompressor(level=_LEVEL)
        self._file = compressor.stream_writer(part, closefd=False)

    def end(self) -> None:
        """Write what is held back, and the end of the stream.

        Raises:
            DiskError: the disk is full or failing.
        """
        super().end()
        self._file.close()


def _urls(pictures: Any) -> JsonValue:  # noqa: ANN401 - bytes are no JSON
    if pictures is None:
        return None
    return [
        f"data:{picture_type(each)};base64,{base64.b64encode(each).decode()}" for each in pictures
    ]

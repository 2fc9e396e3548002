"""Refuses an example that a file cannot hold as it is.

What a newcomer gets wrong: writers of tables drop a key that they do not know, and fill one that is
lacking with null; a trainer reads either without a word.
"""

import math
from collections.abc import Collection, Iterator
from typing import Any, Final

from storage.errors import Refused
from storage.export.columns import Columns, Example, Shape
from storage.export.containers.features import message_keys

_PICTURES: Final = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
"""MIME types, by how the bytes of a picture begin."""


class Declared:
    """What every example of a file is declared to have."""

    def __init__(self, columns: Columns, shape: Shape) -> None:
        self.columns = columns
        self.shape = shape
        self.of_pictures = [name for name, kind in columns.items() if kind == "images"]
        """The columns that hold pictures."""
        self._numbers = [name for name, kind in columns.items() if kind == "number"]
        self._names = columns.keys()
        self._of_messages = [name for name, kind in columns.items() if kind == "messages"]
        self._of_message = [name for name, kind in columns.items() if kind == "message"]
        self._message_keys = frozenset(message_keys(shape))

    def require_columns(self, example: Example) -> None:
        """Do nothing if an example has these columns and no others.

        Raises:
            Refused: it has not, which is a bug of its format.
        """
        if example.keys() != self._names:
            raise refused(example, f"has {_listed(example)} and not {_listed(self._names)}")
        for name in self._numbers:
            number: Any = example[name]
            if isinstance(number, float) and not math.isfinite(number):
                raise refused(example, f"has {number} in {name}, which JSON has no word for")

    def require_messages(self, example: Example) -> None:
        """Do nothing if all messages of an example have the keys of the shape and no others.

        Raises:
            Refused: one has not, which is a bug of its format.
        """
        for message in self._messages(example):
            if message.keys() != self._message_keys:
                wanted = _listed(self._message_keys)
                raise refused(example, f"has a message of {_listed(message)} and not {wanted}")
            for part in (message["content"] or ()) if self.shape.images else ():
                if part.keys() != {"type", "text"}:
                    raise refused(example, f"has a part of {_listed(part)} and not of type, text")

    def _messages(self, example: Example) -> Iterator[dict[str, Any]]:
        for name in self._of_messages:
            messages: Any = example[name]
            yield from messages or ()
        for name in self._of_message:
            message: Any = example[name]
            if message is not None:
                yield message


def picture_type(picture: bytes) -> str:
    """Return the MIME type of a picture.

    Raises:
        ValueError: it is neither PNG nor JPEG.
    """
    for start, found in _PICTURES.items():
        if picture.startswith(start):
            return found
    raise ValueError(f"a picture begins with {picture[:8]!r} and is neither PNG nor JPEG")


def refused(example: Example, why: str) -> Refused:
    """Return the refusal of an example."""
    return Refused(f"example {example.get('id')!r} {why}; this is a bug: report it")


def unwritable(example: Example, error: Exception) -> Refused:
    """Return the refusal of an example that an encoder does not take, such as a lone surrogate."""
    return refused(example, f"cannot be written: {' '.join(str(error).split())}")


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names))

"""Refuses an example that a file cannot hold as it is.

What a newcomer gets wrong: writers of tables drop a key that they do not know, and fill one that is
lacking with null; a trainer reads either without a word.
"""

from typing import Any, Final

from storage.errors import Refused
from storage.export.columns import Columns, Example, Shape
from storage.export.containers.features import message_keys

MIME_TYPES: Final = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
"""Of pictures, by how their bytes begin."""
_PART_KEYS = {"type", "text"}


class Form:
    """What the examples of a file have in common."""

    def __init__(self, columns: Columns, shape: Shape) -> None:
        self.columns = columns
        self.shape = shape
        self._names = columns.keys()
        self._message_keys = frozenset(message_keys(shape))
        self._of_messages = [name for name, kind in columns.items() if kind == "messages"]
        self._of_message = [name for name, kind in columns.items() if kind == "message"]
        self.of_images = [name for name, kind in columns.items() if kind == "images"]
        """The columns that hold pictures."""

    def require(self, example: Example) -> None:
        """Do nothing if the example has these columns, and its messages these keys.

        Raises:
            Refused: it has others, which is a bug of the format.
        """
        if example.keys() != self._names:
            raise _refused(example, f"has the columns {sorted(example)}, not {sorted(self._names)}")
        for name in self._of_messages:
            messages: Any = example[name]
            for message in messages or ():
                self._require_message(example, message)
        for name in self._of_message:
            if example[name] is not None:
                self._require_message(example, example[name])
        for name in self.of_images:
            pictures: Any = example[name]
            for picture in pictures or ():
                mime_type(picture, example)

    def _require_message(self, example: Example, message: Any) -> None:  # noqa: ANN401 - as it comes
        if message.keys() != self._message_keys:
            wanted = sorted(self._message_keys)
            raise _refused(example, f"has a message with {sorted(message)}, not {wanted}")
        if self.shape.images and any(
            part.keys() != _PART_KEYS for part in message["content"] or ()
        ):
            raise _refused(example, "has a message with a part that is not a type and a text")


def mime_type(picture: bytes, example: Example) -> str:
    """Return what a picture is, by its first bytes.

    Raises:
        Refused: it is neither PNG nor JPEG.
    """
    for start, found in MIME_TYPES.items():
        if picture.startswith(start):
            return found
    raise _refused(example, f"has a picture that is no PNG or JPEG: it begins {picture[:8]!r}")


def unwritable(example: Example, error: Exception) -> Refused:
    """Return the refusal of an example that no encoder takes: a lone surrogate, not a number."""
    return _refused(example, "cannot be written: " + " ".join(str(error).split()))


def _refused(example: Example, why: str) -> Refused:
    return Refused(f"example {example.get('id')!r} {why}; this is a bug, please report it")

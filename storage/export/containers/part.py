"""A file in the making: it has a hidden name until its last byte is on the disk.

What a newcomer gets wrong: a process may be killed, and a folder read, at any moment. So no byte is
ever written under the name that was asked for, and a file is either whole or not there.
"""

import contextlib
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from storage.errors import DiskError, NotWritable


@dataclass(frozen=True, slots=True)
class Written:
    """A file that is done, as a manifest lists it."""

    path: Path
    rows: int
    size: int
    """In bytes."""
    sha256: str
    """Of all bytes, in hexadecimal digits."""


def hidden(path: Path) -> Path:
    """Return the name beside `path` that a file or folder has while this process makes it."""
    return path.with_name(f".{path.name}.{os.getpid()}.part")


class Part:
    """A file under its hidden name, counted and hashed as it is written.

    It has what pyarrow and zstandard ask of a file. What is written after it was closed is
    forgotten: a writer that is given up may still want to write its end.

    Raises:
        NotWritable: it cannot be made.
    """

    def __init__(self, place: Path) -> None:
        self.size = 0
        self._name = repr(str(place))
        self._path = hidden(place)
        self._digest = hashlib.sha256()
        try:
            self._path.unlink(missing_ok=True)
            self._file = self._path.open("xb")  # "x" makes a file and follows no link
        except OSError as error:
            raise NotWritable(
                f"{self._name}: cannot be made ({error.strerror}); "
                "name a file in a folder that is writable"
            ) from error

    @property
    def closed(self) -> bool:
        """Whether what is written is forgotten."""
        return self._file.closed

    def write(self, data: bytes) -> int:
        """Write bytes, and return how many.

        Raises:
            DiskError: the disk is full or failing.
        """
        if self._file.closed:
            return len(data)
        try:
            self._file.write(data)
        except OSError as error:
            raise self._failing(error) from error
        self._digest.update(data)
        self.size += len(data)
        return len(data)

    def tell(self) -> int:
        """Return how many bytes were written."""
        return self.size

    def flush(self) -> None:
        """Do nothing: only the whole file is worth anything."""

    def close(self) -> None:
        """See to it that every byte is on the disk.

        Raises:
            DiskError: the disk is full or failing.
        """
        if self._file.closed:
            return
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        except OSError as error:
            raise self._failing(error) from error

    def land(self, path: Path, rows: int) -> Written:
        """Give the file its name, in the place of what has it now.

        Raises:
            DiskError: the disk is failing, or a folder has the name.
        """
        self.close()
        try:
            self._path.replace(path)
        except OSError as error:
            raise self._failing(error) from error
        return Written(path, rows, self.size, self._digest.hexdigest())

    def drop(self) -> None:
        """Remove it, if it has not landed."""
        with contextlib.suppress(OSError):  # closing writes what is held back
            self._file.close()
        self._path.unlink(missing_ok=True)

    def _failing(self, error: OSError) -> DiskError:
        return DiskError(f"{self._name}: {error.strerror}; free some space and try again")

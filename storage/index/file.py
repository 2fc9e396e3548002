"""The file of an index: where it stands, how it is made, and when it is made anew.

What a newcomer gets wrong: it may be deleted or made anew by anybody at any time, also under our
hands, and then SQLite goes on writing to a file that has no name any more. So whoever opens it or
writes to it looks first whether the name still stands for the same file. And a file of that name
may be somebody's: what does not say in its header that it is an index is neither written, removed
nor followed, and the index stands among temporary files.
"""

import contextlib
import fcntl
import os
import shutil
import sqlite3
import stat
import tempfile
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

from storage.database import PATIENCE_S, application_id
from storage.errors import NotWritable, StorageError
from storage.index import schema

_PARTS = ("", "-wal", "-shm", "-journal")
_LOGS = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
"""How a log of SQLite's begins."""
_DAMAGE = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT")
_GONE = ("no such table: ", "vtable constructor failed: ")
"""What SQLite says of a table that an index has and this one has not."""


class File:
    """Where an index stands."""

    def __init__(self, database: Path) -> None:
        self.database = database.resolve()
        self._beside = self.database.with_name(f"{self.database.name}.index")
        self.path = self._beside
        self.notice: str | None = None
        """What a person should be told, in one line. None: nothing."""
        self._moving = threading.Lock()
        self._stand_where_it_may()

    def number(self) -> int | None:
        """Return what tells the file from others of the same name. None: there is none."""
        return _number(self.path)

    def connect(self) -> tuple[sqlite3.Connection, int]:
        """Open the file, made if need be; return the connection and the file's number.

        Raises:
            sqlite3.Error: it cannot be opened, or is damaged.
            NotWritable: it cannot be made.
        """
        while True:
            self._stand_where_it_may()
            before = self.number()
            if before is None:
                self.make()
                continue
            connection = sqlite3.connect(
                self.path, isolation_level=None, check_same_thread=False, timeout=PATIENCE_S
            )
            try:
                [version] = connection.execute("PRAGMA user_version").fetchone()
            except sqlite3.Error:
                connection.close()
                raise
            if self.number() == before and version == schema.SCHEMA:
                return connection, before
            connection.close()
            if self.number() == before:
                self.make(instead_of=before)

    def make(self, instead_of: int | None = None) -> None:
        """Make an empty index, unless another process has done so meanwhile, or it may not be.

        Args:
            instead_of: The number of the file that is not fit. None: there is none.

        Raises:
            NotWritable: it cannot be made.
        """
        path = self.path
        try:
            with _alone(path.parent):
                if _number(path) == instead_of and (path != self._beside or not _hindrance(path)):
                    _replace(path, self._mode())
        except OSError as error:
            raise NotWritable(
                f"{str(path)!r}: cannot be made ({error.strerror}); "
                "make its folder writable, or free some space"
            ) from error

    def _stand_where_it_may(self) -> None:
        """Go among temporary files, for good, if the index cannot stand beside its database."""
        with self._moving:
            if self.path == self._beside and (hindrance := _hindrance(self.path)):
                folder = Path(tempfile.mkdtemp(prefix="lyceum-index-"))
                weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
                self.notice = f"{str(self.path)!r}: {hindrance}"
                self.path = folder / self.path.name

    def _mode(self) -> int:
        """Return who may read and write the index: who may the database, and whoever makes it."""
        return stat.S_IMODE(self.database.stat().st_mode) & 0o666 | 0o600


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether an error of SQLite's says that the file is damaged, or lacks a table."""
    name = getattr(error, "sqlite_errorname", "")
    return name.startswith(_DAMAGE) or (name == "SQLITE_ERROR" and str(error).startswith(_GONE))


def _replace(path: Path, mode: int) -> None:
    """Let an empty index have a name; what had it may be removed."""
    number, name = tempfile.mkstemp(prefix=f"{path.name}-", dir=path.parent)
    made = Path(name)
    try:
        with os.fdopen(number):
            os.fchmod(number, mode)
        with contextlib.closing(sqlite3.connect(made, isolation_level=None)) as connection:
            schema.make(connection)
        # A log that outlived its file would be read into the next one of the same name.
        _remove(path)
        made.rename(path)
    finally:
        _remove(made)


def _remove(path: Path) -> None:
    for part in _PARTS:
        _part(path, part).unlink(missing_ok=True)


def _part(path: Path, part: str) -> Path:
    return path.with_name(f"{path.name}{part}")


def _hindrance(path: Path) -> str | None:
    """Return why an index cannot be at a path, and what helps. None: it can.

    Marks against writing count for the superuser too.
    """
    if not _is_free(path):
        return (
            "is no index of Lyceum's, so it is left alone and the index is made anew each time; "
            "give it another name"
        )
    if all(_is_writable(place) for place in (path, path.parent)):
        return None
    return "cannot be written, so the index is made anew each time; make its folder writable"


def _is_free(path: Path) -> bool:
    """Return whether nothing stands at a path and beside it that is not SQLite's or an index."""
    own, *rest = found = [_found(_part(path, part)) for part in _PARTS]
    if not all(each is None or stat.S_ISREG(each.st_mode) for each in found):
        return False
    # An index has no journal, and SQLite removes what it takes for one.
    if rest[-1] is not None or not _is_log(_part(path, "-wal")):
        return False
    try:
        is_empty = own is None or not own.st_size
        return is_empty or application_id(path) == schema.APPLICATION_ID
    except StorageError:
        return _number(path) is None


def _is_log(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) in (b"", *_LOGS)
    except OSError:
        return _number(path) is None


def _is_writable(path: Path) -> bool:
    found = _found(path)
    if found is None or (found.st_mode & 0o222 and os.access(path, os.W_OK)):
        return True
    return _number(path) != found.st_ino  # it was removed while it was looked at


def _number(path: Path) -> int | None:
    found = _found(path)
    return None if found is None else found.st_ino


def _found(path: Path) -> os.stat_result | None:
    """Return what stands at a path, which is not followed. None: nothing does."""
    try:
        return path.lstat()
    except FileNotFoundError:
        return None


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time make files in a folder; nothing is left there."""
    lock = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)

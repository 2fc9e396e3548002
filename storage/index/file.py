"""The file of an index: where it stands, how it is made, and when it is made anew.

What a newcomer gets wrong: it may be deleted or made anew by anybody at any time, also under our
hands, and then SQLite goes on writing to a file that has no name any more. So whoever opens it or
writes to it looks first whether the name still stands for the same file.
"""

import contextlib
import fcntl
import os
import shutil
import sqlite3
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path

from storage.database import PATIENCE_S
from storage.index import schema

_PARTS = ("", "-wal", "-shm", "-journal")
_SOUND = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_NOMEM", "SQLITE_INTERRUPT")
"""Errors that say nothing against the file."""


class File:
    """Where an index stands."""

    def __init__(self, database: Path) -> None:
        self.path = database.resolve()
        self.path = self.path.with_name(f"{self.path.name}.index")
        self.notice: str | None = None
        """What a person should be told, in one line. None: nothing."""
        if not _can_stand(self.path):
            folder = Path(tempfile.mkdtemp(prefix="lyceum-index-"))
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            self.notice = (
                f"{str(self.path)!r}: cannot be written, so the index is made anew each time; "
                "make its folder writable"
            )
            self.path = folder / self.path.name

    def number(self) -> int | None:
        """Return what tells the file from others of the same name. None: there is none."""
        try:
            return self.path.stat().st_ino
        except FileNotFoundError:
            return None

    def connect(self) -> tuple[sqlite3.Connection, int]:
        """Open the file, made if need be; return the connection and the file's number.

        Raises:
            sqlite3.Error: it cannot be opened, or is damaged.
        """
        while True:
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
        """Make an empty index, unless another process has done so meanwhile.

        Args:
            instead_of: The number of the file that is not fit. None: there is none.
        """
        with _alone(self.path.parent):
            if self.number() != instead_of:
                return
            made = self.path.with_name(f"{self.path.name}-new")
            _remove(made)
            with contextlib.closing(sqlite3.connect(made, isolation_level=None)) as connection:
                schema.make(connection)
            # A log that outlived its file would be read into the next one of the same name.
            _remove(self.path)
            made.rename(self.path)


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether an error of SQLite's speaks against the file."""
    return not getattr(error, "sqlite_errorname", "").startswith(_SOUND)


def _remove(path: Path) -> None:
    for part in reversed(_PARTS):
        path.with_name(f"{path.name}{part}").unlink(missing_ok=True)


def _can_stand(path: Path) -> bool:
    """Return whether an index can be at a path; marks count for the superuser too."""
    if path.exists() and not path.is_file():
        return False
    places = [place for place in (path, path.parent) if place.exists()]
    return all(os.access(each, os.W_OK) and each.stat().st_mode & 0o222 for each in places)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time make files in a folder; nothing is left there."""
    lock = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)

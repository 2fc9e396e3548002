"""The file `NAME.index` beside a database: how it is opened, read and kept up.

What a newcomer gets wrong: it holds nothing that the database does not. `generate` knows nothing of
it; whoever looks brings it up to date first, with `keep_up`. It may be deleted at any time, several
processes may use it at once, and what is damaged or of another database is made anew.
"""

import contextlib
import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from storage.database import PATIENCE_S, connect_to_read, prepare, translated
from storage.index import schema
from storage.index.file import File, is_damage
from storage.index.keeping import BATCH, Keeper
from storage.queries import Reader

T = TypeVar("T")
Stamp = tuple[int, ...]
"""What tells a file from another; empty: there is none."""
Tell = Callable[[str, int, int], None]
"""Told what is being read ("trajectories" or "texts"), how many were, and of how many."""


class Index:
    """The index of a database, for any number of threads."""

    def __init__(self, database: Path, file: File) -> None:
        self.database = database
        self._file = file
        self._idle: list[tuple[sqlite3.Connection, int]] = []
        self._readers: list[tuple[Reader, Stamp]] = []
        self.offers: dict[str | None, tuple[str, dict[str, list[tuple[str, int]]]]] = {}
        """What was offered last, by run, and at which state of the index; see `finding.offered`."""
        self._keeping = threading.Lock()
        self._patience_ms = 0
        """How long whoever keeps it up now waits for another process."""
        self._writing: tuple[sqlite3.Connection, int, Keeper] | None = None

    @classmethod
    def open(cls, database: Path) -> Self:
        """Open the index of a database; there need be none yet, and an unfit one is made anew.

        Raises:
            StorageError: the database is missing, not ours, newer or locked.
        """
        prepare(database, create=False)
        return cls(database, File(database))

    @property
    def path(self) -> Path:
        """Where it stands: beside the database, or among temporary files."""
        return self._file.path

    @property
    def notice(self) -> str | None:
        """What a person should be told once, in one line. None: nothing."""
        return self._file.notice

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; whoever reads or writes now must be done."""
        self._stop_writing()
        while self._idle:
            self._idle.pop()[0].close()
        while self._readers:
            self._readers.pop()[0].close()

    def keep_up(
        self, tell: Tell | None = None, most: int | None = None, *, waits: bool = False
    ) -> int:
        """Read what has changed in the database: the rows of the table first, then the texts.

        Where another thread or process is at it already, it is left to it.

        Args:
            tell: Told how far it is, after each batch.
            most: How many changes and texts are read at most. None: all there are.
            waits: Whether another process has some seconds to let this one at it.

        Returns:
            How many changes and texts are still to be read.

        Raises:
            StorageError: the database cannot be read, or the disk is full.
        """
        if self._keeping.acquire(blocking=False):
            try:
                self._patience_ms = round(PATIENCE_S * 1000) if waits else 0
                with self._source() as reader:
                    self._keep_up_undamaged(reader, tell, most)
            finally:
                self._keeping.release()
        return self.coming()

    def coming(self) -> int:
        """Return how many changes and texts are still to be read."""
        with self._source() as reader:
            return self.read(
                lambda connection: (
                    schema.changes_coming(connection, reader) + schema.texts_coming(connection)
                )
            )

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query to the index; values go into it as parameters only.

        Raises:
            StorageError: it is busy for too long, or the disk is full.
        """
        return self.read(lambda connection: connection.execute(sql, values).fetchall())

    def read(self, ask: Callable[[sqlite3.Connection], T]) -> T:
        """Return what is asked of the index as of one moment; a damaged one is made anew first.

        Raises:
            StorageError: it is busy for too long, or the disk is full.
        """
        number = self._file.number()
        try:
            with self.reading() as connection:
                return ask(connection)
        except sqlite3.Error as error:
            if not self._is_over(error, number):
                raise translated(error, self.path) from error
        try:
            with self._keeping:
                self._renew(number)
            self.keep_up(most=BATCH)
            with self.reading() as connection:
                return ask(connection)
        except sqlite3.Error as error:
            raise translated(error, self.path) from error

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection that only reads, and sees the index as of one moment."""
        connection, number = self._connection()
        with contextlib.ExitStack() as undo:
            undo.callback(connection.close)
            connection.execute("BEGIN")
            yield connection
            connection.execute("COMMIT")
            undo.pop_all()
        self._idle.append((connection, number))

    def _connection(self) -> tuple[sqlite3.Connection, int]:
        while True:
            try:
                connection, number = self._idle.pop()
            except IndexError:
                connection, number = self._file.connect()
                connection.execute("PRAGMA query_only = ON")
                connection.execute("PRAGMA cache_size = -32000")
                return connection, number
            if number == self._file.number():
                return connection, number
            connection.close()

    @contextlib.contextmanager
    def _source(self) -> Iterator[Reader]:
        """Lend a reader of the database that has the name now, which may be another than before."""
        number = _stamp(self.database)
        reader = None
        while self._readers and reader is None:
            reader, of = self._readers.pop()
            if of != number:
                reader.close()
                reader = None
        reader = reader or self._opened()
        with contextlib.ExitStack() as undo:
            undo.callback(reader.close)
            yield reader
            undo.pop_all()
        if self.notice is None and os.access(self.database, os.W_OK):
            self._readers.append((reader, number))
        else:
            reader.close()  # where nothing can be written, a reader sees the file as it was

    def _opened(self) -> Reader:
        connection = connect_to_read(self.database)
        connection.row_factory = None
        connection.execute("PRAGMA cache_size = -64000")
        connection.text_factory = partial(str, encoding="utf-8", errors="replace")
        return Reader(self.database, connection)

    def _keep_up_undamaged(self, reader: Reader, tell: Tell | None, most: int | None) -> None:
        number = self._file.number()
        try:
            try:
                self._keep_up(reader, tell, most)
            except sqlite3.Error as error:
                if not self._is_over(error, number):
                    raise
                self._renew(number)
                self._keep_up(reader, tell, most)
        except sqlite3.Error as error:
            self._stop_writing()  # what was not committed must not be remembered
            if not getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
                raise translated(error, self.path) from error

    def _keep_up(self, reader: Reader, tell: Tell | None, most: int | None) -> None:
        connection, keeper = self._writer(reader)
        left = most if most is not None else sys.maxsize
        for what, step in (("trajectories", keeper.read_changes), ("texts", keeper.read_texts)):
            # What comes while this goes on is left to the next time, or it might never end.
            ahead = (
                schema.changes_coming(connection, reader)
                if what == "trajectories"
                else schema.texts_coming(connection)
            )
            while left > 0 and ahead > 0:
                with _transaction(connection), _snapshot(reader):
                    done = step(reader, min(BATCH, left))
                left, ahead = left - done, ahead - done if done else 0
                if tell and done:
                    [have] = connection.execute(
                        "SELECT coalesce(sum(times), 0) FROM combos"
                    ).fetchone()
                    now = have if what == "trajectories" else have - ahead
                    tell(what, now, now + ahead)

    def _writer(self, reader: Reader) -> tuple[sqlite3.Connection, Keeper]:
        """Return the connection that writes, to an index that fits the database."""
        while True:
            if self._writing is None or self._writing[1] != self._file.number():
                self._stop_writing()
                connection, number = self._file.connect()
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute("PRAGMA cache_size = -64000")
                self._writing = connection, number, Keeper(connection)
            connection, number, keeper = self._writing
            connection.execute(f"PRAGMA busy_timeout = {self._patience_ms}")
            if schema.fits(connection, reader):
                return connection, keeper
            self._stop_writing()
            self._file.make(instead_of=number)

    def _is_over(self, error: sqlite3.Error, number: int | None) -> bool:
        """Return whether an error is of a file that is damaged, or has lost its name meanwhile."""
        return is_damage(error) or self._file.number() != number

    def _renew(self, number: int | None) -> None:
        """Let the file of that number be made anew, unless another is there already."""
        self._stop_writing()
        self._file.make(instead_of=number)

    def _stop_writing(self) -> None:
        if self._writing is not None:
            self._writing[0].close()
            self._writing = None


def _stamp(database: Path) -> Stamp:
    """Return what changes when a file is put in the place of a database, or copied over it."""
    try:
        found = database.stat()
    except FileNotFoundError:
        return ()
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Let what is done in the block be written whole, or not at all; others wait, or are told."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


@contextlib.contextmanager
def _snapshot(reader: Reader) -> Iterator[None]:
    """Let all that is read in the block be of one moment."""
    list(reader.rows("BEGIN"))
    try:
        yield
    finally:
        list(reader.rows("COMMIT"))

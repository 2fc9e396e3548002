"""The door to the file: who may open it, and what SQLite's errors mean.

A file is looked at before SQLite is let near it, so that what is refused is not touched. What a
newcomer gets wrong: the application id is written before the file turns to WAL mode, because only
then is it sure to stand in the header and not in the log beside it.
"""

import contextlib
import os
import sqlite3
import time
from pathlib import Path

from sqlite_utils import Database

from storage.errors import (
    Corrupt,
    DiskError,
    Locked,
    Missing,
    Newer,
    NotOurs,
    NotWritable,
    Refused,
    StorageError,
)
from storage.migrations import APPLICATION_ID, migrations, pending, unknown

PATIENCE_S = 5.0
"""Seconds to wait for another process that holds the database."""
LOG_PAGES = 4_000
"""How many pages, of 4 kB, SQLite's log takes before they are carried over to the file. Ids are
hashes, so in a large file an episode touches some thirty pages that no other does; in a log four
times the usual, more of them are there twice, and are carried over once."""


def prepare(path: Path, *, create: bool, patience_s: float = PATIENCE_S) -> None:
    """Make sure that a database of today's schema stands at the path.

    Raises:
        StorageError: it does not and cannot; then nothing was written.
    """
    fresh = _examine(path, create=create)
    if not fresh and not _is_old(path, patience_s):
        return
    require_writable(path)
    connection = connect(path, patience_s=patience_s)
    try:
        _migrate(connection)
        _use_wal(connection, patience_s)
    except sqlite3.Error as error:
        raise translated(error, path) from error
    finally:
        connection.close()


def connect(path: Path, *, patience_s: float = PATIENCE_S) -> sqlite3.Connection:
    """Open a prepared database for writing; transactions are begun and ended by hand."""
    connection = _connect(path, "rwc", patience_s, "PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
    return connection


def connect_to_read(path: Path, *, patience_s: float = PATIENCE_S) -> sqlite3.Connection:
    """Open a prepared database for reading only, also while another connection writes.

    A connection in SQLite's own read-only mode leaves its files of WAL mode behind, so that mode is
    kept for places that cannot be written; elsewhere the connection is told not to write. Without a
    log there is nobody who writes, and nothing to be made beside the file.
    """
    return _connect(path, _reading_mode(path), patience_s, "PRAGMA query_only = ON")


def attach_to_read(connection: sqlite3.Connection, path: Path, name: str) -> None:
    """Attach a prepared database to a connection, which must only read there."""
    uri = f"{path.absolute().as_uri()}?mode={_reading_mode(path)}"
    connection.execute(f"ATTACH ? AS {name}", (uri,))


def _reading_mode(path: Path) -> str:
    if _is_writable(path) and _is_writable(path.parent):
        return "rw"
    log = path.with_name(f"{path.name}-wal")
    return "ro" if log.exists() and log.stat().st_size else "ro&immutable=1"


def connect_to_nothing() -> sqlite3.Connection:
    """Open an empty database of today's schema in memory."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    _migrate(connection)
    return connection


def require_writable(path: Path) -> None:
    """Refuse a file that is marked read-only, or stands in such a folder.

    The marks count for the superuser too: whoever set them meant it.
    """
    for place in (path, path.parent):
        if place.exists() and not _is_writable(place):
            raise NotWritable(
                f"{str(place)!r}: cannot be written; change its permissions or name another file"
            )
    if path.exists() and path.stat().st_nlink > 1:
        # SQLite keeps its log beside the name: under two names it would be written without it.
        raise NotWritable(
            f"{str(path)!r}: is a file of two names (a hard link); remove one, or copy the file"
        )


def remove_if_empty(path: Path, table: str) -> bool:
    """Remove a database whose table has no row, or that has no such table, if nobody else is there.

    Returns:
        Whether it was removed; not while another connection has it open.
    """
    connection = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        # Refused while anyone else is there, for a connection keeps its shared lock in WAL mode.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        made = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        if made and connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone():
            return False
        for name in ("", "-wal", "-shm", "-journal"):
            path.with_name(f"{path.name}{name}").unlink(missing_ok=True)
    except sqlite3.Error:
        return False
    finally:
        connection.close()
    return True


def translated(error: sqlite3.Error, path: Path) -> StorageError:
    """Return our error for one of SQLite's; the message is one line with the file's name."""
    name = getattr(error, "sqlite_errorname", "")
    for start, kind, remedy in _MEANINGS:
        if name.startswith(start):
            return kind(f"{str(path)!r}: {_one_line(error)}; {remedy}")
    return StorageError(
        f"{str(path)!r}: SQLite says {_one_line(error)} ({name or 'no code'}); "
        "`verify` tells whether the file is damaged"
    )


_MEANINGS: tuple[tuple[str, type[StorageError], str], ...] = (
    ("SQLITE_BUSY", Locked, "another process is writing: try again when it is done"),
    ("SQLITE_LOCKED", Locked, "another process is writing: try again when it is done"),
    ("SQLITE_READONLY", NotWritable, "change its permissions or name another database"),
    ("SQLITE_PERM", NotWritable, "change its permissions or name another database"),
    ("SQLITE_CANTOPEN", NotWritable, "make its folder writable or copy it to one that is"),
    ("SQLITE_FULL", DiskError, "free some space and resume"),
    ("SQLITE_IOERR", DiskError, "look after the disk, then resume"),
    ("SQLITE_CORRUPT", Corrupt, "restore it from a copy"),
    ("SQLITE_NOTADB", NotOurs, "name a Lyceum database"),
    ("SQLITE_CONSTRAINT", Refused, "please report this"),
)


def _examine(path: Path, *, create: bool) -> bool:
    """Return whether the file is still to be made; refuse one that is not ours, untouched."""
    name = repr(str(path))
    try:
        if path.is_dir():
            raise NotOurs(f"{name}: is a folder; name a database file")
        if not path.exists():
            return _examine_nothing(path, create=create)
        empty = path.stat().st_size == 0
    except OSError as error:
        raise NotWritable(
            f"{name}: cannot be read ({error.strerror}); name another file"
        ) from error
    if empty and create:
        return True
    if empty:
        raise NotOurs(f"{name}: is empty; name a Lyceum database or a file that does not exist yet")
    if application_id(path) != APPLICATION_ID:
        raise NotOurs(f"{name}: is a SQLite file, but not Lyceum's; name another file")
    return False


def application_id(path: Path) -> int:
    """Return the application id in a file's header; the file is neither locked nor touched.

    SQLite itself must read it: a file that is opened and closed beside SQLite loses this process's
    locks on it (https://sqlite.org/howtocorrupt.html, 2.2), and then others delete its log.
    """
    try:
        uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as connection:
            # Without its log the file may be shorter than its header says: whoever wrote the log
            # back was killed, or ran out of disk. With this SQLite reads the header all the same.
            connection.execute("PRAGMA writable_schema = ON")
            [found] = connection.execute("PRAGMA application_id").fetchone()
            connection.execute("PRAGMA schema_version")
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorname", "").startswith("SQLITE_CANTOPEN"):
            raise translated(error, path) from error
        raise NotOurs(
            f"{str(path)!r}: is not a SQLite file; name a Lyceum database or a file that does not "
            "exist yet"
        ) from error
    return int(found)


def _examine_nothing(path: Path, *, create: bool) -> bool:
    if not create:
        raise Missing(f"{str(path)!r}: there is no such database; make one with `generate`")
    if not path.parent.is_dir():
        raise Missing(f"{str(path.parent)!r}: there is no such folder; make it first")
    return True


def _is_old(path: Path, patience_s: float) -> bool:
    """Return whether something is still to be done to the file; refuse a newer schema."""
    connection = connect_to_read(path, patience_s=patience_s)
    try:
        db = Database(connection, recursive_triggers=False, execute_plugins=False)
        if strange := unknown(db):
            raise Newer(
                f"{str(path)!r}: was made by a newer Lyceum ({strange[0]} is unknown here); "
                "upgrade, or name another file"
            )
        [mode] = connection.execute("PRAGMA journal_mode").fetchone()
        # Where nothing can be written, SQLite does not say that a file is in WAL mode.
        return pending(db) or (mode != "wal" and _reading_mode(path) == "rw")
    except sqlite3.Error as error:
        raise translated(error, path) from error
    finally:
        connection.close()


def _migrate(connection: sqlite3.Connection) -> None:
    """Apply what is pending in one transaction; a second process waits and finds nothing to do."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        db = Database(connection, recursive_triggers=False, execute_plugins=False)
        migrations.apply(db)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _use_wal(connection: sqlite3.Connection, patience_s: float) -> None:
    """Turn the file to WAL mode, for good; SQLite itself does not wait for others here."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _connect(path: Path, mode: str, patience_s: float, pragma: str) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=patience_s,
        )
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(pragma)
    except sqlite3.Error as error:
        raise translated(error, path) from error
    return connection


def _is_writable(place: Path) -> bool:
    return bool(place.stat().st_mode & 0o222) and os.access(place, os.W_OK)


def _one_line(error: sqlite3.Error) -> str:
    return " ".join(str(error).split())

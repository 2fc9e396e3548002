"""Databases as bytes: read from a file or built from a script, and kept for the next check.

What a newcomer gets wrong: a script is text that a model may have written. It may create tables and
insert rows, and nothing else.
"""

import sqlite3
import stat
from collections import OrderedDict
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock

from agents.errors import VerifierError
from agents.verifiers.sql.tokens import tokens

DATABASE_BYTES = 64 * 2**20
"""The largest database that is read or built."""
SCRIPT_CHARACTERS = 1_000_000
BUILD_STEPS = 50_000_000
"""The most steps of SQLite's machine for building a script or thinning out a database."""
KEPT_BYTES = 128 * 2**20
"""How much a shelf holds."""

_MAGIC = b"SQLite format 3\x00"
_STATEMENTS = frozenset({"CREATE", "INSERT", "BEGIN", "COMMIT", ";"})
_NOT_IN_SCRIPTS = frozenset({"SELECT", "AS", "VIEW", "TRIGGER", "VIRTUAL", "TEMP", "TEMPORARY"})
_BUILDING = frozenset(
    {
        sqlite3.SQLITE_CREATE_TABLE,
        sqlite3.SQLITE_CREATE_INDEX,
        sqlite3.SQLITE_INSERT,
        sqlite3.SQLITE_UPDATE,  # of the schema table, which is what CREATE does
        sqlite3.SQLITE_SELECT,  # VALUES with several rows
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_REINDEX,
        sqlite3.SQLITE_TRANSACTION,
    }
)


@dataclass(frozen=True, slots=True)
class Image:
    """A whole database as it would lie in a file."""

    content: bytes
    digest: str
    """Of the file or script that it came from; what is built differs with the version of SQLite."""
    views: dict[str, str]
    """SQL of each view, by its name in lower case."""


class Shelf:
    """Images that were made before; beyond `KEPT_BYTES` the least recently used are forgotten."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, ...], tuple[Image, ...]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[str, ...], make: Callable[[], tuple[Image, ...]]) -> tuple[Image, ...]:
        """Return the images of a key, made now if they are not here."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        images = make()
        with self._lock:
            self._kept[key] = images
            while len(self._kept) > 1 and self._bytes() > KEPT_BYTES:
                self._kept.popitem(last=False)
        return images

    def _bytes(self) -> int:
        return sum(len(image.content) for images in self._kept.values() for image in images)


def stamp(path: str) -> str:
    """Return what tells one content of a file from another without reading it.

    Raises:
        VerifierError: there is no such file, or it has changes that are not written into it yet.
    """
    try:
        facts = Path(path).stat()
        log = Path(path + "-wal")
        unfinished = log.stat().st_size if log.exists() else 0
    except (OSError, ValueError) as error:
        raise VerifierError(f"database {path!r}: cannot be read: {error}") from error
    if not stat.S_ISREG(facts.st_mode):
        raise VerifierError(f"database {path!r}: is not a file")
    if unfinished:
        raise VerifierError(
            f"database {path!r}: has changes in {log.name!r}; close whoever writes to it, "
            "or run PRAGMA wal_checkpoint(TRUNCATE)"
        )
    return f"{facts.st_dev}/{facts.st_ino}/{facts.st_size}/{facts.st_mtime_ns}/{facts.st_ctime_ns}"


def read_file(path: str) -> Image:
    """Return the image of a SQLite file.

    Raises:
        VerifierError: it cannot be read, is no SQLite database, or exceeds `DATABASE_BYTES`.
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(DATABASE_BYTES + 1)
    except (OSError, ValueError) as error:
        raise VerifierError(f"database {path!r}: cannot be read: {error}") from error
    if len(content) > DATABASE_BYTES:
        raise VerifierError(f"database {path!r}: larger than {DATABASE_BYTES} bytes; cut it down")
    if not content.startswith(_MAGIC):
        raise VerifierError(f"database {path!r}: is not a SQLite database")
    # Bytes 18 and 19 ask for a write-ahead log, which a database in memory cannot have.
    content = content[:18] + b"\x01\x01" + content[20:]
    try:
        return image_of(content, sha256(content).hexdigest())
    except sqlite3.Error as error:
        raise VerifierError(f"database {path!r}: {error}") from error


def build(script: str) -> Image:
    """Return the database that a script of CREATE TABLE, CREATE INDEX and INSERT builds.

    Raises:
        VerifierError: the script holds anything else, fails, or builds too much.
    """
    if len(script) > SCRIPT_CHARACTERS:
        raise VerifierError(f"script: longer than {SCRIPT_CHARACTERS} characters")
    _screen(script)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        database.execute(f"PRAGMA max_page_count = {DATABASE_BYTES // 4096}")
        database.set_authorizer(
            lambda action, *_: sqlite3.SQLITE_OK if action in _BUILDING else sqlite3.SQLITE_DENY
        )
        limit_steps(database)
        try:
            database.executescript(script)
            if database.in_transaction:
                database.commit()
        except (sqlite3.Error, sqlite3.Warning, ValueError, MemoryError) as error:
            raise VerifierError(f"script: {error}") from error
        database.set_authorizer(None)
        return image_of(database.serialize(), sha256(script.encode()).hexdigest())


def open_image(content: bytes) -> sqlite3.Connection:
    """Open a private copy of a database in memory."""
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.deserialize(content)
    return database


def image_of(content: bytes, source_digest: str) -> Image:
    """Return the image of a database that lies in memory."""
    with closing(open_image(content)) as database:
        rows = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'view'")
        return Image(content, source_digest, {name.lower(): sql for name, sql in rows})


def limit_steps(database: sqlite3.Connection) -> None:
    """Let a connection work for `BUILD_STEPS`, then fail."""
    left = iter(range(BUILD_STEPS // 10_000))
    database.set_progress_handler(lambda: next(left, None) is None, 10_000)


def _screen(script: str) -> None:
    """Refuse a script that does more than fill tables, or not the same at every time."""
    begins, last = True, ""
    for token in tokens(script):
        word = token.source.upper()
        if begins and word not in _STATEMENTS:
            raise VerifierError(f"script: {word[:40]!r} begins none of {sorted(_STATEMENTS)}")
        if token.kind == "word" and word in _NOT_IN_SCRIPTS:
            raise VerifierError(f"script: {word!r} is not allowed; give plain tables and rows")
        if last == "DEFAULT" and (word == "(" or word.startswith("CURRENT_")):
            raise VerifierError("script: a DEFAULT must be a plain value, the same tomorrow")
        begins, last = word == ";", word

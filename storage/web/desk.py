"""What the pages are made from: the database, whoever looks at it, and the index beside it.

What a newcomer gets wrong: requests run in several threads, so each borrows a reader of its own for
as long as it takes; and a file that is gone stays readable, and writable, for whoever has it open,
so the path is looked at before every loan. One thread keeps the index up while requests come; no
request waits for a million rows to be indexed.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from storage.errors import Away, StorageError
from storage.export.making import Steps
from storage.index import Index
from storage.people.giving import People
from storage.people.rubric import Criterion
from storage.queries import Reader
from storage.web.seat import Seat

_KEPT = 8
"""How many readers are kept open for the next requests."""
_PATIENCE_S = 2.0
_TURN, _AT_ONCE = 5_000, 500
"""How many changes are indexed at a time by the thread, and by a request."""
_PAUSE_S = 1.0
"""Seconds between two looks for changes, while requests come."""
_FIRST_S = 2.0
"""How long a request waits for the first look, which tells whether much is to be read."""
_SAY_EVERY_S = 5.0


class Desk:
    """Lends what a request needs.

    Args:
        database: The path; an existing database.
        person: Who looks, by the name that their verdicts have. None: nobody gives any.
        steps: Finds the steps of an attempt.
        tell: Says a line to whoever started the server.
        criteria: The rubric of runs whose own is not known.
    """

    def __init__(
        self,
        database: Path,
        *,
        person: str | None,
        steps: Steps,
        tell: Callable[[str], None],
        criteria: Sequence[Criterion] = (),
    ) -> None:
        self.database = database
        self.person = person
        self.steps = steps
        self.tell = tell
        self.criteria = criteria
        self.seat = Seat(person or "")
        self.indexing: str | None = None
        """What is still to be indexed, as a line for a page. None: next to nothing."""
        self._identity = _identity(database)
        self._readers: list[Reader] = []
        self._index: Index | None = None
        self._people: People | None = None
        self._lock = threading.Lock()
        self._asked, self._closing = threading.Event(), threading.Event()
        self._read_once = threading.Event()
        self._keeper = threading.Thread(target=self._keep_up, name="index", daemon=True)
        self._said_at = time.monotonic()

    def start(self) -> None:
        """Begin to keep the index up."""
        self._asked.set()
        self._keeper.start()

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return datetime.now(UTC)

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """Lend a reader for as long as the block lasts; all that it reads is of one moment.

        Raises:
            Away: the database is not there any more.
            StorageError: it cannot be read.
        """
        reader, whole = self._borrowed(), False
        try:
            _all(reader, "BEGIN")
            yield reader
            _all(reader, "COMMIT")
            whole = True
        finally:
            self._returned(reader, whole=whole)

    def index(self) -> Index:
        """Return the index; a few changes are read into it now, and the others soon.

        Raises:
            Away: the database is not there any more.
            StorageError: it cannot be read, or the index cannot be written.
        """
        index = self._opened_index()
        self._asked.set()
        # Who asks while the keeper is at its first turn would find less than there is.
        if self.indexing is None and self._keeper.is_alive():
            self._read_once.wait(_FIRST_S)
        if self.indexing is None:
            index.keep_up(most=_AT_ONCE)
        return index

    def people(self) -> People:
        """Return what people's verdicts are given through; it is opened by the first who writes.

        Raises:
            Away: the database is not there any more.
            StorageError: it cannot be written.
        """
        with self._lock:
            self._look()
            if self._people is None:
                self._people = People.open(self.database)
            return self._people

    def close(self) -> None:
        """Close what is open and not lent."""
        self._closing.set()
        self._asked.set()
        if self._keeper.is_alive():
            self._keeper.join()
        with self._lock:
            self._drop()
            if self._index is not None:
                self._index.close()

    def _borrowed(self) -> Reader:
        self._asked.set()
        with self._lock:
            self._look()
            if self._readers:
                return self._readers.pop()
        return Reader.open(self.database, patience_s=_PATIENCE_S)

    def _returned(self, reader: Reader, *, whole: bool) -> None:
        """Keep a reader for the next request, or close it if something was wrong with it."""
        with self._lock:
            if whole and len(self._readers) < _KEPT and not self._closing.is_set():
                self._readers.append(reader)
                return
        reader.close()

    def _opened_index(self) -> Index:
        with self._lock:
            self._look()
            if self._index is None:
                self._index = Index.open(self.database)
                if self._index.notice:
                    self.tell(self._index.notice)
            return self._index

    def _look(self) -> None:
        """Drop what is open if another file has the database's name; the lock is held.

        Raises:
            Away: no file has it.
        """
        found = _identity(self.database)
        if found is None:
            self._drop()
            raise Away(
                f"{str(self.database)!r}: the database is not there any more; put it back, or "
                "start again with another"
            )
        if found != self._identity:
            self._drop()
            self._identity = found

    def _drop(self) -> None:
        """Close what has the old file open; the index finds out for itself."""
        readers, self._readers = self._readers, []
        people, self._people = self._people, None
        for each in (*readers, people):
            if each is not None:
                each.close()

    def _keep_up(self) -> None:
        """Index what has changed, whenever a request came since."""
        while not self._closing.is_set():
            self._asked.wait()
            self._asked.clear()
            try:
                self._index_all()
            except (StorageError, OSError) as error:
                self.indexing = f"The table may be behind: {error}"
                self._read_once.set()
            self._closing.wait(_PAUSE_S)

    def _index_all(self) -> None:
        index = self._opened_index()
        while index.keep_up(self._say, most=_TURN, waits=True) and not self._closing.is_set():
            pass
        self.indexing = None
        self._read_once.set()

    def _say(self, what: str, done: int, whole: int) -> None:
        """Say how far the index is, if there is more to do than a page would notice."""
        if whole - done < _AT_ONCE:
            return
        self.indexing = f"Indexing {what}: {done:,} of {whole:,}."
        self._read_once.set()
        if time.monotonic() - self._said_at > _SAY_EVERY_S:
            self._said_at = time.monotonic()
            self.tell(f"indexing {what}: {done:,} of {whole:,}")


def _identity(path: Path) -> tuple[int, int] | None:
    """Return which file stands at a path. None: none does."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _all(reader: Reader, sql: str) -> None:
    list(reader.rows(sql))

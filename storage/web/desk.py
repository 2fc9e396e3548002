"""What the pages are made from: the database, whoever looks at it, and the index beside it.

What a newcomer gets wrong: requests run in several threads, so each borrows a reader of its own for
as long as it takes; and a file that is gone stays readable for whoever has it open, so the path is
looked at before every loan. One thread keeps the index up while requests come; no request waits
for a million rows to be indexed.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from storage.errors import Away, StorageError
from storage.export.making import Steps
from storage.queries import Reader
from storage.web.blind import Criterion

_KEPT = 8
"""How many readers are kept open for the next requests."""
_PATIENCE_S = 2.0
_TURN = 5_000
"""How many changes are indexed at a time."""
_PAUSE_S = 1.0
"""Seconds between two looks for changes, while requests come."""


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
        self.indexing: str | None = None
        """What is still to be indexed, as a line for a page. None: nothing."""
        self._identity = _identity(database)
        self._readers: list[Reader] = []
        self._lock = threading.Lock()
        self._asked, self._closing = threading.Event(), threading.Event()
        self._keeper = threading.Thread(target=self._keep_up, name="index", daemon=True)
        self._index: Any = None
        self._people: Any = None

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
            Away: the database is not there any more, or is another file.
            StorageError: it cannot be read.
        """
        reader = self._borrowed()
        whole = False
        try:
            _all(reader, "BEGIN")
            yield reader
            _all(reader, "COMMIT")
            whole = True
        finally:
            self._returned(reader, whole=whole)

    def index(self) -> Any:  # noqa: ANN401
        """Return the index, which is kept up from now on."""
        self._asked.set()
        with self._lock:
            if self._index is None:
                self._index = import_module("storage.index.index").Index.open(self.database)
            return self._index

    def people(self) -> Any:  # noqa: ANN401
        """Return what people's verdicts are given through; it is opened by the first who writes."""
        with self._lock:
            if self._people is None:
                self._people = import_module("storage.people.giving").People.open(self.database)
            return self._people

    def close(self) -> None:
        """Close what is open and not lent."""
        self._closing.set()
        self._asked.set()
        if self._keeper.is_alive():
            self._keeper.join()
        self._drop_readers()
        for each in (self._index, self._people):
            if each is not None:
                each.close()

    def _drop_readers(self) -> None:
        with self._lock:
            readers, self._readers = self._readers, []
        for reader in readers:
            reader.close()

    def _returned(self, reader: Reader, *, whole: bool) -> None:
        """Keep a reader for the next request, or close it if something was wrong with it."""
        with self._lock:
            if whole and len(self._readers) < _KEPT:
                self._readers.append(reader)
                return
        reader.close()

    def _keep_up(self) -> None:
        """Index what has changed, whenever a request came since."""
        while not self._closing.is_set():
            self._asked.wait()
            self._asked.clear()
            try:
                self._index_all()
            except StorageError as error:
                if str(error) != self.indexing:
                    self.tell(str(error))
                self.indexing = str(error)
            self._closing.wait(_PAUSE_S)

    def _index_all(self) -> None:
        left = whole = self.index().keep_up(most=_TURN)
        while left and not self._closing.is_set():
            whole = max(whole, left)
            self.indexing = f"indexing, {whole - left:,} of {whole:,}"
            left = self.index().keep_up(most=_TURN)
        self.indexing = None

    def _borrowed(self) -> Reader:
        found = _identity(self.database)
        if found is None:
            self._drop_readers()
            raise Away(
                f"{str(self.database)!r}: the database is not there any more; put it back, or "
                "start again with another"
            )
        if found != self._identity:
            self._drop_readers()
            self._identity = found
        with self._lock:
            if self._readers:
                return self._readers.pop()
        return Reader.open(self.database, patience_s=_PATIENCE_S)


def _identity(path: Path) -> tuple[int, int] | None:
    """Return which file stands at a path. None: none does."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _all(reader: Reader, sql: str) -> None:
    list(reader.rows(sql))

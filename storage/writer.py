"""The one thread that writes: a bounded queue in front, one transaction for all that waits behind.

What a newcomer gets wrong: a caller is answered only after the commit, so what `run` returned is on
disk; and a caller that is cancelled while it waits has not taken its operation back.
"""

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from storage.database import PATIENCE_S, connect, translated
from storage.errors import StorageError

T = TypeVar("T")
Operation = Callable[[sqlite3.Connection], T]
"""Reads and writes on the writing connection; it neither begins nor ends a transaction."""

WAITING = 1024
"""How many operations may wait; further callers wait for a place."""
BATCH = 512
"""How many operations share one transaction at most."""
_ITS_OWN_FAULT = (
    sqlite3.Error,
    StorageError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
)
"""What an operation may raise; anything else is a fault of ours and stops the writer."""


@dataclass(slots=True)
class _Job:
    operation: Operation[Any]
    future: asyncio.Future[Any]
    value: Any = None
    error: Exception | None = None


class Writer:
    """Owns the only writing connection of a prepared database."""

    def __init__(self, path: Path, *, patience_s: float = PATIENCE_S) -> None:
        self.path = path
        self._connection = connect(path, patience_s=patience_s)
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._places = asyncio.Semaphore(WAITING)
        self._closed = False
        self._door = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="lyceum-writer", daemon=True)
        self._thread.start()

    async def run(self, operation: Operation[T]) -> T:
        """Carry out an operation and return its value once it is committed.

        Raises:
            StorageError: SQLite refused it, the disk failed, or the writer is closed.
        """
        async with self._places:
            future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
            with self._door:
                if self._closed:
                    raise self._gone()
                self._queue.put(_Job(operation, future))
            return await future

    def close(self) -> None:
        """Carry out what waits, then close the connection. Closing twice does nothing."""
        with self._door:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        batch: list[_Job] = []
        try:
            last = False
            while not last:
                batch, last = self._waiting()
                self._carry_out(batch)
                batch = []
        finally:
            # Only a fault of ours leaves jobs behind; nobody may wait for a thread that is gone.
            with self._door:
                self._closed = True
            batch += self._left_over()
            self._answer([_Job(j.operation, j.future, error=self._gone()) for j in batch])
            self._connection.close()

    def _waiting(self) -> tuple[list[_Job], bool]:
        """Wait for a job, take what else waits, and tell whether the door was closed behind it."""
        batch: list[_Job] = []
        job = self._queue.get()
        while job is not None:
            batch.append(job)
            if len(batch) == BATCH:
                return batch, False
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _left_over(self) -> list[_Job]:
        jobs = []
        while not self._queue.empty():
            job = self._queue.get_nowait()
            if job is not None:
                jobs.append(job)
        return jobs

    def _carry_out(self, batch: list[_Job]) -> None:
        """Do a batch in one transaction; if that fails as a whole, everyone in it is told."""
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            for job in batch:
                self._do(job)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            for job in batch:
                job.error = job.error or translated(error, self.path)
        self._answer(batch)

    def _do(self, job: _Job) -> None:
        connection = self._connection
        connection.execute("SAVEPOINT operation")
        try:
            job.value = job.operation(connection)
        except _ITS_OWN_FAULT as error:
            if not connection.in_transaction:
                raise  # SQLite gave up the whole transaction, with what others wrote before
            connection.execute("ROLLBACK TO operation")
            job.error = error
            if isinstance(error, sqlite3.Error):
                job.error = translated(error, self.path)
        connection.execute("RELEASE operation")

    def _answer(self, batch: list[_Job]) -> None:
        loops = {job.future.get_loop(): None for job in batch}
        for loop in loops:
            jobs = [job for job in batch if job.future.get_loop() is loop]
            # A closed loop says RuntimeError: whoever waited there is gone.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_settle, jobs)

    def _gone(self) -> StorageError:
        return StorageError(f"{str(self.path)!r}: the store is closed; open it again")


def _settle(jobs: list[_Job]) -> None:
    for job in jobs:
        if job.future.done():
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.value)

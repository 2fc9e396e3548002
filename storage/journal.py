"""Where model calls are kept: found by what is asked while a run goes on, by place in a replay.

What a newcomer gets wrong: the recorded journal gives back the reply that a place received even
when today's prompt asks otherwise. It says so in `differences`, which are not disagreements: those
are calls that were edited after they were stored.
"""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from storage import ids, rows
from storage.database import connect_to_read, prepare, translated
from storage.errors import StorageError
from storage.records import CallError, CallSite, ModelCall, Reply, Request
from storage.writer import Writer

_REPLY = """SELECT text, reasoning, reply, finish_reason, tokens_in, tokens_out
    FROM model_calls WHERE request_digest = ?"""
_CALL = """SELECT model_calls.* FROM calls_used JOIN model_calls USING (request_digest)
    WHERE trajectory_id = :trajectory_id AND calls_used.role = :role AND revision = :revision
    AND idx = :idx AND turn = :turn"""
# A place that asks the same again, after a kill say, keeps its first note: it was paid for there.
_NOTE = """ON CONFLICT DO UPDATE SET request_digest = excluded.request_digest,
    journal_hit = excluded.journal_hit WHERE request_digest <> excluded.request_digest"""


class SqliteJournal:
    """The journal of a run, in its database."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def find(self, request: Request, site: CallSite) -> Reply | None:
        """Return the reply that this request had before, and note that this place used it."""
        digest = ids.request_digest(request)

        def operation(connection: sqlite3.Connection) -> Reply | None:
            row = connection.execute(_REPLY, (digest,)).fetchone()
            if row is None:
                return None
            _note(connection, digest, site, journal_hit=1)
            return rows.read("model_calls", rows.reply_of, row)

        return await self._writer.run(operation)

    async def keep(self, call: ModelCall, site: CallSite) -> Reply:
        """Keep an answered call and note its place; return the reply that stands for it."""
        row = rows.call_row(call, site.role, _now())

        def operation(connection: sqlite3.Connection) -> Reply:
            stand = "ON CONFLICT (request_digest) DO NOTHING"
            is_new = rows.insert(connection, "model_calls", row, stand)
            _note(connection, call.request_digest, site, journal_hit=0)
            if is_new:
                return call.reply
            standing = connection.execute(_REPLY, (call.request_digest,)).fetchone()
            return rows.read("model_calls", rows.reply_of, standing)

        return await self._writer.run(operation)

    async def fail(self, error: CallError, site: CallSite) -> None:
        """Log a try that was not answered; it never becomes a hit."""
        row = rows.error_row(error, site, _now())
        await self._writer.run(lambda connection: rows.insert(connection, "call_errors", row))


class RecordedJournal:
    """The journal of a replay: answers from the database only, and reads nothing else."""

    def __init__(self, path: Path) -> None:
        prepare(path, create=False)
        self._path = path
        self._connection = connect_to_read(path)
        self.differences: list[dict[str, str]] = []
        """Calls that today's roles would ask otherwise: table, id, column, what."""
        self.disagreements: list[dict[str, str]] = []
        """Calls that do not agree with their own digests: table, id, column, what."""

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    async def find(self, request: Request, site: CallSite) -> Reply | None:
        """Return the reply that this place received; None: it never asked."""
        try:
            row = self._connection.execute(_CALL, rows.place_row(site)).fetchone()
        except sqlite3.Error as error:
            raise translated(error, self._path) from error
        if row is None:
            return None
        call = rows.read("model_calls", rows.call_of, row)
        self._compare(request, call)
        self._verify(row, call)
        return call.reply

    async def keep(self, call: ModelCall, site: CallSite) -> Reply:
        """Refuse: a replay makes no call.

        Raises:
            StorageError: always.
        """
        raise StorageError(f"{call.request_digest}: a replay keeps no calls; use `generate`")

    async def fail(self, error: CallError, site: CallSite) -> None:
        """Refuse: a replay makes no call.

        Raises:
            StorageError: always.
        """
        raise StorageError(f"{error.request_digest}: a replay makes no calls; use `generate`")

    def _compare(self, request: Request, call: ModelCall) -> None:
        stored = call.request
        if request.model != stored.model:
            what = f"asked of {request.model!r} now, of {stored.model!r} then"
            _add(self.differences, call.request_digest, "model", what)
        if request.messages != stored.messages:
            what = f"the messages are not those of {call.prompt or 'the prompt of then'}"
            _add(self.differences, call.request_digest, "request", what)

    def _verify(self, row: sqlite3.Row, call: ModelCall) -> None:
        if ids.digest(call.reply) != row["reply_digest"]:
            _add(self.disagreements, call.request_digest, "reply", "is not what was stored")
        if ids.request_digest(call.request) != call.request_digest:
            _add(self.disagreements, call.request_digest, "request", "is not what was asked")


def _note(connection: sqlite3.Connection, digest: str, site: CallSite, *, journal_hit: int) -> None:
    used = {"request_digest": digest, "journal_hit": journal_hit}
    rows.insert(connection, "calls_used", rows.place_row(site) | used, _NOTE)


def _add(found: list[dict[str, str]], digest: str, column: str, what: str) -> None:
    entry = {"table": "model_calls", "id": digest, "column": column, "what": what}
    if entry not in found:
        found.append(entry)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")

"""A run in a new database: whole under its name, or not there at all.

What was given and what was answered is copied: the run, its expert seeds, its model calls with
their places, and the assignments that are still open. The rest is landed by whoever derives it
again. What a newcomer gets wrong: all of it goes to a file beside, which takes the name at the end.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from storage.audit import Fault
from storage.database import attach_to_read, connect, translated
from storage.errors import DiskError, NotWritable
from storage.ids import dataset_digest
from storage.likeness import Likeness
from storage.people.acts import Act
from storage.queries import Reader
from storage.store import Store


@contextlib.contextmanager
def rebuilding(
    source: Path, target: Path, run_id: str, likeness: Likeness | None = None
) -> Iterator[Store]:
    """Lend a store for what is derived again of a run; it becomes the target when the block ends.

    Args:
        source: A prepared database with the run.
        target: The file to make, which must not exist.
        run_id: The run's whole id.
        likeness: The run's, so that the bands of its questions are kept again.

    Raises:
        NotWritable: the target exists, or its folder cannot be written.
        Missing: its folder does not exist.
        StorageError: the disk is full or failing; nothing is left behind.
    """
    if target.exists() or target.is_symlink():
        raise NotWritable(f"{str(target)!r}: exists already; name a new file")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with Store.open(part) as store:
            _copy(source, part, run_id, _GIVEN)
            store.likeness = likeness
            yield store
        _copy(source, part, run_id, _ANSWERED)
        _settle(part)
        part.replace(target)
    except OSError as error:
        raise DiskError(f"{str(target)!r}: {error.strerror}; free some space and retry") from error
    finally:
        for end in ("", "-wal", "-shm", "-journal"):
            with contextlib.suppress(OSError):  # nothing could be made there either
                part.with_name(part.name + end).unlink()


def landed_otherwise(target: Path, run_id: str, digest: str) -> Iterator[Fault]:
    """Yield a fault if a database that was made holds another dataset than was derived.

    Args:
        target: The database.
        run_id: The run's whole id.
        digest: The dataset's, of what was handed to the store.
    """
    with Reader.open(target) as reader:
        landed = dataset_digest(reader.digests(run_id))
    if landed != digest:
        what = f"{str(target)!r} holds {landed}, which is not what was rebuilt; trust neither"
        yield Fault("runs", run_id, "dataset_digest", what)


_MINE = "(SELECT trajectory_id FROM stored.assignments WHERE run_id = :run_id)"
_ACT = ", ".join(name for name in Act.model_fields if name != "id")
_GIVEN = (
    "INSERT INTO runs SELECT * FROM stored.runs WHERE id = :run_id",
    """INSERT INTO expert_seeds SELECT * FROM stored.expert_seeds WHERE id IN (
        SELECT value FROM stored.runs, json_each(expert_seeds) WHERE stored.runs.id = :run_id
        UNION SELECT expert_seed_id FROM stored.assignments WHERE run_id = :run_id
        UNION SELECT expert_seed_id FROM stored.lessons JOIN stored.trajectories
            ON lesson_id = stored.lessons.id WHERE run_id = :run_id)""",
    "INSERT INTO audits SELECT * FROM stored.audits WHERE run_id = :run_id",
    """INSERT INTO audited SELECT * FROM stored.audited WHERE audit_id IN
        (SELECT id FROM stored.audits WHERE run_id = :run_id)""",
    # Numbered anew, for those of other runs stay behind and a number without an act is a fault.
    f"""INSERT INTO acts ({_ACT}) SELECT {_ACT} FROM stored.acts WHERE run_id = :run_id
        ORDER BY id""",
)
_ANSWERED = (
    # Those of episodes that ended stand already, derived again.
    """INSERT INTO assignments SELECT * FROM stored.assignments WHERE run_id = :run_id
        ON CONFLICT DO NOTHING""",
    f"""INSERT INTO model_calls SELECT * FROM stored.model_calls WHERE request_digest IN
        (SELECT request_digest FROM stored.calls_used WHERE trajectory_id IN {_MINE})""",
    f"INSERT INTO calls_used SELECT * FROM stored.calls_used WHERE trajectory_id IN {_MINE}",
    f"INSERT INTO call_errors SELECT * FROM stored.call_errors WHERE trajectory_id IN {_MINE}",
)
"""Both databases have today's schema, made by the same steps, and so their columns in one order."""


def _copy(source: Path, part: Path, run_id: str, statements: tuple[str, ...]) -> None:
    """Copy rows of the source in one transaction."""
    with contextlib.closing(connect(part)) as connection:
        try:
            attach_to_read(connection, source, "stored")
            connection.execute("BEGIN IMMEDIATE")
            for statement in statements:
                connection.execute(statement, {"run_id": run_id})
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise translated(error, part) from error


def _settle(part: Path) -> None:
    """Bring everything into the one file and that onto the disk.

    Raises:
        StorageError: something of it cannot be written.
    """
    with contextlib.closing(connect(part)) as connection:
        try:
            [busy, *_] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            raise translated(error, part) from error
    if busy:
        raise DiskError(f"{str(part)!r}: its log cannot be written back; free some space and retry")
    for place in (part, part.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

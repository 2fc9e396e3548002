"""What one sitting at a run needs of the database, in the order in which it must happen.

What a newcomer gets wrong: which run is meant was decided before it was held, and another process
may have worked on it in between; so that is looked at again once nobody else can.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from storage.errors import RunHeld
from storage.journal import SqliteJournal
from storage.likeness import likeness_of
from storage.memory import SqliteMemory
from storage.queries import Reader
from storage.records import ExpertSeed, Run
from storage.store import Store, opened


@dataclass(frozen=True, slots=True)
class Sitting:
    """A run that this process holds, and what lends itself to its faculty."""

    store: Store
    journal: SqliteJournal
    memory: SqliteMemory


@asynccontextmanager
async def sitting(
    path: Path,
    run: Run,
    stored: Run | None,
    *,
    lag: int,
    expert_seeds: Iterable[ExpertSeed] = (),
    retry_failed: bool = False,
) -> AsyncIterator[Sitting]:
    """Hold a run for as long as the block lasts; a database is made if need be.

    Args:
        path: The database.
        run: As it is to go on.
        stored: As it stood when that was decided. None: it was not there.
        lag: The run's.
        expert_seeds: What its assignments may name.
        retry_failed: Whether failed episodes are taken out, to be done again.

    Raises:
        RunHeld: another process works on the run, or did until just now.
        StorageError: the file cannot be used, or the run looks for near-duplicates and the package
            that finds them is missing.
    """
    with opened(path) as store, store.hold(run.id):
        with Reader.open(path) as reader:
            if stored != next((known for known in reader.runs() if known.id == run.id), None):
                raise RunHeld(
                    f"{str(path)!r}: another process worked on the run just now; try again",
                    pid=None,
                )
        await store.add_expert_seeds(expert_seeds)
        if retry_failed:
            await store.reopen_failed(run.id, lag)
        store.likeness = likeness_of(run)
        memory = SqliteMemory(store.writer, run.id, lag, store.likeness)
        yield Sitting(store, SqliteJournal(store.writer), memory)

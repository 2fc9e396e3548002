"""One process per run, by the operating system's file lock.

The lock is the lock, not the file: a killed process leaves its file behind and blocks nobody.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from storage.errors import NotWritable, RunHeld


@contextlib.contextmanager
def held(database: Path, run_id: str) -> Iterator[None]:
    """Hold a run for as long as the block lasts; its lock file stands beside the database.

    Raises:
        RunHeld: another process, or another block of this one, holds it.
        NotWritable: the lock file cannot be made.
    """
    path = database.with_name(f"{database.name}.{run_id}.lock")
    lock = FileLock(path, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout as error:
        pid = _holder(path)
        who = f"process {pid}" if pid else "another process"
        raise RunHeld(
            f"{str(database)!r}: {who} is working on run {run_id}; wait for it or end it", pid=pid
        ) from error
    except OSError as error:
        raise NotWritable(
            f"{str(path)!r}: cannot be made ({error.strerror}); make its folder writable"
        ) from error
    try:
        path.write_text(str(os.getpid()))
        yield
    finally:
        # Removed while held: whoever opened the old file meanwhile sees that its name is gone.
        path.unlink(missing_ok=True)
        lock.release()


def _holder(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None

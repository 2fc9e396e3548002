"""One process per run, by the operating system's file lock.

The lock is the lock, not the file: a killed process leaves its file behind and blocks nobody. It
stands beside the file that is meant, wherever a link to it stands. What a newcomer gets wrong:
whoever only looks takes the lock as well, shared and for a moment, so a blocked writer asks whether
it met a writer or a look.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from storage.errors import DiskError, NotWritable, RunHeld

_LOOKS = 20
"""How often the holder's number is looked for."""

_PAUSE_S = 0.001
"""How long a writer waits for a look to end, which takes less."""


@contextlib.contextmanager
def held(database: Path, run_id: str) -> Iterator[None]:
    """Hold a run for as long as the block lasts; its lock file stands beside the database.

    Raises:
        RunHeld: another process, or another block of this one, holds it.
        NotWritable: the lock file cannot be made.
        DiskError: it cannot be written.
    """
    path = _lock_of(database, run_id)
    try:
        lock = _locked(path)
    except OSError as error:
        raise NotWritable(
            f"{str(path)!r}: cannot be made ({error.strerror}); make its folder writable"
        ) from error
    if lock is None:
        pid = _holder(path)
        who = f"process {pid}" if pid else "another process"
        raise RunHeld(
            f"{str(database)!r}: {who} is working on run {run_id}; wait for it or end it", pid=pid
        )
    try:
        _say_who(path, lock)
        yield
    finally:
        # Removed while held: whoever opened the old file meanwhile finds that its name is gone.
        path.unlink(missing_ok=True)
        os.close(lock)


def is_held(database: Path, run_id: str) -> bool:
    """Return whether a process works on a run now; looking makes no file and stops nobody.

    A lock file that is there and may not be read counts as held.
    """
    try:
        lock = os.open(_lock_of(database, run_id), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        return not _may_share(lock)
    finally:
        os.close(lock)


def was_left(database: Path, run_id: str) -> bool:
    """Return whether the lock file of a run that nobody holds is there.

    Whoever ends in order takes it away; a process that is killed leaves it.
    """
    return _lock_of(database, run_id).exists()


def _lock_of(database: Path, run_id: str) -> Path:
    real = database.resolve()
    return real.with_name(f"{real.name}.{run_id}.lock")


def _may_share(lock: int) -> bool:
    """Return whether nobody holds the lock for writing; whoever asked holds a share of it now."""
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _locked(path: Path) -> int | None:
    """Return a descriptor of the lock file that holds the lock; None: another one does.

    Raises:
        OSError: the file can be neither opened nor made, or not locked.
    """
    while True:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            looked_at = _may_share(lock)
            os.close(lock)
            if looked_at:
                time.sleep(_PAUSE_S)
                continue
            return None
        except OSError:
            os.close(lock)
            raise
        if _is_called(lock, path):
            return lock
        os.close(lock)  # it was removed after it was opened, and the next has another file


def _is_called(lock: int, path: Path) -> bool:
    """Return whether the name still stands for the open file."""
    try:
        return os.path.samestat(os.fstat(lock), path.stat())
    except FileNotFoundError:
        return False


def _say_who(path: Path, lock: int) -> None:
    number = str(os.getpid()).encode()
    try:
        os.truncate(lock, os.pwrite(lock, number, 0))
    except OSError as error:
        raise DiskError(
            f"{str(path)!r}: cannot be written ({error.strerror}); free some space and resume"
        ) from error


def _holder(path: Path) -> int | None:
    """Return the process that holds a run; None: it does not say, though it was given the time."""
    for _ in range(_LOOKS):
        try:
            return int(path.read_text(encoding="ascii"))
        except ValueError:
            time.sleep(0.01)  # it has the lock, and is about to write
        except OSError:
            break
    return None

"""Files that belong together: they take their names one after the other at the end, or not at all.

What a newcomer gets wrong: a file beside the manifest of another export is worse than none. So all
of them are whole before the first has its name, and an old manifest goes first.
"""

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from storage.errors import DiskError, NotWritable
from storage.export.containers.part import hidden

OF_THE_DISK: Final = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG}


@contextmanager
def new_files(path: Path, names: Sequence[str], *, force: bool) -> Iterator[Path]:
    """Yield an empty hidden folder; what is in it stands beside `path` when the block has ended.

    Args:
        path: The file that the others go with.
        names: Of all files that may come of it, the one that vouches for the others last.
        force: Replace them; those that do not come again are removed.

    Raises:
        NotWritable: one exists and `force` is not given, or is a folder; or the folder above cannot
            be written.
        DiskError: the disk is full or failing; nothing is left behind.
    """
    places = [path.with_name(name) for name in names]
    require_new(places, force=force)
    part = hidden(path)
    try:
        part.mkdir()
    except OSError as error:
        raise NotWritable(
            f"{str(path)!r}: cannot be made ({error.strerror}); "
            "name a file in a folder that is writable"
        ) from error
    try:
        yield part
        settle(part)
        require_new(places, force=force)
        for place in reversed(places):
            place.unlink(missing_ok=True)
        for place in places:
            if (part / place.name).exists():
                (part / place.name).rename(place)
    except OSError as error:
        if error.errno not in OF_THE_DISK:
            raise
        raise DiskError(
            f"{str(path)!r}: {error.strerror}; free some space and try again"
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def require_new(places: Sequence[Path], *, force: bool) -> None:
    """Refuse to write over files unless that is forced; a link is a file, wherever it leads.

    Raises:
        NotWritable: one of them exists.
    """
    for place in places:
        if place.is_dir() or (os.path.lexists(place) and not force):
            raise NotWritable(f"{str(place)!r}: exists already; name another file, or force it")


def settle(folder: Path) -> None:
    """See to it that every file is on the disk before it has its name."""
    for above, _, names in os.walk(folder):
        for name in names:
            file = os.open(Path(above) / name, os.O_RDONLY | os.O_NOFOLLOW)
            try:
                os.fsync(file)
            finally:
                os.close(file)

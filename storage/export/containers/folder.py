"""A folder in the making: a whole dataset, or nothing.

What a newcomer gets wrong: to replace a folder is to delete one. Only a dataset that an export made
is ever replaced, never a folder of anything else, and nothing that a link leads to.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.errors import DiskError, NotWritable
from storage.export.containers.group import OF_THE_DISK, settle
from storage.export.containers.part import hidden
from storage.export.manifest import KIND, NAME


@contextmanager
def new_folder(path: Path, *, force: bool = False) -> Iterator[Path]:
    """Yield an empty hidden folder that takes its name when the block has ended, or is removed.

    Args:
        path: The folder; an empty one may stand there.
        force: Replace a dataset that an export made. Any other folder is refused all the same.

    Raises:
        NotWritable: there is a file, a link, or a folder that must not be replaced; or the folder
            above cannot be written.
        DiskError: the disk is full or failing; nothing is left behind.
    """
    _require_free(path, force=force)
    part = hidden(path)
    try:
        part.mkdir()
    except OSError as error:
        raise NotWritable(
            f"{str(path)!r}: cannot be made ({error.strerror}); "
            "name a folder in one that is writable"
        ) from error
    try:
        yield part
        settle(part)
        _take_place(part, path, force=force)
    except OSError as error:
        if error.errno not in OF_THE_DISK:
            raise
        raise DiskError(
            f"{str(path)!r}: {error.strerror}; free some space and try again"
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _require_free(path: Path, *, force: bool) -> None:
    """Do nothing if a folder may take this name.

    Raises:
        NotWritable: it may not.
    """
    name = repr(str(path))
    if path.name in ("", ".."):
        raise NotWritable(f"{name}: is no name for a new folder; name one")
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        raise NotWritable(f"{name}: is a link or a file; name a folder")
    try:
        found = path.is_dir() and any(path.iterdir())
        foreign = _foreign(path) if found and force else None
    except OSError as error:
        raise NotWritable(
            f"{name}: cannot be read ({error.strerror}); name another folder"
        ) from error
    if found and not force:
        raise NotWritable(f"{name}: exists already; name another folder, or force it")
    if foreign:
        raise NotWritable(
            f"{name}: has {foreign!r} in it, which no export put there; name another folder"
        )


def _foreign(folder: Path) -> str | None:
    """Return what is in a folder though its manifest does not list it. None: there is nothing."""
    listed = _listed(folder / NAME)
    for above, folders, names in os.walk(folder):
        links = [name for name in folders if Path(above, name).is_symlink()]
        for name in sorted(names + links):
            path = Path(above, name).relative_to(folder).as_posix()
            if path not in listed:
                return path
    return None


def _listed(manifest: Path) -> set[str]:
    """Return what a manifest says is in its folder; nothing if it is none of an export."""
    try:
        written = json.loads(manifest.read_bytes())
        if written["kind"] == KIND and not manifest.is_symlink():
            return {NAME, *(each["path"] for each in written["files"])}
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        pass
    return set()


def _take_place(part: Path, path: Path, *, force: bool) -> None:
    """Rename the new folder, with the old one out of its way and back again if that fails.

    Raises:
        NotWritable: a folder has come that must not be replaced.
    """
    _require_free(path, force=force)
    if not path.exists() or not any(path.iterdir()):
        part.rename(path)
        return
    old = hidden(path).with_suffix(".old")
    path.rename(old)
    try:
        part.rename(path)
    finally:  # also where someone interrupts
        if not path.exists():
            old.rename(path)
    shutil.rmtree(old, ignore_errors=True)

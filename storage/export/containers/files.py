"""Where examples are written: one file, or the shards of a split. The name says which container.

What a newcomer gets wrong: nothing is there before the block ends, and nothing at all if it ends
with an exception. So `written` is empty until then.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal, Protocol

from storage.errors import DiskError, NotWritable
from storage.export.columns import Columns, Example, Shape
from storage.export.containers.declared import Declared
from storage.export.containers.lines import JsonLines, ZstdLines
from storage.export.containers.parquet import Parquet
from storage.export.containers.part import Part, Written

Container = Literal["jsonl", "jsonl.zst", "parquet"]
SHARD_BYTES = 500_000_000
"""At how many bytes a split goes on in a new file; readers of hubs expect no larger ones."""


class _Encoder(Protocol):
    """Turns examples into the bytes of a part."""

    def __init__(self, part: Part, declared: Declared) -> None: ...

    def write(self, example: Example) -> None: ...

    def end(self) -> None: ...


CONTAINERS: Final[dict[Container, type[_Encoder]]] = {
    "jsonl": JsonLines,
    "jsonl.zst": ZstdLines,
    "parquet": Parquet,
}
"""By suffix, without the first dot."""


class ExampleFiles:
    """Takes examples, and divides them among files. Made by `open_file` and `open_split`."""

    def __init__(
        self, place: Path, container: Container, declared: Declared, shard_bytes: int | None
    ) -> None:
        self.written: tuple[Written, ...] = ()
        """The files, in order; empty until all are done."""
        self._place = place
        self._container = container
        self._declared = declared
        self._shard_bytes = shard_bytes
        """None: all go into one file, which has the name of the place."""
        self._files: list[_File] = []

    def write(self, example: Example) -> None:
        """Take an example.

        Raises:
            Refused: it, or one of a few before it, does not have what is declared.
            NotWritable: a new file cannot be made.
            DiskError: the disk is full or failing.
        """
        file = self._files[-1] if self._files else self.begin()
        if self._shard_bytes is not None and file.part.size >= self._shard_bytes:
            file.end()
            file = self.begin()
        file.encoder.write(example)
        file.rows += 1

    def begin(self) -> "_File":
        """Begin a file; the first example does so if nobody else did."""
        file = _File(self._named(len(self._files)))
        self._files.append(file)
        file.encoder = CONTAINERS[self._container](file.part, self._declared)
        return file

    def land(self) -> None:
        """Give the files their names: all of them, or none.

        Raises:
            Refused: one of the last examples does not have what is declared.
            DiskError: the disk is full or failing.
        """
        if self._files:
            self._files[-1].end()
        landed: list[Written] = []
        try:
            for n, file in enumerate(self._files):
                name = self._named(n, of=len(self._files))
                landed.append(file.part.land(name, file.rows))
        except DiskError:
            for done in landed:
                done.path.unlink(missing_ok=True)
            raise
        self.written = tuple(landed)

    def drop(self) -> None:
        """Remove what has not landed."""
        for file in self._files:
            file.part.drop()

    def _named(self, n: int, of: int | None = None) -> Path:
        if self._shard_bytes is None:
            return self._place
        count = "" if of is None else f"-of-{of:05}"
        return self._place.with_name(f"{self._place.name}-{n:05}{count}.{self._container}")


class _File:
    """One of them, in the making."""

    encoder: _Encoder

    def __init__(self, place: Path) -> None:
        self.part = Part(place)
        self.rows = 0

    def end(self) -> None:
        self.encoder.end()
        self.part.close()


@contextmanager
def open_file(
    path: Path, columns: Columns, shape: Shape | None = None, *, force: bool = False
) -> Iterator[ExampleFiles]:
    """Open a file for examples; it has its name when the block has ended, or never.

    Args:
        path: The file; its suffix names the container, see `CONTAINERS`.
        columns: What every example has.
        shape: What every message has beside role and content. None: nothing.
        force: Replace a file that exists. A link is replaced, not what it leads to.

    Raises:
        NotWritable: the suffix names no container, or an extra is missing that it needs; the file
            exists and `force` is not given; or its folder cannot be written.
        DiskError: the disk is full or failing; nothing is left behind.
    """
    name = repr(str(path))
    container = container_of(path)
    if container is None:
        known = ", ".join(f".{each}" for each in CONTAINERS)
        raise NotWritable(f"{name}: no such kind of file; name one that ends in {known}")
    if path.is_dir() or (os.path.lexists(path) and not force):
        raise NotWritable(f"{name}: exists already; name another file, or force it")
    files = ExampleFiles(path, container, Declared(columns, shape or Shape()), None)
    with _landing(files):
        files.begin()
        yield files


@contextmanager
def open_split(
    folder: Path,
    name: str,
    columns: Columns,
    shape: Shape | None = None,
    *,
    container: Container = "parquet",
    shard_bytes: int = SHARD_BYTES,
) -> Iterator[ExampleFiles]:
    """Open a split for examples: files in a folder, as many as it takes; none if there are none.

    Raises:
        NotWritable: an extra is missing; there is a split of this name; or the folder cannot be
            written.
        DiskError: the disk is full or failing; nothing is left behind.
    """
    place = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        there = any(each.name.startswith(f"{name}-") for each in folder.iterdir())
    except OSError as error:
        raise NotWritable(
            f"{str(folder)!r}: cannot be made ({error.strerror}); name a folder that is writable"
        ) from error
    if there:
        raise NotWritable(f"{str(place)!r}: exists already; name another folder")
    files = ExampleFiles(place, container, Declared(columns, shape or Shape()), shard_bytes)
    with _landing(files):
        yield files


def container_of(path: Path) -> Container | None:
    """Return the container that a file's name asks for; None: it names none."""
    name = path.name.lower()
    return next((each for each in CONTAINERS if name.endswith(f".{each}")), None)


@contextmanager
def _landing(files: ExampleFiles) -> Iterator[None]:
    try:
        yield
        files.land()
    finally:
        files.drop()

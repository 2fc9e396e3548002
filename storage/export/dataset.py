"""A whole export: a file with its manifest, or a folder that is a dataset with its card.

What a newcomer gets wrong: the place says what is asked for. A name with the suffix of a container
is a file of one format; any other is a folder.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from storage.errors import Lacking, NotWritable, Unknown
from storage.export.account import Removed
from storage.export.columns import Columns, Example, Shape
from storage.export.containers import new_folder, open_file
from storage.export.containers.files import container_of
from storage.export.exported import Exported, Source, Writing
from storage.export.formats import FORMATS
from storage.export.making import Form
from storage.export.options import Options
from storage.export.selection import nearest

LEFT_OUT: Columns = {
    "format": "text",
    "attempt_id": "text",
    "trajectory_id": "text",
    "reason": "text",
    "twin": "text",
}
"""The columns of the list of what was taken out."""
ALL = "all"
Tell = Callable[[str, int], None]
"""Told how many examples of a format there are so far."""
_EVERY = 1_000


def forms_of(names: str, path: Path) -> tuple[Form, ...]:
    """Return the formats that are named, with commas between or `all`.

    Raises:
        Unknown: there is no such format; the message names the nearest.
        NotWritable: several formats are to go into one file.
    """
    wanted = list(FORMATS) if names == ALL else [name.strip() for name in names.split(",")]
    for name in wanted:
        if name not in FORMATS:
            raise Unknown(nearest("format", name, (*FORMATS, ALL)))
    if len(wanted) > 1 and container_of(path):
        raise NotWritable(f"{str(path)!r}: is a file, which holds one format; name a folder")
    return tuple(FORMATS[name] for name in dict.fromkeys(wanted))


def export(
    source: Source,
    forms: Sequence[Form],
    path: Path,
    options: Options,
    *,
    force: bool = False,
    tell: Tell = lambda form, count: None,
) -> Exported:
    """Write formats to a file or to a folder, with all that is said about them.

    Raises:
        StorageError: the place cannot be written, or there is nothing to write.
    """
    if container_of(path) is None:
        return _folder(source, forms, path, options, tell, force=force)
    return _file(source, forms[0], path, options, tell, force=force)


def _file(
    source: Source, form: Form, path: Path, options: Options, tell: Tell, *, force: bool
) -> Exported:
    watch = _Watch(tell)
    with open_file(beside(path, "left-out.jsonl"), LEFT_OUT, Shape(), force=force) as left_out:

        def removed(name: str, what: Removed) -> None:
            left_out.write(_line(name, what))

        writing = Writing(source, options, usual_splits=False, watch=watch, removed=removed)
        writing.to_file(form, path, force=force)
    return writing.exported


def _folder(
    source: Source,
    forms: Sequence[Form],
    path: Path,
    options: Options,
    tell: Tell,
    *,
    force: bool,
) -> Exported:
    watch = _Watch(tell)
    with new_folder(path, force=force) as folder:
        with open_file(folder / "left-out.jsonl", LEFT_OUT, Shape()) as left_out:

            def removed(name: str, what: Removed) -> None:
                left_out.write(_line(name, what))

            writing = Writing(source, options, usual_splits=True, watch=watch, removed=removed)
            for form in forms:
                writing.to_folder(form, folder, options.container)
        if not writing.exported.written:
            raise Lacking("; ".join(writing.exported.lacking.values()))
    return writing.exported


class _Watch:
    """Counts examples as they go by."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._count = 0

    def __call__(self, form: str, split: str, example: Example) -> None:
        self._count += 1
        if self._count % _EVERY == 0:
            self._tell(form, self._count)


def beside(path: Path, what: str) -> Path:
    """Return the name of a file that goes with an export: `train.jsonl`, `train.manifest.json`."""
    container = container_of(path) or ""
    return path.with_name(f"{path.name[: -len(container) - 1]}.{what}")


def _line(form: str, removed: Removed) -> Example:
    return {
        "format": form,
        "attempt_id": removed.attempt_id,
        "trajectory_id": removed.trajectory_id,
        "reason": removed.reason,
        "twin": removed.twin,
    }

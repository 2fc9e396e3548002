"""A whole export: a file with its manifest, or a folder that is a dataset with its card.

What a newcomer gets wrong: the place says what is asked for. A name with the suffix of a container
is a file of one format; any other is a folder.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from storage.errors import Lacking, NotWritable, Unknown
from storage.export.about import about, describe, open_text, require_new
from storage.export.account import Removed
from storage.export.columns import Columns, Example, Shape
from storage.export.containers import ExampleFiles, new_folder, open_file
from storage.export.containers.files import container_of
from storage.export.dialects import sidecars
from storage.export.dialects.sidecars import Piece
from storage.export.exported import Exported, Source, Writing
from storage.export.figures import Figures
from storage.export.formats import FORMATS
from storage.export.making import Form
from storage.export.manifest import export_file
from storage.export.options import Options
from storage.export.selection import nearest
from storage.overlap import Benchmarks

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
_OTHERS = {".arrow", ".csv", ".db", ".gz", ".json", ".ndjson", ".tsv", ".txt", ".zip", ".zst"}
"""Suffixes of files that nobody gives a folder."""


def forms_of(names: str, path: Path) -> tuple[Form, ...]:
    """Return the formats that are named, with commas between or `all`.

    Raises:
        Unknown: there is no such format; the message names the nearest.
        NotWritable: several formats are to go into one file, or into one of another kind.
    """
    wanted = list(FORMATS) if names == ALL else [name.strip() for name in names.split(",")]
    for name in wanted:
        if name not in FORMATS:
            raise Unknown(nearest("format", name, (*FORMATS, ALL)))
    if container_of(path) is None and path.suffix.lower() in _OTHERS:
        raise NotWritable(
            f"{str(path)!r}: is no file that an export makes; name it .jsonl, .jsonl.zst or "
            ".parquet, or name a folder"
        )
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
    database = source.reader.path
    if path.exists() and path.samefile(database):
        raise NotWritable(f"{str(path)!r}: is the database; name another file")
    if database.resolve().is_relative_to(path.resolve()):
        raise NotWritable(f"{str(path)!r}: has the database in it; name another folder")
    if options.benchmark:
        source = replace(source, known=Benchmarks.read(options.benchmark, options.ngram))
    if container_of(path) is None:
        return _folder(source, forms, path, options, tell, force=force)
    return _file(source, forms[0], path, options, tell, force=force)


def _file(
    source: Source, form: Form, path: Path, options: Options, tell: Tell, *, force: bool
) -> Exported:
    listed, manifest = beside(path, "left-out.jsonl"), beside(path, "manifest.json")
    watch = _Watch(tell)
    for place in (manifest, *_loaders(path, options)):
        require_new(place, force=force)
    with open_file(listed, LEFT_OUT, Shape(), force=force) as left_out:
        removed = _removed_to(left_out)
        writing = Writing(source, options, usual_splits=False, watch=watch, removed=removed)
        writing.to_file(form, path, force=force)
    whole = about(source, writing, watch.figures, options, path.parent)
    texts = sidecars(writing.dialect, _pieces(writing), path, folder=False)
    for name, text in texts.items():
        with open_text(beside(path, name), force=force) as loader:
            loader(text)
    others = [listed.name, *(beside(path, name).name for name in texts)]
    with open_text(manifest, force=force) as told:
        told(whole.manifest(*(export_file(path.parent, name) for name in others)))
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
            removed = _removed_to(left_out)
            writing = Writing(source, options, usual_splits=True, watch=watch, removed=removed)
            for form in forms:
                writing.to_folder(form, folder, options.container)
        if not writing.exported.written:
            raise Lacking("; ".join(writing.exported.lacking.values()))
        for name, text in sidecars(writing.dialect, _pieces(writing), path, folder=True).items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        describe(folder, about(source, writing, watch.figures, options, folder))
    return writing.exported


def _removed_to(left_out: ExampleFiles) -> Callable[[str, Removed], None]:
    def removed(form: str, what: Removed) -> None:
        left_out.write({"format": form, **asdict(what)})

    return removed


def _pieces(writing: Writing) -> list[Piece]:
    """Return each format and split that was written, once, however many files it has."""
    written = dict.fromkeys((form, split) for form, split, _ in writing.exported.written)
    return [Piece(form, split, FORMATS[form].columns) for form, split in written]


def _loaders(path: Path, options: Options) -> list[Path]:
    """Return the files beside an export by which a dialect's consumer loads it."""
    name = options.consumer().sidecar_name
    return [beside(path, name)] if name else []


class _Watch:
    """Counts examples as they go by, and takes their figures."""

    def __init__(self, tell: Tell) -> None:
        self.figures = Figures()
        self._tell = tell
        self._counts: Counter[str] = Counter()

    def __call__(self, form: str, split: str, example: Example) -> None:
        self.figures.add(form, split, example)
        self._counts[form] += 1
        if self._counts[form] % _EVERY == 0:
            self._tell(form, self._counts[form])


def beside(path: Path, what: str) -> Path:
    """Return the name of a file that goes with an export: `train.jsonl`, `train.manifest.json`."""
    container = container_of(path) or ""
    return path.with_name(f"{path.name[: -len(container) - 1]}.{what}")

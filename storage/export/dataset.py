"""A whole export: a file with its manifest, or a folder that is a dataset with its card.

What a newcomer gets wrong: the place says what is asked for. A name with the suffix of a container
is a file of one format; any other is a folder.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from storage.errors import Lacking, NotWritable, Unknown, Unspoken
from storage.export.about import about, describe
from storage.export.account import Removed
from storage.export.columns import Columns, Example, Shape
from storage.export.containers import ExampleFiles, new_files, new_folder, open_file
from storage.export.containers.files import container_of
from storage.export.dialects import DIALECTS, sidecars
from storage.export.dialects.sidecars import Piece
from storage.export.exported import Exported, Source, Writing
from storage.export.figures import Figures
from storage.export.formats import FORMATS
from storage.export.making import Form
from storage.export.manifest import NAME as MANIFEST
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
LISTED = "left-out.jsonl"
"""Beside a file, and in a folder beside the files of each format."""
ALL = "all"
Tell = Callable[[str, int], None]
"""Told how many examples of a format there are so far."""
_EVERY = 1_000
_OTHERS = {".arrow", ".csv", ".gz", ".json", ".ndjson", ".tsv", ".txt", ".zip", ".zst"}
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
    targets = [path, *(beside(path, name) for name in _names(options) if container_of(path))]
    _require_safe(source.reader.path, targets)
    source = replace(source, runs=list({run.id: run for run in source.runs}.values()))
    if options.benchmark:
        source = replace(source, known=Benchmarks.read(options.benchmark, options.ngram))
    if container_of(path) is None:
        return _folder(source, forms, path, options, tell, force=force)
    if options.shares(usual=False) and options.split is None:
        raise Unknown("--splits: a file holds one split; add --split train, or name a folder")
    return _file(source, forms[0], path, options, tell, force=force)


def _require_safe(database: Path, targets: Sequence[Path]) -> None:
    """Refuse places that would take the database with them, or have no name in UTF-8.

    Raises:
        NotWritable: there is one.
    """
    for target in targets:
        name = repr(str(target))
        try:
            name.encode()
            str(target).encode()
        except UnicodeEncodeError as error:
            raise NotWritable(f"{str(target)!a}: is no UTF-8; name another file") from error
        if target.exists() and target.samefile(database):
            raise NotWritable(f"{name}: is the database; name another file")
        if database.resolve().is_relative_to(target.resolve()):
            raise NotWritable(f"{name}: has the database in it; name another folder")


def _names(options: Options) -> list[str]:
    """Return what the names of the files beside an export end with, the manifest's last."""
    loaders = [each.sidecar_name for each in DIALECTS.values() if each.sidecar_name]
    return [LISTED, *loaders, MANIFEST]


def _file(
    source: Source, form: Form, path: Path, options: Options, tell: Tell, *, force: bool
) -> Exported:
    watch, names = _Watch(tell), [beside(path, name).name for name in _names(options)]
    with new_files(path, [path.name, *names], force=force) as folder:
        place = folder / path.name
        writing = Writing(source, options, usual_splits=False, watch=watch)
        with open_file(beside(place, LISTED), LEFT_OUT, Shape()) as left_out:
            writing.to_file(form, place, _removed_to(form, left_out))
        for name, text in sidecars(writing.dialect, _pieces(writing), path, folder=False).items():
            beside(place, name).write_text(text, encoding="utf-8", newline="\n")
        whole = about(source, writing, watch.figures, options, folder)
        others = sorted(each.name for each in folder.iterdir() if each.name != path.name)
        told = whole.manifest(*(export_file(folder, name) for name in others))
        beside(place, MANIFEST).write_text(told, encoding="utf-8", newline="\n")
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
        writing = Writing(source, options, usual_splits=True, watch=watch)
        for form in forms:
            place = folder / form.name
            place.mkdir()
            try:
                with open_file(place / LISTED, LEFT_OUT, Shape()) as left_out:
                    writing.to_folder(form, place, _removed_to(form, left_out))
            except (Lacking, Unspoken) as error:  # the others may be there all the same
                writing.exported.lacking[form.name] = str(error)
                shutil.rmtree(place)
        if not writing.exported.written:
            raise Lacking("; ".join(dict.fromkeys(writing.exported.lacking.values())))
        for name, text in sidecars(writing.dialect, _pieces(writing), path, folder=True).items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        describe(folder, about(source, writing, watch.figures, options, folder))
    return writing.exported


def _removed_to(form: Form, left_out: ExampleFiles) -> Callable[[Removed], None]:
    def removed(what: Removed) -> None:
        left_out.write({"format": form.name, **asdict(what)})

    return removed


def _pieces(writing: Writing) -> list[Piece]:
    """Return each format and split that was written, once, however many files it has."""
    written = dict.fromkeys((form, split) for form, split, _ in writing.exported.written)
    return [Piece(form, split, FORMATS[form].columns) for form, split in written]


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

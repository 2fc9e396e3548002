"""What an export is, for programs: counts, digests, and what it was made from.

No clock and no path of a machine is in it, so the same database and options give the same bytes.
What a newcomer gets wrong: its `digest` is over everything else in it, the digests of the files
included; whoever knows it knows the whole folder.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import JsonValue

from storage.errors import NotWhole
from storage.export.facts import Facts
from storage.export.figures import Figures
from storage.export.left_out import LeftOut
from storage.ids import digest, file_digest

NAME = "manifest.json"
KIND = "lyceum.export"
VERSION = 1
"""Of the manifest's own shape; a key that is added does not raise it."""


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file of an export."""

    path: str
    """Relative to the export's folder, with slashes."""
    bytes: int
    sha256: str
    """64 hex digits."""
    form: str | None = None
    """The format whose rows it holds. None: it holds no rows; so with the next two."""
    split: str | None = None
    rows: int | None = None


def export_file(
    folder: Path,
    path: str,
    *,
    form: str | None = None,
    split: str | None = None,
    rows: int | None = None,
) -> ExportFile:
    """Measure a file that has been written.

    Raises:
        OSError: it cannot be read.
    """
    place = folder / path
    sha256 = file_digest(place).removeprefix("sha256:")
    return ExportFile(path, place.stat().st_size, sha256, form, split, rows)


def manifest(
    facts: Facts,
    figures: Figures,
    left_out: LeftOut,
    options: Mapping[str, JsonValue],
    files: Iterable[ExportFile],
) -> dict[str, Any]:
    """Return the manifest of an export.

    Args:
        facts: What the database says.
        figures: Of the rows that were written.
        left_out: What was not, and why.
        options: What was asked for; no paths, a file stands as its digest.
        files: All of them but the manifest itself.
    """
    rows = {form: _splits(figures, form) for form in figures.forms}
    whole: dict[str, Any] = {
        "kind": KIND,
        "version": VERSION,
        "lyceum": facts.lyceum,
        "schema": facts.schema,
        "options": dict(sorted(options.items())),
        "rows": rows,
        "labels": {form: _labels(figures, form) for form in ("critique", "kto") if form in rows},
        "left_out": left_out.plain(),
        "runs": [asdict(run) for run in facts.runs],
        "prompts": [asdict(prompt) for prompt in facts.prompts],
        "verifiers": [
            {"name": name, "version": version, "verdicts": count}
            for (name, version), count in facts.verifiers.items()
        ],
        "files": [asdict(each) for each in sorted(files, key=lambda each: each.path)],
    }
    return {**whole, "digest": digest(whole)}


def as_text(whole: Mapping[str, Any]) -> str:
    """Return a manifest, or other metadata, as it is written: JSON in order, for people as well."""
    return json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def read_whole(folder: Path) -> dict[str, Any]:
    """Return the manifest of an export's folder, after every file in it was looked at.

    Raises:
        NotWhole: there is none of ours, or a file is missing, changed, or not one of the export's.
    """
    name = repr(str(folder))
    try:
        written = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except OSError as error:
        raise NotWhole(
            f"{name}: has no {NAME} that can be read ({error.strerror}); name a folder that "
            "`export` made"
        ) from error
    except (ValueError, RecursionError) as error:
        raise NotWhole(f"{name}: its {NAME} is not JSON; export it again") from error
    if not isinstance(written, dict) or written.get("kind") != KIND:
        raise NotWhole(f"{name}: its {NAME} is not of an export; name a folder that `export` made")
    _agrees(name, written)
    _holds(folder, name, _paths(name, written))
    return written


def _agrees(name: str, written: dict[str, Any]) -> None:
    """Refuse a manifest that was changed."""
    try:
        found = digest({key: value for key, value in written.items() if key != "digest"})
    except (ValueError, RecursionError):
        found = ""
    if written.get("digest") != found:
        raise NotWhole(f"{name}: its {NAME} was changed after the export; export it again")


def _paths(name: str, written: dict[str, Any]) -> dict[str, str]:
    """Return the digest of every file that a manifest lists, by path."""
    listed = written.get("files")
    found: dict[str, str] = {}
    for each in listed if isinstance(listed, list) else ():
        path, sha256 = (each.get("path"), each.get("sha256")) if isinstance(each, dict) else (0, 0)
        if not (isinstance(path, str) and isinstance(sha256, str) and _is_inside(path)):
            raise NotWhole(f"{name}: its {NAME} lists a file that no export has; export it again")
        found[path] = sha256
    return found


def _is_inside(path: str) -> bool:
    parts = PurePosixPath(path)
    return bool(parts.parts) and not parts.is_absolute() and not {"..", "\\"} & set(path.split("/"))


def _holds(folder: Path, name: str, digests: dict[str, str]) -> None:
    """Refuse a folder that is not exactly what its manifest says."""
    there = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }
    if stray := sorted(there - digests.keys() - {NAME}):
        raise NotWhole(f"{name}: {stray[0]!r} is no file of the export; move it elsewhere")
    for path, sha256 in sorted(digests.items()):
        place = folder / path
        if path not in there or place.is_symlink():
            raise NotWhole(f"{name}: {path!r} is missing; export it again")
        try:
            same = file_digest(place) == f"sha256:{sha256}"
        except OSError as error:
            raise NotWhole(f"{name}: {path!r} cannot be read ({error.strerror})") from error
        if not same:
            raise NotWhole(f"{name}: {path!r} was changed after the export; export it again")


def _splits(figures: Figures, form: str) -> dict[str, int]:
    return {split: figures.rows(form, split) for split in figures.splits}


def _labels(figures: Figures, form: str) -> dict[str, int]:
    found = figures.by("label", form)
    return {str(label).lower(): count for label, count in sorted(found.items(), key=str)}

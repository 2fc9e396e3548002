"""The files that make an export load, beside a file or in a folder.

What a newcomer gets wrong: they name what they describe as their reader finds it. LLaMA-Factory
looks from the folder of its `dataset_info.json`, axolotl from where it is started.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import JsonValue

from storage.export.columns import Columns
from storage.export.containers.files import container_of
from storage.export.dialects.dialect import Dialect


class Piece(NamedTuple):
    """One format in one split, as it was written."""

    form: str
    split: str
    columns: Columns
    """The canonical ones."""


def sidecars(
    dialect: Dialect, pieces: Sequence[Piece], path: Path, *, folder: bool
) -> dict[str, str]:
    """Return the text of each such file by its name; that of a file is to follow the file's own.

    Args:
        dialect: Whose reader it is for.
        pieces: What was written; of a file there is one.
        path: The file or folder.
        folder: Which of them.
    """
    if dialect.sidecar_name is None:
        return {}
    made = [(each, _entry(dialect, each, path, folder=folder)) for each in pieces]
    if dialect.sidecar_name.endswith(".json"):
        name = path.name.removesuffix(f".{container_of(path)}")
        entries = {f"{each.form}_{each.split}" if folder else name: one for each, one in made}
        return {dialect.sidecar_name: json.dumps(entries, indent=2, ensure_ascii=False) + "\n"}
    stem = dialect.sidecar_name.removesuffix(".yaml")
    return {
        f"{stem}-{each.form}.yaml" if folder else f"{stem}.yaml": "".join(_yaml(one))
        for each, one in made
        if each.split == "train" or not folder
    }


def _entry(dialect: Dialect, piece: Piece, path: Path, *, folder: bool) -> dict[str, JsonValue]:
    where = {"path": path.name}
    if folder:
        own = "." if dialect.looks_from_sidecar else path.name
        where = {"path": own, "name": piece.form, "split": piece.split}
    return dialect.sidecar(piece.form, piece.columns, where) or {}


def _yaml(value: dict[str, JsonValue], indent: str = "") -> Iterator[str]:
    """Yield the lines of an object of scalars and of lists of objects."""
    for key, part in value.items():
        if isinstance(part, list):
            yield f"{indent}{key}:\n"
            for each in part:
                first, *rest = _yaml(each, f"{indent}    ")  # type: ignore[arg-type]
                yield f"{indent}  - {first.lstrip()}"
                yield from rest
        else:
            yield f"{indent}{key}: {json.dumps(part, ensure_ascii=False)}\n"

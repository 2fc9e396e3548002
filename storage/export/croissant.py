"""Croissant metadata of an export: its files, and what stands in their columns, as JSON-LD.

For programs that look for datasets (https://docs.mlcommons.org/croissant/docs/croissant-spec.html,
version 1.0). What a newcomer gets wrong: the names and paths are relative to the folder in which
the metadata stands, and an id is used once in the whole file.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from storage.export.card.front import as_licence_text, languages_of
from storage.export.card.page import title_of
from storage.export.columns import Columns, Kind, Shape
from storage.export.facts import Facts
from storage.export.figures import Figures
from storage.export.manifest import ExportFile

NAME = "croissant.json"
_TYPES: dict[Kind, str] = {
    "text": "sc:Text",
    "texts": "sc:Text",
    "integer": "sc:Integer",
    "number": "sc:Float",
    "flag": "sc:Boolean",
    "flags": "sc:Boolean",
    "images": "sc:ImageObject",
    "json": "sc:Text",
}
_REPEATED: tuple[Kind, ...] = ("texts", "flags", "images", "messages")
_ENCODINGS = {
    "parquet": "application/x-parquet",
    "jsonl": "application/jsonlines",
    "zst": "application/zstd",
}
_ALIASES = (
    "citeAs column examples extract field fileProperty fileObject fileSet format includes "
    "equivalentProperty isLiveDataset jsonPath key md5 parentField path recordSet references regex "
    "repeated replace samplingRate separator source subField transform"
)


def croissant(
    facts: Facts,
    figures: Figures,
    files: Sequence[ExportFile],
    columns: Mapping[str, Columns],
    shapes: Mapping[str, Shape],
) -> dict[str, Any]:
    """Return the metadata.

    Args:
        facts: What the database says.
        figures: Of the rows that were written; at least one.
        files: Those with rows.
        columns: Of each format, in order.
        shapes: Of each format, what messages have beside role and content; nothing if not said.
    """
    rows = [each for each in files if each.form and each.split]
    sets = {(each.form, each.split) for each in rows}
    places = sorted((str(form), str(split)) for form, split in sets)
    return {
        "@context": _context(),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "lyceum-export",
        "alternateName": title_of(figures),
        "description": (
            f"{figures.rows()} training rows from {sum(facts.trajectories.values())} episodes of "
            "a teacher, a student and a critic. README.md says how they were made and judged."
        ),
        "license": as_licence_text(figures),
        "inLanguage": languages_of(figures),
        "keywords": ["synthetic", "lyceum", *figures.forms],
        "isLiveDataset": False,
        "distribution": [
            *(_file(each) for each in rows),
            *(_files(place, _of(rows, place)) for place in places),
        ],
        "recordSet": [
            _record_set(
                place, figures.rows(*place), columns[place[0]], shapes.get(place[0], Shape())
            )
            for place in places
        ],
    }


def _of(files: Iterable[ExportFile], place: tuple[str, str]) -> list[ExportFile]:
    return [each for each in files if (each.form, each.split) == place]


def _context() -> dict[str, Any]:
    """Return the names that the specification has every file declare."""
    return {
        "@language": "en",
        "@vocab": "https://schema.org/",
        "conformsTo": "dct:conformsTo",
        "cr": "http://mlcommons.org/croissant/",
        "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "dct": "http://purl.org/dc/terms/",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "sc": "https://schema.org/",
        **{alias: f"cr:{alias}" for alias in _ALIASES.split()},
        "examples": {"@id": "cr:examples", "@type": "@json"},
    }


def _file(file: ExportFile) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": file.path,
        "name": file.path,
        "contentUrl": file.path,
        "contentSize": f"{file.bytes} B",
        "encodingFormat": _encoding(file),
        "sha256": file.sha256,
    }


def _files(place: tuple[str, str], files: Sequence[ExportFile]) -> dict[str, Any]:
    """Return the set of the files of a split, whose rows have the same columns."""
    return {
        "@type": "cr:FileSet",
        "@id": f"{'/'.join(place)}/files",
        "name": f"{'/'.join(place)}/files",
        "encodingFormat": _encoding(files[0]),
        "includes": [each.path for each in files],
    }


def _encoding(file: ExportFile) -> str:
    return _ENCODINGS.get(file.path.rpartition(".")[2], "application/octet-stream")


def _record_set(
    place: tuple[str, str], rows: int, columns: Columns, shape: Shape
) -> dict[str, Any]:
    name = "/".join(place)
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": f"The {rows} rows of format {place[0]} in split {place[1]}.",
        **({"key": {"@id": f"{name}/id"}} if "id" in columns else {}),
        "field": [_field(name, column, kind, shape) for column, kind in columns.items()],
    }


def _field(record_set: str, column: str, kind: Kind, shape: Shape) -> dict[str, Any]:
    own = f"{record_set}/{column}"
    field: dict[str, Any] = {"@type": "cr:Field", "@id": own, "name": column}
    if kind in _REPEATED:
        field["repeated"] = True
    source = {"fileSet": {"@id": f"{record_set}/files"}, "extract": {"column": column}}
    if kind in ("message", "messages"):
        parts = [_part(own, key, source) for key in _keys(shape)]
        return {**field, "source": source, "subField": parts}
    if kind == "images":
        source["transform"] = {"jsonPath": "bytes"}
    return {**field, "dataType": _TYPES[kind], "source": source}


def _keys(shape: Shape) -> Iterator[str]:
    """Yield the keys of a message that hold text; with pictures, its content is a list of parts."""
    yield "role"
    if not shape.images:
        yield "content"
    if shape.reasoning:
        yield "reasoning_content"


def _part(field: str, key: str, source: Mapping[str, Any]) -> dict[str, Any]:
    """Return a field for one key of the messages in a column."""
    return {
        "@type": "cr:Field",
        "@id": f"{field}/{key}",
        "name": key,
        "dataType": "sc:Text",
        "source": {**source, "transform": {"jsonPath": key}},
    }

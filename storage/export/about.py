"""What is written about an export: its manifest, and for a dataset its card, plots and metadata."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from storage import ids
from storage.export.card import card
from storage.export.columns import Columns, Shape
from storage.export.containers.part import Written
from storage.export.croissant import NAME as CROISSANT
from storage.export.croissant import croissant
from storage.export.exported import Source, Writing
from storage.export.facts import Facts, facts
from storage.export.figures import Figures
from storage.export.left_out import LeftOut
from storage.export.manifest import NAME as MANIFEST
from storage.export.manifest import ExportFile, as_text, export_file, manifest
from storage.export.options import Options
from storage.export.plots import plots
from storage.overlap import split

CARD = "README.md"


@dataclass(frozen=True, slots=True)
class About:
    """All that can be said about an export."""

    facts: Facts
    figures: Figures
    left_out: LeftOut
    options: Mapping[str, JsonValue]
    """Those that are not as usual; of a benchmark's file the name with its digest."""
    columns: Mapping[str, Columns]
    """By format, as they were written."""
    shapes: Mapping[str, Shape]
    """By format: what messages have beside role and content, as they were written."""
    files: tuple[ExportFile, ...]
    """Those with examples."""

    def manifest(self, *others: ExportFile) -> str:
        """Return the manifest; `others` are the files without examples."""
        whole = manifest(
            self.facts, self.figures, self.left_out, self.options, [*self.files, *others]
        )
        return as_text(whole)


def about(
    source: Source, writing: Writing, figures: Figures, options: Options, root: Path
) -> About:
    """Return what can be said about what was written below a root."""
    accounts = {
        form: account
        for form, account in writing.exported.accounts.items()
        if form not in writing.exported.lacking
    }
    return About(
        facts=facts(source.reader, source.runs),
        figures=figures,
        left_out=LeftOut.of(accounts, _looked_for(options, writing)),
        options=_told(options),
        columns={form: writing.columns(form) for form in accounts},
        shapes={form: writing.said_shape(form) for form in accounts},
        files=tuple(
            _file(root, form, split, each) for form, split, each in writing.exported.written
        ),
    )


def _file(root: Path, form: str, split: str, written: Written) -> ExportFile:
    path = written.path.relative_to(root).as_posix()
    return ExportFile(path, written.size, written.sha256, form, split, written.rows)


def describe(folder: Path, about: About) -> None:
    """Write the card, its plots, the metadata and the manifest into a dataset's folder."""
    drawn = plots(about.facts, about.figures)
    texts = {
        CARD: card(about.facts, about.figures, about.left_out, about.options, about.files, drawn),
        CROISSANT: as_text(
            croissant(about.facts, about.figures, about.files, about.columns, about.shapes)
        ),
    }
    for name, content in {**{n: t.encode() for n, t in texts.items()}, **drawn}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    known = {each.path for each in about.files}
    found = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    others = [export_file(folder, name) for name in found if name not in known]
    (folder / MANIFEST).write_text(about.manifest(*others), encoding="utf-8", newline="\n")


def _looked_for(options: Options, writing: Writing) -> list[str]:
    found = ["duplicate", "same_text"]
    found += ["near_duplicate"] if options.near_duplicates is not None else []
    found += ["across_splits"] if writing.splits is not None else []
    return [*found, "contaminated"] if options.benchmark else found


def _told(options: Options) -> dict[str, JsonValue]:
    """Return the options that are not as usual; a file stands as its name and its digest."""
    told: dict[str, JsonValue] = options.told()
    if options.benchmark:
        told["benchmark"] = [
            {"file": path.name, "sha256": ids.file_digest(path).removeprefix("sha256:")}
            for path in (split(str(named))[0] for named in options.benchmark)
        ]
    return told

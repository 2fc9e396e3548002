"""The head of a card: what a dataset hub reads of it, as YAML.

What a newcomer gets wrong: a bare `no` is a boolean in YAML, and a name may hold a line break. So
every string stands in double quotes, as JSON, which YAML reads the same way.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from storage.export.facts import Facts
from storage.export.figures import Figures
from storage.export.manifest import ExportFile
from storage.report.clean import one_line

_UNPRINTABLE = re.compile(r"[\ud800-\udfff\ufffe\uffff]|[^\x20-\x7e\xa0-\U0010ffff]")
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:-[A-Za-z0-9]{1,8})*")
_SIZES = ((3, "n<1K"), (4, "1K<n<10K"), (5, "10K<n<100K"), (6, "100K<n<1M"), (7, "1M<n<10M"),
          (8, "10M<n<100M"), (9, "100M<n<1B"), (12, "1B<n<10B"))  # fmt: skip
_LICENCES = {
    "afl-3.0", "agpl-3.0", "apache-2.0", "artistic-2.0", "bsd-2-clause", "bsd-3-clause", "bsl-1.0",
    "cc-by-2.0", "cc-by-3.0", "cc-by-4.0", "cc-by-nc-3.0", "cc-by-nc-4.0", "cc-by-nc-nd-4.0",
    "cc-by-nc-sa-3.0", "cc-by-nc-sa-4.0", "cc-by-nd-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0", "cc0-1.0",
    "cdla-permissive-1.0", "cdla-permissive-2.0", "cdla-sharing-1.0", "epl-2.0", "eupl-1.1",
    "gfdl", "gpl-2.0", "gpl-3.0", "isc", "lgpl-3.0", "mit", "mpl-2.0", "ncsa", "odbl", "odc-by",
    "ofl-1.1", "openrail", "pddl", "unlicense", "wtfpl", "zlib",
}  # fmt: skip
"""Identifiers that the Hugging Face Hub knows."""
_CALLED = {"cc0": "cc0-1.0", "apache-2": "apache-2.0", "gplv3": "gpl-3.0"}


def front(
    title: str, facts: Facts, figures: Figures, files: Iterable[ExportFile]
) -> dict[str, Any]:
    """Return the metadata of a card, in order."""
    languages = languages_of(figures)
    by_people = "expert-generated"
    judged = ["machine-generated", *([by_people] if "person" in facts.rungs else [])]
    wrote = ["machine-generated", *([by_people] if figures.licences else [])]
    return {
        "license": licence_of(figures),
        "language": languages,
        "pretty_name": title,
        "size_categories": [size_of(figures.rows())],
        "task_categories": _tasks(figures),
        "annotations_creators": judged,
        "language_creators": wrote,
        "multilinguality": ["multilingual" if len(languages) > 1 else "monolingual"],
        "source_datasets": ["original"],
        "tags": ["synthetic", "lyceum", *figures.forms],
        "configs": _configs(list(files), figures),
    }


def licence_of(figures: Figures) -> str | list[str]:
    """Return the licences of the expert seeds that rows grew from, as a hub knows them.

    "unknown" if there is none or one is not stated, "other" if one is not among those known.
    """
    stated = figures.licences
    if not stated or None in stated:
        return "unknown"
    found = sorted({known_licence(str(each)) for each in stated})
    if "other" in found:
        return "other"
    return found[0] if len(found) == 1 else found


def as_licence_text(figures: Figures) -> str:
    """Return the licences as one text, for metadata that takes no list."""
    found = licence_of(figures)
    return found if isinstance(found, str) else ", ".join(found)


def known_licence(text: str) -> str:
    """Return a hub's identifier of a licence, such as "cc-by-4.0" of "CC BY 4.0", or "other"."""
    short = re.sub(r"[\s_-]+", "-", one_line(text).casefold().replace("licence", "license"))
    short = short.removeprefix("the-").removesuffix("-license").strip("-")
    short = _CALLED.get(short, short)
    return short if short in _LICENCES else "other"


def languages_of(figures: Figures) -> list[str]:
    """Return the languages of the rows without region or script, the most frequent first."""
    tags = (_LANGUAGE.fullmatch(str(tag)) for tag in figures.by("language"))
    return list(dict.fromkeys(tag[1].lower() for tag in tags if tag))


def size_of(rows: int) -> str:
    """Return a hub's name for a number of rows."""
    return next((name for digits, name in _SIZES if rows < 10**digits), "n>1T")


def as_yaml(metadata: Mapping[str, Any]) -> str:
    """Return metadata as YAML between two lines of dashes; strings stand quoted."""
    return "\n".join(["---", *_lines(metadata, ""), "---"])


def _lines(value: Mapping[str, Any], indent: str) -> Iterable[str]:
    for key, each in value.items():
        if isinstance(each, list):
            yield f"{indent}{key}:" if each else f"{indent}{key}: []"
            for item in each:
                if isinstance(item, dict):
                    first, *others = _lines(item, indent + "  ")
                    yield f"{indent}- {first.lstrip()}"
                    yield from others
                else:
                    yield f"{indent}- {_scalar(item)}"
        else:
            yield f"{indent}{key}: {_scalar(each)}"


def _scalar(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _tasks(figures: Figures) -> list[str]:
    tasks = ["reinforcement-learning"] if "rl" in figures.forms else []
    if figures.forms != ["rl"]:
        tasks.insert(0, "text-generation")
    if figures.by("pictures").get(True):
        tasks.append("image-text-to-text")
    return tasks


def _configs(files: Sequence[ExportFile], figures: Figures) -> list[dict[str, Any]]:
    """Return where a loader finds the rows of each format and split."""
    configs: list[dict[str, Any]] = []
    for form in figures.forms:
        splits = []
        for split in figures.splits:
            paths = sorted(f.path for f in files if (f.form, f.split) == (form, split))
            if paths:
                splits.append({"split": split, "path": paths[0] if len(paths) == 1 else paths})
        if splits:
            first = {} if configs else {"default": True}
            configs.append({"config_name": form, **first, "data_files": splits})
    return configs

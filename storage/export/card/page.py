"""Fills in the page."""

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files as package_files

from jinja2 import Environment, StrictUndefined, Template
from pydantic import JsonValue

from storage.export.card.advice import advice, limits, opening, split_rule
from storage.export.card.contents import contents, formats, hardness, texts
from storage.export.card.front import as_yaml, front
from storage.export.card.making import making, rightness
from storage.export.card.markdown import Safe, escaped, name
from storage.export.card.rest import costs, option_table, seeds, what_was_left_out
from storage.export.facts import Facts
from storage.export.figures import Figures
from storage.export.left_out import LeftOut
from storage.export.manifest import ExportFile
from storage.report.clean import one_line

CAPTIONS = {
    "plots/skills.png": "Episodes by skill and status",
    "plots/levels_and_lengths.png": "First tries accepted by level, and lengths of answers",
}
"""What a plot shows, by its path."""


def card(
    facts: Facts,
    figures: Figures,
    left_out: LeftOut,
    options: Mapping[str, JsonValue],
    files: Sequence[ExportFile],
    plots: Mapping[str, bytes],
) -> str:
    """Return the card as Markdown with a head in YAML.

    Args:
        facts: What the database says.
        figures: Of the rows that were written; at least one.
        left_out: What was not, and why.
        options: What was asked for.
        files: Those with rows, for the head.
        plots: By path within the folder; none if matplotlib is not installed.
    """
    title = title_of(figures)
    filled = _template().render(
        front=Safe(as_yaml(front(title, facts, figures, files))),
        title=title,
        opening=opening(facts, figures),
        plots=[(Safe(path), Safe(CAPTIONS.get(path, "A plot"))) for path in plots],
        first_form=Safe(figures.forms[0]),
        first_split=Safe(figures.splits[0]),
        formats=formats(figures),
        dialect=name(options.get("dialect")) if options.get("dialect", "trl") != "trl" else "",
        **making(facts),
        **rightness(facts),
        **contents(facts, figures),
        **texts(figures),
        **hardness(facts, figures),
        **what_was_left_out(left_out),
        advice=advice(figures),
        splits=split_rule(figures),
        costs=costs(facts),
        **seeds(facts, figures),
        limits=limits(facts, figures),
        lyceum=Safe(facts.lyceum),
        schema=Safe(f"`{facts.schema}`"),
        options=option_table(options),
    )
    return re.sub(r"\n{3,}", "\n\n", filled).rstrip("\n") + "\n"


def title_of(figures: Figures) -> str:
    """Return what the rows are about, by the skills that most of them are of; nothing escaped."""
    skills = [one_line(str(skill)) for skill in figures.by("skill")]
    if len(skills) > 4:
        return f"Lessons in {', '.join(skills[:3])} and {len(skills) - 3} more skills"
    return f"Lessons in {' and '.join(filter(None, [', '.join(skills[:-1]), skills[-1]]))}"


def _template() -> Template:
    environment = Environment(
        autoescape=False,  # `finalize` escapes everything for Markdown instead
        finalize=escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = package_files("storage.export.card").joinpath("card.md").read_text(encoding="utf-8")
    return environment.from_string(text)

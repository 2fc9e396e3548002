"""Of the card: what is in it, how long and how varied the texts are, and how hard the tasks."""

from collections.abc import Sequence
from typing import Any

from storage.export.card.making import COLUMNS, by_status
from storage.export.card.markdown import Safe, counted, name, share, shortened, table
from storage.export.diversity import percentile
from storage.export.facts import Facts
from storage.export.figures import CLIP, LENGTHS, TEXTS, Figures, Text

FORMATS = {
    "sft": "a task and an accepted attempt, as `messages`",
    "prompt-completion": "the same, so that loss falls on the attempt alone",
    "preference": "an accepted attempt and a wrong one: DPO, APO, reward models",
    "kto": "every scored attempt with a label: KTO, unpaired APO",
    "stepwise": "steps up to the first wrong one, labelled: process reward models",
    "rl": "tasks with reference and verifier: GRPO and the like",
    "critique": "a task and an attempt, then critique and verdict: critics",
}
"""What a row of a format is, and what it is for."""
_MEASURED = 30
"""Of how many skills the texts are measured."""


def formats(figures: Figures) -> Safe:
    """Return how many rows each format and split has."""
    rows = [
        (
            name(form),
            *(figures.rows(form, split) for split in figures.splits),
            Safe(FORMATS.get(form, "")),
        )
        for form in figures.forms
    ]
    return table(("format", *(f">{split}" for split in figures.splits), "a row is"), rows)


def contents(facts: Facts, figures: Figures) -> dict[str, Any]:
    """Return the rows by skill, level, language and who attempted, beside the database's counts."""
    rows = figures.rows()
    skills = []
    for place, (skill, n) in enumerate(figures.by("skill").items()):
        found = figures.diversity("answers", skill) if place < _MEASURED else None
        repeats = f"{found.compression:.1f}" if found else Safe("-")
        counts = by_status(facts.skills.get(skill, {}))
        skills.append((name(skill), n, share(n, rows), *counts, repeats))
    levels = [
        (Safe(level), n, share(n, rows), *by_status(facts.levels.get(level, {})))
        for level, n in sorted(figures.by("level").items())
    ]
    languages = [
        (name(language), n, share(n, rows), *by_status(facts.languages.get(language, {})))
        for language, n in figures.by("language").items()
    ]
    makers = [(name(who), n, share(n, rows)) for who, n in figures.by("made_by").items()]
    return {
        "skills": table(("skill", ">rows", ">share", *COLUMNS, ">repeats"), shortened(skills)),
        "levels": table(("level", ">rows", ">share", *COLUMNS), shortened(levels)),
        "languages": table(("language", ">rows", ">share", *COLUMNS), shortened(languages)),
        "makers": table(("made by", ">rows", ">share"), shortened(makers)),
    }


def texts(figures: Figures) -> dict[str, Any]:
    """Return how long the texts are, and how much they repeat themselves."""
    lengths = []
    for form in figures.forms:
        drawn = figures.lengths(form)
        answer = Safe("-") if form == "rl" else _spread([one.answer for one in drawn])
        lengths.append((name(form), _spread([one.prompt for one in drawn]), answer))
    kinds: tuple[Text, ...] = ("tasks", "answers", "critiques")
    measured = [(kind, figures.diversity(kind)) for kind in kinds]
    diversity = [
        (kind, one.texts, one.distinct_1, one.distinct_2, f"{one.compression:.1f}")
        for kind, one in measured
        if one
    ]
    many = any(figures.rows(form) > LENGTHS for form in figures.forms)
    note = f" Of a format with more, {LENGTHS:,} rows are drawn." if many else ""
    return {
        "lengths": table(("format", ">prompt", ">answer"), lengths),
        "lengths_note": Safe(note),
        "longer": _longer(figures),
        "diversity": table(
            ("of", ">texts", ">distinct words", ">distinct pairs", ">repeats"), diversity
        ),
        "drawn": TEXTS,
        "clip": CLIP,
    }


def hardness(facts: Facts, figures: Figures) -> dict[str, Any]:
    """Return how often the student solves the tasks; the section falls away if nothing was tried.

    The solve rates of `rl` rows count tasks; those of first tries count attempts of the database.
    """
    tries = [
        (Safe(level), tried, share(solved, tried))
        for level, (tried, solved) in facts.first_tries.items()
        if tried
    ]
    whole = figures.solved
    told = ""
    if whole.tasks:
        between = whole.tasks - whole.never - whole.always
        told = (
            f"Of {counted(whole.tasks, 'task')} of `rl` that the student tried, it solved "
            f"{share(whole.always, whole.tasks)} always, {share(whole.never, whole.tasks)} never, "
            f"and {share(between, whole.tasks)} now and then: those teach a policy most. "
            f"The mean solve rate is {share(whole.rates, whole.tasks)}."
        )
    return {
        "hardness": Safe(told),
        "first_tries": table(("level", ">first tries", ">of them accepted"), shortened(tries)),
    }


def _spread(lengths: Sequence[int]) -> Safe:
    """Return the middle of lengths, with the range in which nine of ten lie."""
    if not lengths:
        return Safe("-")
    low, middle, high = (percentile(lengths, share) for share in (0.05, 0.5, 0.95))
    return Safe(f"{middle:,} ({low:,} to {high:,})")


def _longer(figures: Figures) -> Safe:
    """Return how chosen and rejected answers differ in length; nothing where there are no pairs."""
    found = [one.longer for one in figures.lengths("preference")]
    if not found:
        return Safe("")
    longer = sum(each > 0 for each in found)
    told = (
        f"Of a pair, the chosen answer is the longer one in {share(longer, len(found))}; the "
        f"median difference is {percentile(found, 0.5):+,} characters."
    )
    if not 0.2 <= longer / len(found) <= 0.8:
        told += " **A model that is trained on these pairs may learn length.**"
    return Safe(told)

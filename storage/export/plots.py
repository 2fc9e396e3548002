"""Plots of an export that a person would rather look at than read.

Drawn with matplotlib, which comes with the extra `export` and is loaded only here. What a newcomer
gets wrong: a dollar sign in a name would be read as mathematics, and a user's own style would
change the bytes; neither has a say here.
"""

import io
import warnings
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from storage.export.diversity import percentile
from storage.export.facts import STATUSES, Facts
from storage.export.figures import Figures
from storage.report.clean import one_line

SKILLS, LEVELS = "plots/skills.png", "plots/levels_and_lengths.png"
"""Paths within the folder of an export."""
_COLOURS = dict(zip(STATUSES, ("#3f7d58", "#c8553d", "#e0b43f", "#8d99ae"), strict=True))
_INK, _BAR = "#22313f", "#4a6fa5"
_MOST_SKILLS, _MOST_LEVELS, _BINS = 24, 30, 40
_NAME = 28
"""Characters of a skill's name."""


def plots(facts: Facts, figures: Figures) -> dict[str, bytes]:
    """Return plots as PNG by their path in the folder; none where matplotlib is not installed.

    The same facts and figures give the same bytes with the same version of matplotlib.
    """
    if find_spec("matplotlib") is None:
        return {}
    matplotlib = import_module("matplotlib")
    # A script that the font lacks is drawn as boxes, which is no reason to warn anybody.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Every setting as it comes with matplotlib, whatever this machine says, and our own.
        usual = {key: each for key, each in matplotlib.rcParamsDefault.items() if key not in _ITS}
        with matplotlib.rc_context(usual | _STYLE):
            return {SKILLS: _skills(facts), LEVELS: _levels_and_lengths(facts, figures)}


_ITS = {"backend", "backend_fallback", "interactive"}
_STYLE: dict[str, Any] = {
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": _INK,
    "axes.titlelocation": "left",
    "font.size": 9.0,
    "text.parse_math": False,
    "xtick.color": _INK,
    "ytick.color": _INK,
}


def _skills(facts: Facts) -> bytes:
    """Draw the episodes of each skill by status, as stacked bars, the most at the top."""
    totals = {skill: sum(counts.values()) for skill, counts in facts.skills.items()}
    chosen = sorted(totals, key=lambda skill: (-totals[skill], skill))[:_MOST_SKILLS]
    figure = _figure(8.0, 1.2 + 0.26 * max(len(chosen), 3))
    axes = figure.subplots()
    places = range(len(chosen))
    before = [0] * len(chosen)
    for status in STATUSES:
        counts = [facts.skills[skill].get(status, 0) for skill in chosen]
        if any(counts):
            axes.barh(places, counts, left=before, color=_COLOURS[status], label=status, height=0.7)
            before = [a + b for a, b in zip(before, counts, strict=True)]
    axes.set_yticks(places, [one_line(skill, _NAME) for skill in chosen])
    axes.invert_yaxis()
    axes.set_title("Episodes by skill")
    axes.tick_params(axis="y", length=0)
    if chosen:
        axes.legend(frameon=False, loc="lower right")
    return _png(figure)


def _levels_and_lengths(facts: Facts, figures: Figures) -> bytes:
    """Draw how many first tries of each level are accepted, and how long the answers are."""
    figure = _figure(8.0, 2.8)
    left, right = figure.subplots(1, 2)
    tries = [(level, t, s) for level, (t, s) in facts.first_tries.items() if t][:_MOST_LEVELS]
    places = range(len(tries))
    left.bar(places, [solved / tried for _, tried, solved in tries], color=_BAR, width=0.7)
    left.set_xticks(places, [str(level) for level, _, _ in tries])
    left.set_ylim(0, 1)
    left.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    left.set_title("First tries accepted, by level")
    lengths = _answers(figures)
    if lengths:
        right.hist(lengths, bins=_BINS, range=(0, max(lengths)), color=_BAR)
    right.set_title("Characters of answers")
    right.yaxis.set_visible(False)
    right.spines["left"].set_visible(False)
    return _png(figure)


def _answers(figures: Figures) -> list[int]:
    """Return the lengths of the answers of the largest format that has attempts, but for outliers.

    Those are the longest of a hundred, which would press all others against the left.
    """
    forms = sorted(
        (form for form in figures.forms if form not in ("rl", "critique")), key=figures.rows
    )
    lengths = [one.answer for one in figures.lengths(forms[-1])] if forms else []
    longest = percentile(lengths, 0.99) if lengths else 0
    return [length for length in lengths if length <= longest]


def _figure(width: float, height: float) -> Any:  # noqa: ANN401 - of an extra, without its types
    figure: Any = import_module("matplotlib.figure").Figure((width, height), layout="constrained")
    return figure


def _png(figure: Any) -> bytes:  # noqa: ANN401 - of an extra, without its types
    """Return a drawing as PNG without the name of the program that made it."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=110, metadata={"Software": None})
    return file.getvalue()

"""Plots of how something went over time: lines, or areas on top of each other.

What a newcomer gets wrong: the places along the plot are given, not worked out, because a run that
was stopped overnight should not be drawn as a night of nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor, log10

from markupsafe import Markup

from storage.report.html.drawing.svg import picture, tag

WIDTH, HEIGHT = 300.0, 130.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 42.0, 6.0, 8.0, 20.0
_LEAST = 1e-300
"""Below this a power of ten may be no number any more."""


@dataclass(frozen=True, slots=True)
class Series:
    """What is drawn as one line or area."""

    name: str
    values: Sequence[float | None]
    """One for each place. None: nothing is known there, and the line is broken."""
    kind: str
    """Its class in `drawing.css`: a status, or `line`."""


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot that is to be drawn."""

    title: str
    places: Sequence[float]
    """Along the plot, rising; for example seconds of work."""
    series: Sequence[Series]
    shown: Callable[[float], str]
    """Says a value, as on the axis."""
    ends: tuple[str, str] = ("", "")
    """What stands below the left and the right end."""
    stacked: bool = False
    """Whether each series stands on top of those before it."""
    pauses: Sequence[float] = ()
    """Places where the work was interrupted."""

    @property
    def about(self) -> str:
        """The last value of each series, in words."""
        last = [
            f"{one.name} {self.shown(known[-1])}"
            for one in self.series
            if (known := [value for value in one.values if value is not None])
        ]
        return f"At the end: {', '.join(last)}." if last else "Nothing is known yet."


def drawn(plot: Plot) -> Markup:
    """Return a plot as a picture."""
    curves = list(_curves(plot))
    top = _round_up(max((high for _, points in curves for _, _, high in points), default=0.0))
    first, last = (plot.places[0], plot.places[-1]) if plot.places else (0.0, 0.0)
    wide = (last - first) or 1.0

    def x(place: float) -> float:
        return _LEFT + (place - first) / wide * (WIDTH - _LEFT - _RIGHT)

    def y(value: float) -> float:
        return HEIGHT - _BOTTOM - value / top * (HEIGHT - _TOP - _BOTTOM)

    shapes = [*_grid(top, y, plot.shown)]
    for one, points in curves:
        placed = [(x(place), y(low), y(high)) for place, low, high in points]
        shapes.append(_area(placed, one.kind) if plot.stacked else _line(placed, one.kind))
    for place in plot.pauses:
        ends = {"x1": x(place), "x2": x(place), "y1": _TOP, "y2": HEIGHT - _BOTTOM}
        shapes.append(tag("line", tag("title", "Interrupted here"), **ends, class_="pause"))
    below = HEIGHT - 6.0
    for text, at, anchor in zip(plot.ends, (_LEFT, WIDTH - _RIGHT), ("start", "end"), strict=True):
        shapes.append(tag("text", text, x=at, y=below, text_anchor=anchor))
    return picture(WIDTH, HEIGHT, plot.title, plot.about, *shapes, class_="plot")


Points = list[tuple[float, float, float]]
"""Along, from and to."""


def _curves(plot: Plot) -> Iterator[tuple[Series, Points]]:
    """Yield what is to be drawn of each series, without breaks."""
    below = [0.0] * len(plot.places)
    for one in plot.series:
        points: Points = []
        for n, (place, value) in enumerate(zip(plot.places, one.values, strict=True)):
            if value is None:
                if points:
                    yield one, points
                points = []
                continue
            points.append((place, below[n], below[n] + value))
            if plot.stacked:
                below[n] += value
        if points:
            yield one, points


def _grid(
    top: float, y: Callable[[float], float], shown: Callable[[float], str]
) -> Iterator[Markup]:
    for value in (0.0, top / 2, top):
        at = y(value)
        yield tag("line", x1=_LEFT, x2=WIDTH - _RIGHT, y1=at, y2=at, class_="rule")
        yield tag("text", shown(value), x=_LEFT - 6, y=at + 3.5, text_anchor="end")


def _line(points: Points, kind: str) -> Markup:
    if len(points) == 1:
        return tag("circle", cx=points[0][0], cy=points[0][2], r=2, class_=f"{kind} dot")
    path = "M" + "L".join(f"{along:.1f} {high:.1f}" for along, _, high in points)
    return tag("path", d=path, class_=f"{kind} stroke")


def _area(points: Points, kind: str) -> Markup:
    there = [f"{along:.1f} {high:.1f}" for along, _, high in points]
    back = [f"{along:.1f} {low:.1f}" for along, low, _ in reversed(points)]
    return tag("path", d=f"M{'L'.join(there + back)}Z", class_=f"{kind} area")


def _round_up(value: float) -> float:
    """Return the least round number that is not below a value; 1 for what is next to nothing."""
    if value < _LEAST:
        return 1.0
    unit = 10.0 ** floor(log10(value))
    return next(step * unit for step in (1, 2, 4, 5, 10) if step * unit >= value * 0.9999)


def usual_step(places: Sequence[float]) -> float:
    """Return the median of the steps between places that rise; 0 where there is none."""
    steps = sorted(late - early for early, late in pairwise(places))
    return steps[len(steps) // 2] if steps else 0.0


def worked(times: Sequence[float]) -> tuple[list[float], list[float]]:
    """Return how much was worked up to each of some times, and where it was interrupted.

    A step that is far longer than usual was a pause; it counts as a usual one.

    Args:
        times: In seconds, rising.
    """
    steps = [late - early for early, late in pairwise(times)]
    usual = usual_step(times)
    places, pauses = [0.0][: len(times)], []
    for step in steps:
        if step > 6 * usual + 30:
            pauses.append(places[-1] + usual / 2)
            step = usual
        places.append(places[-1] + step)
    return places, pauses

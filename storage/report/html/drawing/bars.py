"""Bars: how trajectories divide among the statuses."""

from collections.abc import Mapping

from markupsafe import Markup

from storage.records import Status
from storage.report.html.drawing.svg import picture, tag
from storage.worth import ORDER

_WIDTH, _HEIGHT = 200.0, 8.0


def status_bar(counts: Mapping[Status, int], whole: int | None = None) -> Markup:
    """Return a bar with a part for each status.

    Args:
        counts: How many trajectories have each status.
        whole: How many there are to be; what is missing stays empty. None: those that there are.
    """
    total = max(sum(counts.get(status, 0) for status in ORDER), whole or 0, 1)
    parts, at = [], 0.0
    for status in ORDER:
        width = counts.get(status, 0) / total * _WIDTH
        if width:
            parts.append(tag("rect", x=at, y=0, width=width, height=_HEIGHT, class_=status))
            at += width
    said = ", ".join(f"{counts.get(status, 0):,} {status}" for status in ORDER)
    ground = tag("rect", x=0, y=0, width=_WIDTH, height=_HEIGHT, class_="ground")
    about = f"{said}, of {total:,}"
    return picture(
        _WIDTH, _HEIGHT, "By status", about, ground, *parts,
        class_="bar", preserveAspectRatio="none",
    )  # fmt: skip

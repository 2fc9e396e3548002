"""The skill graph: prerequisites from left to right, and what the student has mastered of each.

What a newcomer gets wrong: what is asked next is not known here; what is drawn is what was asked
for lately, and where nothing was asked for yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from storage.report.clean import one_line
from storage.report.html.drawing.layers import Bend, Spot, layered
from storage.report.html.drawing.svg import picture, tag
from storage.report.html.numbers import share

_WIDTH, _HEIGHT = 204.0, 46.0
"""Of a node."""
_ACROSS, _BETWEEN, _BEND = 56.0, 14.0, 10.0
"""Between layers, between nodes of a layer, and the height of a bend."""
_EDGE = 6.0
_NAME = 26
"""Characters of a skill's name."""
_MOST_LEVELS = 12
_TELLING = 34.0
"""From which width on a cell says its number."""


@dataclass(frozen=True, slots=True)
class Node:
    """A skill as it is drawn."""

    name: str
    after: Sequence[str]
    rates: Sequence[float | None]
    """The solve rate of each level from 1, in [0, 1]. None: nothing was tried."""
    lately: int
    """How many of the last assignments were for it."""
    asked: int
    """How many assignments were for it."""
    address: str

    @property
    def about(self) -> str:
        """What is drawn of it, in words."""
        rates = [
            f"level {n} {share(rate)}" for n, rate in enumerate(self.rates, 1) if rate is not None
        ]
        said = ", ".join(rates) or "nothing tried yet"
        if not self.asked:
            return f"{said}; not asked for yet"
        return f"{said}; asked for {self.lately} times lately" if self.lately else said


def drawn(nodes: Sequence[Node]) -> Markup:
    """Return the graph as a picture of its own size; each node leads to its address."""
    edges = [(before, node.name) for node in nodes for before in node.after]
    laid = layered([node.name for node in nodes], edges)
    tall = max((sum(map(_tall, layer)) for layer in laid.layers), default=_HEIGHT)
    spots: dict[Spot, tuple[float, float]] = {}
    """The left end of each spot, and its middle."""
    for n, layer in enumerate(laid.layers):
        at = (tall - sum(map(_tall, layer))) / 2 + _EDGE
        for spot in layer:
            spots[spot] = n * (_WIDTH + _ACROSS) + _EDGE, at + _tall(spot) / 2
            at += _tall(spot)
    width = max(len(laid.layers), 1) * (_WIDTH + _ACROSS) - _ACROSS + 2 * _EDGE
    height = tall + 2 * _EDGE
    paths = [tag("path", d=_way(way, spots), class_="edge") for way in laid.ways]
    boxes = [_box(node, *spots[node.name]) for node in nodes]
    return picture(
        width, height, "Skills and their prerequisites",
        "Each skill stands to the right of what comes before it; the list says the same in words.",
        *paths, *boxes,
        class_="graph", role="group", scales=False,
        aria_label="Skills and their prerequisites",
    )  # fmt: skip


def _tall(spot: Spot) -> float:
    return _BEND if isinstance(spot, Bend) else _HEIGHT + _BETWEEN


def _way(way: Sequence[Spot], spots: dict[Spot, tuple[float, float]]) -> str:
    """Return the path of an edge: curves between layers, straight where it passes one."""
    left, middle = spots[way[0]]
    at = left + _WIDTH
    path = f"M{at:.1f} {middle:.1f}"
    for spot in way[1:]:
        left, lower = spots[spot]
        half = (at + left) / 2
        path += f"C{half:.1f} {middle:.1f} {half:.1f} {lower:.1f} {left:.1f} {lower:.1f}"
        if isinstance(spot, Bend):
            left += _WIDTH
            path += f"H{left:.1f}"
        at, middle = left, lower
    return path


def _box(node: Node, left: float, middle: float) -> Markup:
    top = middle - _HEIGHT / 2
    kind = "node" + (" lately" if node.lately else "") + ("" if node.asked else " waiting")
    lately = tag(
        "text", f"{node.lately} lately", x=left + _WIDTH - 8, y=top + 17, text_anchor="end",
        class_="small",
    )  # fmt: skip
    name = one_line(node.name, _NAME if not node.lately else _NAME - 7)
    return tag(
        "a",
        tag("title", f"{one_line(node.name)}: {node.about}"),
        tag("rect", x=left, y=top, width=_WIDTH, height=_HEIGHT, rx=4, class_="box"),
        tag("text", name, x=left + 8, y=top + 17, class_="name"),
        lately if node.lately else "",
        *_cells(node.rates, left + 8, top + 25),
        href=node.address,
        class_=kind,
        aria_label=f"{one_line(node.name)}: {node.about}",
    )


def _cells(rates: Sequence[float | None], left: float, top: float) -> list[Markup]:
    """Return a cell for each level, shaded by its solve rate."""
    rates = rates[:_MOST_LEVELS]
    width = min((_WIDTH - 16 + 3) / max(len(rates), 1), 56.0) - 3
    cells = []
    for n, rate in enumerate(rates):
        at = left + n * (width + 3)
        cells.append(
            tag("rect", x=at, y=top, width=width, height=14, rx=2, class_=f"cell {heat(rate)}")
        )
        if width >= _TELLING and rate is not None:
            cells.append(
                tag("text", share(rate), x=at + width / 2, y=top + 11, text_anchor="middle",
                    class_="small")
            )  # fmt: skip
    return cells


def heat(rate: float | None) -> str:
    """Return the class of a shade for a share in [0, 1]; ten of them, and one for not known."""
    return "heat-none" if rate is None else f"heat-{min(int(rate * 10), 9)}"

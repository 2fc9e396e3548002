"""The lineage of a trajectory: expert seed, lesson, attempts, verdicts, and what is exported.

What a newcomer gets wrong: the picture leaves out what a person can see without it. Examples that
are made of the same attempts are one box, and of two ways to a box the longer one is drawn.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import networkx as nx
from markupsafe import Markup

from storage.report.html.drawing.layers import Bend, Spot, layered
from storage.report.html.drawing.svg import tag
from storage.report.unseen import visible

_WIDTH, _HEIGHT = 148.0, 40.0
"""Of a box."""
_ACROSS, _BETWEEN, _BEND = 40.0, 12.0, 8.0
"""Between layers, between boxes of a layer, and the height of a bend."""
_EDGE = 4.0
_LINE = 18
"""Characters of a line in a box."""
_MOST_BOXES = 150
_FORMATS = 3
"""Names of formats that stand in a box."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a box says, and where it leads."""

    kind: str
    title: str
    line: str
    address: str
    """A part of the page, as "#lesson"; empty: nowhere."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The lineage, twice."""

    picture: Markup | None
    """None: there are too many boxes."""
    listed: tuple[tuple[Part, tuple[str, ...]], ...]
    """Every box in order, and what it was made from."""


def drawn(graph: "nx.DiGraph[str]", parts: Mapping[str, Part]) -> Drawn:
    """Return the lineage of a trajectory.

    Args:
        graph: As `storage.lineage` has it; calls are passed over.
        parts: Of its nodes, by id; examples are none of them.
    """
    merged, boxes = _with_examples(graph, parts)
    order = [name for name in boxes if name in merged]
    listed = tuple(
        (boxes[name], tuple(boxes[each].title for each in merged.predecessors(name)))
        for name in order
    )
    if not 1 < len(order) <= _MOST_BOXES:
        return Drawn(None, listed)
    kept = nx.transitive_reduction(merged) if nx.is_directed_acyclic_graph(merged) else merged
    return Drawn(_drawn([*order], list(kept.edges), boxes), listed)


def _with_examples(
    graph: "nx.DiGraph[str]", parts: Mapping[str, Part]
) -> tuple["nx.DiGraph[str]", dict[str, Part]]:
    """Return the graph without calls, examples that are made of the same in one node."""
    merged: nx.DiGraph[str] = nx.DiGraph()
    merged.add_nodes_from(name for name in parts if name in graph)
    merged.add_edges_from((a, b) for a, b in graph.edges if a in parts and b in parts)
    made: dict[tuple[str, ...], list[str]] = {}
    for name, known in graph.nodes(data=True):
        if known.get("kind") == "example":
            sources = tuple(sorted(each for each in graph.predecessors(name) if each in parts))
            made.setdefault(sources, []).append(str(known.get("format", "")))
    boxes = dict(parts)
    for number, (sources, forms) in enumerate(made.items(), start=1):
        names = list(dict.fromkeys(forms))
        more = f" +{len(names) - _FORMATS}" if len(names) > _FORMATS else ""
        title = "example" if len(forms) == 1 else f"{len(forms)} examples"
        box = f"examples {number}"
        boxes[box] = Part("example", title, ", ".join(names[:_FORMATS]) + more, "#exports")
        merged.add_node(box)
        merged.add_edges_from((each, box) for each in sources)
    return merged, boxes


def _drawn(names: list[str], edges: list[tuple[str, str]], boxes: Mapping[str, Part]) -> Markup:
    laid = layered(names, edges)
    tall = max(sum(map(_tall, layer)) for layer in laid.layers)
    spots: dict[Spot, tuple[float, float]] = {}
    for n, layer in enumerate(laid.layers):
        at = (tall - sum(map(_tall, layer))) / 2 + _EDGE
        for spot in layer:
            spots[spot] = n * (_WIDTH + _ACROSS) + _EDGE, at + _tall(spot) / 2
            at += _tall(spot)
    width, height = len(laid.layers) * (_WIDTH + _ACROSS) - _ACROSS + 2 * _EDGE, tall + 2 * _EDGE
    return tag(
        "svg",
        *(tag("path", d=_way(way, spots), class_="edge") for way in laid.ways),
        *(_box(boxes[name], *spots[name]) for name in names),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:g} {height:g}",
        width=width,
        height=height,
        class_="lineage",
        role="group",
        aria_label="What was made from what; the list says the same in words",
    )


def _tall(spot: Spot) -> float:
    return _BEND if isinstance(spot, Bend) else _HEIGHT + _BETWEEN


def _way(way: tuple[Spot, ...], spots: Mapping[Spot, tuple[float, float]]) -> str:
    left, middle = spots[way[0]]
    at, path = left + _WIDTH, f"M{left + _WIDTH:.1f} {middle:.1f}"
    for spot in way[1:]:
        left, lower = spots[spot]
        half = (at + left) / 2
        path += f"C{half:.1f} {middle:.1f} {half:.1f} {lower:.1f} {left:.1f} {lower:.1f}"
        if isinstance(spot, Bend):
            left += _WIDTH
            path += f"H{left:.1f}"
        at, middle = left + (0.0 if isinstance(spot, Bend) else _WIDTH), lower
    return path


def _box(part: Part, left: float, middle: float) -> Markup:
    top = middle - _HEIGHT / 2
    inside = (
        tag("rect", x=left, y=top, width=_WIDTH, height=_HEIGHT, rx=4, class_="box"),
        tag("text", _cut(part.title), x=left + 8, y=top + 16, class_="name"),
        tag("text", _cut(part.line), x=left + 8, y=top + 31, class_="small"),
    )
    kind = f"node {part.kind}"
    if not part.address:
        return tag("g", *inside, class_=kind)
    return tag(
        "a",
        *inside,
        href=part.address,
        class_=kind,
        aria_label=visible(f"{part.title}, {part.line}"),
    )


def _cut(line: str) -> str:
    line = " ".join(visible(line).split())
    return line if len(line) <= _LINE else line[: _LINE - 1] + "…"

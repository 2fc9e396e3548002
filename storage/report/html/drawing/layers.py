"""Lays a graph without circles out in layers: what comes before stands before.

An edge that passes over layers gets a bend in each of them, so that it is led around what stands
there. What a newcomer gets wrong: which order crosses least is too hard to find, so the order is
only made better a few times, each node moving to the middle of its neighbours.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx

_SWEEPS = 6


@dataclass(frozen=True, slots=True)
class Bend:
    """Where an edge passes a layer."""

    before: str
    after: str
    layer: int


Spot = str | Bend
"""What stands in a layer: a node, or an edge on its way."""


@dataclass(frozen=True, slots=True)
class Layers:
    """A graph that is laid out."""

    layers: tuple[tuple[Spot, ...], ...]
    """Each from top to bottom."""
    ways: tuple[tuple[Spot, ...], ...]
    """The spots that each edge passes, from a node to a node."""


def layered(names: Sequence[str], edges: Iterable[tuple[str, str]]) -> Layers:
    """Return nodes in layers; an edge that closes a circle, or that leads nowhere, is left out.

    Args:
        names: The nodes, each once; among equals this order stays.
        edges: Each from what comes before to what comes after.
    """
    graph = _without_circles(names, edges)
    order = {name: place for place, name in enumerate(names)}
    nodes = [
        sorted(each, key=lambda name: order[name]) for each in nx.topological_generations(graph)
    ]
    rows: list[list[Spot]] = [[*layer] for layer in nodes]
    depth = {name: n for n, layer in enumerate(nodes) for name in layer}
    ways = []
    for before, after in sorted(graph.edges, key=lambda edge: (order[edge[0]], order[edge[1]])):
        bends = [Bend(before, after, n) for n in range(depth[before] + 1, depth[after])]
        for bend in bends:
            rows[bend.layer].append(bend)
        ways.append((before, *bends, after))
    _untangle(rows, ways)
    return Layers(tuple(map(tuple, rows)), tuple(ways))


def _without_circles(names: Sequence[str], edges: Iterable[tuple[str, str]]) -> "nx.DiGraph[str]":
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(names)
    for before, after in edges:
        if before in graph and after in graph and not nx.has_path(graph, after, before):
            graph.add_edge(before, after)
    return graph


def _untangle(rows: list[list[Spot]], ways: Sequence[Sequence[Spot]]) -> None:
    """Order each layer by where the neighbours of its spots stand, down and up in turn."""
    earlier: dict[Hashable, list[Spot]] = {}
    later: dict[Hashable, list[Spot]] = {}
    for way in ways:
        for one, next_one in pairwise(way):
            later.setdefault(one, []).append(next_one)
            earlier.setdefault(next_one, []).append(one)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        numbers = range(1, len(rows)) if down else range(len(rows) - 2, -1, -1)
        for n in numbers:
            fixed = rows[n - 1 if down else n + 1]
            rows[n] = _by_middle(rows[n], fixed, earlier if down else later)


def _by_middle(
    row: Sequence[Spot], fixed: Sequence[Spot], neighbours: Mapping[Hashable, Sequence[Spot]]
) -> list[Spot]:
    share = {spot: (place + 0.5) / len(fixed) for place, spot in enumerate(fixed)}

    def middle(pair: tuple[int, Spot]) -> float:
        place, spot = pair
        near = [share[each] for each in neighbours.get(spot, ()) if each in share]
        return sum(near) / len(near) if near else (place + 0.5) / len(row)

    return [spot for _, spot in sorted(enumerate(row), key=middle)]

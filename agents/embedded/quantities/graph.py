"""The dependency graph of quantities: what is given, and what follows from what.

A task's givens are this graph as data. They hold the values of the leaves only; the values of the
inner nodes are what the student works out.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, Literal, Self

import networkx as nx
from pydantic import BaseModel, ConfigDict, Field, model_validator

from agents.embedded.quantities.operations import takes

Form = Literal["number", "fraction", "percent"]
Number = Annotated[str, Field(pattern=r"^\d{1,9}(\.\d{1,4}|/[1-9]\d{0,3})?$")]


class Quantity(BaseModel):
    """A node of the graph: a leaf with a value, or an operation on earlier quantities."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    label: str
    """What it is, in words, such as "Rolls Rosa had left"."""
    unit: str
    """What it counts; only quantities of one unit are added."""
    value: Number | None = None
    """The number that the story tells, as "24", "2.5" or "3/4". None: it has to be worked out."""
    op: str | None = None
    """A name of `operations.OPERATIONS`. None: a leaf."""
    args: tuple[str, ...] = ()
    """Names of the quantities that the operation takes, in its order."""
    distractor: bool = False
    """Told in the story, but nothing that is asked depends on it."""

    @property
    def given(self) -> Fraction:
        """The value of a leaf."""
        return Fraction(self.value or 0)


class Givens(BaseModel):
    """All that a task's givens hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    domain: Literal["quantities"] = "quantities"
    skill: str
    level: int
    asked: str
    """Name of the quantity that the question asks for."""
    form: Form = "number"
    """How the answer is stated."""
    quantities: tuple[Quantity, ...]
    """Every quantity, each after those that it depends on."""

    @model_validator(mode="after")
    def _can_be_worked(self) -> Self:
        known: set[str] = set()
        for quantity in self.quantities:
            inner = quantity.op is not None and takes(quantity.op, len(quantity.args))
            if inner == (quantity.value is not None) or not known.issuperset(quantity.args):
                raise ValueError(f"{quantity.name!r}: neither a number nor an operation on others")
            known.add(quantity.name)
        if self.asked not in known:
            raise ValueError(f"asks for {self.asked!r}, which is no quantity of the task")
        return self


def dependency_graph(quantities: Sequence[Quantity]) -> "nx.DiGraph[str]":
    """Return the graph of these quantities; an edge runs from what is needed to what needs it."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(q.name for q in quantities)
    graph.add_edges_from((arg, q.name) for q in quantities for arg in q.args)
    return graph


def in_order(quantities: Sequence[Quantity], asked: str) -> list[Quantity]:
    """Return the quantities that the asked one depends on, and itself, in the order of working.

    Among those that could come next, the one told first comes first.
    """
    known = {q.name: q for q in quantities}
    place = {q.name: i for i, q in enumerate(quantities)}
    graph = dependency_graph(quantities)
    needed = nx.ancestors(graph, asked) | {asked}
    ordered = nx.lexicographical_topological_sort(graph, place.__getitem__)
    return [known[name] for name in ordered if name in needed]

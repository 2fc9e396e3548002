"""Choose the examples that a question shows.

What a newcomer gets wrong: an example is there to be telling, so one in which nothing happens is
passed over, and the edges that the notes speak of stand beside one that is plain.
"""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from agents.embedded.functions.family import Kata, Spec
from agents.embedded.functions.telling import Example

EXAMPLES = 3
"""How many a question shows."""
_TRIES = 60
_DULL: tuple[object, ...] = (None, 0, 0.0, -1, "", [], {}, 1)


def examples(kata: Kata, value: Callable[..., object], chance: Random) -> list[Example]:
    """Return the examples, plain ones first; no two have the same arguments.

    Args:
        kata: What is asked.
        value: Takes the arguments and returns what is right.
        chance: Decides which.
    """
    edges = [(row, value(*row)) for row in kata.edges]
    found: list[Example] = []
    spare: list[Example] = []
    for _ in range(_TRIES):
        if len(found) == EXAMPLES - len(edges):
            break
        row = tuple(_drawn(each.shown, chance) for each in kata.arguments)
        one = (row, value(*row))
        if any(row == other for other, _ in (*found, *spare, *edges)):
            continue
        dull = one[1] in _DULL or any(one[1] == each for each in (*row, *(v for _, v in found)))
        (spare if dull else found).append(one)
    return [*(*found, *spare)[: EXAMPLES - len(edges)], *edges]


def _drawn(spec: Spec, chance: Random) -> Any:  # noqa: ANN401 - any value of Python
    """Return a value that fits a specification."""
    [(kind, inner)] = spec.items()
    return _DRAWS[kind](inner, chance)


def _list(inner: Any, chance: Random) -> list[object]:  # noqa: ANN401 - read from JSON
    return [_drawn(inner["of"], chance) for _ in range(chance.randint(*inner["length"]))]


def _dict(inner: Any, chance: Random) -> dict[object, object]:  # noqa: ANN401 - read from JSON
    """Return a dict of different keys, as many as chance says; the keys are a choice."""
    keys = chance.sample(inner["keys"]["choice"], chance.randint(*inner["length"]))
    return {key: _drawn(inner["values"], chance) for key in keys}


_DRAWS: Mapping[str, Callable[[Any, Random], object]] = {
    "int": lambda inner, chance: chance.randint(*inner),
    "choice": lambda inner, chance: chance.choice(inner),
    "tuple": lambda inner, chance: tuple(_drawn(each, chance) for each in inner),
    "list": _list,
    "dict": _dict,
}

"""A family of functions: what varies between them, how one is told, written, and worked out.

What a newcomer gets wrong: a family knows each function twice. `write` gives the program, right or
wrong, as text; `value` works out the examples without it. A lesson whose program contradicts its
examples is refused, so neither can be wrong alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

from pydantic import JsonValue

from agents.embedded.functions.page import Page
from agents.embedded.procedures.unranking import digits, spread

Parts = Mapping[str, Any]
"""The facts of one function, by axis. JSON; what a family puts in, only the same takes out."""
Options = Sequence[Any]
"""What an axis chooses from: JSON."""
Spec = dict[str, JsonValue]
"""What an argument may be, in the words of the verifier `code`."""
FORMS = 4
"""How many ways there are to set out the same question."""
PHRASINGS = tuple(range(2 * FORMS))
"""Every form with each of a setting's two stories."""


class Argument(NamedTuple):
    """One parameter of a function."""

    name: str
    kind: str
    """Its type, as Python writes it."""
    hidden: Spec
    """What it may be where the verifier draws it: small, and close to where programs go wrong."""
    shown: Spec
    """What it may be in an example."""


class Kata(NamedTuple):
    """One function, specified."""

    name: str
    arguments: tuple[Argument, ...]
    returns: str
    """The type of what it returns."""
    story: str
    wanted: str
    """What it returns, as a noun phrase that fits behind "return"."""
    notes: tuple[str, ...]
    """The edges, one sentence each."""
    edges: tuple[tuple[object, ...], ...]
    """Arguments that show an edge; these stand among the examples, one or two."""
    pure: bool = False
    """The notes ask to leave the arguments as they were."""


@dataclass(frozen=True, slots=True)
class Family:
    """Many functions of one making."""

    name: str
    axes: Mapping[str, Options]
    """What varies, and the options of each; every option shows in the words."""
    kata: Callable[[Parts], Kata]
    write: Callable[[Parts, Page], None]
    value: Callable[..., object]
    """Takes the parts and the arguments, changes none of them, and returns what is right."""

    def count(self) -> int:
        """Return how many functions there are, told in all ways."""
        return prod(len(options) for options in self.axes.values())

    def parts(self, index: int) -> dict[str, Any]:
        """Return the facts of the function of an index in [0, count)."""
        sizes = [len(options) for options in self.axes.values()]
        places = digits(spread(index, self.count()), sizes)
        chosen = zip(self.axes.items(), places, strict=True)
        return {axis: options[place] for (axis, options), place in chosen}


def choice(*values: JsonValue) -> Spec:
    """Return the specification of one of these values."""
    return {"choice": list(values)}


def whole(low: int, high: int) -> Spec:
    """Return the specification of an integer, both ends included."""
    return {"int": [low, high]}


def text(alphabet: str, length: int) -> Spec:
    """Return the specification of a text of at most so many characters."""
    return {"text": {"alphabet": alphabet, "length": [0, length]}}


def listed(of: Spec, least: int, most: int) -> Spec:
    """Return the specification of a list."""
    return {"list": {"of": of, "length": [least, most]}}


def row(*specs: Spec) -> Spec:
    """Return the specification of a tuple."""
    return {"tuple": [*specs]}


def keyed(keys: Spec, values: Spec, least: int, most: int) -> Spec:
    """Return the specification of a dict."""
    return {"dict": {"keys": keys, "values": values, "length": [least, most]}}


def told(parts: Parts, *ways: str) -> str:
    """Return the way of saying something that goes with the form of the question."""
    form: int = parts["phrasing"] // 2
    return ways[form % len(ways)]


def story(parts: Parts, stories: tuple[str, str]) -> str:
    """Return the story that the phrasing asks for."""
    return stories[parts["phrasing"] % 2]


def a(noun: str) -> str:
    """Return a noun with its article."""
    return f"an {noun}" if noun[0] in "aeio" else f"a {noun}"


def untouched(parts: Parts, what: str) -> str:
    """Return the note that an argument must be left as it was."""
    return told(
        parts,
        f"The function must not change the {what}.",
        f"Leave the {what} unchanged.",
        f"Whoever calls the function still needs the {what}, so nothing may be changed there.",
        f"The {what} must not be changed.",
    )


def otherwise(parts: Parts, when: str, value: object) -> str:
    """Return the note that says what is returned where there is nothing."""
    return told(
        parts,
        f"If {when}, the function returns `{value!r}`.",
        f"When {when}, return `{value!r}`.",
        f"`{value!r}` is returned if {when}.",
        f"Return `{value!r}` in case {when}.",
    )

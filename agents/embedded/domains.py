"""The domains of the embedded faculty, in the order in which a newcomer meets their skills.

They are loaded when they are first asked for, because a run of models needs none of them.
"""

from functools import cache
from importlib import import_module
from typing import Final

from agents.embedded.domain import Domain

_CLASSES: Final = {
    "quantities": "Quantities",
    "procedures": "Procedures",
    "shop": "Shop",
    "functions": "Functions",
}
"""The class of each, by the folder that it is in."""


@cache
def domains() -> tuple[Domain, ...]:
    """Return one object for each domain, the same at every call."""
    found = (getattr(import_module(f"agents.embedded.{n}"), made) for n, made in _CLASSES.items())
    return tuple(domain() for domain in found)

"""What a setting is: one place of everyday life, and the words that make sense there.

Every word of a list goes with every word of the others: whatever can be got there can also be
dropped, packed and have any of the traits. Nouns are written "singular/plural", verbs
"base/past/participle". An empty list means that the setting has nothing of the kind: nobody sells
the kilometres of a ride.
"""

from dataclasses import dataclass
from typing import Literal

Dimension = Literal["count", "mass", "length", "volume", "time"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One place and its words."""

    places: tuple[str, ...]
    """Where it happens; unique among all settings."""
    things: tuple[str, ...]
    """What is counted (nouns), or, in a measured setting, what is measured (mass nouns)."""
    gets: tuple[str, ...]
    """How the first amounts come about."""
    drops: tuple[str, ...]
    """How some are lost later."""
    packs: tuple[str, ...]
    """What holds a group of them."""
    traits: tuple[str, ...]
    """Adjectives that some of them may have."""
    takers: tuple[str, ...]
    """Who may be given a share."""
    crews: tuple[str, ...]
    """Who works there, beside people with names; singular, not ending in "s"."""
    sights: tuple[str, ...]
    """What else can be counted there and has nothing to do with the story."""
    packing: str = ""
    """Participle and preposition for `packs`, such as "cut into"; empty: a pack holds them."""
    dimension: Dimension = "count"
    fastest: int = 60
    """Nobody gets more of them in an hour."""
    most: int = 2000
    """No sensible story there has more of them."""

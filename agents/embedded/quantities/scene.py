"""The scene of a story: who, where, when, and the first sentence that tells it.

The scene is what makes two indices two texts: an index is written as digits, and every digit
chooses one visible part of the first sentence. Everything else of a story is drawn at random and
may coincide. So the lists that the digits choose from must not contain a word twice.
"""

from dataclasses import dataclass
from math import prod

from agents.embedded.quantities.people import (
    FAMILY_NAMES,
    FIRST_NAMES,
    OPENINGS,
    SEASONS,
    TOWNS,
    WEATHERS,
    WEEKDAYS,
)
from agents.embedded.quantities.settings import Setting
from agents.embedded.quantities.settings_craft import CRAFT
from agents.embedded.quantities.settings_food import FOOD
from agents.embedded.quantities.settings_measured import MEASURED
from agents.embedded.quantities.settings_motion import MOTION
from agents.embedded.quantities.settings_town import TOWN
from agents.embedded.quantities.wording import capital

COUNTED = tuple((s, place) for s in (*FOOD, *CRAFT, *TOWN, *MOTION) for place in s.places)
WEIGHED = tuple((s, place) for s in MEASURED for place in s.places)

STRIDE = 2**61 - 1
"""A prime above every radix, so that multiplying by it is a bijection and spreads neighbours."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Who, where and when."""

    setting: Setting
    place: str
    town: str
    hero: str
    """First name of the person whom the story begins with."""
    opening: str
    """The first sentence, without its full stop."""


def _radices(measured: bool) -> tuple[int, ...]:
    places = WEIGHED if measured else COUNTED
    words = (OPENINGS, places, TOWNS, FIRST_NAMES, FAMILY_NAMES, WEATHERS, WEEKDAYS, SEASONS)
    return tuple(len(w) for w in words)


def scenes(measured: bool) -> int:
    """Return how many scenes there are, with measured settings or with counted ones."""
    return prod(_radices(measured))


def scene(index: int, measured: bool) -> Scene:
    """Return the scene of an index in [0, scenes(measured)); no two have the same opening."""
    rest = index * STRIDE % scenes(measured)
    digits = []
    for radix in _radices(measured):
        rest, digit = divmod(rest, radix)
        digits.append(digit)
    opening, where, town, first, family, weather, weekday, season = digits
    setting, place = (WEIGHED if measured else COUNTED)[where]
    occasion = f"on a {WEATHERS[weather]} {WEEKDAYS[weekday]}{SEASONS[season]}"
    text = OPENINGS[opening].format(
        occasion=occasion,
        person=f"{FIRST_NAMES[first]} {FAMILY_NAMES[family]}",
        place=place,
        town=TOWNS[town],
    )
    return Scene(setting, place, TOWNS[town], FIRST_NAMES[first], capital(text))

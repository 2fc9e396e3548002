"""Which frames belong to which skill and level, and how many questions they make.

What a newcomer gets wrong: to add, drop or reorder a frame gives every later index another
question, so the domain's version must be raised.
"""

from collections.abc import Callable, Iterator
from functools import cache, lru_cache

from agents.embedded.shop.catalogue import SHOPS
from agents.embedded.shop.draws import DRAWS, Filling, fillings
from agents.embedded.shop.frames import Frame
from agents.embedded.shop.joined import join_frames
from agents.embedded.shop.nested import subquery_frames
from agents.embedded.shop.questions import PHRASINGS
from agents.embedded.shop.single import aggregate_frames, group_frames, select_frames

LEVELS = 3
_FRAMES: dict[str, Callable[[int], Iterator[Frame]]] = {
    "sql_select": select_frames,
    "sql_aggregate": aggregate_frames,
    "sql_group": group_frames,
    "sql_join": join_frames,
    "sql_subquery": subquery_frames,
}


@cache
def frames(skill: str, level: int) -> tuple[Frame, ...]:
    """Return the frames of a skill and level, in order.

    Raises:
        ValueError: there is no such skill or level.
    """
    if skill not in _FRAMES or not 1 <= level <= LEVELS:
        raise ValueError(f"the shop has no skill {skill!r} at level {level}")
    return tuple(_FRAMES[skill](level))


@lru_cache(maxsize=8192)
def filled(number: int, skill: str, level: int, place: int) -> tuple[Filling, ...]:
    """Return what may fill the frame at a place, in the shop of a number."""
    return fillings(number, f"{skill} {level} {place}", frames(skill, level)[place])


def questions(frame: Frame) -> int:
    """Return how many questions a frame makes in all shops."""
    return len(SHOPS) * DRAWS * PHRASINGS * len(frame.directions) * len(frame.limits)

"""Draw a data set's items without replacement, the same ones in every process.

What a newcomer gets wrong: lesson number 7 of a level is the seventh item that can be used and was
not drawn before, so the six before it are drawn again where they are not known. What is known is
only kept so that this does not happen twice.
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from agents.errors import DraftError
from agents.reasoning_gym.data_sets import DATA_SETS
from agents.reasoning_gym.generator import Generator, Item
from agents.reasoning_gym.questions import is_usable
from storage.ids import derive_seed, question_digest

TRIES = 2_000
"""Draws in a row without anything new, after which a level counts as empty."""


@dataclass(slots=True)
class _Place:
    """A level of a data set, as far as it was drawn."""

    indices: list[int] = field(default_factory=list)
    """Of the items that can be used, in the order in which they were drawn."""
    questions: set[str] = field(default_factory=set)
    draws: int = 0
    is_empty: bool = False
    """Whether nothing new came of `TRIES` draws in a row, so that no more are made."""


class Draws:
    """Items by number, for every level of every data set.

    All is done in one thread of its own, whoever asks, from whatever event loop.

    Args:
        seed: The run's; it decides which items there are.
        generator: Makes the items; nobody else may ask it.
    """

    def __init__(self, seed: int, generator: Generator) -> None:
        self._seed = seed
        self._generator = generator
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reasoning_gym")
        self._places: dict[tuple[str, int], _Place] = {}

    async def item(self, data_set: str, level: int, ordinal: int) -> Item:
        """Return the item of a number, from 0; different numbers have different questions.

        Raises:
            DraftError: the level has no more, or the generator does not work.
        """
        return await asyncio.wrap_future(self._thread.submit(self._item, data_set, level, ordinal))

    def _item(self, data_set: str, level: int, ordinal: int) -> Item:
        place = self._places.setdefault((data_set, level), _Place())
        step = DATA_SETS[data_set].first_step + level - 1
        if ordinal < len(place.indices):
            known = self._generator.item(data_set, step, place.indices[ordinal])
            if known is None:
                raise DraftError(f"{data_set!r}: an item was made once, and now is not")
            return known
        for index, found in self._fresh(data_set, level, step, place):
            place.indices.append(index)
            if ordinal < len(place.indices):
                return found
        raise DraftError(f"{data_set!r}: level {level} has no lesson {ordinal}")

    def _fresh(
        self, data_set: str, level: int, step: int, place: _Place
    ) -> Iterator[tuple[int, Item]]:
        """Give the items that can be used and are new, each with its index."""
        in_vain = 0
        while not place.is_empty:
            index = derive_seed(self._seed, "reasoning_gym", data_set, level, place.draws)
            found = self._generator.item(data_set, step, index)
            place.draws += 1  # not before: a draw that raised is made again
            in_vain += 1
            place.is_empty = in_vain >= TRIES
            if found is None or not self._is_kept(data_set, index, found):
                continue
            digest = question_digest(found.question)
            if digest not in place.questions and is_usable(data_set, found.question, found.answer):
                place.questions.add(digest)
                in_vain, place.is_empty = 0, False
                yield index, found

    def _is_kept(self, data_set: str, index: int, found: Item) -> bool:
        """Return whether an item is not one of those of which too many share a reference."""
        one_of = DATA_SETS[data_set].common.get(found.answer, 1)
        return derive_seed(index, "kept") % one_of == 0

"""Ask several questions at once and wait for all of them, also if one fails.

What a newcomer gets wrong: to leave at the first error would drop answers that are on their way,
and they are paid for.
"""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeVar

T = TypeVar("T")


async def all_of(asked: Iterable[Awaitable[T]]) -> list[T]:
    """Return what came of each, in order; the first error is raised once all have ended."""
    asked = list(asked)
    if len(asked) == 1:  # it needs no task of its own
        return [await asked[0]]
    ended = await asyncio.gather(*asked, return_exceptions=True)
    for each in ended:
        if isinstance(each, BaseException):
            raise each
    return [each for each in ended if not isinstance(each, BaseException)]

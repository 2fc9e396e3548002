"""A bounded draw from a stream, the same in whatever order the stream comes.

It holds what has the lowest checksums of its key. What a newcomer gets wrong: a key is in it once
however often it is offered, and what came with it first is what stays.
"""

import heapq
from collections.abc import Hashable
from typing import Generic, TypeVar

Drawn = TypeVar("Drawn", bound=Hashable)


class Draw(Generic[Drawn]):
    """The things with the lowest checksums among those offered."""

    __slots__ = ("_heap", "_held", "limit", "size")

    def __init__(self, size: int) -> None:
        self.size = size
        """How many it holds at most."""
        self.limit = 1 << 32
        """What has a higher checksum need not be offered."""
        self._heap: list[tuple[int, str]] = []
        self._held: dict[str, Drawn] = {}

    def offer(self, checksum: int, key: str, thing: Drawn) -> None:
        """Take a thing in, if its key is new and the checksum (`zlib.crc32` of it) low enough."""
        if key in self._held:
            return
        place = (-checksum, key)  # negated, because the highest must be the first to go
        if len(self._heap) < self.size:
            heapq.heappush(self._heap, place)
        elif place > self._heap[0]:
            del self._held[heapq.heapreplace(self._heap, place)[1]]
        else:
            return
        self._held[key] = thing
        if len(self._heap) == self.size:
            self.limit = -self._heap[0][0]

    def drawn(self) -> list[Drawn]:
        """Return the things, lowest checksum first."""
        return [self._held[key] for _, key in sorted(self._heap, reverse=True)]

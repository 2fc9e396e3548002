"""How many guests may be at work at once in this process, whatever loop or thread asks.

What a newcomer gets wrong: a check may need two guests, a candidate and its tester. If each had to
wait for a slot of its own, two checks could hold one each and wait for ever. So a slot belongs to
the task that took it, and what this task opens while it holds one needs no other.
"""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar


class _Slot:
    """One slot while it is held; `holders` says by how many guests."""

    def __init__(self) -> None:
        self.holders = 0


_Waiting = tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]


class Slots:
    """So many slots, for all loops of this process; who came first is served first."""

    def __init__(self, number: int) -> None:
        self._free = number
        self._lock = threading.Lock()
        self._waiting: deque[_Waiting] = deque()
        self._mine: ContextVar[_Slot | None] = ContextVar("slot", default=None)

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Hold a slot; wait for one, unless this task holds one already."""
        slot = self._mine.get()
        if slot is None or slot.holders == 0:
            await self._take()
            slot = _Slot()
            self._mine.set(slot)
        slot.holders += 1
        try:
            yield
        finally:
            slot.holders -= 1
            if slot.holders == 0:
                self._give()

    async def _take(self) -> None:
        loop = asyncio.get_running_loop()
        with self._lock:
            if self._free:
                self._free -= 1
                return
            given: asyncio.Future[None] = loop.create_future()
            self._waiting.append((loop, given))
        try:
            await given
        except asyncio.CancelledError:
            self._leave(loop, given)
            raise

    def _leave(self, loop: asyncio.AbstractEventLoop, given: asyncio.Future[None]) -> None:
        """Stop waiting; a slot that was given meanwhile goes to the next."""
        with self._lock:
            if (loop, given) in self._waiting:
                self._waiting.remove((loop, given))
                return
        self._give()

    def _give(self) -> None:
        with self._lock:
            while self._waiting:
                loop, given = self._waiting.popleft()
                try:
                    loop.call_soon_threadsafe(_wake, given)
                except RuntimeError:  # this loop was closed while it waited
                    continue
                return
            self._free += 1


def _wake(given: asyncio.Future[None]) -> None:
    if not given.done():
        given.set_result(None)

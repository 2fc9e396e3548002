"""The parent's end of the line to a guest: messages over a socket, with a clock and a limit.

What a newcomer gets wrong: the clock runs only while somebody waits for the guest, so a tester
that waits for its candidate is not charged for that. And a line is not believed before it has
ended: a guest that never ends its line is cut off at `LINE_BYTES`.
"""

import asyncio
import socket
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

from agents.verifiers.sandbox.guest import Malformed, read_line, write_line
from agents.verifiers.sandbox.sandbox import GuestEnded, Message
from agents.verifiers.sandbox.told import LINE_BYTES

SENT_BYTES = 4 * LINE_BYTES
"""The longest line that a guest is told."""


HEARD_BYTES = 8 * LINE_BYTES
"""How much a guest may say in all; to read the worst of it takes a few seconds of our own."""
_CHUNK = 65_536
_SLICE_S = 0.05
"""The longest time that one waiting is charged for."""
_T = TypeVar("_T")


class Closed(Exception):
    """The other end is closed, or reset."""


class TimeUp(Exception):
    """The guest has been waited for as long as it may be."""


class Line:
    """One end of a connected stream socket, which it owns."""

    def __init__(self, end: socket.socket, wall_s: float) -> None:
        end.setblocking(False)
        self._end = end
        self.left_s = wall_s
        """How long the guest may still be waited for."""
        self._heard = bytearray()
        self._left_bytes = HEARD_BYTES

    async def send(self, message: Message) -> None:
        """Say something.

        Raises:
            Closed, TimeUp: it was not taken.
            GuestEnded: it is too long to be said.
        """
        line = write_line(message)
        if len(line) > SENT_BYTES:
            raise GuestEnded(f"would have to be told {len(line)} bytes, more than {SENT_BYTES}")
        await self._timed(asyncio.get_running_loop().sock_sendall(self._end, line))

    async def receive(self) -> Message:
        """Return what is said next.

        Raises:
            Closed, TimeUp: nothing was said.
            GuestEnded: what was said is no message.
        """
        seen = 0
        while (end := self._heard.find(b"\n", seen) + 1) == 0:
            seen = len(self._heard)
            if seen > LINE_BYTES:
                raise GuestEnded(f"said more than {LINE_BYTES} bytes at once")
            heard = await self._timed(asyncio.get_running_loop().sock_recv(self._end, _CHUNK))
            if not heard:
                raise Closed
            self._heard += heard
            self._left_bytes -= len(heard)
            if self._left_bytes < 0:
                raise GuestEnded(f"said more than {HEARD_BYTES} bytes in all")
        line = bytes(self._heard[:end])
        del self._heard[:end]
        try:
            return read_line(line)
        except Malformed as error:
            raise GuestEnded(f"said what is no message: {error}") from error

    async def _timed(self, waiting: Coroutine[Any, Any, _T]) -> _T:
        """Await with the clock running; a time in which this loop itself was held up is no time."""
        task = asyncio.ensure_future(waiting)
        try:
            while not task.done():
                if self.left_s <= 0:
                    raise TimeUp
                begun = time.monotonic()
                await asyncio.wait({task}, timeout=min(_SLICE_S, self.left_s))
                self.left_s -= min(time.monotonic() - begun, _SLICE_S)
            return task.result()
        except ConnectionError as error:
            raise Closed from error
        finally:
            if not task.done():
                task.cancel()

    def close(self) -> None:
        """Close this end."""
        self._end.close()

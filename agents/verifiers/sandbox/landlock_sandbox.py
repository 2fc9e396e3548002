"""The default sandbox of Linux: a forked process under Landlock, a filter and limits.

What a newcomer gets wrong: a guest is killed by shutting its report, never by its number. Only its
own parent, the warm server, can know that the number still means the same process.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

from pydantic import JsonValue

from agents.verifiers.sandbox.confinement import CPU_S, MEMORY_BYTES, STACK_BYTES
from agents.verifiers.sandbox.ending import explained, stood_s, was_starved
from agents.verifiers.sandbox.fork_server import Forked, ForkServer
from agents.verifiers.sandbox.line import HEARD_BYTES, Closed, Line, TimeUp
from agents.verifiers.sandbox.sandbox import GuestEnded, Message, NoSandbox
from agents.verifiers.sandbox.slots import Slots
from agents.verifiers.sandbox.told import DEPTH, DIGITS, LINE_BYTES

WALL_S = 8.0
"""How long a guest may be waited for, all in all."""
_START_S = 30.0
"""How long a guest may take to be there, on a machine that is very busy."""
_DYING_S = 1.0
"""How long a process whose line is closed may take to be gone, unless it closed the line itself."""
_END_S = 10.0
"""How long the server may take to say that a guest is dead."""
_TRIES = 3


class LandlockSandbox:
    """Guests that are forked from a warm server; for every loop and thread of this process."""

    name = "landlock"
    limits: Mapping[str, JsonValue] = {
        "memory_bytes": MEMORY_BYTES,
        "stack_bytes": STACK_BYTES,
        "cpu_s": CPU_S,
        "wall_s": WALL_S,
        "file_bytes": 0,
        "processes": 1,
        "line_bytes": LINE_BYTES,
        "said_bytes": HEARD_BYTES,
        "depth": DEPTH,
        "digits": DIGITS,
    }

    def __init__(self, wall_s: float = WALL_S) -> None:
        """Nothing is started before the first guest."""
        self._server = ForkServer()
        self._slots = Slots(os.cpu_count() or 1)
        self._wall_s = wall_s
        self.limits = {**self.limits, "wall_s": wall_s}

    @asynccontextmanager
    async def guest(self) -> AsyncIterator["ForkedGuest"]:
        """Return a fresh guest; as many work at once as there are processors, others wait.

        Raises:
            NoSandbox: the sandbox could not be started.
        """
        async with self._slots.held():
            guest = await self._ready_guest()
            try:
                yield guest
            finally:
                await guest.end()

    async def _ready_guest(self) -> "ForkedGuest":
        why = ""
        for _ in range(_TRIES):
            guest = ForkedGuest(await self._forked(), self._wall_s)
            try:
                await guest.await_ready()
                return guest
            except GuestEnded as error:  # with its server, perhaps; there may be another
                why = error.why
            finally:
                if not guest.is_ready:
                    await guest.end()
        raise NoSandbox(f"no guest starts: the last one {why}")

    async def _forked(self) -> Forked:
        for _ in range(_TRIES):
            if not self._server.is_running:
                await asyncio.to_thread(self._server.start)
            forked = self._server.fork()
            if forked is not None:
                return forked
        raise NoSandbox("the server of guests ends whenever it is asked for one")

    def close(self) -> None:
        """End the server, and with it every guest; it is started again when it is needed."""
        self._server.close()


class ForkedGuest:
    """One guest."""

    def __init__(self, forked: Forked, wall_s: float) -> None:
        self._line = Line(forked.line, _START_S)
        self._wall_s = wall_s
        self._report = forked.report
        self._report.setblocking(False)
        self._pid = 0
        self._stood_s = 0.0
        self._over: GuestEnded | None = None

    async def await_ready(self) -> None:
        """Wait until the guest says that it is confined; before that it hears nothing.

        Raises:
            NoSandbox: it cannot be.
            GuestEnded: it did not start.
        """
        message = await self.receive()
        ready = message.get("ready")
        if not isinstance(ready, int):
            raise NoSandbox(f"a guest could not be confined: {message.get('unconfined')}")
        self._pid = ready
        self._stood_s = stood_s()
        self._line.left_s = self._wall_s

    @property
    def is_ready(self) -> bool:
        """Whether it has said that it is confined."""
        return self._pid != 0

    async def send(self, message: Message) -> None:
        """Say something; see `Guest`."""
        try:
            await self._line.send(message)
        except (Closed, TimeUp) as error:
            raise await self._ended(error) from error

    async def receive(self) -> Message:
        """Return what it says next; see `Guest`."""
        try:
            return await self._line.receive()
        except (Closed, TimeUp) as error:
            raise await self._ended(error) from error

    async def _ended(self, error: Closed | TimeUp) -> GuestEnded:
        """Return why it is gone; it is gone afterwards."""
        if self._over is None:
            if isinstance(error, TimeUp):
                starved = was_starved(self._pid, self._wall_s, stood_s() - self._stood_s)
                self._over = GuestEnded(f"was not done after {self._wall_s:g} s", starved=starved)
                self._shut()
                await self._ending()
            else:
                self._over = await self._found_dead()
        return GuestEnded(self._over.why, starved=self._over.starved)

    async def _found_dead(self) -> GuestEnded:
        """Return why its line is closed."""
        try:
            async with asyncio.timeout(_DYING_S):
                return explained(await self._ending())
        except TimeoutError:
            self._shut()
            await self._ending()
            return GuestEnded("closed its line")

    async def _ending(self) -> bytes:
        """Return what the server says about its end. Empty: the server is gone, or at a loss."""
        try:
            async with asyncio.timeout(_END_S):
                return await asyncio.get_running_loop().sock_recv(self._report, 4_096)
        except (ConnectionError, TimeoutError):
            return b""

    def _shut(self) -> None:
        with suppress(OSError):
            self._report.shutdown(socket.SHUT_WR)

    async def end(self) -> None:
        """Kill it, and wait until it is dead."""
        try:
            self._shut()
            if self._over is None:
                await self._ending()
        finally:
            # Where the wait was cancelled, this too makes the server kill it.
            self._line.close()
            self._report.close()

"""A guest in a process of its own that we started: how it is talked to, ended and mourned.

What a newcomer gets wrong: nobody else waits for our child, and this waits for it in one place
only. Until then its number cannot be another's, so to kill it by its number is safe.
"""

import asyncio
import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from agents.verifiers.sandbox.ending import stood_s, was_starved
from agents.verifiers.sandbox.line import Closed, Line, TimeUp
from agents.verifiers.sandbox.sandbox import GuestEnded, Message, NoSandbox

START_S = 30.0
"""How long a guest may take to be there, on a machine that is very busy."""
_DYING_S = 2.0
"""How long a guest that closed its line may take to end by itself."""
_LOOK_S = 0.002


@contextmanager
def readable(content: bytes) -> Iterator[int]:
    """Return a descriptor from which a process can read this.

    As an argument a program would stand in every list of processes, and a pipe may be too small.
    """
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        yield file.fileno()


class ProcessGuest:
    """One guest; it owns the process and our end of the line."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        end: socket.socket,
        wall_s: float,
        explain: Callable[[int, float], GuestEnded],
    ) -> None:
        """Take both over.

        Args:
            process: What was started, with a process group of its own; killing it ends the guest.
            end: Our end of the line; the guest's must be closed here.
            wall_s: How long the guest may be waited for, all in all.
            explain: Makes words of a wait status and the processor time used, in seconds.
        """
        self._process = process
        self._line = Line(end, wall_s)
        self._wall_s = wall_s
        self._explain = explain
        self._over: GuestEnded | None = None
        self._stood_s = stood_s()
        self.runner = process.pid
        """The process that has the program in it, where that is another than the one started."""

    async def await_ready(self) -> None:
        """Wait until the guest says that it is confined; before that it hears nothing.

        Raises:
            NoSandbox: it is not, or did not start.
        """
        try:
            async with asyncio.timeout(START_S):
                message = await self.receive()
        except TimeoutError as error:
            raise NoSandbox(f"a guest did not start within {START_S:g} s") from error
        except GuestEnded as error:
            raise NoSandbox(f"a guest {error.why} as it started") from error
        if not message.get("ready"):
            raise NoSandbox(f"a guest could not be confined: {message.get('unconfined')}")

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
                starved = was_starved(self.runner, self._wall_s, stood_s() - self._stood_s)
                self._over = GuestEnded(f"was not done after {self._wall_s:g} s", starved=starved)
                self._bury()
            else:
                self._over = await self._found_dead()
        return GuestEnded(self._over.why, starved=self._over.starved)

    async def _found_dead(self) -> GuestEnded:
        """Return why its line is closed."""
        for _ in range(round(_DYING_S / _LOOK_S)):
            if (why := self._mourned()) is not None:
                return why
            await asyncio.sleep(_LOOK_S)
        self._bury()
        return GuestEnded("closed its line")

    def _mourned(self) -> GuestEnded | None:
        """Return how it ended by itself. None: it lives."""
        pid, status, used = os.wait4(self._process.pid, os.WNOHANG)
        if pid == 0:
            return None
        self._process.returncode = os.waitstatus_to_exitcode(status)
        return self._explain(status, used.ru_utime + used.ru_stime)

    def _bury(self) -> None:
        """Kill it and wait for it; a killed process keeps nobody waiting."""
        if self._process.returncode is None:
            # It leads a group of its own, and may have started somebody who is no child yet.
            os.killpg(self._process.pid, signal.SIGKILL)
            _, status = os.waitpid(self._process.pid, 0)
            self._process.returncode = os.waitstatus_to_exitcode(status)

    def end(self) -> None:
        """Kill it, if it lives, and close the line."""
        self._bury()
        self._line.close()

"""Guests that are CPython compiled to WebAssembly, each in a host process of its own.

What a newcomer gets wrong: WebAssembly keeps the program in, and the host's own limits are only for
what that cannot count: time. The program runs some seven times slower here than elsewhere, which
is why it is given more of it.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from pydantic import JsonValue

from agents.verifiers.sandbox.guest import OUT_OF_MEMORY
from agents.verifiers.sandbox.inside import guest_text
from agents.verifiers.sandbox.process_guest import ProcessGuest, readable
from agents.verifiers.sandbox.sandbox import GuestEnded, NoSandbox
from agents.verifiers.sandbox.slots import Slots
from agents.verifiers.sandbox.told import DEPTH, DIGITS, LINE_BYTES
from agents.verifiers.sandbox.wasi.interpreter import Interpreter, home_folder, interpreter

MEMORY_BYTES = 512 << 20
"""The memory of the WebAssembly instance, the interpreter included."""
CPU_S = 20
WALL_S = 30.0
"""How long a guest may be waited for, all in all."""
_ALIVE_S = 120
"""How long a host lives at most, for the one that nobody is left to end."""

_OPTIONS = ("-I", "-S", "-B")
_SLEEP = """\
import time
def sleep(seconds):
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass
time.sleep = sleep
"""
"""This Python cannot wait, and a program that sleeps is not wrong for that."""


class WasiSandbox:
    """Guests in WebAssembly; for every loop and thread of this process."""

    name = "wasi"
    limits: Mapping[str, JsonValue] = {
        "memory_bytes": MEMORY_BYTES,
        "cpu_s": CPU_S,
        "wall_s": WALL_S,
        "file_bytes": 0,
        "processes": 1,
        "line_bytes": LINE_BYTES,
        "depth": DEPTH,
        "digits": DIGITS,
    }

    def __init__(
        self, folder: Path | None = None, *, cpu_s: int = CPU_S, wall_s: float = WALL_S
    ) -> None:
        """Nothing is started before the first guest.

        Args:
            folder: Where the archive of Python for WASI lies; None: see `home_folder`.
            cpu_s: How much processor time a guest may use, its start included.
            wall_s: How long a guest may be waited for, all in all.
        """
        self._folder = folder
        self.limits = {**self.limits, "cpu_s": cpu_s, "wall_s": wall_s}
        self._cpu_s = cpu_s
        self._wall_s = wall_s
        self._lock = threading.Lock()
        self._slots = Slots(os.cpu_count() or 1)
        self._interpreter: Interpreter | None = None

    @asynccontextmanager
    async def guest(self) -> AsyncIterator[ProcessGuest]:
        """Return a fresh guest; as many work at once as there are processors, others wait.

        Raises:
            NoSandbox: wasmtime or Python for WASI is missing, or does not work here.
        """
        async with self._slots.held():
            found = self._interpreter
            if found is None:
                found = await asyncio.to_thread(self._found)
            guest = self._started(found)
            try:
                await guest.await_ready()
                yield guest
            finally:
                guest.end()

    def _found(self) -> Interpreter:
        """Find the interpreter once; the first time on a machine it is compiled."""
        with self._lock:
            found = self._interpreter or interpreter(self._folder or home_folder())
            self._interpreter = found
            return found

    def _started(self, found: Interpreter) -> ProcessGuest:
        host = Path(__file__).with_name("host.py")
        most = {"memory_bytes": MEMORY_BYTES, "cpu_s": self._cpu_s, "alive_s": _ALIVE_S}
        limits = json.dumps({**most, "parent": os.getpid()})
        places = (found.packages, found.compiled, found.library)
        ours, theirs = socket.socketpair()
        try:
            with theirs, readable((_SLEEP + guest_text()).encode()) as text:
                process = subprocess.Popen(
                    (sys.executable, *_OPTIONS, host, "run", *places, limits, str(text)),
                    stdin=theirs.fileno(),
                    stdout=theirs.fileno(),
                    stderr=subprocess.DEVNULL,
                    env={},
                    cwd="/",
                    pass_fds=[text],
                    start_new_session=True,  # a Ctrl-C in the terminal is not for it
                )
        except OSError as error:
            ours.close()
            raise NoSandbox(f"no host of a guest could be started: {error}") from error
        return ProcessGuest(process, ours, self._wall_s, partial(_explained, self._cpu_s))


def _explained(most_s: int, status: int, cpu_s: float) -> GuestEnded:
    """Return the end of a guest that nobody here has killed."""
    code = os.waitstatus_to_exitcode(status)
    if code == OUT_OF_MEMORY:
        return GuestEnded(f"ran out of memory ({MEMORY_BYTES >> 20} MB)")
    if code >= 0:
        return GuestEnded(f"ended itself with exit code {code}")
    which = signal.Signals(-code)
    if which == signal.SIGXCPU or (which == signal.SIGKILL and cpu_s >= most_s):
        return GuestEnded(f"ran out of processor time ({most_s} s)")
    if which == signal.SIGKILL:
        # It cannot kill itself: somebody did, or the kernel, for want of memory.
        return GuestEnded("was killed from outside", starved=True)
    return GuestEnded(f"crashed with {which.name}")

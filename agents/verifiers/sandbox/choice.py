"""Which sandbox is used here: the first that holds when it is attacked.

What a newcomer gets wrong: nothing can choose another. Where none holds, no program of a stranger
runs at all; there is no setting and no variable that makes it run unconfined.
"""

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress

from agents.verifiers.sandbox.bubblewrap import BubblewrapSandbox
from agents.verifiers.sandbox.landlock_sandbox import LandlockSandbox
from agents.verifiers.sandbox.probe import Probe, probe
from agents.verifiers.sandbox.sandbox import NoSandbox, Sandbox
from agents.verifiers.sandbox.wasi import WasiSandbox


class Choice:
    """Sandboxes in order of preference, and what probing found, for the life of this object.

    It belongs to no loop: whoever asks first probes, everybody else waits for what that finds.
    """

    def __init__(self, sandboxes: Sequence[Sandbox]) -> None:
        self._sandboxes = {each.name: each for each in sandboxes}
        self._lock = threading.Lock()
        self._found: dict[str, Future[Probe]] = {}

    async def sandbox(self) -> Sandbox:
        """Return the first sandbox that is usable.

        Raises:
            NoSandbox: none is; the message says why not, one by one.
        """
        faults = []
        for name, each in self._sandboxes.items():
            found = await self._probed(name)
            if found.usable:
                return each
            faults.append(f"{name}: {found.why}")
        raise NoSandbox(f"no sandbox works here ({' | '.join(faults)}); run `python run.py doctor`")

    async def examine(self) -> tuple[Probe, ...]:
        """Return what probing finds of every sandbox, in order of preference."""
        return tuple([await self._probed(name) for name in self._sandboxes])

    async def _probed(self, name: str) -> Probe:
        """Return what probing a sandbox finds, which is done once for all who ask."""
        while True:
            with self._lock:
                found = self._found.get(name)
                if found is None:
                    mine = self._found[name] = Future()
                    mine.set_running_or_notify_cancel()  # who gives up waiting ends nothing
                    break
            with suppress(_Abandoned):
                return await asyncio.wrap_future(found)
        try:
            mine.set_result(await probe(self._sandboxes[name]))
        finally:
            if not mine.done():
                with self._lock:
                    del self._found[name]
                mine.set_exception(_Abandoned())
        return mine.result()


class _Abandoned(Exception):
    """Whoever probed was cancelled; somebody else must."""


_CHOICE = Choice((LandlockSandbox(), BubblewrapSandbox(), WasiSandbox()))


async def sandbox() -> Sandbox:
    """Return the sandbox of this machine; it is found once in the life of a process.

    Raises:
        NoSandbox: none is usable; the message says why not, one by one.
    """
    return await _CHOICE.sandbox()


async def examine() -> tuple[Probe, ...]:
    """Return what probing finds of every sandbox, in order of preference, for `doctor`."""
    return await _CHOICE.examine()

"""Guests that are given up at the moment when they start, and guests that leave at once."""

import asyncio
import os
import time
from contextlib import suppress
from pathlib import Path

import pytest

from agents.verifiers.sandbox import NoSandbox
from agents.verifiers.sandbox.bubblewrap import BubblewrapSandbox
from agents.verifiers.sandbox.guest import encode
from agents.verifiers.sandbox.landlock_sandbox import LandlockSandbox
from agents.verifiers.sandbox.sandbox import GuestEnded

LEAVES = """
import sys
def solve(n):
    sys.modules["os"].write(3, b"x\\n")
    sys.modules["os"]._exit(0)
"""


def wrapped() -> set[int]:
    """Return the processes that are bubblewrap's, ours or nobody's; others may test beside us."""
    names, parents = {}, {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            begin, _, rest = place.read_text().rpartition(")")
            names[int(place.parent.name)] = begin.partition("(")[2]
            parents[int(place.parent.name)] = int(rest.split()[1])

    def is_others(pid: int) -> bool:
        while pid in parents:
            pid = parents[pid]
            if pid in (os.getpid(), os.getppid()):
                return os.getpid() != pid > 1
        return False

    return {pid for pid, name in names.items() if name == "bwrap" and not is_others(pid)}


async def test_a_bubblewrap_guest_that_is_given_up_as_it_starts_leaves_no_process():
    sandbox, before = BubblewrapSandbox(), wrapped()

    async def opened() -> None:
        async with sandbox.guest():
            pass

    try:
        await opened()
    except NoSandbox as error:
        pytest.skip(str(error))
    for delay in range(30):
        task = asyncio.create_task(opened())
        await asyncio.sleep(delay / 1_000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    for _ in range(200):
        if wrapped() == before:
            break
        await asyncio.sleep(0.05)

    assert wrapped() - before == set()


async def test_guests_that_leave_at_once_keep_nobody_waiting():
    sandbox = LandlockSandbox()

    async def left() -> None:
        async with sandbox.guest() as guest:
            await guest.send(
                {"do": "load", "source": LEAVES, "entry_point": "solve", "prelude": ""}
            )
            await guest.receive()
            call = {"do": "call", "id": 1, "arguments": [encode(1)], "keywords": {}}
            await guest.send(call)
            with pytest.raises(GuestEnded, match="no message"):
                await guest.receive()

    try:
        async with sandbox.guest():
            pass
    except NoSandbox as error:
        pytest.skip(str(error))
    began = time.monotonic()
    await asyncio.gather(*(left() for _ in range(24)))
    sandbox.close()

    assert time.monotonic() - began < 8  # each that waited for a wedged server took ten seconds

"""The probe sees every hole, and only a sandbox without one is chosen."""

import asyncio
import contextlib
import errno
import json
import os
import platform
import socket
import struct
import subprocess
import sys
import threading
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agents.verifiers.sandbox import GuestEnded, NoSandbox, examine
from agents.verifiers.sandbox.bubblewrap import BubblewrapSandbox
from agents.verifiers.sandbox.choice import Choice
from agents.verifiers.sandbox.inside import guest_text
from agents.verifiers.sandbox.intruder import ATTACKS
from agents.verifiers.sandbox.landlock_sandbox import LandlockSandbox
from agents.verifiers.sandbox.probe import HONEST, probe
from agents.verifiers.sandbox.process_guest import ProcessGuest

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the attacks are those of Linux")


class Unconfined:
    """No sandbox at all: a guest with everything that this process has."""

    def __init__(self, text=None):
        self.name = "unconfined"
        self.limits = {}
        self.text = guest_text() if text is None else text
        self.guests = 0

    @asynccontextmanager
    async def guest(self):
        self.guests += 1
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(  # noqa: ASYNC220 - it takes a millisecond
                [sys.executable, "-c", self.text],
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                close_fds=False,
                start_new_session=True,
            )
        guest = ProcessGuest(process, ours, 20.0, lambda status, _: GuestEnded(f"ended: {status}"))
        try:
            await guest.await_ready()
            yield guest
        finally:
            guest.end()


class Missing:
    """A sandbox that this machine does not have."""

    def __init__(self, name):
        self.limits = {}
        self.name = name
        self.asked = 0

    @asynccontextmanager
    async def guest(self):
        self.asked += 1
        await asyncio.sleep(0.05)
        raise NoSandbox(f"{self.name} is not installed")
        yield


@pytest.fixture
async def landlock():
    sandbox = LandlockSandbox()
    if not (await probe(sandbox)).usable:
        pytest.skip("Landlock cannot be used here")
    yield sandbox
    sandbox.close()


# --- the probe


async def test_every_attack_gets_through_where_nothing_confines_it():
    found = await probe(Unconfined())

    assert [each.attack for each in found.attacks] == [HONEST, *ATTACKS]
    assert [each.attack for each in found.attacks if each.held] == [HONEST], found.attacks
    assert not found.usable
    assert "read a file" in found.why


@pytest.mark.parametrize("attack", ATTACKS)
async def test_one_hole_is_enough_to_refuse_a_sandbox(attack):
    found = await probe(Unconfined(guarded_text(attack)))

    assert [each.attack for each in found.attacks if not each.held] == [attack], found.attacks
    assert not found.usable


REFUSING = (
    "return {'id': message['id'], 'raised': 'PermissionError', 'message': '', 'arguments': []}"
)


def guarded_text(hole, otherwise=REFUSING):
    """Return a guest without walls that meets every attack but one with a statement."""
    text = guest_text()
    guarding = (
        "guarded = made._call\n"
        "def _call(function, message):\n"
        f"    if function.__name__ == 'attack' and message['arguments'][0] != {hole!r}:\n"
        f"        {otherwise}\n"
        "    return guarded(function, message)\n"
        "made._call = _call\n"
    )
    assert text.endswith("made.alone()\n")
    return text.removesuffix("made.alone()\n") + guarding + "made.alone()\n"


async def test_a_sandbox_in_which_an_honest_program_gives_another_value_is_refused():
    lies = (
        "import sys\n"
        "print('{\"ready\":true}', flush=True)\n"
        "sys.stdin.readline(); print('{\"loaded\":true}', flush=True)\n"
        'sys.stdin.readline(); print(\'{"id":1,"returned":null,"arguments":[]}\', flush=True)\n'
        "sys.stdin.readline()\n"
    )

    found = await probe(Unconfined(lies))

    assert [(each.attack, each.held) for each in found.attacks] == [(HONEST, False)]
    assert not found.usable
    assert HONEST in found.why


async def test_a_guest_that_dies_of_an_attack_has_held_and_the_next_attack_finds_another():
    sandbox = Unconfined(guarded_text("", otherwise="import os; os._exit(9)"))

    found = await probe(sandbox)

    assert found.usable, found.why
    assert {each.evidence for each in found.attacks[1:]} == {f"the guest ended: {9 << 8}"}
    assert sandbox.guests == 1 + len(ATTACKS)


async def test_a_guest_that_cannot_even_be_given_the_attacks_is_not_usable():
    deaf = guest_text().replace(
        "made.alone()", "made._load = lambda message: (None, {'raised': 'No'})\nmade.alone()"
    )

    found = await probe(Unconfined(deaf))

    assert not found.usable
    assert "could not load" in found.why


async def test_what_is_missing_is_said_with_the_remedy():
    found = await probe(Missing("landlock"))

    assert (found.usable, found.why) == (False, "landlock is not installed")
    assert (found.start_ms, found.attacks) == (None, ())


async def test_the_default_sandbox_holds_in_less_than_two_seconds(landlock):
    begun = os.times()

    found = await probe(landlock)

    landlock.close()  # only then does the time of its server count
    # Processor time, ours and that of our children: a busy machine takes longer by the clock.
    assert sum(os.times()[:4]) - sum(begun[:4]) < 2
    assert found.usable, found.why
    assert found.start_ms > 0


# --- the choice


async def test_the_first_that_holds_is_chosen_and_the_rest_is_not_even_started(landlock):
    last = Missing("wasi")
    choice = Choice((Missing("first"), Unconfined(), landlock, last))

    assert await choice.sandbox() is landlock
    assert last.asked == 0


async def test_where_none_holds_the_error_says_why_of_each_and_how_to_look_further():
    choice = Choice((Missing("landlock"), Unconfined(), Missing("wasi")))

    with pytest.raises(NoSandbox) as refused:
        await choice.sandbox()

    told = str(refused.value)
    assert "landlock is not installed" in told
    assert "unconfined: it did not hold: read a file" in told
    assert "wasi is not installed" in told
    assert "`python run.py doctor`" in told
    assert len(told.splitlines()) == 1


async def test_examining_tells_of_every_sandbox_in_order_of_preference():
    found = await Choice((Missing("landlock"), Unconfined())).examine()

    assert [each.sandbox for each in found] == ["landlock", "unconfined"]


async def test_our_own_are_examined_from_the_quickest_to_the_most_portable():
    assert [each.sandbox for each in await examine()] == ["landlock", "bubblewrap", "wasi"]


def test_many_tasks_of_many_loops_probe_once_and_all_are_told():
    missing = Missing("landlock")
    choice = Choice((missing,))
    told = []

    async def ask():
        with pytest.raises(NoSandbox) as refused:
            await choice.sandbox()
        told.append(str(refused.value))

    async def ask_often():
        await asyncio.gather(*(ask() for _ in range(5)))

    threads = [threading.Thread(target=asyncio.run, args=(ask_often(),)) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert missing.asked == 1
    assert len(told) == 20
    assert len(set(told)) == 1


async def test_when_the_one_who_probes_is_cancelled_the_next_in_line_probes():
    missing = Missing("landlock")
    choice = Choice((missing,))
    first = asyncio.create_task(choice.examine())
    await asyncio.sleep(0.01)
    second = asyncio.create_task(choice.examine())
    await asyncio.sleep(0.01)

    first.cancel()

    assert [each.why for each in await second] == ["landlock is not installed"]
    assert missing.asked == 2
    with contextlib.suppress(asyncio.CancelledError):
        await first


async def test_whoever_gives_up_waiting_leaves_the_others_their_findings():
    missing = Missing("landlock")
    choice = Choice((missing,))
    first = asyncio.create_task(choice.examine())
    await asyncio.sleep(0.01)
    second = asyncio.create_task(choice.examine())
    await asyncio.sleep(0.01)

    second.cancel()

    assert len(await first) == 1
    assert len(await choice.examine()) == 1
    assert missing.asked == 1


# --- on other kernels, which a filter of system calls can play

CALLS = {"x86_64": (56, 272), "aarch64": (220, 97)}
"""clone and unshare."""


def without(*, landlock=True, user_namespaces=True):
    """Return a filter that makes this kernel one without these."""
    clone, unshare = CALLS[platform.machine()]
    load, equal, any_bit, end = 0x20, 0x15, 0x45, 0x06
    no_call, no_right = 0x00050000 | errno.ENOSYS, 0x00050000 | errno.EPERM
    steps = [(load, 0, 0, 0)]
    if not landlock:
        steps += [(equal, 0, 1, 444), (end, 0, 0, no_call)]
    if not user_namespaces:
        steps += [(equal, 0, 1, unshare), (end, 0, 0, no_right)]
        steps += [(equal, 0, 3, clone), (load, 0, 0, 16), (any_bit, 0, 1, 0x10000000)]
        steps += [(end, 0, 0, no_right)]
    steps += [(end, 0, 0, 0x7FFF0000)]
    return b"".join(struct.pack("=HBBI", *each) for each in steps)


ELSEWHERE = """
import asyncio, ctypes, json, sys
from pathlib import Path
from agents.verifiers.sandbox.bubblewrap import BubblewrapSandbox
from agents.verifiers.sandbox.choice import Choice
from agents.verifiers.sandbox.landlock_sandbox import LandlockSandbox
from agents.verifiers.sandbox.sandbox import NoSandbox
from agents.verifiers.sandbox.seccomp import Filter
from agents.verifiers.sandbox.wasi import WasiSandbox

ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
Filter(bytes.fromhex(sys.argv[1])).load()

async def main():
    choice = Choice((LandlockSandbox(), BubblewrapSandbox(), WasiSandbox(Path(sys.argv[2]))))
    try:
        chosen = (await choice.sandbox()).name
    except NoSandbox as error:
        chosen = str(error)
    print(json.dumps([chosen, {each.sandbox: each.why for each in await choice.examine()}]))

asyncio.run(main())
"""


def chosen_elsewhere(kernel, folder):
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, kernel.hex(), str(folder)],
        cwd=ROOT,
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


async def test_a_kernel_without_landlock_has_bubblewrap(tmp_path):
    if not (await probe(BubblewrapSandbox())).usable:
        pytest.skip("bubblewrap cannot be used here")

    chosen, why = chosen_elsewhere(without(landlock=False), tmp_path)

    assert chosen == "bubblewrap", why
    assert "Landlock" in why["landlock"]


async def test_a_kernel_with_neither_runs_no_program_of_a_stranger(tmp_path):
    told, why = chosen_elsewhere(without(landlock=False, user_namespaces=False), tmp_path)

    assert told.startswith("no sandbox works here (landlock: ")
    assert "bubblewrap: " in told
    assert "npm pack" in told or "pip install" in told
    assert all(why.values())

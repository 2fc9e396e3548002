"""Guests inside bubblewrap: what they see, what ends them, and who can have them."""

import asyncio
import json
import os
import runpy
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from agents.verifiers.sandbox import GuestEnded, NoSandbox, bubblewrap
from agents.verifiers.sandbox.bubblewrap import BubblewrapSandbox, command
from agents.verifiers.sandbox.guest import decode, encode
from agents.verifiers.sandbox.landlock_sandbox import LandlockSandbox
from agents.verifiers.sandbox.probe import probe

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = Path(pytest.__file__).parents[1]


@pytest.fixture(scope="module")
def world():
    """How a Python inside bubblewrap is called."""
    try:
        return command()
    except NoSandbox as error:
        pytest.skip(str(error))


@pytest.fixture
def sandbox(world):
    return BubblewrapSandbox()


async def said(sandbox, source, *arguments):
    """Return what a program, whose function is `f`, says about one call."""
    async with sandbox.guest() as guest:
        await guest.send({"do": "load", "source": source, "entry_point": "f", "prelude": ""})
        assert await guest.receive() == {"loaded": True}
        told = [encode(each) for each in arguments]
        await guest.send({"do": "call", "id": 7, "arguments": told, "keywords": {}})
        return await guest.receive()


async def end(sandbox, source, *arguments):
    with pytest.raises(GuestEnded) as ended:
        await said(sandbox, source, *arguments)
    return ended.value


def lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


async def gone(pid, seconds=10.0):
    """Return whether a process is gone in time."""
    deadline = time.monotonic() + seconds
    while lives(pid) and time.monotonic() < deadline:  # noqa: ASYNC110 - nobody says when
        await asyncio.sleep(0.01)
    return not lives(pid)


# --- what a guest is


async def test_a_program_is_called_and_its_value_and_its_arguments_come_back(sandbox):
    source = "def f(each, more):\n    each.append(4)\n    print('noise')\n    return {1.0, more}"

    reply = await said(sandbox, source, [1, 2], "x")

    assert decode(reply["returned"]) == {1.0, "x"}
    assert [decode(each) for each in reply["arguments"]] == [[1, 2, 4], "x"]


async def test_every_guest_is_a_fresh_one(sandbox):
    source = (
        "import math\ndef f():\n    math.seen = getattr(math, 'seen', 0) + 1\n    return math.seen"
    )

    assert [decode((await said(sandbox, source))["returned"]) for _ in range(2)] == [1, 1]


async def test_the_order_of_a_set_is_that_of_the_default_sandbox(sandbox):
    default = LandlockSandbox()
    if not (await probe(default)).usable:
        pytest.skip("Landlock cannot be used here")
    source = "def f():\n    return list({'apple', 'pear', 'plum', 'fig', 'quince'})"

    here, there = await said(sandbox, source), await said(default, source)
    default.close()

    assert here == there


async def test_every_attack_of_the_probe_is_held(sandbox):
    found = await probe(sandbox)

    assert found.usable, found.why


def test_the_limits_are_those_of_the_default_sandbox():
    assert BubblewrapSandbox().limits == LandlockSandbox().limits


async def test_many_guests_at_once_from_several_loops(sandbox):
    source = "def f(n):\n    return n * n"

    async def squares():
        replies = await asyncio.gather(*(said(sandbox, source, n) for n in range(6)))
        return [decode(each["returned"]) for each in replies]

    there = asyncio.to_thread(lambda: asyncio.run(squares()))

    assert await asyncio.gather(squares(), there) == [[0, 1, 4, 9, 16, 25]] * 2


# --- what is around it, before the guest loads its own filter

LOOK = """
import json, os, socket
found = {"root": sorted(os.listdir("/")), "pid": os.getpid(), "user": os.getuid()}
found["variables"] = sorted(os.environ)
found["interfaces"] = [name for _, name in socket.if_nameindex()] if FREE else []
for name, path in PATHS.items():
    try:
        found[name] = sorted(os.listdir(path))
    except OSError as error:
        found[name] = type(error).__name__
for path in WRITTEN:
    try:
        open(path + "/x", "w").close()
        found[path] = "written"
    except OSError as error:
        found[path] = type(error).__name__
print(json.dumps(found))
"""


def seen(world, paths=None, written=(), *, options=()):
    settings = f"PATHS, WRITTEN, FREE = {paths or {}!r}, {list(written)!r}, {not options!r}\n"
    run = [world[0], *options, *world[1:], settings + LOOK]
    return json.loads(subprocess.run(run, capture_output=True, check=True, env=os.environ).stdout)


def test_its_world_has_neither_homes_nor_processes_nor_devices_nor_a_network(world, tmp_path):
    (tmp_path / "secret").write_text("x")

    found = seen(world, {"secret": str(tmp_path), "proc": "/proc", "dev": "/dev", "home": "/home"})

    assert {found["secret"], found["proc"], found["dev"]} == {"FileNotFoundError"}
    assert "tmp" not in found["root"]
    assert found["interfaces"] == ["lo"]
    assert found["pid"] <= 2
    assert found["user"] != 0
    assert set(found["variables"]) <= {"LC_CTYPE", "PWD", "PYTHONHASHSEED", "TZ"}


def test_nothing_in_its_world_can_be_written(world):
    library = str(Path(os.__file__).parent)
    places = ["/", library, f"{library}/site-packages", "/lib64", "/usr"]

    found = seen(world, written=places)

    assert {found[each] for each in places} <= {"OSError", "FileNotFoundError", "PermissionError"}
    assert found["/"] == "OSError"


def test_what_was_installed_beside_the_standard_library_is_not_in_it(world):
    library = str(Path(os.__file__).resolve().parent)
    names = {"library": library, "site": f"{library}/site-packages"}

    found = seen(world, names)

    assert "json" in found["library"]
    assert found["site"] in ([], "FileNotFoundError")


# --- what ends it


async def test_a_loop_without_end_runs_out_of_processor_time(world):
    patient = BubblewrapSandbox(wall_s=60.0)  # on a busy machine a second of work takes longer

    ended = await end(patient, "def f():\n    while True:\n        pass")

    assert ended.why == "ran out of processor time (4 s)"
    assert not ended.starved


async def test_a_program_that_sleeps_is_not_waited_for(world):
    ended = await end(BubblewrapSandbox(wall_s=0.5), "import time\ndef f():\n    time.sleep(60)")

    assert ended.why == "was not done after 0.5 s"
    assert not ended.starved


async def test_memory_beyond_the_limit_is_an_error_of_the_program(sandbox):
    reply = await said(sandbox, "def f():\n    return len(bytearray(1 << 30))")

    assert reply["raised"] == "MemoryError"


@pytest.mark.parametrize("code", [0, 1, 137])
async def test_a_program_that_ends_its_guest_is_not_excused_whatever_code_it_takes(sandbox, code):
    ended = await end(sandbox, f"import sys\ndef f():\n    sys.modules['os']._exit({code})")

    assert "ended itself" in ended.why
    assert not ended.starved


async def test_a_program_that_closes_the_line_is_ended(sandbox):
    source = "import sys, time\ndef f():\n    sys.modules['os'].close(3)\n    time.sleep(60)"

    assert (await end(sandbox, source)).why == "closed its line"


async def test_leaving_a_guest_ends_it(sandbox):
    async with sandbox.guest() as guest:
        pid = guest.runner
        assert lives(pid)

    assert await gone(pid)


async def test_guests_that_are_given_up_as_they_start_leave_nothing_behind(sandbox):
    await said(sandbox, "def f():\n    return 1")
    before = descriptors()
    for ms in range(0, 80, 8):
        asking = asyncio.create_task(said(sandbox, "def f():\n    return 1"))
        await asyncio.sleep(ms / 1_000)
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking

    assert descriptors() == before
    assert our_bubblewraps() == []


def our_bubblewraps():
    """Return the state of each bubblewrap that this process has to wait for."""
    found = []
    for folder in Path("/proc").iterdir():
        with suppress(OSError):
            name, _, words = (folder / "stat").read_text().rpartition(")")
            if name.endswith("(bwrap") and int(words.split()[1]) == os.getpid():
                found.append(words.split()[0])
    return found


def descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_when_whoever_asked_is_killed_its_guest_is_gone_too(world):
    text = (
        "import asyncio\n"
        "from agents.verifiers.sandbox.bubblewrap import BubblewrapSandbox\n"
        "async def main():\n"
        "    async with BubblewrapSandbox().guest() as guest:\n"
        "        print(guest.runner, flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    asking = subprocess.Popen([sys.executable, "-c", text], cwd=ROOT, stdout=subprocess.PIPE)  # noqa: ASYNC220 - it takes a millisecond
    with asking:
        pid = int(asking.stdout.readline())
        assert lives(pid)
        asking.send_signal(signal.SIGKILL)

    assert await gone(pid)


# --- the attacks that are made on the default sandbox

ATTACKS = runpy.run_path(str(Path(__file__).with_name("test_sandbox_attacks.py")))
HELD = {row: told for row, told in ATTACKS["HELD"].items()}


@pytest.fixture(scope="module")
def attacked(world):
    """What the programs said, and what could be seen from outside."""
    app = Path(__file__).with_name("attacked_elsewhere.py")
    done = subprocess.run(
        [sys.executable, app, "bubblewrap", *HELD, "memory", "foreign_calls"],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("row", HELD, ids=HELD.values())
def test_an_attack_is_tried_and_gets_nothing(attacked, row):
    said = attacked["said"][row]

    assert said["returned"]["got"] == []
    assert said["returned"]["tried"] >= 3
    assert ATTACKS["CANARY"] not in json.dumps(said)


def test_memory_ends_at_the_limit_in_every_way(attacked):
    most = attacked["said"]["memory"]["returned"]

    assert all(64 <= megabytes < 512 for megabytes in most.values()), most


def test_a_call_of_a_foreign_architecture_ends_the_guest(attacked):
    assert attacked["said"]["foreign_calls"]["ended"].startswith("crashed with SIG")


def test_nobody_was_reached_and_nothing_was_left_or_changed(attacked):
    evidence = attacked["evidence"]

    assert [evidence[each] for each in ("reached", "signals", "left", "processes")] == [[]] * 4
    assert evidence["victim"] is None
    assert ATTACKS["CANARY"] in evidence["canary"]


# --- who can have it


async def test_an_ordinary_user_has_it_too(world):
    if os.geteuid() != 0:
        pytest.skip("this is an ordinary user, so every other test says it")
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    asks = "import sys; print(sys.version_info[:2] == " + repr(tuple(sys.version_info[:2])) + ")"
    if python is None or b"True" not in subprocess.check_output([python, "-c", asks]):  # noqa: ASYNC221 - it takes a moment
        pytest.skip("no Python of this version that an ordinary user could run")
    text = (
        "import asyncio\n"
        "from agents.verifiers.sandbox.bubblewrap import BubblewrapSandbox\n"
        "from agents.verifiers.sandbox.probe import probe\n"
        "found = asyncio.run(probe(BubblewrapSandbox()))\n"
        "print(found.usable, found.why)\n"
    )
    done = subprocess.run(  # noqa: ASYNC221 - nothing else happens here
        [python, "-B", "-c", text],
        cwd="/",
        env={"PYTHONPATH": f"{ROOT}:{PACKAGES}"},
        user=65_534,
        group=65_534,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == "True \n", done.stderr


async def test_without_bubblewrap_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(bubblewrap, "_FOLDERS", ("/nowhere",))

    with pytest.raises(NoSandbox, match="apt-get install bubblewrap"):
        async with BubblewrapSandbox().guest():
            pass


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo bubblewrap 0.4.1", "bubblewrap 0.4.1 is too old, 0.8 is needed"),
        ("echo it says no >&2; exit 1", "it says no"),
        (
            'test "$1" = --version && echo bubblewrap 0.9 && exit; echo no namespaces >&2; exit 1',
            "no namespaces",
        ),
    ],
)
async def test_a_bubblewrap_that_does_not_do_its_work_is_told_by_its_own_words(
    script, told, tmp_path, monkeypatch
):
    (tmp_path / "bwrap").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setattr(bubblewrap, "_FOLDERS", (str(tmp_path),))

    with pytest.raises(NoSandbox, match=told):
        async with BubblewrapSandbox().guest():
            pass

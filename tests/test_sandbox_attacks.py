"""Attacks on the default sandbox, run by an app as root and by an app of an ordinary user.

The programs are in `attacks.py`, the app in `attacked_app.py`. Each program says what it got, and
what can be seen from outside is looked at too. Outside a sandbox the same programs get something,
so a program that gets nothing inside was held there.
"""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from agents.verifiers.sandbox.confinement import MEMORY_BYTES, NOBODY
from agents.verifiers.sandbox.landlock import NoLandlock, Ruleset

APP = Path(__file__).with_name("attacked_app.py")
CANARY = "canary-2c9e71d4"
HELD = {
    "read_passwd": "read /etc/passwd",
    "read_canary": "read the project's .env",
    "environments": "environments of other processes",
    "list_processes": "list processes",
    "tcp": "TCP to 127.0.0.1",
    "udp": "UDP",
    "unix": "unix sockets, abstract and by path",
    "fork_bomb": "fork bomb, threads",
    "daemon": "daemon that outlives the run",
    "children_memory": "memory in children",
    "two_gigabytes": "2 GB to stdout",
    "big_file": "one big file",
    "many_files": "many files",
    "leave_in_tmp": "leave files in /tmp, shared memory, queues, keys",
    "kill_another": "kill another process of the user",
    "signal_parents": "signal the parent, the server and pid 1",
    "trace": "ptrace, memory and descriptors of other processes",
    "namespaces": "new namespaces, chroot, mount",
    "symlink": "links left for the parent",
    "shell": "run /bin/sh",
    "write_code": "write into the project and the standard library",
    "descriptors": "inherited descriptors",
    "io_uring": "io_uring and other ways into the kernel",
    "memfd": "a file in memory, executed",
    "executable_memory": "memory that can be executed",
    "own_memory": "/proc/self",
    "more_rights": "prctl, limits, capabilities",
}
"""Attacks that come to their end and say what they got: nothing, where they are held."""
ENDED = {
    "infinite_loop": "ran out of processor time",
    "sleep": "was not done after 8 s",
    "flood_line": "said more than 1000000 bytes",
    "foreign_calls": "crashed with SIG",
}
"""Attacks that end with the guest, and why it ends."""
REPORTED = ("own_environment", "memory")
DEPENDS = {"namespaces", "io_uring", "trace", "children_memory", "two_gigabytes"}
"""Attacks that not every machine lets pass, or that would hurt it."""
ROLES = ("root", "user")


@pytest.fixture(scope="module", autouse=True)
def landlock():
    if sys.platform != "linux":
        pytest.skip("Landlock is of Linux")
    try:
        os.close(Ruleset().descriptor)
    except NoLandlock as error:
        pytest.skip(str(error))


@cache
def app(role, *rows):
    """Let the app run once, however it ends; return how."""
    try:
        return subprocess.run(
            [sys.executable, APP, role, *rows],
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        return error


def run(role, *rows):
    """Return what the app prints: what programs said, and what could be seen."""
    done = app(role, *rows)
    assert isinstance(done, subprocess.CompletedProcess), done
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(params=ROLES)
def attacked(request):
    if request.param == "root" and os.geteuid() != 0:
        pytest.skip("the half that runs as root needs root")
    found = run(request.param, *HELD, *ENDED, *REPORTED)
    if "skipped" in found:
        pytest.skip(found["skipped"])
    return found


@pytest.mark.parametrize("row", HELD, ids=HELD.values())
def test_an_attack_is_tried_and_gets_nothing(attacked, row):
    said = attacked["said"][row]

    assert said["returned"]["got"] == []
    assert said["returned"]["tried"] >= 3
    assert CANARY not in json.dumps(said)


@pytest.mark.parametrize("row", ENDED)
def test_an_attack_on_time_or_on_the_line_ends_the_guest(attacked, row):
    said = attacked["said"][row]

    # On a machine that is too busy the wall clock may come before the processor's.
    assert said["ended"].startswith(ENDED[row]) or said["starved"]


def test_memory_ends_at_the_limit_in_every_way(attacked):
    most = attacked["said"]["memory"]["returned"]

    assert {"bytearray", "list", "private", "shared", "no reserve"} <= most.keys()
    assert all(64 <= megabytes < MEMORY_BYTES >> 20 for megabytes in most.values()), most


def test_a_guest_has_no_environment_worth_taking(attacked):
    told = attacked["said"]["own_environment"]["returned"]["got"]

    names = {each.split("=")[0] for each in told if each[0].isupper()}
    assert names <= {"PYTHONHASHSEED", "TZ", "LC_CTYPE"}
    assert CANARY not in json.dumps(told)


def test_nobody_was_reached_signalled_or_killed(attacked):
    evidence = attacked["evidence"]

    assert evidence["reached"] == []
    assert evidence["signals"] == []
    assert evidence["victim"] is None


def test_nothing_was_left_and_nothing_was_changed(attacked):
    evidence = attacked["evidence"]

    assert evidence["left"] == []
    assert evidence["canary"] == f"KEY={CANARY}\n"


def test_no_process_is_left_but_the_server(attacked):
    evidence = attacked["evidence"]

    assert evidence["processes"] == [evidence["server"]]


def test_a_guest_holds_its_line_and_nothing_else(attacked):
    held = attacked["evidence"]["descriptors"]

    if held is None:
        pytest.skip("only root may look at the descriptors of a guest")
    assert held[:3] == ["/dev/null"] * 3
    assert held[3].startswith("socket:")
    assert len(held) == 4


def test_what_guests_print_does_not_fill_the_memory_of_the_parent(attacked):
    assert attacked["evidence"]["most_memory_kb"] < 200_000


def test_the_two_halves_ran_as_root_and_as_an_ordinary_user():
    if os.geteuid() != 0:
        pytest.skip("the half that runs as root needs root")
    users = [run(role, *HELD, *ENDED, *REPORTED) for role in ROLES]

    assert users[0]["evidence"]["user"] == 0
    assert users[1].get("skipped") or users[1]["evidence"]["user"] not in (0, NOBODY)


@pytest.fixture
def unconfined():
    found = run("outside", *sorted(HELD.keys() - DEPENDS - {"kill_another"}), "kill_another")
    if "skipped" in found:
        pytest.skip(found["skipped"])
    return found


@pytest.mark.parametrize("row", sorted(HELD.keys() - DEPENDS))
def test_outside_a_sandbox_the_same_attack_gets_something(unconfined, row):
    assert unconfined["said"][row]["returned"]["got"]


def test_outside_a_sandbox_the_same_attacks_leave_evidence(unconfined):
    evidence = unconfined["evidence"]

    assert len({each for each in evidence["reached"]}) == 4
    assert len(evidence["left"]) > 20
    assert evidence["signals"]
    assert CANARY in json.dumps(unconfined["said"]["read_canary"])
    assert CANARY in json.dumps(unconfined["said"]["environments"])
    assert CANARY in json.dumps(unconfined["said"]["descriptors"])

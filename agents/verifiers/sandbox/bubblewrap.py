"""Guests inside bubblewrap: namespaces of their own, an empty world, and a filter on top.

The options are those of bwrap(1), version 0.8 or newer.

What a newcomer gets wrong: namespaces keep neither forks nor strange system calls in, so a guest is
under two filters: bubblewrap loads one that lets an interpreter start, and the guest loads the
strict one before it serves, with the same limits as everywhere. What is bound into its world,
read-only, is the interpreter, its standard library, and the shared libraries that they load.
"""

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import JsonValue

from agents.verifiers.sandbox.confinement import CPU_S, LINE
from agents.verifiers.sandbox.ending import explained
from agents.verifiers.sandbox.guest import MODULES
from agents.verifiers.sandbox.inside import confined_guest_text
from agents.verifiers.sandbox.landlock_sandbox import WALL_S, LandlockSandbox
from agents.verifiers.sandbox.process_guest import ProcessGuest, readable
from agents.verifiers.sandbox.sandbox import GuestEnded, NoSandbox
from agents.verifiers.sandbox.seccomp import NoFilter, filter_program
from agents.verifiers.sandbox.slots import Slots

OLDEST = (0, 8)
"""The first version that can forbid user namespaces inside."""
_FOLDERS = ("/usr/bin", "/bin", "/usr/local/bin", "/run/current-system/sw/bin")
"""Where bwrap is looked for; what a user's PATH says could be anything."""
_TRY_S = 20.0
"""How long one of the commands may take that find out how guests are started."""
_SIGNALLED = 128
"""bwrap ends with this and the signal's number where its child was killed by one."""
_OPTIONS = ("-P", "-s", "-S", "-B", "-X", "utf8", "-c")
_READ = "import sys; exec(sys.stdin.read())"
_WORLD = (
    *("--unshare-user", "--unshare-all", "--disable-userns", "--uid", "65534", "--gid", "65534"),
    *("--die-with-parent", "--new-session", "--cap-drop", "ALL", "--hostname", "guest"),
    *("--clearenv", "--setenv", "PYTHONHASHSEED", "0", "--setenv", "TZ", "UTC0"),
    *("--size", "4096", "--tmpfs", "/"),
)
_NEEDED = f"""\
import ctypes, json, os, resource, socket, _strptime, {", ".join(sorted(MODULES - {"__future__"}))}
class Loaded(ctypes.Structure):
    _fields_ = (("address", ctypes.c_void_p), ("name", ctypes.c_char_p))
names = []
@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Loaded), ctypes.c_size_t, ctypes.c_void_p)
def each(loaded, size, data):
    names.append(os.fsdecode(loaded.contents.name))
    return 0
ctypes.CDLL(None).dl_iterate_phdr(each, None)
print(json.dumps([os.path.dirname(os.__file__), *names]))
"""
"""Prints the folder of the standard library and the shared libraries that guests load, each by the
name under which the loader looks for it; the loader's own is among them."""


class BubblewrapSandbox:
    """Guests that are each a bubblewrap of their own; for every loop and thread of this process."""

    name = "bubblewrap"
    limits: Mapping[str, JsonValue] = LandlockSandbox.limits

    def __init__(self, wall_s: float = WALL_S) -> None:
        """Nothing is started before the first guest."""
        self.limits = {**self.limits, "wall_s": wall_s}
        self._wall_s = wall_s
        self._lock = threading.Lock()
        self._slots = Slots(os.cpu_count() or 1)
        self._command: tuple[str, ...] = ()

    @asynccontextmanager
    async def guest(self) -> AsyncIterator[ProcessGuest]:
        """Return a fresh guest; as many work at once as there are processors, others wait.

        Raises:
            NoSandbox: bubblewrap is missing, too old, or not allowed to do its work here.
        """
        async with self._slots.held():
            if not self._command:
                await asyncio.to_thread(self._make_ready)
            guest, told = _started(self._command, self._wall_s)
            try:
                await guest.await_ready()
                guest.runner = _only_child(told)
                yield guest
            finally:
                os.close(told)
                guest.end()

    def _make_ready(self) -> None:
        """Find out once how guests are started."""
        with self._lock:
            if not self._command:
                self._command = command()


def command() -> tuple[str, ...]:
    """Return the command that runs a Python inside bubblewrap, up to its text."""
    if sys.platform != "linux":
        raise NoSandbox("bubblewrap needs Linux")
    bwrap = shutil.which("bwrap", path=os.pathsep.join(_FOLDERS))
    if bwrap is None:
        raise NoSandbox("bubblewrap is missing: apt-get install bubblewrap")
    said = _said(bwrap, "--version").strip()
    if tuple(map(int, re.findall(r"\d+", said)[:2])) < OLDEST:
        raise NoSandbox(f"{said} is too old, {'.'.join(map(str, OLDEST))} is needed")
    python = str(Path(sys.executable).resolve())
    library, *loaded = json.loads(_said(python, *_OPTIONS, _NEEDED))
    world = (bwrap, *_WORLD, *_bound(python, library, loaded), "--remount-ro", "/", "--chdir", "/")
    _said(*world, "--", python, *_OPTIONS, "pass")
    return (*world, "--", python, *_OPTIONS)


def _said(*command: str) -> str:
    """Return what a command prints.

    Raises:
        NoSandbox: it failed; with the last line of what it said about that.
    """
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, env={}, timeout=_TRY_S, cwd="/"
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoSandbox(f"{command[0]} could not be run: {error}") from error
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise NoSandbox(f"{command[0]} failed: {''.join(lines[-1:])[:200]}")
    return done.stdout.decode(errors="replace")


def _bound(python: str, library: str, loaded: list[str]) -> Iterator[str]:
    """Yield the options that bind what an interpreter needs, each where it lies outside too."""
    files = [each for each in loaded if Path(each).is_absolute()]
    outside = [each for each in files if not Path(each).is_relative_to(library)]
    finds = ["/etc/ld.so.cache"] if Path("/etc/ld.so.cache").exists() else []
    for path in dict.fromkeys([python, library, *outside, *finds]):
        yield from ("--ro-bind", path, path)
    for name in ("site-packages", "dist-packages"):
        folder = Path(library, name)
        if folder.is_dir():
            yield from ("--size", "4096", "--tmpfs", str(folder), "--remount-ro", str(folder))


def _started(command: tuple[str, ...], wall_s: float) -> tuple[ProcessGuest, int]:
    """Start a guest; return it and a descriptor from which bubblewrap tells about its child."""
    try:
        program = filter_program(starting=True)
    except NoFilter as error:
        raise NoSandbox(str(error)) from error
    ours, theirs = socket.socketpair()
    told, telling = os.pipe()
    lines = f"import os; os.dup2(1, 0); os.dup2({theirs.fileno()}, {LINE})\n"
    text = lines + confined_guest_text()
    try:
        with readable(program) as rules, readable(text.encode()) as program_text:
            process = subprocess.Popen(
                (command[0], *_about(rules, telling), *command[1:], _READ),
                stdin=program_text,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                pass_fds=(theirs.fileno(), telling, rules),
                start_new_session=True,  # a Ctrl-C in the terminal is not for it
            )
    except OSError as error:
        ours.close()
        os.close(told)
        raise NoSandbox(f"{command[0]} could not be run: {error}") from error
    finally:
        theirs.close()
        os.close(telling)
    return ProcessGuest(process, ours, wall_s, _explained), told


def _about(rules: int, telling: int) -> tuple[str, ...]:
    """Return the options that differ from guest to guest: descriptors of the filter and of info."""
    return ("--seccomp", str(rules), "--info-fd", str(telling))


def _explained(status: int, cpu_s: float) -> GuestEnded:
    """Return the end of a guest, told by bubblewrap's own: a signal comes as an exit code.

    A guest can end with such a code itself. So one that seems to have been killed from outside is
    not excused, as it is where the kernel says it.
    """
    code = os.waitstatus_to_exitcode(status)
    which = code - _SIGNALLED
    killed = which == signal.SIGKILL and cpu_s < CPU_S
    if which in set(signal.Signals) and not killed:
        status = which
    return explained(json.dumps({"status": status, "cpu_s": cpu_s}).encode())


def _only_child(told: int) -> int:
    """Return the number of the guest's process, the child of bubblewrap's first one. 0: unknown."""
    try:
        first = json.loads(os.read(told, 4_096))["child-pid"]
        return int(Path(f"/proc/{first}/task/{first}/children").read_text().split()[0])
    except (OSError, ValueError, KeyError, IndexError):
        return 0

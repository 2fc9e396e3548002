"""An app that lets the programs of `attacks` run in the default sandbox; prints what happened.

    python attacked_app.py root|user|outside ROW ...

As `user` and `outside` it gives up root first; where the interpreter lies in a folder that only
root may enter, it shows that folder to itself in a mount namespace of its own. As `outside` nothing
confines the programs. It holds what is worth stealing: a canary in its environment, in a file and
behind an inheritable descriptor, listening sockets, and a second process of the user under whom
guests run.
"""

# ruff: noqa: T201

import asyncio
import ctypes
import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from agents.verifiers.sandbox.confinement import NOBODY  # noqa: E402
from agents.verifiers.sandbox.guest import decode, encode  # noqa: E402
from agents.verifiers.sandbox.landlock_sandbox import LandlockSandbox  # noqa: E402
from agents.verifiers.sandbox.sandbox import GuestEnded  # noqa: E402

ATTACKS = Path(__file__).with_name("attacks.py").read_text(encoding="utf-8")
CANARY = "canary-2c9e71d4"
ORDINARY = 23_456
"""A user that no machine knows."""


def most_memory_kb() -> int:
    """Return the peak of this program; `ru_maxrss` would also be that of whoever started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


class World:
    """What there is to take, and what was taken."""

    def __init__(self):
        self.project = Path(tempfile.mkdtemp(prefix="attacked-"))
        self.project.chmod(0o777)
        self.canary = self.project / ".env"
        self.canary.write_text(f"KEY={CANARY}\n")
        self.canary.chmod(0o666)
        self.mark = self.project.name
        self.secret = os.open(self.canary, os.O_RDONLY)
        os.set_inheritable(self.secret, True)
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.tcp.set_inheritable(True)
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.abstract = self._listening("\0" + self.mark)
        self.pathname = self._listening(str(self.project / "socket"))
        (self.project / "socket").chmod(0o777)
        as_guests = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        self.victim = subprocess.Popen(
            ["/bin/sleep", "300"],
            env={"KEY": CANARY},
            **(as_guests if os.geteuid() == 0 else {}),
        )
        self.reached = []
        self.signals = []
        signal.signal(signal.SIGUSR1, lambda number, frame: self.signals.append(number))
        for each in (self.tcp, self.abstract, self.pathname):
            threading.Thread(target=self._accept, args=(each,), daemon=True).start()
        threading.Thread(target=self._hear, daemon=True).start()

    def _listening(self, name):
        made = socket.socket(socket.AF_UNIX)
        made.bind(name)
        made.listen()
        return made

    def _accept(self, listener):
        with suppress(OSError):
            while True:
                listener.accept()[0].close()
                self.reached.append(repr(listener.getsockname()))

    def _hear(self):
        with suppress(OSError):
            while True:
                self.udp.recv(100)
                self.reached.append("udp")

    def facts(self, server):
        standard = Path(sysconfig.get_path("stdlib"))
        code = [
            ROOT / "run.py",
            ROOT / "agents" / "verifiers" / "sandbox" / "guest.py",
            standard / "json" / "__init__.py",
            self.canary,
        ]
        return {
            "confined": True,
            "machine": platform.machine(),
            "canary": str(self.canary),
            "project": str(self.project),
            "mark": self.mark,
            "parent": os.getpid(),
            "server": server,
            "victim": self.victim.pid,
            "tcp": self.tcp.getsockname()[1],
            "udp": self.udp.getsockname()[1],
            "abstract": self.mark,
            "pathname": str(self.project / "socket"),
            "secret": self.secret,
            "listener": self.tcp.fileno(),
            "code": [str(path) for path in code],
        }

    def evidence(self):
        """Return what can be seen from outside."""
        return {
            "reached": self.reached,
            "signals": self.signals,
            "left": [str(path) for path in self.left()],
            "canary": self.canary.read_text(),
            "victim": self.victim.poll(),
            "processes": sorted(relatives(os.getpid()) - {self.victim.pid}),
            "most_memory_kb": most_memory_kb(),
        }

    def left(self):
        """Return what programs have left, wherever they may have."""
        places = ["/tmp", "/var/tmp", "/dev/shm", "/run/lock", "/", str(ROOT)]
        yield from (path for path in self.project.iterdir() if path.name not in (".env", "socket"))
        for place in filter(Path.is_dir, map(Path, places)):
            yield from place.glob(f"*{self.mark}-*")

    def close(self):
        for path in list(self.left()):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        self.victim.kill()
        self.victim.wait()
        shutil.rmtree(self.project)


def relatives(pid):
    """Return the processes that descend from one, zombies left out."""
    parents = {}
    for folder in Path("/proc").iterdir():
        with suppress(OSError):
            if folder.name.isdigit():
                state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
                if state != "Z":
                    parents[int(folder.name)] = int(parent)
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def held_by(pid):
    """Return what a process holds, by number. None: it is hidden from us."""
    try:
        held = sorted(Path(f"/proc/{pid}/fd").iterdir(), key=lambda path: int(path.name))
        return [str(path.readlink()) for path in held]
    except PermissionError:
        return None


async def ask(guest, message):
    await guest.send(message)
    return await guest.receive()


async def attacked(sandbox, row, facts):
    """Let one program run; return what it said, or how it ended."""
    begun = time.monotonic()
    try:
        async with sandbox.guest() as guest:
            program = {"do": "load", "source": ATTACKS, "entry_point": row, "prelude": ""}
            loaded = await ask(guest, program)
            if "raised" in loaded:
                return loaded
            call = {"do": "call", "id": 1, "arguments": [encode(facts)], "keywords": {}}
            said = await ask(guest, call)
            if "raised" in said:
                return {"raised": said["raised"], "message": said["message"]}
            return {"returned": decode(said["returned"])}
    except GuestEnded as ended:
        return {"ended": ended.why, "starved": ended.starved, "after_s": time.monotonic() - begun}


async def main(rows):
    before = relatives(os.getpid())
    world = World()
    sandbox = LandlockSandbox()
    async with sandbox.guest():
        server, guest = sorted(relatives(os.getpid()) - before - {world.victim.pid})
        descriptors = held_by(guest)
    facts = world.facts(server)
    found = await asyncio.gather(*(attacked(sandbox, row, facts) for row in rows))
    await asyncio.sleep(0.2)
    evidence = {**world.evidence(), "server": server, "user": os.geteuid()}
    evidence["descriptors"] = descriptors
    sandbox.close()
    world.close()
    # Repr, because a report may hold what JSON cannot write.
    print(
        json.dumps(
            {"said": dict(zip(rows, found, strict=True)), "evidence": evidence}, default=repr
        )
    )


def outside(rows):
    """Let programs run where nothing confines them, each in a process of its own."""
    world = World()
    facts = {**world.facts(0), "confined": False}
    said = {}
    for row in rows:
        reader, writer = os.pipe()
        if os.fork() == 0:
            space = {"__name__": "attack"}
            exec(compile(ATTACKS, "attacks", "exec"), space)
            os.write(writer, json.dumps(space[row](facts), default=repr)[:60_000].encode())
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as told:
            said[row] = {"returned": json.loads(told.read())}
        os.wait()
    print(json.dumps({"said": said, "evidence": world.evidence()}))
    world.close()


def hidden_folder():
    """Return the folder on the way to the interpreter that only root may enter. None: none is."""
    needed = [Path(sys.executable).resolve(), Path(sys.base_prefix), Path(sys.prefix), ROOT]
    ways = [folder for path in needed for folder in (*reversed(path.parents), path)]
    return next((each for each in ways if each.is_dir() and not each.stat().st_mode & 0o001), None)


def show_to_all(hidden):
    """Put an open folder with nothing but what is needed over a hidden one, for this process."""
    libc = ctypes.CDLL(None, use_errno=True)

    def mount(source, place, kind, flags):
        if libc.mount(str(source).encode(), str(place).encode(), kind, flags, None):
            raise OSError(ctypes.get_errno(), f"mount on {place}")

    new_mounts, bound, moved, private = 0x20000, 4096 | 16384, 8192, 16384 | 0x40000
    if libc.unshare(new_mounts):
        raise OSError(ctypes.get_errno(), "unshare")
    mount("none", "/", None, private)
    wanted = [Path(sys.base_prefix), Path(sys.prefix), ROOT]
    inside = {path for path in wanted if path.is_relative_to(hidden)}
    aside = {path: tempfile.mkdtemp() for path in sorted(inside)}
    for path, place in aside.items():
        mount(path, place, None, bound)
    mount("none", hidden, b"tmpfs", 0)
    hidden.chmod(0o755)
    for path, place in aside.items():
        path.mkdir(parents=True, exist_ok=True)
        mount(place, path, None, moved)
        Path(place).rmdir()


def become_ordinary():
    hidden = hidden_folder()
    if hidden is not None:
        try:
            show_to_all(hidden)
        except OSError as error:
            print(json.dumps({"skipped": f"only root may enter {hidden}: {error}"}))
            sys.exit()
    os.setgroups([])
    os.setresgid(ORDINARY, ORDINARY, ORDINARY)
    os.setresuid(ORDINARY, ORDINARY, ORDINARY)
    # A process that changed its user is hidden from itself until it runs something new.
    os.execv(sys.executable, [sys.executable, __file__, *sys.argv[1:]])


if __name__ == "__main__":
    who, *rows = sys.argv[1:]
    if who in ("user", "outside") and os.geteuid() == 0:
        become_ordinary()
    os.environ["KEY"] = CANARY
    if who == "outside":
        outside(rows)
    else:
        asyncio.run(main(rows))

"""What the probe has tried inside a guest: attacks, as a stranger would write them.

The text of this file goes to a guest as any program does. It imports what every program may import
and takes the rest from whatever the interpreter holds.

What a newcomer gets wrong: an attack that finds no way raises or returns None, so one that failed
by a mistake of ours would look as if it had been held. That is why a test runs the same text where
nothing confines it, and demands that every attack gets through there.
"""

import sys
from collections.abc import Callable
from typing import Any

Baits = dict[str, Any]
"""Where the probe laid something to find: see `baits.Baits.told`."""

DESCRIPTORS = 256
"""Descriptors below this number are tried."""
HARMLESS = {"LC_CTYPE", "PWD", "PYTHONHASHSEED", "TZ"}
"""Variables that an interpreter may have although it was given none of ours."""


def attack(name: str, baits: Baits) -> object:
    """Return what an attack got; None: nothing."""
    return ATTACKS[name](baits)


def module(name: str) -> Any:  # noqa: ANN401 - a module, whichever it is
    """Return a module: one that some other holds, else one that is found as `import` finds it."""
    seen = list(sys.modules.values())
    for each in seen:  # it grows while it is walked through
        known = set(map(id, seen))
        seen += [
            held
            for held in vars(each).values()
            if type(held) is type(sys) and id(held) not in known
        ]
        if each.__name__ == name:
            return each
    frozen: Any = sys.modules["_frozen_importlib"]
    external: Any = sys.modules["_frozen_importlib_external"]
    sys.meta_path[:] = [frozen.BuiltinImporter, frozen.FrozenImporter, external.PathFinder]
    frozen.__import__(name)
    return sys.modules[name]


def library() -> Any:  # noqa: ANN401 - whatever ctypes makes of it
    """Return the C library."""
    return module("ctypes").CDLL(None, use_errno=True)


def reach(kind: int, port: int) -> object:
    """Send something to a port of this machine; `kind` is 1 for TCP and 2 for UDP."""
    try:
        line = module("_socket").socket(2, kind)
        line.connect(("127.0.0.1", port))
        return f"{line.send(b'out')} bytes sent"
    except ImportError:
        address = b"\2\0" + port.to_bytes(2, "big") + b"\x7f\0\0\1" + bytes(8)
        return reach_past_python(2, kind, address)


def reach_past_python(family: int, kind: int, address: bytes) -> object:
    """Connect with the C library; its numbers and addresses are those of Linux."""
    calls = library()
    line = calls.socket(family, kind, 0)
    if line < 0 or calls.connect(line, address, len(address)) < 0:
        raise OSError(module("ctypes").get_errno(), "no socket")
    return f"{calls.send(line, b'out', 3, 0)} bytes sent"


def read_a_file(baits: Baits) -> object:
    """Read a file that everybody may read."""
    os = module("os")
    return os.read(os.open(baits["file"], os.O_RDONLY), 100).decode()


def read_the_environment(baits: Baits) -> object:
    """Find variables of whoever started this process; their names only."""
    return sorted(set(module("os").environ) - HARMLESS) or None


def read_another_environment(baits: Baits) -> object:
    """Read the environment of the process that asked for this guest."""
    os = module("os")
    found = os.open(f"/proc/{baits['process']}/environ", os.O_RDONLY)
    return f"{len(os.read(found, 1_000_000))} bytes"


def connect_over_tcp(baits: Baits) -> object:
    """Connect to a port of this machine."""
    return reach(1, baits["tcp"])


def send_over_udp(baits: Baits) -> object:
    """Send a packet to a port of this machine."""
    return reach(2, baits["udp"])


def connect_to_a_unix_socket(baits: Baits) -> object:
    """Connect to a socket in the file system."""
    try:
        line = module("_socket").socket(1, 1)
        line.connect(baits["unix"])
    except ImportError:
        return reach_past_python(1, 1, b"\1\0" + baits["unix"].encode() + b"\0")
    return "connected"


def start_a_process(baits: Baits) -> object:
    """Fork."""
    os = module("os")
    process = os.fork()
    if process == 0:
        os._exit(0)
    os.waitpid(process, 0)
    return "forked"


def write_a_file(baits: Baits) -> object:
    """Make a file wherever one might be made."""
    os = module("os")
    got = []
    for folder in (*baits["folders"], ".", *sys.path):
        path = f"{folder}/{baits['name']}"
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            got.append(folder)
            os.unlink(path)
        except OSError:
            continue
    return got or None


def list_processes(baits: Baits) -> object:
    """See which processes there are."""
    numbers = [each for each in module("os").listdir("/proc") if each.isdigit()]
    return f"{len(numbers)} processes" if numbers else None


def signal_a_process(baits: Baits) -> object:
    """Send the signal that does nothing to the process that asked for this guest."""
    module("os").kill(baits["process"], 0)
    return "it could be signalled"


def use_an_inherited_descriptor(baits: Baits) -> object:
    """Read from every descriptor that reads like a file."""
    os = module("os")
    for descriptor in range(DESCRIPTORS):
        try:
            found = os.pread(descriptor, 100, 0)
        except OSError:
            continue
        if found:
            return f"descriptor {descriptor}: {found!r}"
    return None


def take_memory(baits: Baits) -> object:
    """Take more memory than any guest may have."""
    return f"{len(bytes(baits['bytes']))} bytes"


def make_system_calls(baits: Baits) -> object:
    """Call the C library past Python."""
    function = library()
    calls = {
        "open": (b"/", 0),
        "socket": (1, 1, 0),
        "pipe": (b"\0" * 8,),
        "memfd_create": (b"", 0),
        "inotify_init": (),
        "epoll_create": (1,),
        "unshare": (0x10000000,),
    }
    got = [name for name, arguments in calls.items() if getattr(function, name)(*arguments) >= 0]
    return got or None


def run_a_program(baits: Baits) -> object:
    """Become a shell, or another interpreter, that answers in place of this guest."""
    os = module("os")
    for descriptor in range(10):
        try:
            os.set_inheritable(descriptor, True)
        except OSError:
            continue
    answer = baits["answer"]
    shell = f"for d in 0 1 2 3 4 5 6 7 8 9; do echo '{answer}' >&$d; done 2>/dev/null"
    python = f"import os\nfor d in range(10):\n try: os.write(d, {answer + chr(10)!r}.encode())\n"
    python += " except OSError: pass"
    for path, text in (("/bin/sh", shell), (sys.executable, python)):
        try:
            os.execv(path, [path, "-c", text])
        except OSError as error:
            refused = error
    raise refused


ATTACKS: dict[str, Callable[[Baits], object]] = {
    "read a file": read_a_file,
    "read the environment": read_the_environment,
    "read another process's environment": read_another_environment,
    "connect over TCP": connect_over_tcp,
    "send over UDP": send_over_udp,
    "connect to a Unix socket": connect_to_a_unix_socket,
    "start a process": start_a_process,
    "write a file": write_a_file,
    "list processes": list_processes,
    "signal a process": signal_a_process,
    "use an inherited descriptor": use_an_inherited_descriptor,
    "take 2 GB of memory": take_memory,
    "make system calls": make_system_calls,
    "run a program": run_a_program,
}

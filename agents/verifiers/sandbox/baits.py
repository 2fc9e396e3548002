"""What the probe lays out for its intruder to find: a file, sockets that listen, a descriptor.

What a newcomer gets wrong: everything here is open to every user of the machine. A bait that only
its owner may touch would be held by the file's mode, and would say nothing about the sandbox.
"""

import os
import secrets
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from agents.verifiers.sandbox.told import Message

MUCH_BYTES = (2 << 30) - (1 << 20)
"""More memory than any guest may have; it is asked for and never touched. In
32 bits it is still a number."""


class Baits:
    """Baits that lie out; see `laid`."""

    def __init__(self, folder: Path, sockets: Mapping[str, socket.socket], answer: str) -> None:
        self._folder = folder
        self._sockets = sockets
        self._found = self._files()
        self.told: Message = {
            "file": str(folder / "bait"),
            "name": folder.name,
            "folders": [str(folder), "/tmp", "/dev/shm", "/var/tmp"],
            "unix": str(folder / "line"),
            "tcp": sockets["a TCP connection"].getsockname()[1],
            "udp": sockets["a UDP packet"].getsockname()[1],
            "process": os.getpid(),
            "bytes": MUCH_BYTES,
            "answer": answer,
        }
        """What an intruder is told."""

    def _files(self) -> frozenset[str]:
        return frozenset(each.name for each in self._folder.iterdir())

    def taken(self) -> str:
        """Return what has come out of a guest since the last time. Empty: nothing."""
        came = [name for name, listening in self._sockets.items() if _came(listening)]
        return ", ".join([*came, *sorted(self._files() - self._found)])


def _came(listening: socket.socket) -> bool:
    try:
        if listening.type == socket.SOCK_DGRAM:
            return bool(listening.recv(100))
        listening.accept()[0].close()
    except BlockingIOError:
        return False
    return True


@contextmanager
def laid(answer: str) -> Iterator[Baits]:
    """Lay baits out, and clear them away at the end.

    Args:
        answer: The line with which a program that took a guest's place would answer.

    Raises:
        OSError: this machine has no place for them.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lyceum-probe-")))
        folder.chmod(0o777)
        bait = folder / "bait"
        bait.write_text(secrets.token_hex(8))
        bait.chmod(0o644)
        descriptor = os.open(bait, os.O_RDONLY)
        stack.callback(os.close, descriptor)
        os.set_inheritable(descriptor, True)
        sockets = {
            "a TCP connection": socket.socket(socket.AF_INET, socket.SOCK_STREAM),
            "a UDP packet": socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
            "a connection to a Unix socket": socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
        }
        for each in sockets.values():
            stack.enter_context(each)
            each.setblocking(False)
            each.bind(str(folder / "line") if each.family == socket.AF_UNIX else ("127.0.0.1", 0))
            if each.type == socket.SOCK_STREAM:
                each.listen()
        (folder / "line").chmod(0o777)
        yield Baits(folder, sockets, answer)

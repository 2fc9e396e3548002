"""The parent's handle on the process in which reasoning-gym runs.

What a newcomer gets wrong: it blocks, and belongs to one thread at a time. A process that hangs is
killed, and another is started for the next request.
"""

import json
import os
import socket
import subprocess
import sys
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from agents.errors import DraftError

PACKAGE = "reasoning_gym"
EXTRA = 'pip install "lyceum[reasoning_gym]"'
ITEM_S = 60.0
"""Seconds that one item may take; the slowest that is taught takes less than one."""
START_S = 120.0
"""Seconds in which the package must have been imported, on a machine that is very busy."""
_LINE_BYTES = 4_000_000
_WORKER = Path(__file__).with_name("worker.py")


def installed_version() -> str | None:
    """Return the version of the package, without importing it. None: it is not installed."""
    try:
        return version(PACKAGE) if find_spec(PACKAGE) else None
    except PackageNotFoundError:
        return None


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a data set, without its metadata."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class _Running:
    process: subprocess.Popen[bytes]
    line: socket.socket
    owner: int
    """The process that started it."""

    def end(self) -> None:
        """Kill it; a process that was forked from its owner leaves it alone."""
        self.line.close()
        if self.owner == os.getpid():
            self.process.kill()
            self.process.wait()
        else:
            self.process.returncode = 0  # it is no child of this process


class Generator:
    """A process that makes items, started when the first is asked for.

    Args:
        item_s: Seconds that one item may take.
    """

    def __init__(self, item_s: float = ITEM_S) -> None:
        self._item_s = item_s
        self._running: _Running | None = None
        self._end: Callable[[], object] = int

    @property
    def pid(self) -> int | None:
        """The process that runs. None: none does."""
        return self._running.process.pid if self._running else None

    def item(self, data_set: str, step: int, index: int) -> Item | None:
        """Return an item. None: the data set raised, or took too long over it.

        Args:
            data_set: Its name.
            step: A step of its curriculum, from 1.
            index: Which item, in [0, 2**63); two indices have nothing to do with each other.

        Raises:
            DraftError: the package cannot be imported, or the process ended by itself.
        """
        reply = self._asked({"data_set": data_set, "step": step, "index": index})
        if reply is None or "raised" in reply:
            return None
        return Item(str(reply["question"]), str(reply["answer"]))

    def close(self) -> None:
        """End the process, if it runs; the next item starts another."""
        self._end()
        self._running = None

    def _asked(self, request: dict[str, str | int]) -> dict[str, str] | None:
        """Return a reply, None if it takes too long; ask a fresh process if the first one ends."""
        for again in (True, False):
            running = self._started()
            try:
                running.line.sendall(json.dumps(request).encode() + b"\n")
                return _heard(running.line, self._item_s)
            except TimeoutError:
                self.close()
                return None
            except OSError as error:
                self.close()
                if not again:
                    raise DraftError(f"the process of {PACKAGE} ended: {error}") from error
        return None

    def _started(self) -> _Running:
        if self._running is not None and self._running.owner == os.getpid():
            return self._running
        self.close()
        running = _spawned()
        # Also called at the end of this process, or when nobody holds this object.
        self._running, self._end = running, weakref.finalize(self, running.end)
        try:
            said = _heard(running.line, START_S)
        except OSError as error:
            said = {"refused": str(error) or "it does not start"}
        if "ready" not in said:
            self.close()
            raise DraftError(f"{PACKAGE} cannot be used: {said.get('refused')}; {EXTRA}")
        return running


def _spawned() -> _Running:
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            # Not -I: that would ignore the variables below, and six data sets hang on the first.
            [sys.executable, "-S", "-s", "-P", "-B", "-X", "utf8", str(_WORKER), *_folders()],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PYTHONHASHSEED": "0", "TZ": "UTC0"},
            cwd="/",
            start_new_session=True,  # a Ctrl-C in the terminal is not for it
        )
    return _Running(process, ours, os.getpid())


def _folders() -> list[str]:
    """Return where this process looks for modules, so that the other one finds the same package."""
    return [folder for folder in sys.path if Path(folder).is_absolute()]


def _heard(line: socket.socket, wait_s: float) -> dict[str, str]:
    """Return the next message.

    Raises:
        TimeoutError: none within `wait_s` seconds.
        OSError: the other end is gone, or says what is no message.
    """
    line.settimeout(wait_s)
    heard = bytearray()
    while not heard.endswith(b"\n"):
        part = line.recv(1 << 16)
        if not part or len(heard) > _LINE_BYTES:
            raise ConnectionError("it said nothing that can be read")
        heard += part
    try:
        message: dict[str, str] = json.loads(heard)
    except ValueError as error:
        raise ConnectionError("it said what is no message") from error
    return message

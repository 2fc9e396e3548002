"""Keep a few worker processes, and ask them from any thread and any event loop.

What a newcomer gets wrong: each worker belongs to one thread of the pool, which starts it when it
is first needed and waits for its replies, so nothing here knows an event loop. A worker ends when
its line does, and so no later than the process that started it.
"""

import asyncio
import atexit
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from agents.errors import VerifierError
from agents.verifiers.math.frames import BUSY, KILLED, Message, framed, read_frame
from agents.verifiers.math.limits import ANSWER_S

START_S = 60.0
"""Seconds in which a worker must have loaded everything."""
NEEDED = ("math_verify", "latex2sympy2_extended", "sympy", "mpmath", "antlr4")
"""What the extra installs."""
_BESIDES = ("pydantic",)
_PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
sys.path += sys.argv[2:]
from agents.verifiers.math.worker import main
main()
"""


def missing() -> str:
    """Return what is not installed and what to do about it; empty: nothing is missing."""
    lacking = [name for name in NEEDED if find_spec(name) is None]
    return f'{lacking[0]!r} is not installed; pip install "lyceum[math]"' if lacking else ""


class Worker:
    """One process that compares; it is started at once.

    Raises:
        VerifierError: it does not come up.
    """

    def __init__(self) -> None:
        self._number = 0
        self._owner = os.getpid()
        self._line, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                # Not -I: that would ignore the variable below, and sets would be in another order.
                [sys.executable, "-s", "-P", "-B", "-c", _PROGRAM, *_folders()],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"PYTHONHASHSEED": "0"},
                cwd="/",
                start_new_session=True,
            )
        self._deadline = time.monotonic() + START_S
        if not self._is_ready():
            self.end()
            raise VerifierError("math: the process that compares expressions does not come up")

    @property
    def pid(self) -> int:
        """The process that leads the group of those that belong to the worker."""
        return int(self._process.pid)

    def ask(self, request: Message) -> Message:
        """Return the reply to a request; `ended` is "killed" or "busy" if the worker gave none.

        Such a worker has ended for good, unless the reply has a `stage` too.
        """
        self._number += 1
        self._deadline = time.monotonic() + ANSWER_S
        try:
            self._line.settimeout(ANSWER_S)
            self._line.sendall(framed({**request, "number": self._number}))
            while (reply := read_frame(self._receive)) is not None:
                if reply.get("number") == self._number:
                    return reply
        except TimeoutError:
            self.end()
            return {"ended": BUSY}
        except OSError:
            pass
        self.end()
        return {"ended": KILLED}

    def end(self) -> None:
        """End the worker and all that it started; once is enough."""
        self._line.close()
        if self._process.returncode is None and os.getpid() == self._owner:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()

    def has_ended(self) -> bool:
        """Return whether the worker was ended from this side."""
        return self._line.fileno() < 0

    def _is_ready(self) -> bool:
        try:
            message = read_frame(self._receive)
        except OSError:
            return False
        return message is not None and "ready" in message

    def _receive(self, size: int) -> bytes:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._line.settimeout(left)
        return self._line.recv(size)


class Pool:
    """Workers that are started when they are needed, and one request at a time for each.

    Args:
        size: How many there are at most. None: one for each processor that may be used.
    """

    def __init__(self, size: int | None = None) -> None:
        self._threads = ThreadPoolExecutor(size or _processors(), thread_name_prefix="math")
        self._own = threading.local()
        self._workers: list[Worker] = []
        self._lock = threading.Lock()

    async def ask(self, request: Message) -> Message:
        """Return a worker's reply; a worker that somebody else killed is asked once more.

        Raises:
            VerifierError: no worker comes up.
        """
        return await asyncio.wrap_future(self._threads.submit(self._ask, request))

    def pids(self) -> list[int]:
        """Return the processes that lead the workers' groups."""
        with self._lock:
            return [worker.pid for worker in self._workers if not worker.has_ended()]

    def end_workers(self) -> None:
        """End all workers; they are started again when they are needed."""
        with self._lock:
            for worker in self._workers:
                worker.end()

    def _ask(self, request: Message) -> Message:
        reply = self._worker().ask(request)
        return self._worker().ask(request) if reply.get("ended") == KILLED else reply

    def _worker(self) -> Worker:
        """Return the worker of this thread, a new one if the last has ended."""
        worker: Worker | None = getattr(self._own, "worker", None)
        if worker is None or worker.has_ended():
            fresh = Worker()
            with self._lock:
                self._workers = [each for each in self._workers if each is not worker] + [fresh]
            self._own.worker = worker = fresh
        return worker


def pool() -> Pool:
    """Return this process's pool; a process that was forked off gets its own."""
    return _pool(os.getpid())


@cache
def _pool(pid: int) -> Pool:
    made = Pool()
    atexit.register(made.end_workers)
    return made


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _folders() -> list[str]:
    """Return where our code lies, and then what it needs; the worker knows no other variable."""
    root = Path(__file__).resolve().parents[3]
    specs = [find_spec(name) for name in (*NEEDED, *_BESIDES)]
    found = [Path(spec.origin).parents[1] for spec in specs if spec is not None and spec.origin]
    return [str(folder) for folder in dict.fromkeys([root, *found])]

"""The parent's handle on the warm server: starts it, asks for guests, notices when it is gone.

What a newcomer gets wrong: one server serves every loop and thread of this process, so nothing
here belongs to a loop. A process that was forked from this one starts a server of its own.
"""

import json
import os
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass

from agents.verifiers.sandbox.inside import server_text
from agents.verifiers.sandbox.sandbox import NoSandbox

_START_S = 60.0
"""How long a server may take to start, on a machine that is very busy."""
_END_S = 5.0
_ENVIRONMENT = {"PYTHONHASHSEED": "0", "TZ": "UTC0"}
"""All that a server is told: the order of a set and the local time are the same everywhere."""


@dataclass(frozen=True, slots=True)
class Forked:
    """A guest's two sockets."""

    line: socket.socket
    report: socket.socket
    """Shut it, and the guest is killed; once it is dead, one message says how it ended."""


@dataclass(frozen=True, slots=True)
class _Running:
    process: subprocess.Popen[bytes]
    control: socket.socket
    owner: int
    """The process that started it."""

    def end(self) -> None:
        """Close the line; the server and its guests end by themselves."""
        self.control.close()
        if self.owner != os.getpid():
            self.process.returncode = 0  # a child of the process that this one was forked from
            return
        try:
            self.process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class ForkServer:
    """A server that is started when it is needed, and again when it is gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: _Running | None = None
        self._end_running: Callable[[], object] = int

    @property
    def is_running(self) -> bool:
        """Whether a guest can be had at once."""
        running = self._running
        return running is not None and running.owner == os.getpid()

    def start(self) -> None:
        """Start a server, if none runs; takes a fraction of a second.

        Raises:
            NoSandbox: it could not be started, or says that this machine cannot confine.
        """
        with self._lock:
            if not self.is_running:
                self._end()
                self._running = _started()
                # Also called at the end of this process, or when nobody holds this object.
                self._end_running = weakref.finalize(self, self._running.end)

    def fork(self) -> Forked | None:
        """Return a new guest. None: the server is gone; start it again.

        Raises:
            NoSandbox: this process can open no more descriptors.
        """
        try:
            line, guests_line = socket.socketpair()
            report, servers_report = socket.socketpair()
            with guests_line, servers_report:
                if self._send(guests_line, servers_report):
                    return Forked(line, report)
        except OSError as error:
            raise NoSandbox(f"no guest could be started: {error}") from error
        line.close()
        report.close()
        return None

    def _send(self, *ends: socket.socket) -> bool:
        """Give a new guest its ends of the sockets; False if the server is gone."""
        with self._lock:
            if self._running is None:
                return False
            try:
                socket.send_fds(self._running.control, [b"1"], [end.fileno() for end in ends])
            except ConnectionError:
                self._end()
                return False
            return True

    def close(self) -> None:
        """End the server, if one runs, and with it every guest."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        self._end_running()
        self._running = None


def _started() -> _Running:
    if sys.platform != "linux":
        raise NoSandbox("Landlock needs Linux")
    if not sys.executable:
        raise NoSandbox("this program does not know its Python interpreter (sys.executable)")
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        with theirs:
            running = _Running(_spawned(theirs.fileno()), ours, os.getpid())
    except OSError as error:
        ours.close()
        raise NoSandbox(f"no server of guests could be started: {error}") from error
    try:
        _await_serving(ours)
    except (OSError, NoSandbox) as error:
        running.process.kill()
        running.end()
        raise NoSandbox(f"no server of guests could be started: {error}") from error
    return running


def _spawned(control: int) -> subprocess.Popen[bytes]:
    with os.fdopen(os.memfd_create("server"), "w+", encoding="utf-8") as text:
        text.write(server_text(control))
        text.seek(0)
        return subprocess.Popen(
            [sys.executable, "-P", "-s", "-S", "-B", "-X", "utf8", "-c", _READ],
            stdin=text,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT,
            cwd="/",
            pass_fds=[control],
            start_new_session=True,  # a Ctrl-C in the terminal is not for it
        )


_READ = "import sys; exec(sys.stdin.read())"


def _await_serving(control: socket.socket) -> None:
    """Wait until a server says that it serves.

    Raises:
        OSError, NoSandbox: it does not.
    """
    control.settimeout(_START_S)
    said = control.recv(4_096)
    if not said:
        raise NoSandbox("the server ended as it started")
    message = json.loads(said)
    if "serving" not in message:
        raise NoSandbox(message["refused"])
    control.settimeout(None)

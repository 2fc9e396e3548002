"""The warm process from which guests are forked; it runs no stranger's program itself.

It is started with the text of `inside`, so it needs no file of ours, and it holds nothing worth
taking: an empty environment and no descriptor but its line to the parent.

What a newcomer gets wrong: it is told nothing but "one more guest", with two descriptors: the
line, which becomes the guest's, and the report, which stays here. When the other end of a report
is shut, the guest is killed; when the guest is dead, the report says how it ended.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from agents.verifiers.sandbox import guest
from agents.verifiers.sandbox.confinement import LINE, Confinement

UNCONFINED = 72
"""The exit code of a guest that could not be confined, and so was never told a program."""

_OURS = ("_ctypes", "_socket", "ctypes", "resource", "select", "socket", "subprocess")
"""What the server needs and no program finds by its name; this is for tidiness, not for safety."""


def main(control: int) -> None:
    """Serve on a descriptor until its other end is closed, or the parent is gone."""
    parent = os.getppid()
    os.dup2(1, 0)  # this text came over stdin; from now on nothing does
    with socket.socket(fileno=control) as line:
        try:
            watch = os.pidfd_open(parent)
            confinement = _ready()
        except OSError as error:
            line.send(json.dumps({"refused": str(error)}).encode())
            return
        # A parent that ended before it was watched has left this process to another one.
        if os.getppid() == parent:
            line.send(json.dumps({"serving": True, "abi": confinement.ruleset.abi}).encode())
            _Server(line, watch, confinement).serve()
    os._exit(0)


def _ready() -> Confinement:
    """Do all that guests have in common, once."""
    guest.prepare()
    with suppress(OSError):
        # Where memory is short, the kernel takes a guest before it takes anybody else.
        Path("/proc/self/oom_score_adj").write_text("800", encoding="ascii")
    confinement = Confinement()
    confinement.drop_root()
    confinement.seal()
    # What is there now is shared by all guests; a collection would copy every page of it.
    gc.collect()
    gc.freeze()
    return confinement


class _Server:
    """The loop over descriptors: the control line, the parent, each guest and its report."""

    def __init__(self, control: socket.socket, parent: int, confinement: Confinement) -> None:
        # A waiting recvmsg would keep everybody waiting; Python 3.11 drops its flags.
        control.setblocking(False)
        self._control = control
        self._parent = parent
        self._confinement = confinement
        self._pid = os.getpid()
        self._guests: dict[int, tuple[int, int]] = {}
        """Pid and report, by the descriptor of the guest's process."""
        self._reports: dict[int, int] = {}
        """The descriptor of the guest's process, by its report."""
        self._poll = select.epoll()
        self._poll.register(control, select.EPOLLIN)
        self._poll.register(parent, select.EPOLLIN)

    def serve(self) -> None:
        """Fork guests and report their ends, until nobody asks any more."""
        asked = True
        while asked:
            for descriptor in [found for found, _ in self._poll.poll()]:
                if descriptor in self._guests:
                    self._report(descriptor)
                elif descriptor in self._reports:
                    signal.pidfd_send_signal(self._reports[descriptor], signal.SIGKILL)
                elif descriptor in (self._control.fileno(), self._parent):
                    # Anything else is the report of a guest that was just forgotten.
                    # Forked last: a new descriptor may have the number of one just closed.
                    asked = False
            if not asked:
                asked = self._fork()

    def _fork(self) -> bool:
        """Fork a guest for one message; False if there is none: nobody is there any more."""
        try:
            _, descriptors, _, _ = socket.recv_fds(self._control, 64, 2, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        if len(descriptors) != 2:
            return False
        line, report = descriptors
        try:
            pid = os.fork()
        except OSError:
            # Too many processes: whoever asked finds the line closed and no report.
            os.close(report)
        else:
            if pid == 0:
                self._become_guest(line)
            self._watch(pid, report)
        os.close(line)
        return True

    def _watch(self, pid: int, report: int) -> None:
        process = os.pidfd_open(pid)
        self._guests[process] = (pid, report)
        self._reports[report] = process
        self._poll.register(process, select.EPOLLIN)
        self._poll.register(report, select.EPOLLIN | select.EPOLLONESHOT)

    def _become_guest(self, line: int) -> NoReturn:
        """Confine this process and serve; whatever happens, it ends here."""
        pid = os.getpid()
        try:
            self._confine(line)
            for name in _OURS:
                sys.modules.pop(name, None)
            hear, say = guest.line_of(LINE)
            say({"ready": pid})
            guest.serve(hear, say)
        finally:
            os._exit(1)

    def _confine(self, line: int) -> None:
        """Confine this process; where that fails say why, and end."""
        try:
            self._confinement.confine(line, self._pid)
        except OSError as error:
            told = guest.write_line({"unconfined": str(error)})
            try:
                os.write(line, told)
            except OSError:  # the line has moved already
                os.write(LINE, told)
            os._exit(UNCONFINED)

    def _report(self, process: int) -> None:
        """Say how a dead guest ended, and forget it."""
        pid, report = self._guests.pop(process)
        del self._reports[report]
        _, status, used = os.wait4(pid, 0)
        ended = {"status": status, "cpu_s": used.ru_utime + used.ru_stime}
        with suppress(OSError):
            os.write(report, json.dumps(ended).encode())
        # A guest that was just forked may still hold copies, so closing alone unregisters nothing.
        for descriptor in (process, report):
            self._poll.unregister(descriptor)
            os.close(descriptor)

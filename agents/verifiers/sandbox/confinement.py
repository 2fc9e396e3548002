"""What a process does to itself before it serves a stranger's program; there is no way back.

What a newcomer gets wrong: every step either succeeds or raises, and whoever calls this must end
the process when it raises. A guest that is half confined must never hear a program.

The order matters: root is dropped first, because it ignores limits; the signal for a parent's
death is asked for after that, because dropping forgets it; the filter comes last, because it
refuses the other steps.
"""

import ctypes
import os
import resource
import signal
import struct

from agents.verifiers.sandbox import guest
from agents.verifiers.sandbox.landlock import Ruleset, ruleset_if_any
from agents.verifiers.sandbox.seccomp import Filter, filter_program

MEMORY_BYTES = 512 << 20
"""Address space, the interpreter included."""
CPU_S = 4
STACK_BYTES = 8 << 20
NOBODY = 65_534
"""User and group of guests where this runs as root."""
LINE = 3
"""The only descriptor of a guest beside 0, 1 and 2, which are /dev/null."""

_LIMITS = {
    resource.RLIMIT_AS: (MEMORY_BYTES, MEMORY_BYTES),
    resource.RLIMIT_CPU: (CPU_S, CPU_S + 1),
    resource.RLIMIT_STACK: (STACK_BYTES, STACK_BYTES),
    resource.RLIMIT_FSIZE: (0, 0),
    resource.RLIMIT_CORE: (0, 0),
    resource.RLIMIT_MEMLOCK: (0, 0),
    resource.RLIMIT_NPROC: (0, 0),
    resource.RLIMIT_NOFILE: (LINE + 1, LINE + 1),
}
_PARENT_DEATH_SIGNAL, _DUMPABLE, _NO_NEW_PRIVILEGES = 1, 4, 38
"""Of <linux/prctl.h>."""
_CAPABILITIES_OF_THIS, _NO_CAPABILITIES = struct.pack("=Ii", 0x20080522, 0), bytes(24)
"""Of <linux/capability.h>, version 3: a header and two times three sets."""


class Unconfined(OSError):
    """A step failed, so this process must end before it hears a program."""


class Confinement:
    """Everything made ready, so that a forked process has little left to do."""

    def __init__(self, ruleset: Ruleset | None = None) -> None:
        """Make it ready.

        Args:
            ruleset: What keeps files and the network away; None: Landlock, which must be there.

        Raises:
            OSError: this machine cannot confine; the message says what is missing.
        """
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._filter = Filter(filter_program())
        self.ruleset = ruleset or Ruleset()
        # To close all descriptors may mean to try each number below this limit.
        self._descriptors = _lowered(resource.RLIMIT_NOFILE, 4_096)

    def drop_root(self) -> None:
        """Become nobody, if this process is root; files that only root may read are out of reach.

        Raises:
            OSError: it cannot be dropped, as where only root is mapped in a user namespace.
        """
        if os.geteuid() == 0 or os.getuid() == 0:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
        if 0 in os.getresuid():
            raise Unconfined("this process is still root")

    def seal(self) -> None:
        """Give up what can be given up by a process that still has to fork.

        Raises:
            OSError: a step failed.
        """
        self._prctl(_NO_NEW_PRIVILEGES, 1)
        if self._libc.capset(_CAPABILITIES_OF_THIS, _NO_CAPABILITIES):
            raise Unconfined(ctypes.get_errno(), "capabilities could not be given up")
        self._prctl(_DUMPABLE, 0)
        self.ruleset.enforce()

    def confine(self, line: int, parent: int) -> None:
        """Confine this process for good; afterwards it holds `LINE` and nothing else.

        Args:
            line: The descriptor that becomes `LINE`; 0, 1 and 2 must be /dev/null.
            parent: The process whose end is to be the end of this one.

        Raises:
            OSError: a step failed.
        """
        if os.getsid(0) != os.getpid():
            os.setsid()
        self._prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:
            raise Unconfined("the parent is gone")
        self.seal()
        os.dup2(line, LINE)
        os.closerange(LINE + 1, self._descriptors)
        for limit, most in _LIMITS.items():
            resource.setrlimit(limit, most)
        self._filter.load()
        self._try_in_vain()

    def _prctl(self, option: int, value: int) -> None:
        if self._libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0):
            raise Unconfined(ctypes.get_errno(), f"prctl({option}, {value}) was refused")

    def _try_in_vain(self) -> None:
        """Try to open a file that everybody may read."""
        try:
            os.open("/dev/null", os.O_RDONLY)
        except OSError:
            return
        raise Unconfined("a file could be opened in spite of everything")


def serve_confined() -> None:
    """Be one guest, in a process of its own that was started for this; see `inside`.

    Whatever started it keeps files and the network away, so Landlock is used and not needed.
    """
    guest.prepare()
    hear, say = guest.line_of(LINE)
    try:
        confinement = Confinement(ruleset_if_any())
        confinement.drop_root()
        confinement.confine(LINE, os.getppid())
    except OSError as error:
        say({"unconfined": str(error)})
        return
    say({"ready": True})
    guest.serve(hear, say)


def _lowered(limit: int, most: int) -> int:
    """Lower a limit of this process, if it is not lower already, and return it."""
    now, _ = resource.getrlimit(limit)
    lowered = most if now == resource.RLIM_INFINITY else min(now, most)
    resource.setrlimit(limit, (lowered, lowered))
    return lowered

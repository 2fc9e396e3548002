"""How a guest came to its end, in words for a person, and whether the machine was to blame.

What a newcomer gets wrong: a guest that was not done in time may never have had the processor.
Then nothing is known about the program, and nobody may say that it is wrong.
"""

import json
import os
import signal
from pathlib import Path

from agents.verifiers.sandbox.confinement import CPU_S, MEMORY_BYTES
from agents.verifiers.sandbox.guest import OUT_OF_MEMORY
from agents.verifiers.sandbox.sandbox import GuestEnded


def explained(report: bytes) -> GuestEnded:
    """Return the end of a guest that nobody here has killed.

    Args:
        report: What the server says about it; empty if the server is gone.
    """
    if not report:
        return GuestEnded("was lost with the server of guests", starved=True)
    told = json.loads(report)
    status, cpu_s = told["status"], told["cpu_s"]
    if os.WIFEXITED(status):
        code = os.WEXITSTATUS(status)
        if code == OUT_OF_MEMORY:
            return GuestEnded(f"ran out of memory ({MEMORY_BYTES >> 20} MB)")
        return GuestEnded(f"ended itself with exit code {code}")
    which = os.WTERMSIG(status)
    if which == signal.SIGXCPU or (which == signal.SIGKILL and cpu_s >= CPU_S):
        return GuestEnded(f"ran out of processor time ({CPU_S} s)")
    if which == signal.SIGKILL:
        # It cannot kill itself: somebody did, or the kernel, for want of memory.
        return GuestEnded("was killed from outside", starved=True)
    return GuestEnded(f"crashed with {signal.Signals(which).name}")


def was_starved(pid: int, waited_s: float, we_stood_s: float) -> bool:
    """Return whether a living process, or we, stood in line half of the time or more.

    One that sleeps, or waits for what never comes, does not stand in line.

    Args:
        pid: The process.
        waited_s: How long it was waited for.
        we_stood_s: How long this thread stood in line meanwhile; see `stood_s`.
    """
    process = Path("/proc", str(pid))
    try:
        state = (process / "stat").read_text().rpartition(")")[2].split()[0]
        ran, in_line, _ = map(int, (process / "schedstat").read_text().split())
    except (OSError, ValueError):
        return False
    if ran == 0:  # this kernel does not count
        return state == "R"
    return state in "DT" or in_line / 1e9 + we_stood_s >= waited_s / 2


def stood_s() -> float:
    """Return how many seconds this thread has stood in line for the processor so far."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0

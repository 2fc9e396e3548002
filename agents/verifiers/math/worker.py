"""The process that compares expressions: it reads pairs of statements, and answers what it found.

It loads everything once and then forks. The child compares, under limits of memory and time that
kill it; the parent, which never sees a statement, says what ended it and forks the next one. What a
newcomer gets wrong: a limit that runs out is no exception here but the end of the child, and
whoever asked learns from the note that it left what it was at.

Processor time decides about an answer; if only the time of the clock runs out, the machine was too
busy, and nothing is known about the answer.
"""

import gc
import mmap
import os
import resource
import signal
from functools import partial

from pydantic import JsonValue

from agents.verifiers.math.alike import AnswerFault, ReferenceFault
from agents.verifiers.math.frames import BUSY, KILLED, Message, framed, read_frame
from agents.verifiers.math.grammar import read_expression
from agents.verifiers.math.limits import MEMORY_BYTES, PROCESSOR_S, WALL_S
from agents.verifiers.math.proof import is_proved
from agents.verifiers.math.structure import Structure
from agents.verifiers.math.tree import unpacked

COMPARISONS = 256
"""So many a child makes before it gives way to a fresh one."""
_DONE, _FAILED, _GONE = 0, 1, 3
"""How a child ends: it gives way, something went wrong, the other end of the line is gone."""
_FAILURES = 3
"""After so many children in a row that failed at nothing, there is no sense in another."""
_STAGES = ("waiting", "reference", "answer", "proof")
_ENDED_BY = {
    signal.SIGPROF: "it takes too much time",
    signal.SIGALRM: BUSY,
    signal.SIGKILL: KILLED,
}
_TOO_LARGE = "it takes too much memory"
_WARM = (
    ("x^2+2x+1", "(x+1)^2"),
    (r"\frac{\sqrt{8}}{2}", r"\sqrt[2]{2}"),
    (r"\sin(2x)+\ln(x)-\log_{2}(y)", r"2\sin(x)\cos(x)+\ln(x)-\log_{2}(y)"),
    (r"e^{x}+\pi+i", r"i+\pi+\exp(x)"),
    (r"|x|+\binom{n}{2}", r"|-x|+\frac{n(n-1)}{2}"),
)
"""Pairs that are compared once before the first child, so that every child starts warm."""


class Note:
    """What a child is at, in memory that its parent sees too."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 16)

    def write(self, number: int, stage: str) -> None:
        """Say which request is at which stage; 0 and "waiting": none."""
        self._memory[:] = number.to_bytes(8) + _STAGES.index(stage).to_bytes(8)

    def stage(self, stage: str) -> None:
        """Say at which stage the request is."""
        self._memory[8:] = _STAGES.index(stage).to_bytes(8)

    def read(self) -> tuple[int, str]:
        """Return the request's number and its stage."""
        return int.from_bytes(self._memory[:8]), _STAGES[int.from_bytes(self._memory[8:])]


def main() -> None:
    """Serve until the other end of standard input is gone."""
    line = _only_line()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _warm_up()
    gc.collect()
    gc.freeze()
    note = Note()
    _send(line, {"ready": True})
    failures = 0
    while failures < _FAILURES:
        child = os.fork()
        if child == 0:
            try:
                _serve(line, note)
            finally:
                os._exit(_FAILED)  # whatever it was; the note says where
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        if code == _GONE:
            return
        was_idle = not _tell_end(line, note, status)
        failures = failures + 1 if was_idle and code == _FAILED else 0


def _only_line() -> int:
    """Return a descriptor of the line that was standard input; nothing else is left open."""
    line = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)
    return line


def _send(line: int, message: Message) -> None:
    rest = framed(message)
    while rest:
        rest = rest[os.write(line, rest) :]


def _warm_up() -> None:
    for reference, answer in _WARM:
        structure = Structure(lambda stage: None)
        structure.same(read_expression(reference), read_expression(answer))
        for left, right, positive in structure.pairs:
            is_proved(left, right, positive=positive)


def _tell_end(line: int, note: Note, status: int) -> bool:
    """Say what ended a child, if it was at something; return whether it was."""
    number, stage = note.read()
    note.write(0, "waiting")
    if number:
        ended = _TOO_LARGE
        if os.WIFSIGNALED(status):
            ended = _ENDED_BY.get(signal.Signals(os.WTERMSIG(status)), _TOO_LARGE)
        _send(line, {"number": number, "ended": ended, "stage": stage})
    return number > 0


def _confine() -> None:
    """Limit this process for good: memory, no files of its own, no other process."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(hard, MEMORY_BYTES)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    for limit in (resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC, resource.RLIMIT_CORE):
        resource.setrlimit(limit, (0, 0))


def _serve(line: int, note: Note) -> None:
    _confine()
    for _ in range(COMPARISONS):
        request = read_frame(partial(os.read, line))
        if request is None:
            os._exit(_GONE)
        number = int(str(request["number"]))
        note.write(number, "reference")
        signal.setitimer(signal.ITIMER_PROF, PROCESSOR_S)
        signal.setitimer(signal.ITIMER_REAL, WALL_S)
        found = compared(request, note)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        _send(line, {"number": number, **found})
        note.write(0, "waiting")
    os._exit(_DONE)


def compared(request: Message, note: Note) -> dict[str, JsonValue]:
    """Return what was found: "same", "different" or "unproved", or whose fault it is and why."""
    structure = Structure(note.stage)
    try:
        same = structure.same(unpacked(request["reference"]), unpacked(request["answer"]))
    except ReferenceFault as fault:
        return {"fault": "reference", "why": str(fault)}
    except AnswerFault as fault:
        return {"fault": "answer", "why": str(fault)}
    if not same:
        return {"found": "different"}
    note.stage("proof")
    proved = all(
        is_proved(left, right, positive=positive) for left, right, positive in structure.pairs
    )
    return {"found": "same" if proved else "unproved"}

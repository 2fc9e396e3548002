"""Run a Python program and say where its CPU time goes, by package and by function of ours.

    python benchmarks/sampled.py OUT.json run.py generate run.toml

A sample is taken every 4 ms of CPU time or so (the kernel's tick), which costs the program about a
hundredth of its time; tracing every call, as cProfile does, would make what has many small calls
look dear. What a newcomer gets wrong: time in C code stands under the Python function that called
it, and shares of few samples are guesses: of 1,000 samples, a share of 10 % is 8 to 12 %.
"""

import json
import runpy
import signal
import sys
import sysconfig
import threading
import time
from collections import defaultdict
from functools import cache
from pathlib import Path
from types import CodeType, FrameType

ROOT = Path(__file__).resolve().parents[1]
OURS = ("agents", "graphs", "prompts", "storage", "run.py")
IMPORTS, WRITER = "imports", "ours: storage, the writing thread with SQLite"
_MADE_UP = {"<string>": "", "<template>": "jinja2"}
"""Code without a file, by the name in its place; an empty one belongs to its caller."""

Stack = tuple[CodeType, ...]
"""Innermost first."""


class Sampler:
    """Weighs stacks by the CPU seconds since the sample before."""

    def __init__(self) -> None:
        self.stacks: defaultdict[Stack, float] = defaultdict(float)
        self.samples = 0
        self.before_s = self._whole = time.process_time()
        self._threads: dict[int, float] = {}
        self._main = threading.get_ident()
        self._sampling = False

    def start(self, interval_s: float = 0.001) -> None:
        """Begin to sample; the kernel may not manage the interval."""
        signal.signal(signal.SIGPROF, self._sample)
        signal.setitimer(signal.ITIMER_PROF, interval_s, interval_s)

    def stop(self) -> None:
        """Sample no more."""
        signal.setitimer(signal.ITIMER_PROF, 0.0)

    def _sample(self, number: int, frame: FrameType | None) -> None:
        # Taking the frames may collect garbage, which runs Python code, which is sampled: here a
        # second call would wait for ever for the lock that the first one holds.
        if self._sampling:
            return
        self._sampling = True
        self._weigh(frame)
        self._sampling = False

    def _weigh(self, frame: FrameType | None) -> None:
        # The signal tells that the process used time, not which thread did; each has a clock.
        self.samples += 1
        whole = time.process_time()
        left = whole - self._whole
        self._whole = whole
        for thread, top in sys._current_frames().items():
            if thread != self._main:
                used = time.clock_gettime(time.pthread_getcpuclockid(thread))
                spent = used - self._threads.get(thread, 0.0)
                self._threads[thread] = used
                self.stacks[_stack(top)] += spent
                left -= spent
        self.stacks[_stack(frame)] += max(left, 0.0)


def _stack(frame: FrameType | None) -> Stack:
    codes = []
    while frame is not None:
        codes.append(frame.f_code)
        frame = frame.f_back
    return tuple(codes)


def place(stack: Stack) -> str:
    """Return the package that a stack's time is put down to."""
    if any(code.co_filename.startswith("<frozen importlib") for code in stack):
        return IMPORTS
    if any(code.co_filename.endswith("storage/writer.py") for code in stack) and (
        stack[-1].co_name == "_bootstrap"
    ):
        return WRITER
    names = (package(code.co_filename) for code in stack)
    return next((name for name in names if name), "python")


@cache
def package(filename: str) -> str:
    """Return the package of a file: "langgraph", "asyncio", "ours: agents.chat"."""
    if filename.startswith("<"):
        return _MADE_UP.get(filename, "python")
    path = Path(filename)
    if path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in OURS:
        parts = path.relative_to(ROOT).parts
        return "ours: " + (".".join(parts[:-1]) or parts[0])
    for folder in ("purelib", "platlib", "stdlib"):
        base = Path(sysconfig.get_path(folder))
        if path.is_relative_to(base):
            return path.relative_to(base).parts[0].removesuffix(".py")
    return "python"


def functions(stack: Stack) -> set[str]:
    """Return the functions of ours in a stack, each once."""
    return {
        f"{Path(code.co_filename).relative_to(ROOT)}:{code.co_firstlineno} {code.co_qualname}"
        for code in stack
        if code.co_name != "<module>" and package(code.co_filename).startswith("ours: ")
    }


def summary(sampler: Sampler) -> dict[str, object]:
    """Return CPU seconds by package, and by function of ours with all that it calls.

    `before_s` is what Python took to start, `sums_s` what it took to work this out.
    """
    began = time.process_time()
    places: defaultdict[str, float] = defaultdict(float)
    ours: defaultdict[str, float] = defaultdict(float)
    for stack, seconds in sampler.stacks.items():
        places[place(stack)] += seconds
        for function in functions(stack) if place(stack) != IMPORTS else ():
            ours[function] += seconds
    return {
        "samples": sampler.samples,
        "places": places,
        "functions": ours,
        "before_s": sampler.before_s,
        "sums_s": time.process_time() - began,
    }


def main() -> None:
    """Run the program of the command line and write the summary, whatever its end is."""
    out, program = Path(sys.argv[1]).absolute(), sys.argv[2]
    sys.argv = sys.argv[2:]
    sys.path[0] = str(Path(program).resolve().parent)
    sampler = Sampler()
    sampler.start()
    try:
        runpy.run_path(program, run_name="__main__")
    finally:
        sampler.stop()
        out.write_text(json.dumps(summary(sampler)), encoding="utf-8")


if __name__ == "__main__":
    main()

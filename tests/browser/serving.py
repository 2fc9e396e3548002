"""Starts the pages as a person starts them: as a process, whose address is read from its output."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


def unmeasured() -> dict[str, str]:
    """Return the environment of a process whose coverage other tests measure."""
    return {k: v for k, v in os.environ.items() if k != "COVERAGE_PROCESS_CONFIG"}


@dataclass
class Served:
    """A server that runs."""

    address: str
    """Without a slash at its end."""
    process: "subprocess.Popen[str]"
    said: list[str]
    """What it has printed, by line."""


@contextmanager
def served(db: Path, *, person: str | None = None) -> Iterator[Served]:
    """Serve the pages of a database for as long as the block lasts.

    Args:
        db: The database.
        person: Who judges; `review` is what is started then. None: `inspect --web`.
    """
    asked = ["review", "--as", person] if person else ["inspect", "--web"]
    shared = ["--db", str(db), "--port", "0", "--no-open"]
    line = [sys.executable, str(ROOT / "run.py"), *asked, *shared]
    process = subprocess.Popen(
        line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    said: list[str] = []
    addresses: Queue[str] = Queue()
    reading = Thread(target=_read, args=(process, said, addresses))
    reading.start()
    try:
        try:
            address = addresses.get(timeout=PATIENCE_S)
        except Empty:
            address = ""
        assert address, f"{' '.join(line)}: named no address, but said: {''.join(said)}"
        yield Served(address, process, said)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reading.join()


def _read(process: "subprocess.Popen[str]", said: list[str], addresses: "Queue[str]") -> None:
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            said.append(line)
            if found := _ADDRESS.search(line):
                addresses.put(found[0])
    addresses.put("")  # it has ended

"""Run a client in a process of its own, against an endpoint that counts, and measure it.

What a newcomer gets wrong: Linux hands a process's peak memory on to what it starts, so whoever
measures must stay smaller than what is measured; nothing large is imported here.
"""

import contextlib
import http.client
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
CALLS = 3
"""How many an episode makes."""
LYCEUM, BARE, PLAIN = "lyceum", "bare aiohttp", "LangGraph + ChatOpenAI"
"""The clients."""
Json = dict[str, Any]

_CONFIG = """seed = 7
attempts = 1
max_revisions = 0
[[curriculum.skills]]
name = "triage"
levels = 3
verifier = "judge"
about = "Decide the urgency of an emergency patient from the notes of a nurse."
[teacher]
{chat}
[student]
{chat}
[critic]
{chat}
own_answers = 0
false_reference = false
"""
_CHAT = 'kind = "chat"\nmodel = "none"\nendpoint = "benchmark"\nbase_url = "{url}"'
_MEGABYTE = 1024 * 1024 if sys.platform == "darwin" else 1024
"""In the unit of `ru_maxrss`, which is not the same everywhere."""


class Failed(Exception):
    """A client or the endpoint did not do its work; the message says which, and what it said."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one client did at one latency; `README.md` says more."""

    client: str
    latency_ms: float
    wall_s: float
    """From the first request to the end of the last, as the endpoint saw it."""
    ideal_s: float
    cpu_s: float
    """User and system time for 1,000 episodes, the start included."""
    peak_mb: float
    first_s: float
    """From the start of the process to its first request."""
    per_s: float
    """Episodes a second between the first request and the last."""
    calls: float
    at_once: float
    """Most requests at once."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is to do."""

    episodes: int
    in_flight: int

    def ideal_s(self, latency_ms: float) -> float:
        """Return the seconds it takes if `in_flight` calls wait at all times."""
        return self.episodes * CALLS * latency_ms / 1000 / self.in_flight


def command(client: str, url: str, size: Size, folder: Path) -> list[str]:
    """Return what starts a client, with its files in the folder; an older database goes."""
    counts = ["--episodes", str(size.episodes), "--in-flight", str(size.in_flight)]
    if client != LYCEUM:
        script = {BARE: "bare.py", PLAIN: "plain_langgraph.py"}[client]
        return [str(HERE / script), url, *counts]
    config, database = folder / "run.toml", folder / "lyceum.db"
    for old in folder.glob(f"{database.name}*"):
        old.unlink()
    config.write_text(_CONFIG.format(chat=_CHAT.format(url=url)), encoding="utf-8")
    run = str(HERE.parent / "run.py")
    return [run, "generate", str(config), "--db", str(database), "--json", *counts]


def measure(client: str, arguments: list[str], url: str, latency_ms: float, size: Size) -> Figures:
    """Run a client to its end and return its figures.

    Raises:
        Failed: it did not end well, or other calls were answered than the job needs.
    """
    asked(url, "POST", "/reset")
    started = time.time()
    used = ended(client, arguments)
    stats = asked(url, "GET", "/stats")
    if stats["answered"] != size.episodes * CALLS:
        raise Failed(
            f"{client}: {stats['answered']} calls were answered, not {size.episodes * CALLS}"
        )
    wall_s = stats["last_at"] - stats["first_at"]
    return Figures(
        client=client,
        latency_ms=latency_ms,
        wall_s=wall_s,
        ideal_s=size.ideal_s(latency_ms),
        cpu_s=(used.ru_utime + used.ru_stime) / size.episodes * 1000,
        peak_mb=used.ru_maxrss / _MEGABYTE,
        first_s=stats["first_at"] - started,
        per_s=size.episodes / wall_s,
        calls=stats["requests"],
        at_once=stats["peak"],
    )


def ended(client: str, arguments: list[str]) -> resource.struct_rusage:
    """Run a Python program on the first core; return what it used once it has ended.

    Raises:
        Failed: its exit code is not 0; the message ends with the last lines that it wrote.
    """
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            [sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=said
        )
        _keep_on_core(process.pid, 0)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            last = " | ".join(said.read().splitlines()[-3:])
            raise Failed(f"{client}: exit code {process.returncode}: {last}")
    return used


@contextlib.contextmanager
def serving(latency_ms: float, *more: str) -> Iterator[str]:
    """Run the endpoint on the last core, with more options if need be; yield its base URL.

    Raises:
        Failed: it did not start.
    """
    options = ["--port", "0", "--latency", str(latency_ms / 1000), *more]
    with subprocess.Popen(
        [sys.executable, str(HERE / "endpoint.py"), *options], stdout=subprocess.PIPE, text=True
    ) as process:
        _keep_on_core(process.pid, -1)
        try:
            url = process.stdout.readline().strip() if process.stdout else ""
            if not url:
                raise Failed("the endpoint did not start; run benchmarks/endpoint.py to see why")
            yield url
        finally:
            process.terminate()


def asked(url: str, method: str, path: str) -> Json:
    """Return what the endpoint says at a path of its root.

    Raises:
        Failed: nobody is there, or it is not `endpoint.py`.
    """
    connection = http.client.HTTPConnection(url.split("/")[2], timeout=10)
    with contextlib.closing(connection):
        try:
            connection.request(method, path)
            said: Json = json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Failed(f"{url}: is no benchmarks/endpoint.py that answers ({error})") from error
    return said


def _keep_on_core(pid: int, place: int) -> None:
    """Keep a process on one of the cores that there are, where that can be done."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(pid, {sorted(os.sched_getaffinity(0))[place]})

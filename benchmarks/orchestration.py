"""What the orchestration costs: `run.py generate` on an endpoint without a model, beside a floor.

    python benchmarks/orchestration.py --times 3
    python benchmarks/orchestration.py --latency-ms 200 --profile
    python benchmarks/orchestration.py --episodes 2000 --long 50000

What a newcomer gets wrong: seconds mean little on another machine, or on this one tomorrow; the
ratios to the floor, which is measured in the same minute, mean more. `README.md` beside this says
what each figure is.
"""

import argparse
import contextlib
import importlib.util
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import saved
from measuring import (
    BARE,
    HERE,
    LYCEUM,
    PLAIN,
    Failed,
    Figures,
    Json,
    Size,
    command,
    measure,
    serving,
)
from rich.console import Console
from tables import Page

err = Console(stderr=True)
COMPARED = {
    "wall_s": "wall",
    "cpu_s": "CPU",
    "x_bare": "CPU x bare",
    "peak_mb": "peak memory",
    "first_s": "first request",
}
"""What of the figures is compared with saved ones."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What is measured, and how often."""

    size: Size
    times: int
    keep: Path | None
    """Where the last run's files are left. None: nowhere."""

    def figures(self, url: str, latency_ms: float) -> Iterator[Figures]:
        """Yield each client's median figures; the clients take turns."""
        clients = [LYCEUM, BARE]
        if importlib.util.find_spec("langchain_openai"):
            clients.append(PLAIN)
        found: dict[str, list[Figures]] = {client: [] for client in clients}
        for turn in range(1, self.times + 1):
            for client in clients:
                what = f"{client} at {latency_ms:g} ms, {turn} of {self.times}"
                with self._told(what, latency_ms), self._room() as folder:
                    arguments = command(client, url, self.size, folder)
                    found[client].append(measure(client, arguments, url, latency_ms, self.size))
        yield from map(median, found.values())

    def long(self, url: str, episodes: int) -> Figures:
        """Return the figures of one run of this length without latency, for its memory."""
        size = Size(episodes, self.size.in_flight)
        with self._told(f"{LYCEUM} with {episodes} episodes", 0.0), self._room() as folder:
            return measure(LYCEUM, command(LYCEUM, url, size, folder), url, 0.0, size)

    def profile(self, url: str, latency_ms: float) -> Json:
        """Run the program once more under the sampler and return what that found."""
        what = f"{LYCEUM} at {latency_ms:g} ms, under the sampler"
        with self._told(what, latency_ms), self._room() as folder:
            path = folder / "sampled.json"
            sampler = [str(HERE / "sampled.py"), str(path)]
            arguments = sampler + command(LYCEUM, url, self.size, folder)
            cpu_s = measure(LYCEUM, arguments, url, latency_ms, self.size).cpu_s
            found: Json = json.loads(path.read_text(encoding="utf-8"))
        whole = cpu_s * self.size.episodes / 1000 - found["sums_s"]
        sampled = sum(found["places"].values())
        found["places"]["python, before the program"] = found["before_s"]
        found["places"]["python, after the program"] = whole - sampled - found["before_s"]
        return {**found, "latency_ms": latency_ms, "cpu_s": whole, "episodes": self.size.episodes}

    def _told(self, what: str, latency_ms: float) -> contextlib.AbstractContextManager[object]:
        """Say on stderr what goes on; on a terminal something moves meanwhile."""
        line = f"{what} (about {self.size.ideal_s(latency_ms) + 3:.0f} s)"
        if err.is_terminal:
            return err.status(line, refresh_per_second=2)
        err.print(line, soft_wrap=True)
        return contextlib.nullcontext()

    @contextlib.contextmanager
    def _room(self) -> Iterator[Path]:
        """Lend a folder for a run's files."""
        if self.keep is None:
            with tempfile.TemporaryDirectory(prefix="lyceum-benchmark-") as folder:
                yield Path(folder)
            return
        self.keep.mkdir(parents=True, exist_ok=True)
        yield self.keep


def median(runs: list[Figures]) -> Figures:
    """Return one client's figures, each of them the median of its runs."""
    names = [field.name for field in fields(Figures) if field.name != "client"]
    middle = {name: statistics.median(getattr(run, name) for run in runs) for name in names}
    return Figures(client=runs[0].client, **middle)


def with_ratios(found: list[Figures]) -> list[Json]:
    """Return figures as plain data, each with its CPU time by that of the floor beside it."""
    floors = {one.latency_ms: one.cpu_s for one in found if one.client == BARE}
    return [asdict(one) | {"x_bare": one.cpu_s / floors[one.latency_ms]} for one in found]


def run(given: argparse.Namespace) -> None:
    """Measure, print, and write what the command line asks for."""
    then = saved.read(given.against)
    bench = Bench(Size(given.episodes, given.in_flight), given.times, given.keep)
    found: list[Figures] = []
    profiles: list[Json] = []
    memory: dict[str, float] = {}
    for latency_ms in given.latency_ms:
        with contextlib.ExitStack() as stack:
            url = given.endpoint or stack.enter_context(serving(latency_ms))
            found += bench.figures(url, latency_ms)
            if given.profile:
                profiles.append(bench.profile(url, latency_ms))
    if given.long:
        with serving(0.0) as url:
            sizes = (given.episodes, given.long)
            memory = {str(size): bench.long(url, size).peak_mb for size in sizes}
    page = Page(Console(width=None if sys.stdout.isatty() else 160))
    page.figures(found, bench.size)
    if PLAIN not in {one.client for one in found}:
        err.print(f"left out: {PLAIN}, because langchain-openai is not installed", soft_wrap=True)
    if memory:
        page.memory(memory)
    for profile in profiles:
        latency_ms = profile["latency_ms"]
        like = next(f for f in found if (f.client, f.latency_ms) == (LYCEUM, latency_ms))
        page.profile(profile, like)
    figures = with_ratios(found)
    if then:
        page.console.print(saved.against(figures, then, ("latency_ms", "client"), COMPARED))
    saved.write(
        given.json, figures, **asdict(bench.size), times=bench.times, profiles=profiles,
        memory_mb=memory,
    )  # fmt: skip


def arguments() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--episodes", type=int, default=500)
    parser.add_argument("--in-flight", type=int, default=64, help="calls at once")
    parser.add_argument("--latency-ms", type=float, nargs="+", default=[200.0, 0.0])
    parser.add_argument("--times", type=int, default=1, help="measure so often; medians are shown")
    parser.add_argument("--profile", action="store_true", help="where the CPU time goes")
    parser.add_argument("--long", type=int, metavar="N", help="peak memory of N episodes as well")
    saved.options(parser)
    parser.add_argument("--endpoint", metavar="URL", help="a benchmarks/endpoint.py that runs")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave the last database here")
    given = parser.parse_args()
    if given.profile and sys.platform != "linux":
        parser.error("--profile: needs Linux, where each thread's CPU time can be read")
    if given.endpoint and len(given.latency_ms) > 1:
        parser.error("--endpoint: say with one --latency-ms how it was started")
    return given


if __name__ == "__main__":
    try:
        run(arguments())
    except Failed as error:
        sys.exit(f"orchestration.py: {error}")
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"orchestration.py: {error}; check the arguments")

"""What an endpoint that fails costs: the same job without faults and with them, side by side.

    python benchmarks/faults.py                          # 2,000 episodes without faults and with
    python benchmarks/faults.py --capped 16              # and where only 16 calls are let in
    python benchmarks/faults.py --episodes 300 --json faults.json

What a newcomer gets wrong: a fault strikes a conversation once, so every request beyond the needed
ones is either the retry of one fault, or one too many. `README.md` beside this says what each
figure is.
"""

import argparse
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import saved
from measuring import CALLS, LYCEUM, Failed, Json, Size, asked, command, ended, serving
from rich import box
from rich.console import Console
from rich.table import Table

SHARES = {"fail429": 0.05, "fail500": 0.05, "garbage": 0.05, "hang": 0.01}
KINDS = ("429", "500", "garbage", "hung")
MOST = 0.95
"""Share of the episodes after whose end the rest is left out: what hung last waits alone."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one run came to."""

    name: str
    in_flight: int
    episodes: int
    well: int
    """Episodes that ended as accepted or rejected: neither failed nor unscored."""
    requests: int
    answered: int
    struck: dict[str, int]
    """Requests that met a fault, by kind; those turned away at a cap count as 429."""
    wall_s: float
    """From the first request to the end of the last, as the endpoint saw it."""
    most_s: float
    """From the first request until 95 % of the episodes had their last answer on disk."""
    at_once: int

    @property
    def beyond(self) -> int:
        """Requests beyond those that the job needs without faults."""
        return self.requests - CALLS * self.episodes

    @property
    def per_s(self) -> float:
        """Episodes a second, over all of the wall."""
        return self.episodes / self.wall_s

    @property
    def most_per_s(self) -> float:
        """Episodes a second until 95 % had ended."""
        return MOST * self.episodes / self.most_s


def measured(name: str, size: Size, given: argparse.Namespace, *options: str) -> Found:
    """Do the job once against an endpoint with these options.

    Raises:
        Failed: the program or the endpoint did not end well.
    """
    with tempfile.TemporaryDirectory(prefix="lyceum-faults-") as folder:
        with serving(given.latency_ms, *options) as url:
            more = f"timeout_s = {given.timeout_s}"
            ended(LYCEUM, command(LYCEUM, url, size, Path(folder), more))
            stats = asked(url, "GET", "/stats")
        well, most_at = _stored(Path(folder) / "lyceum.db", size.episodes)
    return Found(
        name=name,
        in_flight=size.in_flight,
        episodes=size.episodes,
        well=well,
        requests=stats["requests"],
        answered=stats["answered"],
        struck={kind: stats[kind] for kind in KINDS},
        wall_s=stats["last_at"] - stats["first_at"],
        most_s=most_at - stats["first_at"],
        at_once=stats["peak"],
    )


def _stored(path: Path, episodes: int) -> tuple[int, float]:
    """Return how many episodes ended well, and when 95 % of all had their last answer on disk."""
    with closing(sqlite3.connect(path)) as db:
        [[well]] = db.execute(
            "SELECT count(*) FROM trajectories WHERE status IN ('accepted', 'rejected')"
        )
        last = db.execute(
            "SELECT max(model_calls.created_at) FROM trajectories "
            "JOIN calls_used ON calls_used.trajectory_id = trajectories.id "
            "JOIN model_calls USING (request_digest) GROUP BY trajectories.id ORDER BY 1"
        ).fetchall()
    at = last[min(round(MOST * episodes), len(last)) - 1][0]
    return well, datetime.fromisoformat(at).timestamp()


def runs(given: argparse.Namespace) -> Iterator[Found]:
    """Yield what each run came to, the one to compare with before the others."""
    size = Size(given.episodes, given.in_flight)
    yield measured("no faults", size, given)
    shares = [part for name, share in SHARES.items() for part in (f"--{name}", str(share))]
    yield measured("faults", size, given, *shares)
    if given.capped:
        fits = Size(given.episodes, given.capped)
        yield measured(f"no faults, {given.capped} in flight", fits, given)
        cap = ("--max-in-flight", str(given.capped))
        yield measured(f"{given.capped} let in at once", size, given, *cap)


def show(found: list[Found], timeout_s: float, console: Console) -> None:
    """Print a line for each run."""
    look = box.SIMPLE_HEAD if console.is_terminal else box.MARKDOWN
    first = found[0]
    title = f"{first.episodes} episodes of {CALLS} calls, {first.in_flight} in flight"
    table = Table(title=title, title_justify="left", box=look)
    table.add_column("run", overflow="fold")
    names = ("ended well", "requests", "beyond needed", "faults", *KINDS, "wall s", "episodes/s")
    for name in (*names, "x no faults", "up to 95 %", "x no faults", "at once"):
        table.add_column(name, justify="right")
    for one in found:
        table.add_row(
            *(one.name, f"{one.well}", f"{one.requests}", f"{one.beyond}"),
            *(f"{sum(one.struck.values())}", *(f"{one.struck[kind]}" for kind in KINDS)),
            *(f"{one.wall_s:.2f}", f"{one.per_s:.1f}", f"{one.per_s / first.per_s:.2f}"),
            *(f"{one.most_per_s:.1f}", f"{one.most_per_s / first.most_per_s:.2f}"),
            f"{one.at_once}",
        )
    console.print(table)
    console.print(
        f"Faults strike {', '.join(f'{share:.0%} {name}' for name, share in SHARES.items())}; "
        f"a call that hangs times out after {timeout_s:g} s. Up to 95 %: episodes a second from "
        "the first request until 95 % of the episodes had their last answer on disk, by its time "
        "in the database; what hung last waits out its timeout alone after that.",
        soft_wrap=True,
    )


def wrong(found: list[Found]) -> list[str]:
    """Return what does not hold, a line each: an episode lost, a call more than a retry needs."""
    lost = [f"{one.name}: {one.episodes - one.well} episodes did not end well" for one in found]
    more = [f"{one.name}: {one.beyond - sum(one.struck.values())} calls too many" for one in found]
    return [
        *(line for line, one in zip(lost, found, strict=True) if one.well < one.episodes),
        *(
            line
            for line, one in zip(more, found, strict=True)
            if one.beyond > sum(one.struck.values())
        ),
    ]


def run(given: argparse.Namespace) -> int:
    """Measure, print, and write what the command line asks for; return the exit code."""
    then, found = saved.read(given.against), list(runs(given))
    page = Console(width=None if sys.stdout.isatty() else 200)
    show(found, given.timeout_s, page)
    figures: list[Json] = [
        asdict(one) | {"beyond": one.beyond, "per_s": one.per_s, "most_per_s": one.most_per_s}
        for one in found
    ]
    if then:
        numbers = {"beyond": "beyond needed", "per_s": "episodes/s", "most_per_s": "up to 95 %"}
        page.print(saved.against(figures, then, ("name",), numbers))
    saved.write(given.json, figures, latency_ms=given.latency_ms)
    problems = wrong(found)
    for line in problems:
        print(f"faults.py: {line}", file=sys.stderr)
    return 1 if problems else 0


def arguments() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--episodes", type=int, default=2000)
    parser.add_argument("--in-flight", type=int, default=64, help="calls at once")
    parser.add_argument("--latency-ms", type=float, default=200.0)
    parser.add_argument("--timeout-s", type=float, default=10.0, help="of a call that hangs")
    parser.add_argument(
        "--capped", type=int, default=0, metavar="N", help="also where only N calls are let in"
    )
    saved.options(parser)
    return parser.parse_args()


if __name__ == "__main__":
    try:
        sys.exit(run(arguments()))
    except Failed as error:
        sys.exit(f"faults.py: {error}")
    except (OSError, ValueError, KeyError, IndexError) as error:
        sys.exit(f"faults.py: {error}; check the arguments")

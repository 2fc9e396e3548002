"""Figures and profiles -> tables for a person."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from killed import Found
from measuring import BARE, CALLS, LYCEUM, Figures, Json, Size
from rich import box
from rich.console import Console
from rich.table import Table

_SHOWN, _LINES = 0.005, 25
"""Least share of the time that a line of a profile has, and most lines."""


@dataclass(frozen=True, slots=True)
class Page:
    """Where tables are printed: with lines on a terminal, as Markdown everywhere else."""

    console: Console

    def figures(self, found: list[Figures], size: Size) -> None:
        """Print the figures, a client a line, with ratios to the floor at the same latency."""
        table = self._table(
            f"{size.episodes} episodes of {CALLS} calls, {size.in_flight} in flight",
            ["latency", "client"],
            [
                *("wall s", "x ideal", "episodes/s", "CPU-s per 1,000", "x bare", "peak MB"),
                *("first request s", "calls", "at once"),
            ],
        )
        floors = {one.latency_ms: one for one in found if one.client == BARE}
        for one in found:
            ideal = f"{one.wall_s / one.ideal_s:.2f}" if one.ideal_s else "-"
            ratio = f"{one.cpu_s / floors[one.latency_ms].cpu_s:.1f}"
            table.add_row(
                *(f"{one.latency_ms:g} ms", one.client),
                *(f"{one.wall_s:.2f}", ideal, f"{one.per_s:.0f}"),
                *(f"{one.cpu_s:.2f}", ratio, f"{one.peak_mb:.0f}"),
                *(f"{one.first_s:.2f}", f"{one.calls:g}", f"{one.at_once:g}"),
            )
        self.console.print(table)

    def memory(self, peaks: dict[str, float]) -> None:
        """Print the most memory that runs of ours of several lengths had, shortest first."""
        table = self._table(
            f"peak memory of {LYCEUM} by length, without latency",
            [],
            ["episodes", "peak MB", "x the shortest"],
        )
        shortest = next(iter(peaks.values()))
        for episodes, peak_mb in peaks.items():
            table.add_row(episodes, f"{peak_mb:.0f}", f"{peak_mb / shortest:.2f}")
        self.console.print(table)

    def kills(self, found: list[Found], episodes: int) -> None:
        """Print what came of killed runs, a configuration a line."""
        table = self._table(
            f"runs of {episodes} episodes, killed at random moments",
            ["configuration"],
            [
                *("in flight", "kills", "runs", "episodes lost", "rows twice"),
                *("asked again per kill", "at most", "calls beyond", "same digest and bytes"),
            ],
        )
        for one in found:
            table.add_row(
                *(one.case, f"{one.in_flight}", f"{one.kills}", f"{one.runs}"),
                *(f"{one.lost}", f"{one.twice}", f"{one.mean:.1f}", f"{one.most}"),
                *(f"{one.beyond}", "no" if one.wrong else "always"),
            )
        self.console.print(table)

    def profile(self, found: Json, unprofiled: Figures) -> None:
        """Print where the CPU time goes, and what to think of such figures."""
        title = f"CPU time of {LYCEUM} at {found['latency_ms']:g} ms"
        for heading, seconds in (
            ("by package", found["places"]),
            ("by function of ours, with all that it calls", found["functions"]),
        ):
            table = self._table(f"{title} {heading}", ["where"], ["share", "ms per episode"])
            for row in islice(_rows(seconds, found["cpu_s"], found["episodes"]), _LINES):
                table.add_row(*row)
            self.console.print(table)
        change = found["cpu_s"] / found["episodes"] * 1000 / unprofiled.cpu_s - 1
        self.console.print(
            f"{found['samples']} samples of CPU time, none while it waits; of 1,000 samples, a "
            "share of 10 % is 8 to 12 %. Time in C code stands under the Python function that "
            f"called it. Under the sampler the whole took {change:+.0%} CPU, noise included.",
            soft_wrap=True,
        )

    def _table(self, title: str, texts: list[str], numbers: list[str]) -> Table:
        look = box.SIMPLE_HEAD if self.console.is_terminal else box.MARKDOWN
        table = Table(title=title, title_justify="left", box=look)
        for name in texts:
            table.add_column(name, overflow="fold")
        for name in numbers:
            table.add_column(name, justify="right")
        return table


def _rows(seconds: dict[str, float], whole: float, episodes: int) -> Iterator[tuple[str, str, str]]:
    """Yield name, share and milliseconds per episode of what is worth a line, dearest first."""
    for name, spent in sorted(seconds.items(), key=lambda item: -item[1]):
        if spent >= whole * _SHOWN:
            yield name, f"{spent / whole:.1%}", f"{spent / episodes * 1000:.2f}"

"""A run while it runs: a bar on a terminal, and nothing anywhere else (there the log has lines)."""

from collections import Counter
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

_COUNTS = (
    "[green]{task.fields[accepted]} accepted[/] [red]{task.fields[rejected]} rejected[/] "
    "{task.fields[others]}{task.fields[rate]}/s{task.fields[forecast]}"
)


class Bar:
    """Counts what ends, with rate and time left.

    Args:
        console: Where it is drawn; a console that is no terminal draws nothing.
        total: How many there are to be.
        done: How many of each status ended before.
    """

    def __init__(self, console: Console, total: int, done: dict[str, int]) -> None:
        self._counts = Counter(done)
        self._before = self._counts.total()
        self._forecast = ""
        self._progress = Progress(
            BarColumn(bar_width=12),
            MofNCompleteColumn(),
            TextColumn(_COUNTS),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task(
            "", total=total, completed=self._before, **self._fields(0.0)
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def count(self, status: str) -> None:
        """Count one more that ended."""
        self._counts[status] += 1
        elapsed = self._progress.tasks[0].elapsed or 0.0
        rate = (self._counts.total() - self._before) / elapsed if elapsed else 0.0
        self._progress.update(self._task, advance=1, **self._fields(rate))

    def forecast(self, words: str) -> None:
        """Show from the next count on what the run is forecast to come to."""
        self._forecast = f", {words}" if words else ""

    def _fields(self, rate: float) -> dict[str, Any]:
        counts = self._counts
        others = "".join(f"{counts[s]} {s} " for s in ("unscored", "failed") if counts[s])
        fields = {"accepted": counts["accepted"], "rejected": counts["rejected"]}
        return fields | {"others": others, "rate": f"{rate:.1f}", "forecast": self._forecast}

"""A run while it runs, for whoever did not begin it: a panel on a terminal, lines anywhere else.

What a newcomer gets wrong: who follows a run only reads. Ctrl-C ends the following and not the run,
and a run that nobody works on is shown once, as what it is.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pydantic import JsonValue
from rich.console import Console
from rich.live import Live

from storage.errors import Missing
from storage.queries import Reader
from storage.report.clean import shown
from storage.report.panel import SAID, as_data, in_a_line, panel
from storage.report.text import SHORT
from storage.report.watching import Seen, Watch

LOOK_S: Final = 1.0
"""Seconds between two looks."""
LINE_S: Final = 5.0
"""Least seconds between two lines, where there is no terminal."""


@dataclass(frozen=True, slots=True)
class Followed:
    """How following came to its end."""

    ending: Literal["ended", "unfinished", "left", "taken back"]
    """"left": by Ctrl-C, while the run goes on."""
    plain: dict[str, JsonValue]
    """What was seen last, for a program."""


def follow(
    path: Path, ref: str | None, console: Console, *, look_s: float = LOOK_S, line_s: float = LINE_S
) -> Followed:
    """Show how a run goes until it has ended, nobody works on it, or Ctrl-C.

    Args:
        path: The database.
        ref: The run's id, or the beginning of it. None: the latest.
        console: Where it is shown; one that is no terminal gets a line when something has changed.
        look_s: Seconds between two looks.
        line_s: Least seconds between two lines.

    Raises:
        StorageError: there is no such database or run, or it cannot be read.
    """
    with Reader.open(path) as reader:
        run = reader.run(ref) if ref else reader.latest_run()
        shows = _Panel(console) if console.is_terminal else _Lines(console, line_s)
        ending: Literal["ended", "unfinished", "left", "taken back"] = "left"
        seen: Seen | None = None
        try:
            with shows:
                for seen in _looks(Watch(reader, run.id), look_s):
                    shows.show(seen)
                    ending = "left" if seen.state == "running" else seen.state
        except KeyboardInterrupt:
            ending = "left"
        except Missing:
            ending = "taken back"
        console.print(shown(f"run {run.id[:SHORT]} {SAID[ending]}"), soft_wrap=True)
        return Followed(ending, {"run_id": run.id, "ending": ending, **as_data(seen)})


def _looks(watch: Watch, look_s: float) -> Iterator[Seen]:
    """Yield what is seen, the last of it when there is nothing more to wait for."""
    while True:
        seen = watch.look()
        yield seen
        if seen.state != "running":
            return
        time.sleep(look_s)


class _Panel:
    """Draws over what it drew before."""

    def __init__(self, console: Console) -> None:
        self._console = console
        # Without a thread of its own: what is drawn changes only when somebody looked.
        self._live = Live(console=console, auto_refresh=False, vertical_overflow="crop")

    def __enter__(self) -> None:
        self._live.__enter__()

    def __exit__(self, *error: object) -> None:
        self._live.stop()

    def show(self, seen: Seen) -> None:
        """Draw what is seen now."""
        self._live.update(panel(seen, self._console.height), refresh=True)


class _Lines:
    """Prints a line when something has changed, and not more often than it may."""

    def __init__(self, console: Console, line_s: float) -> None:
        self._console, self._line_s = console, line_s
        self._said, self._at = "", -line_s

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        pass

    def show(self, seen: Seen) -> None:
        """Print what is seen now, if it is news."""
        line, now = in_a_line(seen), time.monotonic()
        due = now - self._at >= self._line_s or seen.state != "running"
        if due and line != self._said:
            self._console.print(shown(line), soft_wrap=True)
            self._said, self._at = line, now

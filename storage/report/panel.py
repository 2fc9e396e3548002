"""How a run that is followed is drawn: as a panel, as a line, and as plain data.

What a newcomer gets wrong: every text of it was written by models and strangers, reasons and kinds
of errors included, so all of it passes through `clean`.
"""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Final

from pydantic import JsonValue
from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from storage.report.clean import one_line, shown
from storage.report.conversation import STYLES
from storage.report.text import SHORT
from storage.report.watching import Seen, State

_NAME: Final = 24
"""Most characters of a skill's name."""
_AROUND: Final = 11
"""How many lines of the panel are not trajectories."""
SAID: Final[dict[str, str]] = {
    "running": "running",
    "ended": "has ended",
    "unfinished": "is unfinished, and nobody works on it; `generate` goes on with it",
    "left": "no longer followed; it goes on",
    "taken back": "was taken back, for nothing came of it; its own window says why",
}
"""How a run stands, or how following it came to its end, in words."""


_SHADES: Final[dict[State, str]] = {
    "running": "green",
    "ended": "bold",
    "unfinished": "yellow",
}


def panel(seen: Seen, height: int) -> Group:
    """Return what a terminal of so many lines shows of a run."""
    room = max(height - _AROUND, 1)
    parts: list[RenderableType] = [_title(seen), _bar(seen), Text(), _facts(seen)]
    if seen.newest:
        parts += [Text(), _newest(seen, room)]
    return Group(*parts)


def in_a_line(seen: Seen) -> str:
    """Return what is seen of a run on one line."""
    sums = seen.sums
    statuses = ("accepted", "rejected", "unscored", "failed")
    counts = ", ".join(f"{n} {name}" for name in statuses if (n := getattr(sums, name)))
    parts = [f"{sums.episodes} of {seen.run.episodes} episodes", counts]
    parts += [f"{name} {value}" for name, value in _figures(seen)]
    if seen.errors:
        parts.append(f"not answered {_counted(seen.errors)}")
    return one_line("; ".join(part for part in parts if part), 500)


def _title(seen: Seen) -> Text:
    line = Text(f"run {seen.run.id[:SHORT]}  ", style="bold")
    line.append(SAID[seen.state], style=_SHADES[seen.state])
    if seen.run.ended and seen.run.ended != "complete":
        line.append(f": {one_line(seen.run.ended)}", style="not bold")
    return line


def _bar(seen: Seen) -> Table:
    sums, total = seen.sums, max(seen.run.episodes, 1)
    grid = Table.grid(padding=(0, 1))
    counts = Text(f"{sums.episodes} of {seen.run.episodes}")
    for status, style in STYLES.items():
        if number := getattr(sums, status):
            counts.append(f"  {number} {status}", style=style)
    grid.add_row(ProgressBar(total=total, completed=sums.episodes, width=20), counts)
    return grid


def _facts(seen: Seen) -> Table:
    grid = Table.grid(padding=(0, 2))
    for name, value in _figures(seen):
        grid.add_row(Text(name, style="bold"), shown(value))
    sums = seen.sums
    if sums.reasons:
        grid.add_row(Text("not accepted", style="bold"), shown(_counted(sums.reasons)))
    if seen.errors:
        grid.add_row(Text("not answered", style="bold"), shown(_counted(seen.errors), "magenta"))
    return grid


def _figures(seen: Seen) -> Iterator[tuple[str, str]]:
    """Yield what is known of pace, yield, money and calls, by name."""
    sums, pulse = seen.sums, seen.pulse
    if seen.rate is not None:
        left = "" if seen.left_s is None else f", about {_span(seen.left_s)} left"
        yield "rate", f"{seen.rate:.2f}/s{left}"
    if seen.accepted_share is not None:
        yield "yield", f"{seen.accepted_share:.0%}"
    if sums.model_calls:
        known = sums.unpriced < sums.model_calls
        expected = pulse.forecast_usd if pulse and seen.fresh else None
        # More may be paid by now than the pulse expected.
        whole = "" if expected is None else f", about ${max(expected, sums.cost_usd):.4g} in all"
        yield "cost", f"${sums.cost_usd:.4g}{whole}" if known else "not known"
        yield "tokens", f"{sums.tokens_in} in, {sums.tokens_out} out"
        hits = f", {sums.journal_hits} from the journal" if sums.journal_hits else ""
        yield "calls", f"{sums.model_calls} made{hits}"
    if pulse is not None and seen.fresh:
        yield "in flight", f"{pulse.in_flight} calls, {pulse.open} episodes open"


def _newest(seen: Seen, room: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    skill = max(len(one_line(item.skill, _NAME)) for item, _ in seen.newest)
    for name, width in (("n", 5), ("skill", skill), ("level", 5), ("why", None)):
        table.add_column(name, no_wrap=True, overflow="ellipsis", min_width=width)
    for item, reason in seen.newest[:room]:
        cells = (str(item.n), one_line(item.skill, _NAME), str(item.level), one_line(reason))
        table.add_row(*(shown(each) for each in cells), style=STYLES[item.status])
    return table


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{times} {one_line(name, 40)}" for name, times in counts.items() if times)


def _span(seconds: float) -> str:
    """Return a length of time in the unit that fits it."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def as_data(seen: Seen | None) -> dict[str, JsonValue]:
    """Return what was seen as plain data."""
    if seen is None:
        return {}
    sums: dict[str, JsonValue] = {
        name: value for name, value in asdict(seen.sums).items() if name != "skills"
    }
    pulse: JsonValue = asdict(seen.pulse) if seen.pulse else None
    newest: list[JsonValue] = [asdict(item) | {"why": said} for item, said in seen.newest]
    return {
        "state": seen.state,
        "ended": seen.run.ended,
        "of": seen.run.episodes,
        **sums,
        "rate": seen.rate,
        "left_s": seen.left_s,
        "errors": dict(seen.errors),
        "pulse": pulse,
        "newest": newest,
    }

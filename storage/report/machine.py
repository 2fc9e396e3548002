"""What `doctor` prints: what works on this machine, what does not, and what would mend it."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

Plain = Mapping[str, Any]
_FIRST = "runs the programs of attempts"
_SPARE = "is usable too"


def machine_page(
    abilities: Sequence[Plain], sandboxes: Sequence[Plain]
) -> tuple[RenderableType, ...]:
    """Return the page.

    Args:
        abilities: Each with `name`, `works`, `about` and `remedy`.
        sandboxes: In order of preference, each with `sandbox`, `usable`, `why`, `start_ms` and
            `attacks`, of which each has `attack`, `held` and `evidence`.
    """
    table = Table(box=box.SIMPLE_HEAD, show_header=False, pad_edge=False)
    for justify in ("left", "left", "left"):
        table.add_column(justify=justify, overflow="fold")
    for ability in abilities:
        table.add_row(*_row(ability["name"], ability["works"], ability["about"], ability["remedy"]))
    used = next((each["sandbox"] for each in sandboxes if each["usable"]), None)
    for each in sandboxes:
        about = _held(each) if each["usable"] else "no programs of attempts are run in it"
        if each["usable"]:
            about = f"{_FIRST if each['sandbox'] == used else _SPARE}; {about}"
        name = f"sandbox {each['sandbox']}"
        table.add_row(*_row(name, each["usable"], about, each["why"]))
    if used is None:
        line = "No sandbox works here: lessons of the verifier `code` are refused on this machine."
        return (table, Text(line, style="bold"))
    return (table,)


def _row(name: str, works: bool, about: str, remedy: str) -> tuple[Text, Text, Text]:
    mark = Text("yes", style="green") if works else Text("no", style="yellow")
    told = Text(about)
    if remedy and not works:
        told.append(f"\n{remedy}", style="dim")
    return Text(name), mark, told


def _held(found: Plain) -> str:
    attacks = found["attacks"][1:]  # the first is an honest program
    held = sum(each["held"] for each in attacks)
    start = f", {found['start_ms']:.0f} ms to start" if found["start_ms"] is not None else ""
    return f"{held} of {len(attacks)} attacks on it held{start}"

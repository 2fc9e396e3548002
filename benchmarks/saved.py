"""Figures in a file: where they were measured, and today's as multiples of them."""

import argparse
import json
import os
import platform
import sqlite3
import sys
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table

Json = dict[str, Any]


def machine() -> Json:
    """Return what is worth knowing about where this was measured."""
    return {
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load_1_min": os.getloadavg()[0],
    }


def options(parser: argparse.ArgumentParser) -> None:
    """Let a benchmark keep its figures, and compare with kept ones."""
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures")
    parser.add_argument("--against", type=Path, metavar="FILE", help="compare with such a file")


def read(path: Path | None) -> list[Json]:
    """Return the figures that a file keeps; none without a file.

    To be read before the work: a wrong name is better told then than after it.
    """
    if path is None:
        return []
    figures: list[Json] = json.loads(path.read_text(encoding="utf-8"))["figures"]
    return figures


def write(path: Path | None, figures: list[Json], **more: object) -> None:
    """Keep figures, with the machine and what else is worth knowing; nothing without a file."""
    if path is not None:
        whole = {**more, "machine": machine(), "figures": figures}
        path.write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")


def against(
    figures: list[Json], saved: list[Json], keys: tuple[str, ...], numbers: dict[str, str]
) -> Table:
    """Return today's figures as multiples of saved ones, where the same was measured.

    Args:
        figures: Today's.
        saved: Then's.
        keys: Fields that say what was measured.
        numbers: Heading of each column, by the field that it is about.
    """
    look = box.SIMPLE_HEAD if sys.stdout.isatty() else box.MARKDOWN
    table = Table(title="now / then", title_justify="left", box=look)
    for name in keys:
        table.add_column(name.removesuffix("_ms"), overflow="fold")
    for heading in numbers.values():
        table.add_column(heading, justify="right")
    then = {tuple(one[key] for key in keys): one for one in saved}
    for one in figures:
        known = tuple(one[key] for key in keys)
        if known in then:
            was = then[known]
            cells = (f"{one[n] / was[n]:.2f}" if was.get(n) else "-" for n in numbers)
            table.add_row(*map(str, known), *cells)
    return table

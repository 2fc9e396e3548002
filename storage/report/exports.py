"""What an export tells when it is done: how many examples, and what became of every attempt."""

from pathlib import Path

from pydantic import JsonValue
from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from storage.export.account import Account
from storage.export.exported import Exported
from storage.report.clean import shown
from storage.report.pages import Page


def export_page(made: Exported, path: Path) -> Page:
    """Return what came of an export, for a person and for a program."""
    parts: list[RenderableType] = [shown(f"{made.examples} examples in {path}")]
    for form, account in made.accounts.items():
        if form not in made.lacking:
            parts += [Text(), _account(form, account)]
    parts += [shown(f"left out: {why}", "yellow") for why in made.lacking.values()]
    plain: dict[str, JsonValue] = {
        "examples": made.examples,
        "path": str(path),
        "formats": {form: _plain(account) for form, account in made.accounts.items()},
        "lacking": dict(made.lacking),
    }
    return Page(tuple(parts), plain)


def _account(form: str, account: Account) -> Table:
    """Return what became of the attempts in one format."""
    splits = account.examples.total()
    title = f"{form}: {splits} examples of {account.used} attempts; left out:"
    table = Table(
        title=Text(title, style="bold"), title_justify="left", box=box.SIMPLE, show_header=False
    )
    table.add_column(justify="right")
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for reason, count, words in account.by_reason():
        table.add_row(str(count), reason, words)
    return table


def _plain(account: Account) -> dict[str, JsonValue]:
    return {
        "examples": account.examples.total(),
        "splits": dict(account.examples),
        "attempts": dict(account.attempts),
        "used": account.used,
        "left_out": dict(account.left_out),
    }

"""The options of `inspect` and `review`: what is looked at, and where it is shown."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from storage.records import Status


@dataclass(frozen=True, kw_only=True)
class Serving:
    """Where pages are served."""

    port: Annotated[
        int, typer.Option(min=0, max=65535, help="For the browser; the next free one if taken.")
    ] = 8470
    opens: Annotated[bool, typer.Option("--open/--no-open", help="Open the browser.")] = True


@dataclass(frozen=True, kw_only=True)
class Looking(Serving):
    """What the command line says of an inspection beside what is looked at."""

    status: Annotated[Status | None, typer.Option(help="Only these.")] = None
    skill: Annotated[str | None, typer.Option(help="Only of this skill.")] = None
    limit: Annotated[int, typer.Option(min=1, help="At most so many, newest first.")] = 30
    reasoning: Annotated[bool, typer.Option("--reasoning", help="Unfold the reasoning.")] = False
    follow: Annotated[bool, typer.Option("--follow", help="Follow the run while it runs.")] = False
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write one page that needs no other file.")
    ] = None
    web: Annotated[bool, typer.Option("--web", help="Look at it in the browser.")] = False


@dataclass(frozen=True, kw_only=True)
class Reviewing(Serving):
    """What the command line says of a review beside its database."""

    person: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="Who judges; by default your login.")
    ] = None
    audit: Annotated[
        str | None,
        typer.Option(metavar="N|ID", help="Judge an audit: N accepted attempts, drawn evenly."),
    ] = None
    seed: Annotated[int, typer.Option(min=0, help="What an audit is drawn with.")] = 0
    terminal: Annotated[bool, typer.Option("--terminal", help="Here, one at a time.")] = False

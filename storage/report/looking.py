"""What `inspect` and `review` are asked: their options, and what an inspection shows.

What a newcomer gets wrong: what needs the pages' own room is loaded where it is asked for, so that
`generate` loads none of it.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer
from rich.console import Console

from storage.errors import Unknown
from storage.export.making import Steps
from storage.queries import Reader
from storage.records import Status
from storage.report.follow import follow
from storage.report.pages import Page, list_page, trajectory_page


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

    def require_one_way(self, *, as_json: bool) -> None:
        """Refuse to show one thing in two ways.

        Raises:
            Unknown: more than one is asked for.
        """
        ways = {"--html": self.html, "--web": self.web, "--follow": self.follow}
        ways["--json"] = as_json and not self.follow
        asked = [name for name, given in ways.items() if given]
        if len(asked) > 1:
            raise Unknown(f"{' and '.join(asked)} exclude each other; ask twice")


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


def page_of(ref: str | None) -> str:
    """Return the path of the page that shows what an id names; without one, that of all runs."""
    if ref is None:
        return "/"
    return f"/{'runs' if ref.startswith('r') else 'trajectories'}/{quote(ref, safe='')}"


def look(
    db: Path, ref: str | None, run: str | None, options: Looking, steps: Steps, console: Console
) -> Page:
    """Return what an inspection shows where it was asked for, the browser apart.

    Args:
        db: The database.
        ref: Of a trajectory, a part or an example of it, or a run. None: the list.
        run: The run, or the beginning of its id. None: the latest.
        options: What else was typed.
        steps: Finds the steps of an attempt.
        console: Where a run is followed.

    Raises:
        StorageError: there is no such thing, or the file of a page exists.
    """
    if ref is not None and ref.startswith("r"):
        ref, run = None, ref
    if options.follow and ref is not None:
        raise Unknown(f"--follow {ref!r}: follows a run; name one, or leave it out")
    if options.follow:
        return Page((), follow(db, run, console).plain)
    # Where the locale is not of UTF-8, Python hands words over as bytes in disguise.
    skill = options.skill and os.fsencode(options.skill).decode(errors="replace")
    with Reader.open(db) as reader:
        shown = reader.run(run) if run else reader.latest_run()
        if options.html:
            from storage.report.html.standalone import write  # noqa: PLC0415 - needs its templates

            return Page((write(options.html, reader, ref, shown, steps),), {})
        if ref is not None:
            return trajectory_page(reader, ref, shown, steps, reasoning=options.reasoning)
        return list_page(
            reader,
            shown,
            status=options.status,
            skill=skill,
            limit=options.limit,
            asked=bool(run),
        )

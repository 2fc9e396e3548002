"""One file that needs no other: a trajectory, or a report of a run, to be attached to a message.

What a newcomer gets wrong: it is opened from disk, where no server sends a policy, so the file says
its own: no script at all, nothing loaded from anywhere. Links lead to parts of the same file.
"""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from markupsafe import Markup

from storage.errors import NotWritable
from storage.export.making import Steps
from storage.ids import dataset_digest
from storage.people.acts import acts_of
from storage.queries import Reader
from storage.records import Run
from storage.report.html.drawing.curriculum import drawn
from storage.report.html.page import render, static_files
from storage.report.html.quoted import Room
from storage.report.html.run import run_told
from storage.report.html.skills import curriculum_told
from storage.report.html.trajectory import values
from storage.report.whole import whole
from storage.report.why import why

_STYLES = ("layout.css", "code.css", "trajectory.css")
_STYLES_OF_RUNS = ("layout.css", "drawing.css", "runs.css", "trajectory.css")
NEWEST = 30
"""Trajectories that a report lists."""


def write(path: Path, reader: Reader, ref: str | None, run: Run, steps: Steps) -> str:
    """Write a trajectory, or without one a report of the run; return a line that says so."""
    if ref is None:
        return write_report(path, reader, run)
    return write_trajectory(path, reader, ref, run, steps)


def write_trajectory(path: Path, reader: Reader, ref: str, run: Run, steps: Steps) -> str:
    """Write a trajectory into a new file; return a line that says so.

    Args:
        path: The file.
        reader: Open.
        ref: The trajectory's id, a part's, the beginning of one, or its number in the run.
        run: The run that a number counts in.
        steps: Finds the steps of an attempt.

    Raises:
        StorageError: no trajectory is called so, or several are; or there is such a file, and it
            stays as it is.
        OSError: it cannot be written; nothing is left behind.
    """
    _require_free(path)
    known = whole(reader, reader.trajectory(ref, run_id=run.id), steps)
    found = values(known, steps, Room())
    return _write(path, render("alone_trajectory.html", css=_css(_STYLES), **found))


def write_report(path: Path, reader: Reader, run: Run) -> str:
    """Write a report of a run into a new file; return a line that says so.

    Raises:
        StorageError: there is such a file, and it stays as it is.
        OSError: it cannot be written; nothing is left behind.
    """
    _require_free(path)
    curriculum = curriculum_told(reader, run).values
    # Boxes lead to the list below them, for a file has no other pages.
    nodes = [replace(row["node"], address="#skills") for row in curriculum["rows"]]
    newest = list(reader.trajectories(run.id, limit=NEWEST, newest=True))
    whole = ((reader.trajectory(each.id), acts_of(reader, each.id)) for each in newest)
    found = run_told(reader, run, reader.path).values | {
        "digest": dataset_digest(reader.digests(run.id)),
        "curriculum": curriculum,
        "drawing": drawn(nodes),
        "newest": [(item, why(*known)) for item, known in zip(newest, whole, strict=True)],
    }
    return _write(path, render("alone_run.html", css=_css(_STYLES_OF_RUNS), **found))


def _css(names: tuple[str, ...]) -> Markup:
    """Return the styles of the package, which no data is part of."""
    return Markup("\n".join(static_files()[name].decode() for name in names))


def _require_free(path: Path) -> None:
    if path.exists():
        raise NotWritable(f"{str(path)!r}: exists already, and stays as it is; name another file")


def _write(path: Path, text: str) -> str:
    try:
        file = path.open("xb")
    except FileExistsError as error:
        message = f"{str(path)!r}: exists already, and stays as it is; name another file"
        raise NotWritable(message) from error
    with ExitStack() as undo, file:
        undo.callback(path.unlink, missing_ok=True)
        file.write(text.encode("utf-8", "replace"))
        file.flush()
        undo.pop_all()  # it is whole, and stays
    return f"wrote {path}"

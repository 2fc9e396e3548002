"""What `inspect` shows: a page for a person, and the same as plain data for a program."""

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pydantic import JsonValue
from rich.console import Console, RenderableType

from storage.queries import Reader
from storage.records import Run, Status
from storage.report.conversation import conversation
from storage.report.ending import curriculum
from storage.report.text import run_list, trajectory_list


@dataclass(frozen=True, slots=True)
class Page:
    """One thing, told twice."""

    parts: tuple[RenderableType, ...]
    plain: dict[str, JsonValue]


def trajectory_page(reader: Reader, ref: str, run: Run, *, reasoning: bool = False) -> Page:
    """Return a trajectory as a conversation, with every model call under what it made.

    Args:
        reader: Open.
        ref: Its id, the beginning of it, or its number in the run.
        run: The run that a number counts in.
        reasoning: Whether reasoning is shown whole.

    Raises:
        StorageError: no trajectory is called so, or several are.
    """
    trajectory = reader.trajectory(ref, run_id=run.id)
    calls, errors = reader.calls(trajectory.id), reader.errors(trajectory.id)
    plain = trajectory.model_dump(mode="json")
    plain["calls"] = [
        used.call.model_dump(mode="json") | {"site": used.site.model_dump(mode="json")}
        for used in calls
    ]
    return Page((conversation(trajectory, calls, errors, reasoning=reasoning),), plain)


def list_page(
    reader: Reader, run: Run, *, status: Status | None, skill: str | None, limit: int
) -> Page:
    """Return the runs, the run's curriculum, and its newest trajectories that fit the filters."""
    listed = list(reader.trajectories(run.id, status=status, skill=skill, limit=limit, newest=True))
    runs = [(each, reader.counts(each.id)) for each in reader.runs()]
    plain: dict[str, JsonValue] = {
        "run_id": run.id,
        "runs": [{"id": each.id, "ended": each.ended, **counts} for each, counts in runs],
        "trajectories": [asdict(item) for item in listed],
    }
    return Page((run_list(runs), curriculum(reader, run), trajectory_list(listed)), plain)


def as_html(parts: Sequence[RenderableType]) -> str:
    """Return what is shown as one HTML page that needs no other file; all text in it is escaped."""
    console = Console(record=True, file=io.StringIO(), width=100)
    for part in parts:
        console.print(part, markup=False)
    return console.export_html()

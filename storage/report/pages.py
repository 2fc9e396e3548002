"""What `inspect` shows: a page for a person, and the same as plain data for a program."""

from dataclasses import asdict, dataclass, replace

from pydantic import JsonValue
from rich.console import RenderableType

from storage.export.making import Steps
from storage.people.acts import acts_of
from storage.queries import Reader
from storage.records import Run, Status
from storage.report.conversation import conversation
from storage.report.fates import fate_lines
from storage.report.figures import figures, solve_rates
from storage.report.text import curriculum_tree, run_list, run_summary, trajectory_list
from storage.report.whole import plain, whole
from storage.report.why import why


@dataclass(frozen=True, slots=True)
class Page:
    """One thing, told twice."""

    parts: tuple[RenderableType, ...]
    plain: dict[str, JsonValue]


def trajectory_page(
    reader: Reader, ref: str, run: Run, steps: Steps, *, reasoning: bool = False
) -> Page:
    """Return a trajectory as a conversation, with every model call under what it made.

    Args:
        reader: Open.
        ref: Its id, the beginning of it, or its number in the run.
        run: The run that a number counts in.
        steps: Finds the steps of an attempt, which some examples are made of.
        reasoning: Whether reasoning is shown whole.

    Raises:
        StorageError: no trajectory is called so, or several are.
    """
    trajectory = reader.trajectory(ref, run_id=run.id)
    known = whole(reader, trajectory, steps)
    told = conversation(
        trajectory, known.calls, known.errors, acts=known.acts, reasoning=reasoning, steps=steps
    )
    return Page((told, *fate_lines(trajectory, known.fates)), plain(known))


def list_page(
    reader: Reader,
    run: Run,
    *,
    status: Status | None,
    skill: str | None,
    limit: int,
    asked: bool = False,
) -> Page:
    """Return the runs, the run's curriculum, and its newest trajectories.

    If the run itself was `asked` for, its sums and what it cost stand in place of all runs.

    With a filter it is those trajectories alone, each with the whole sentence on why it stands so.
    """
    listed = list(reader.trajectories(run.id, status=status, skill=skill, limit=limit, newest=True))
    runs = [(each, reader.counts(each.id)) for each in reader.runs()]
    plain: dict[str, JsonValue] = {
        "run_id": run.id,
        "runs": [{"id": each.id, "ended": each.ended, **counts} for each, counts in runs],
        "trajectories": [asdict(item) for item in listed],
    }
    if status or skill:
        told = [replace(item, reason=_why(reader, item.id), error=None) for item in listed]
        return Page((trajectory_list(told, limit=None),), plain)
    tree = curriculum_tree(run.skills, solve_rates(reader, run.id, run.skills))
    if not asked:
        return Page((run_list(runs), tree, trajectory_list(listed)), plain)
    whole = figures(reader, run.id, {})
    paid = reader.costs(run.id)
    summary = run_summary(run, reader.tallies(run.id), whole["dataset_digest"], paid)
    return Page((summary, tree, trajectory_list(listed)), plain | {"figures": whole})


def _why(reader: Reader, trajectory_id: str) -> str:
    return why(reader.trajectory(trajectory_id), acts_of(reader, trajectory_id))

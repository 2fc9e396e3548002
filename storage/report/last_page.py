"""What a person sees when a run has ended: one accepted trajectory, the sums, what to type next."""

from rich.console import Group, RenderableType
from rich.text import Text

from storage.ids import dataset_digest
from storage.queries import Reader
from storage.records import Run
from storage.report.conversation import conversation
from storage.report.text import SHORT, run_summary

_COMMANDS = (
    ("inspect", "runs and trajectories"),
    ("inspect --status rejected", "what was rejected, and why"),
    ("export sft train.jsonl", "training examples"),
    ("verify", "whether everything stored still holds"),
)


def last_page(
    reader: Reader,
    run: Run,
    *,
    digest: str | None = None,
    options: str = "",
    had_ended: bool = False,
) -> Group:
    """Return the last page of `generate`.

    Args:
        reader: Open.
        run: As it is stored.
        digest: The `dataset_digest`, if it is known already; all episodes are read for it.
        options: What further commands need to find the database, such as ` --db d.db`.
        had_ended: Whether there was nothing to do; then it says how to go on all the same.
    """
    parts: list[RenderableType] = []
    for item in reader.trajectories(run.id, status="accepted", limit=1, newest=True):
        parts += [conversation(reader.trajectory(item.id), reader.calls(item.id)), Text()]
    digest = digest or dataset_digest(reader.digests(run.id))
    parts.append(run_summary(run, reader.tallies(run.id), digest, reader.costs(run.id)))
    if had_ended:
        extend = "--episodes N extends it, " if run.ended == "complete" else ""
        line = f"has nothing more to do; {extend}--seed N or --new begins another"
        parts.append(Text(f"\nrun {run.id[:SHORT]} {line}"))
    parts.append(Text("\nNext:", style="bold"))
    width = max(len(command) for command, _ in _COMMANDS) + len(options)
    for command, what in _COMMANDS:
        parts.append(Text(f"  python run.py {command + options:<{width}}  {what}", style="dim"))
    return Group(*parts)

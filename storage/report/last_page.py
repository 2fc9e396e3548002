"""What a person sees when a run has ended: one accepted trajectory, the sums, what to type next."""

from collections.abc import Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from storage.ids import dataset_digest
from storage.queries import Reader
from storage.report.conversation import conversation
from storage.report.figures import figures
from storage.report.pages import Page
from storage.report.text import SHORT, run_summary

_COMMANDS = (
    ("inspect", "runs and trajectories"),
    ("inspect --web", "all of it in the browser"),
    ("inspect --status rejected", "what was rejected, and why"),
    ("export sft train.jsonl", "training examples"),
    ("verify", "whether everything stored still holds"),
)


def last_page(reader: Reader, run_id: str, spent: Mapping[str, Any], *, options: str = "") -> Page:
    """Return the last page of `generate`.

    Args:
        reader: Open.
        run_id: The whole id.
        spent: What this command did, see `figures`; empty if there was nothing to do, and then the
            page says how to go on all the same.
        options: What further commands need to find the database, such as ` --db d.db`.
    """
    run, digest = reader.run(run_id), dataset_digest(reader.digests(run_id))
    parts: list[RenderableType] = []
    for item in reader.trajectories(run.id, status="accepted", limit=1, newest=True):
        parts += [conversation(reader.trajectory(item.id), reader.calls(item.id)), Text()]
    parts.append(run_summary(run, reader.tallies(run.id), digest, reader.costs(run.id)))
    if not spent:
        extend = "--episodes N extends it, " if run.ended == "complete" else ""
        line = f"has nothing more to do; {extend}--seed N or --new begins another"
        parts.append(Text(f"\nrun {run.id[:SHORT]} {line}"))
    parts.append(Text("\nNext:", style="bold"))
    width = max(len(command) for command, _ in _COMMANDS) + len(options)
    for command, what in _COMMANDS:
        parts.append(Text(f"  python run.py {command + options:<{width}}  {what}", style="dim"))
    return Page(tuple(parts), figures(reader, run_id, spent, digest))

"""What becomes of a trajectory's attempts in an export, in a line for each."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from storage.export.account import REASONS
from storage.export.fates import Fate
from storage.records import Trajectory
from storage.report.clean import one_line, shown


def fate_lines(trajectory: Trajectory, found: dict[str, Fate]) -> Iterator[RenderableType]:
    """Yield a heading, and for each attempt the examples that name it and why others do not."""
    if not found:
        return
    names = {a.id: _name(a.idx, a.revision) for a in trajectory.attempts}
    yield Text()
    yield shown("Exported to a file without options, as", "bold")
    for of, fate in found.items():
        yield shown(f"  {names.get(of, 'The task')}  {of}")
        alone = [form for form, examples in fate.examples.items() if examples == [of]]
        if alone:
            yield shown(f"    {', '.join(alone)}", "green")
        for form, examples in fate.examples.items():
            if form not in alone:
                yield shown(f"    {form}: {one_line(', '.join(examples))}", "green")
        for reason in dict.fromkeys(fate.left_out.values()):
            forms = [form for form, each in fate.left_out.items() if each == reason]
            twins = sorted({fate.twins[form] for form in forms if form in fate.twins})
            twin = f" ({one_line(', '.join(twins))})" if twins else ""
            yield shown(f"    not {', '.join(forms)}: {REASONS[reason]}{twin}", "dim")


def _name(idx: int, revision: int) -> str:
    return f"Revision {revision} of attempt {idx + 1}" if revision else f"Attempt {idx + 1}"

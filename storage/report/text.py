"""Tables for a terminal: runs, trajectories, the sums over a run, and the curriculum.

What a newcomer gets wrong: ids are shown by their beginnings, which every command takes; and a cell
is a `Text`, because a plain string would be read as markup.
"""

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from storage.costs import Costs
from storage.queries import Summary
from storage.records import Run, Skill
from storage.report.clean import one_line, shown
from storage.report.conversation import STYLES
from storage.tallies import Tallies

SHORT = 10
"""How many characters of an id are shown: enough for a hundred thousand trajectories."""


def run_list(runs: Iterable[tuple[Run, Mapping[str, int]]]) -> Table:
    """Return a table of runs, each with its counts by status, in the order given."""
    table = _table("run", "begun", ">seed", ">episodes", ">accepted", "ended")
    for run, counts in runs:
        done = sum(counts.values())
        total = "" if run.episodes is None else f" of {run.episodes}"
        ended = one_line(run.ended, 40) if run.ended else "unfinished"
        _row(
            table,
            run.id[:SHORT],
            one_line(run.created_at)[:16],
            str(run.seed),
            f"{done}{total}",
            str(counts.get("accepted", 0)),
            ended,
        )
    return table


def trajectory_list(summaries: Iterable[Summary], *, limit: int | None = 60) -> Table:
    """Return a table of trajectories, in order, with reasons cut to `limit` characters."""
    table = _table(">n", "trajectory", "skill", ">level", "status", ">reward", "reason")
    for item in summaries:
        reward = "" if item.reward is None else f"{item.reward:.2f}"
        reason = item.error or item.reason or ""
        cells = [str(item.n), item.id[:SHORT], item.skill, str(item.level)]
        _row(
            table,
            *cells,
            item.status,
            reward,
            one_line(reason, limit or 500),
            style=STYLES[item.status],
        )
    return table


def run_summary(run: Run, tallies: Tallies, digest: str, paid: Costs | None = None) -> Group:
    """Return what a run made: counts, calls and cost, reasons, each skill, and the digest."""
    facts = Table.grid(padding=(0, 2))
    for name, value in _facts(run, tallies, paid):
        facts.add_row(Text(name, style="bold"), shown(value))
    # On a line of its own, because it is copied: with its name it has 79 characters.
    line = Text("digest  ", style="bold", overflow="fold").append(digest, style="not bold")
    return Group(facts, line, Text(), _skills(tallies))


def curriculum_tree(
    skills: Sequence[Skill], mastery: Mapping[str, Sequence[float | None]] | None = None
) -> Tree:
    """Return the skills as a tree by prerequisite.

    Args:
        skills: In their order; one with several prerequisites stands below the first of them.
        mastery: For each skill the solve rate of each level in [0, 1], from level 1; None: untried.
    """
    tree = Tree(Text("curriculum", style="bold"), guide_style="dim")
    names = {skill.name for skill in skills}
    branches: dict[str, Tree] = {}
    waiting = list(skills)
    while waiting:
        ready = [s for s in waiting if not s.after or s.after[0] in branches or _alone(s, names)]
        for skill in ready or waiting:
            parent = branches.get(skill.after[0], tree) if skill.after else tree
            label = _skill_label(skill, (mastery or {}).get(skill.name, ()))
            branches[skill.name] = parent.add(label)
        waiting = [skill for skill in waiting if skill.name not in branches]
    return tree


def _alone(skill: Skill, names: set[str]) -> bool:
    return skill.after[0] not in names


def _skill_label(skill: Skill, rates: Sequence[float | None]) -> Text:
    label = shown(one_line(skill.name), "cyan")
    for number in range(skill.levels):
        rate = rates[number] if number < len(rates) else None
        shade = "dim" if rate is None else "green" if rate >= 0.8 else "yellow"
        label.append(f"  {number + 1}:", style="dim")
        label.append("-" if rate is None else f"{rate:.0%}", style=shade)
    if len(skill.after) > 1:
        others = ", ".join(one_line(name) for name in skill.after[1:])
        label.append(f"  also after {others}", style="dim")
    return label


def _facts(run: Run, tallies: Tallies, paid: Costs | None) -> Iterable[tuple[str, str]]:
    yield "run", run.id
    statuses = ("accepted", "rejected", "unscored", "failed")
    counts = ", ".join(f"{getattr(tallies, status)} {status}" for status in statuses)
    yield "episodes", f"{tallies.episodes}: {counts}"
    yield "attempts", str(tallies.attempts)
    yield "calls", f"{tallies.model_calls} made, {tallies.journal_hits} from the journal"
    if tallies.call_errors:
        yield "errors", f"{tallies.call_errors} tries were not answered"
    yield "tokens", f"{tallies.tokens_in} in, {tallies.tokens_out} out"
    yield "cost", _cost(tallies)
    if paid is not None and paid.cost_usd is not None and paid.calls:
        yield "", _per_piece(paid)
        yield "", ", ".join(f"{role} ${each.cost_usd:.4f}" for role, each in paid.roles.items())
    if tallies.reasons:
        yield "reasons", ", ".join(f"{times} {why}" for why, times in tallies.reasons.items())
    if run.ended:
        yield "ended", one_line(run.ended)


def _cost(tallies: Tallies) -> str:
    if tallies.unpriced and tallies.unpriced == tallies.model_calls:
        return "not known: no call has a known price; price_in and price_out name one"
    unpriced = f", without {tallies.unpriced} calls of unknown price" if tallies.unpriced else ""
    return f"${tallies.cost_usd:.4f}{unpriced}"


def _per_piece(paid: Costs) -> str:
    pieces = {
        "a call": paid.per_call,
        "an episode": paid.per_episode,
        "an accepted attempt": paid.per_accepted_attempt,
    }
    return ", ".join(f"${cost:.6f} {what}" for what, cost in pieces.items() if cost is not None)


def _skills(tallies: Tallies) -> Table:
    table = _table("skill", ">accepted", ">rejected", ">unscored", ">failed", ">attempts")
    for skill in tallies.skills:
        numbers = (skill.accepted, skill.rejected, skill.unscored, skill.failed, skill.attempts)
        _row(table, skill.skill, *(str(number) for number in numbers))
    return table


def _table(*columns: str) -> Table:
    """Return an empty table; a column that begins with > is set to the right."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        name, right = column.removeprefix(">"), column.startswith(">")
        table.add_column(Text(name), justify="right" if right else "left", overflow="fold")
    return table


def _row(table: Table, *cells: str, style: str = "") -> None:
    table.add_row(*(shown(one_line(cell)) for cell in cells), style=style)

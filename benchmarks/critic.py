"""How often the critic's programs are wrong, and what a check costs.

    python benchmarks/critic.py
    python benchmarks/critic.py --only "math, numbers" --wrong 5000 --json now.json
    python benchmarks/critic.py --recorded gsm8k_recorded_attempts.jsonl

What a newcomer gets wrong: 0 of 1,000 wrong answers accepted says that the share is below 0.3 %
(one-sided, at 95 %), and only of answers that are wrong in the way in which these are.
"""

import argparse
import asyncio
import json
import os
import platform
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from trials import ESTIMATED, TRIALS, Trial, trials

from agents.verifiers import call_verifier, verifier
from storage.ids import derive_seed

MODELS = ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification")
err = Console(stderr=True)


@dataclass(slots=True)
class Count:
    """How many answers of one sort were checked, and how many of them came out otherwise."""

    asked: int = 0
    otherwise: int = 0
    """Right ones that were not accepted, or wrong ones that were not refused."""
    first: str = ""
    """The first of them."""

    def add(self, finding: str, wanted: str, answer: str, evidence: str) -> None:
        """Count one check."""
        self.asked += 1
        if finding != wanted:
            self.otherwise += 1
            self.first = self.first or f"{finding}: {answer[:200]!r} ({evidence})"


@dataclass(slots=True)
class Figures:
    """What was found of one kind of lesson."""

    name: str
    verifier: str = ""
    references: Count = field(default_factory=Count)
    """References, and other ways to write them."""
    wrong: Count = field(default_factory=Count)
    """Mutants and near misses."""
    crossed: Count = field(default_factory=Count)
    """References of other lessons."""
    wall_s: float = 0.0
    """Of all checks, one after the other, without the first, which starts what must be started."""

    @property
    def checks(self) -> int:
        """How many checks the seconds are of."""
        return self.references.asked + self.wrong.asked + self.crossed.asked - 1

    @property
    def ms(self) -> float:
        """Milliseconds a check, one at a time, in [0, inf)."""
        return 1000 * self.wall_s / max(self.checks, 1)


async def figures(name: str, wrong: int) -> Figures:
    """Check the answers to lessons of one kind until so many wrong ones were checked."""
    found = Figures(name)
    for trial, answer, count, wanted in _asked(name, found):
        if found.wrong.asked + found.crossed.asked >= wrong:
            break
        data = dict(trial.data)
        if getattr(verifier(trial.verifier), "draws", False):
            data["draw"] = derive_seed(7, answer)
        began = time.perf_counter()
        check = await call_verifier(
            trial.verifier, answer=answer, reference=trial.reference, data=data
        )
        if found.verifier:
            found.wall_s += time.perf_counter() - began
        if trial.verifier not in found.verifier:
            found.verifier = ", ".join(filter(None, (found.verifier, trial.verifier)))
        count.add(check.finding, wanted, answer, check.evidence)
    return found


def _asked(name: str, found: Figures) -> Iterator[tuple[Trial, str, Count, str]]:
    """Yield every answer with its lesson, where it counts, and what must be found."""
    last: Trial | None = None
    for trial in trials(name):
        for answer in (trial.reference, *trial.right):
            yield trial, answer, found.references, "passed"
        for answer in trial.near_misses():
            yield trial, answer, found.wrong, "failed"
        if last and last.value is not None and last.value != trial.value:
            yield trial, last.reference, found.crossed, "failed"
        last = trial


async def recorded(lines: list[str]) -> Figures:
    """Check attempts that models made and people judged, by the verifier `math`.

    Args:
        lines: JSON objects with `ground_truth`, whose last line is "A: N", and for each model
            `solution` and `is_correct`.
    """
    found = Figures("recorded attempts", "math")
    for line in lines:
        row = json.loads(line)
        reference = _stated(row["ground_truth"])
        for model in MODELS:
            answer, right = _stated(row[model]["solution"]), row[model]["is_correct"]
            began = time.perf_counter()
            check = await call_verifier("math", answer=answer, reference=reference, data={})
            found.wall_s += time.perf_counter() - began
            count, wanted = (found.references, "passed") if right else (found.wrong, "failed")
            count.add(check.finding, wanted, answer, check.evidence)
    return found


def _stated(text: str) -> str:
    """Return what stands behind the last "A:" at the beginning of a line, or nothing."""
    return (re.findall(r"(?m)^A:[ \t]*(.+)$", text) or [""])[-1].strip()


def shown(found: list[Figures], *, plain: bool) -> Table:
    """Return the table of what was found."""
    table = Table(box=box.MARKDOWN if plain else box.SIMPLE_HEAD)
    table.add_column("lessons")
    table.add_column("verifier")
    for name in ("right answers", "accepted", "wrong answers", "accepted", "of other lessons"):
        table.add_column(name, justify="right")
    for name in ("accepted", "ms a check", "checks/s, one at a time"):
        table.add_column(name, justify="right")
    for one in found:
        table.add_row(
            *(one.name, one.verifier),
            *(f"{one.references.asked:,}", _share(one.references, of_right=True)),
            *(f"{one.wrong.asked:,}", _share(one.wrong, of_right=False)),
            *(f"{one.crossed.asked:,}", _share(one.crossed, of_right=False)),
            *(f"{one.ms:.3f}", f"{1000 / max(one.ms, 1e-9):,.0f}"),
        )
    return table


def _share(count: Count, *, of_right: bool) -> str:
    if not count.asked:
        return "-"
    accepted = count.asked - count.otherwise if of_right else count.otherwise
    return f"{accepted / count.asked:.2%}"


def run(given: argparse.Namespace) -> int:
    """Measure, print, and write what the command line asks for; return 1 if a check was wrong."""
    found = []
    for name in given.only or TRIALS:
        err.print(f"{name}: {given.wrong:,} wrong answers", soft_wrap=True)
        found.append(asyncio.run(figures(name, given.wrong)))
    if given.recorded:
        lines = given.recorded.read_text(encoding="utf-8").splitlines()
        found.append(asyncio.run(recorded(lines)))
    plain = not sys.stdout.isatty()
    Console(width=200 if plain else None).print(shown(found, plain=plain))
    off = False
    for one in found:
        for part in ("references", "wrong", "crossed"):
            count: Count = getattr(one, part)
            if count.otherwise:
                told = f"{one.name}, {part}: {count.otherwise} of {count.asked} otherwise, first "
                err.print(told + count.first, markup=False, highlight=False, soft_wrap=True)
                off = off or part == "references" or one.name not in ESTIMATED
    if given.json:
        machine = {"python": platform.python_version(), "cores": os.cpu_count()}
        rows = [asdict(one) | {"checks": one.checks, "ms": one.ms} for one in found]
        whole = {"wrong": given.wrong, "machine": machine, "figures": rows}
        given.json.write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")
    return int(off)


def arguments() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--wrong", type=int, default=1_000, help="wrong answers of each kind (1000)"
    )
    parser.add_argument("--only", nargs="+", choices=list(TRIALS), help="these kinds", default=None)
    parser.add_argument("--recorded", type=Path, metavar="FILE", help="attempts judged by people")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures")
    given = parser.parse_args()
    if given.wrong < 1:
        parser.error("--wrong: must be 1 or more")
    return given


if __name__ == "__main__":
    try:
        sys.exit(run(arguments()))
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"critic.py: {error}; check the arguments")

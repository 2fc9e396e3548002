"""Kill runs at random moments, resume them, and say what was lost: nothing, or the exit code is 1.

    python benchmarks/kill.py                     # 200 kills, over all configurations
    python benchmarks/kill.py --kills 25 --only four,embedded --json kills.json

Each kill is a SIGKILL to the whole process group, between the start of the process and its end, so
that start-up, resuming and the last commit are hit as well. `README.md` beside this says what each
figure is.
"""

import argparse
import contextlib
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import saved
from killed import Case, Found, Victim
from measuring import Failed, serving
from rich.console import Console
from tables import Page

err = Console(stderr=True)
_ROLE = 'kind = "chat"\nmodel = "none"\nbase_url = "{url}"\nendpoint = "kill"\n'
_SKILLS = '[[curriculum.skills]]\nname = "triage"\nlevels = 3\nverifier = "judge"\n'
_QUICK = "own_answers = 0\nfalse_reference = false\n"
_THREE = f"[teacher]\n{_ROLE}[student]\n{_ROLE}[critic]\n{_ROLE}"
_LIBRARY = (
    'attempts = 3\nmax_revisions = 1\n[teacher]\nkind = "library"\npath = "library.jsonl"\n'
    f'question = "question"\nreference = "reference"\nverifier = "integer"\n[student]\n{_ROLE}'
)
CASES = (
    Case("four", f"attempts = 1\nmax_revisions = 0\n{_SKILLS}{_THREE}{_QUICK}", 4),
    Case("revisions", f"attempts = 3\nmax_revisions = 2\nlag = 40\n{_SKILLS}{_THREE}{_QUICK}", 64),
    Case(
        "faults",
        f"attempts = 1\nmax_revisions = 0\n{_SKILLS}{_THREE}{_QUICK}",
        64,
        ("--fail429", "0.08", "--fail500", "0.08", "--jitter", "0.02", "--retry-after", "0.1"),
    ),
    Case("library", _LIBRARY, 16),
    Case("own answers", f"attempts = 1\n{_SKILLS}{_THREE}own_answers = 2\nvotes = 2\n", 64),
    Case("embedded", "attempts = 2\n", 64, calls=False),
)
LATENCY_MS = 20.0


def found(case: Case, kills: int, episodes: int, seed: int) -> Found:
    """Kill runs of one configuration so often, and return what came of it.

    Raises:
        Failed: a command did not end as it must.
    """
    draw, result = random.Random(f"{seed}/{case.name}"), Found(case.name, case.in_flight)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lyceum-kill-")))
        rows = ({"question": f"What is {n} + {n}?", "reference": str(2 * n)} for n in _numbers())
        lines = (json.dumps(next(rows)) + "\n" for _ in range(episodes))
        (folder / "library.jsonl").write_text("".join(lines), encoding="utf-8")
        url = stack.enter_context(serving(LATENCY_MS, *case.endpoint)) if case.calls else ""
        victim = Victim(case, episodes, folder, url)
        err.print(f"{case.name}: a run that nobody disturbs", soft_wrap=True)
        whole = victim.whole()
        while result.kills < kills:
            err.print(f"{case.name}: {result.kills} of {kills} kills", soft_wrap=True)
            victim.kill_until_it_ends(whole, kills - result.kills, draw, result)
    return result


def _numbers() -> Iterator[int]:
    n = 0
    while True:
        yield (n := n + 1)


def run(given: argparse.Namespace) -> bool:
    """Kill, print, write what the command line asks for; return whether everything holds."""
    chosen = [case for case in CASES if not given.only or case.name in given.only.split(",")]
    each, more = divmod(given.kills, len(chosen))
    then, started = saved.read(given.against), time.monotonic()
    results = [
        found(case, each + (place < more), given.episodes, given.seed)
        for place, case in enumerate(chosen)
        if each + (place < more)
    ]
    page = Page(Console(width=None if sys.stdout.isatty() else 160))
    page.kills(results, given.episodes)
    figures = [
        asdict(one) | {"holds": one.holds, "mean": one.mean, "most": one.most} for one in results
    ]
    if then:
        numbers = {"mean": "asked again per kill", "most": "at most"}
        page.console.print(saved.against(figures, then, ("case",), numbers))
    saved.write(
        given.json, figures, episodes=given.episodes, kills=given.kills, seed=given.seed,
        wall_s=time.monotonic() - started,
    )  # fmt: skip
    for one in results:
        for what in one.wrong:
            err.print(f"{one.case}: {what}", soft_wrap=True, markup=False)
    return all(one.holds for one in results)


def arguments() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200, help="in all")
    parser.add_argument("--episodes", type=int, default=300, help="of each run")
    names = ", ".join(case.name for case in CASES)
    parser.add_argument("--only", metavar="NAMES", help=f"with commas between them, of: {names}")
    parser.add_argument("--seed", type=int, default=1, help="other moments")
    saved.options(parser)
    given = parser.parse_args()
    strange = {*(given.only or "").split(",")} - {"", *(case.name for case in CASES)}
    if strange:
        parser.error(f"--only: {', '.join(sorted(strange))}: the names are {names}")
    if given.kills < 1 or given.episodes < 1:
        parser.error("--kills and --episodes: at least 1")
    return given


if __name__ == "__main__":
    try:
        holds = run(arguments())
    except Failed as error:
        sys.exit(f"kill.py: {error}")
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"kill.py: {error}; check the arguments")
    sys.exit(0 if holds else 1)

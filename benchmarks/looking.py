"""What looking costs on a million trajectories: the index, any page of the table, any search.

    python benchmarks/looking.py big/long.db
    python benchmarks/looking.py big/long.db --spread --json now.json
    python benchmarks/looking.py big/long.db --http

What a newcomer gets wrong: a run that was copied forward (`scale.py --keep big`) is alike all over,
so hardly a filter parts it. `--spread` asks a copy of its index in which the same trajectories have
many skills, levels, models and verdicts, common and rare ones. The database is only read.
"""

import argparse
import contextlib
import itertools
import random
import re
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import saved
import spreading
from rich import box
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # this checkout
from storage.index import Filters, Index, find, offered
from storage.index.asked import END, SORTS
from storage.index.file import File

HERE = Path(__file__).resolve().parent
err = Console(stderr=True)
PAGE_MS, TEXT_MS = 300.0, 500.0
"""What the project promises of a page of the table, and of one that is found by a text."""
_MEGABYTE = 1024 * 1024 if sys.platform == "darwin" else 1024
_URL = re.compile(r"http://127\.0\.0\.1:[0-9]+")
Question = dict[str, str]
"""The parameters of a link."""
Ask = Callable[[Question], object]


@dataclass(frozen=True, slots=True)
class Figure:
    """What one kind of question took."""

    name: str
    questions: int
    median_ms: float
    p95_ms: float
    worst_ms: float
    cpu_ms: float
    """The most that this process worked for one question: less than it took, if others work too."""
    target_ms: float
    worst: str
    """The question that took longest, as a link has it."""


def built(database: Path) -> Iterator[tuple[str, float, str]]:
    """Make the index anew, and yield what it took: name, number, unit."""
    with Index.open(database) as index:
        index.path.unlink(missing_ok=True)
        have = index.coming()
        passed = {}
        started, busy = time.monotonic(), time.process_time()
        for what, most in (("the table", have), ("the texts", None)):
            index.keep_up(_telling(), most)
            now = time.monotonic(), time.process_time()
            passed[what] = now[0] - started, now[1] - busy
            started, busy = now
        for what, (wall, cpu) in passed.items():
            yield f"{what}, wall", wall, "s"
            yield f"{what}, CPU", cpu, "s"
        size = sum(file.stat().st_size for file in index.path.parent.glob(f"{index.path.name}*"))
        yield "size", size / (1 << 20), "MB"
        yield "size, of the database", 100 * size / database.stat().st_size, "%"
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEGABYTE
        yield "peak memory", peak, "MB"
        started = time.monotonic()
        index.keep_up()
        yield "keeping up with nothing", (time.monotonic() - started) * 1000, "ms"


def _telling() -> Callable[[str, int, int], None]:
    at = time.monotonic()

    def tell(what: str, done: int, whole: int) -> None:
        nonlocal at
        if time.monotonic() - at > 10:
            at = time.monotonic()
            err.print(f"{what}: {done} of {whole}", highlight=False)

    return tell


def filters(offer: dict[str, list[tuple[str, int]]], chance: random.Random) -> list[Question]:
    """Return every filter alone, pairs of common, middling and rare ones, and triples of these."""
    values = {
        facet: list({value: None for value in _picked([value for value, _ in known])})
        for facet, known in offer.items()
    }
    alone: list[Question] = [{}]
    alone += [{facet: value} for facet, known in offer.items() for value, _ in known[:40]]
    pairs, triples = [], []
    for names in itertools.combinations(values, 2):
        for chosen in itertools.product(*(values[name] for name in names)):
            pairs.append(dict(zip(names, chosen, strict=True)))
    for names in itertools.combinations(values, 3):
        for chosen in itertools.product(*(values[name] for name in names)):
            triples.append(dict(zip(names, chosen, strict=True)))
    return alone + pairs + chance.sample(triples, min(len(triples), len(pairs)))


def _picked(known: list[str]) -> list[str]:
    """Return the most frequent, a middling one and the rarest."""
    return [known[0], known[len(known) // 2], known[-1]] if known else []


def texts(index: Index, chance: random.Random) -> dict[str, str]:
    """Return what is searched, by what it is, of the words that there are."""
    rare = [term for (term,) in index.rows("SELECT term FROM terms ORDER BY docs, term LIMIT 100")]
    common = ["engine", "amber", "velvet"]
    return {
        "a common word": common[0],
        "a word that all have": "answer",
        "three common words": " ".join(common),
        "a rare word": chance.choice(rare or common),
        "a rare and a common word": f"{chance.choice(rare or common)} {common[0]}",
        "no word that there is": "qqqqqqqq",
        "a phrase": f'"{common[0]} {common[1]}"',
        "a phrase that nobody wrote": '"engine engine engine engine"',
        "a long phrase of common words": '"answer amber answer engine answer"',
        "a prefix": "en*",
        "a prefix of one letter": "a*",
    }


def measured(name: str, questions: list[Question], ask: Ask, times: int, target: float) -> Figure:
    """Ask each question so often and take its median; return what all of them took."""
    took: list[tuple[float, float, str]] = []
    for question in questions:
        spent, worked = [], []
        for _ in range(times):
            started, busy = time.perf_counter(), time.process_time()
            ask(question)
            spent.append((time.perf_counter() - started) * 1000)
            worked.append((time.process_time() - busy) * 1000)
        link = urllib.parse.urlencode(question)
        took.append((statistics.median(spent), statistics.median(worked), link))
    took.sort()
    alone = [each[0] for each in took]
    figure = Figure(
        name=name,
        questions=len(took),
        median_ms=statistics.median(alone),
        p95_ms=alone[min(len(alone) - 1, int(len(alone) * 0.95))],
        worst_ms=alone[-1],
        cpu_ms=max(each[1] for each in took),
        target_ms=target,
        worst=took[-1][2],
    )
    err.print(f"{name}: {figure.worst_ms:.0f} ms at worst, {figure.worst}", highlight=False)
    return figure


def figures(index: Index, ask: Ask, given: argparse.Namespace) -> Iterator[Figure]:
    """Measure pages of the table, then those of texts."""
    chance = random.Random(given.seed)
    offer = {facet: known for facet, known in offered(index).items() if len(known) > 1}
    asked = filters(offer, chance)
    for size, name in enumerate(("no filter", "one filter", "two filters", "three filters")):
        ordered = [one | _sort(sort) for one in asked if len(one) == size for sort in SORTS]
        some = chance.sample(ordered, min(len(ordered), given.most))
        for page in ("first", "middle", "last") if some else ():
            pages = [_turned(index, one, page) for one in some]
            yield measured(f"{name}, {page} page", pages, ask, given.times, PAGE_MS)
    few = [{}, *_telling_filters(offer)]
    for what, text in texts(index, chance).items():
        searched = [one | {"text": text} | _sort(sort) for one in few for sort in SORTS]
        pages = [_turned(index, one, page) for one in searched for page in ("first", "last")]
        alone = [one for one in pages if len(one) == 1]
        some = alone + chance.sample(pages, min(len(pages), given.most // 4))
        yield measured(what, some, ask, given.times, TEXT_MS)


def _telling_filters(offer: dict[str, list[tuple[str, int]]]) -> Iterator[Question]:
    """Yield filters to search with: of each facet a common and a rare value, and two together."""
    ends = {facet: (known[0][0], known[-1][0]) for facet, known in offer.items()}
    for facet, (common, rare) in ends.items():
        yield {facet: common}
        yield {facet: rare}
    for one, other in itertools.pairwise(ends):
        yield {one: ends[one][0], other: ends[other][1]}


def _sort(sort: str) -> Question:
    return {"sort": sort} if sort != SORTS[0] else {}


def _turned(index: Index, question: Question, page: str) -> Question:
    """Return a question about another page: the last, or one that is nowhere near either end."""
    if page == "last":
        return question | {"before": END}
    if page == "middle" and "text" not in question:
        rows = find(index, Filters.of(question | {"before": END}), 2_000)
        return question | ({"before": rows.first} if rows.fewer else {})
    return question


def inside(index: Index) -> Ask:
    """Return a way to ask the index as a page does: for its rows, and for what is offered."""

    def ask(question: Question) -> object:
        asked = Filters.of(question)
        return find(index, asked), offered(index, asked.run or None)

    return ask


@contextlib.contextmanager
def over_http(database: Path) -> Iterator[Ask]:
    """Start `inspect --web` and yield a way to ask it for whole pages."""
    command = [sys.executable, str(HERE.parent / "run.py"), "inspect", "--web"]
    line = [*command, "--db", str(database), "--no-open"]
    with subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            said = []
            for each in process.stdout or ():
                said.append(each)
                if found := _URL.search(each):
                    break
            else:
                raise ValueError(f"inspect --web did not start: {' | '.join(said[-3:])}")
            url = f"{found[0]}/trajectories?"

            def ask(question: Question) -> object:
                with urllib.request.urlopen(url + urllib.parse.urlencode(question)) as answer:
                    return answer.read()

            yield ask
        finally:
            process.terminate()


def shown(found: list[Figure], title: str) -> Table:
    """Return the figures as a table."""
    look = box.SIMPLE_HEAD if sys.stdout.isatty() else box.MARKDOWN
    table = Table(title=title, title_justify="left", box=look)
    table.add_column("what", overflow="fold")
    for name in ("questions", "median ms", "95 % ms", "worst ms", "CPU, worst", "target ms"):
        table.add_column(name, justify="right")
    table.add_column("the worst", overflow="fold")
    for one in found:
        numbers = (one.median_ms, one.p95_ms, one.worst_ms, one.cpu_ms, one.target_ms)
        told = urllib.parse.unquote_plus(one.worst)
        table.add_row(one.name, str(one.questions), *(f"{each:.0f}" for each in numbers), told)
    return table


def run(given: argparse.Namespace) -> int:
    """Measure, print, and write what the command line asks for; return the exit code."""
    then = saved.read(given.against)
    page = Console(width=None if sys.stdout.isatty() else 200)
    making = list(built(given.database)) if given.build else []
    for name, number, unit in making:
        page.print(f"{name}: {number:.4g} {unit}", highlight=False)
    with contextlib.ExitStack() as stack:
        index = stack.enter_context(Index.open(given.database))
        if left := index.keep_up(_telling()):
            raise ValueError(f"{left} changes are still to be read")
        [have] = index.rows("SELECT sum(times) FROM combos")[0]
        if given.spread:
            folder = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
            index = stack.enter_context(_spread(given.database, folder, given.seed))
        [combos] = index.rows("SELECT count(*) FROM combos WHERE times > 0")[0]
        ask = stack.enter_context(over_http(given.database)) if given.http else inside(index)
        found = list(figures(index, ask, given))
    page.print(shown(found, f"{have} trajectories, {combos} combinations of what is filtered by"))
    rows = list(map(asdict, found))
    if then:
        numbers = {"median_ms": "median", "p95_ms": "95 %", "worst_ms": "worst", "cpu_ms": "CPU"}
        page.print(saved.against(rows, then, ("name",), numbers))
    saved.write(given.json, rows, trajectories=have, combinations=combos, made=making)
    return int(any(one.worst_ms > one.target_ms for one in found))


def _spread(database: Path, folder: Path, seed: int) -> Index:
    """Return a copy of the database's index, of which the rows differ."""
    file = File(database)
    copy = folder / "spread.index"
    if not copy.exists():
        err.print("spreading a copy of the index", highlight=False)
        part = folder / "part.index"
        shutil.copy(file.path, part)
        spreading.spread(part, seed)
        part.rename(copy)
    file.path = copy
    return Index(database, file)


def arguments() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("database", type=Path, help="such as scale.py --keep leaves")
    parser.add_argument("--build", action="store_true", help="make the index anew, and measure it")
    parser.add_argument("--spread", action="store_true", help="ask a copy whose rows differ")
    parser.add_argument("--http", action="store_true", help="time whole pages of inspect --web")
    parser.add_argument("--most", type=int, default=200, help="questions of each kind, at most")
    parser.add_argument("--times", type=int, default=3, help="ask so often; medians are taken")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave the copy, or use it")
    saved.options(parser)
    return parser.parse_args()


if __name__ == "__main__":
    try:
        sys.exit(run(arguments()))
    except (OSError, ValueError, sqlite3.Error) as error:
        sys.exit(f"looking.py: {error}; check the arguments")

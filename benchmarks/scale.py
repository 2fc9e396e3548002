"""What a million trajectories cost: to go on, to look at one, to make one more, to export.

    python benchmarks/scale.py
    python benchmarks/scale.py --trajectories 100000 --json now.json

What a newcomer gets wrong: the large database is a real run copied forward under new ids
(`forward.py`), and everything is measured beside the same on the run itself, a thousandth as long,
because seconds of one machine mean little on another. `README.md` beside this says what is what.
"""

import argparse
import contextlib
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import saved
from measuring import CALLS, HERE, LYCEUM, Failed, Size, asked, command, ended, serving
from rich import box
from rich.console import Console
from rich.table import Table

err = Console(stderr=True)
IN_FLIGHT = 64
NAMES = ("short", "long")
"""The two runs, as their databases are called."""
PARTS = ["going on", "looking", "exporting"]
_MEGABYTE = 1024 * 1024 if sys.platform == "darwin" else 1024
_BARE = """
import json, pathlib, sys
sys.path.insert(0, sys.argv[1])
from storage.queries import Reader
rows = '''SELECT a.id, t.id, l.id, l.expert_seed_id, l.skill, l.level, l.language, a.made_by,
        v.rung, v.reward, l.question, l.instruction, a.text, a.reasoning, v.status
    FROM trajectories t CROSS JOIN lessons l ON l.id = t.lesson_id
    CROSS JOIN attempts a ON a.trajectory_id = t.id CROSS JOIN verdicts v ON v.attempt_id = a.id
    WHERE t.run_id = ? AND v.status IN ('accepted', ?) ORDER BY t.n'''
with Reader.open(pathlib.Path(sys.argv[2])) as reader, open(sys.argv[3], "w") as out:
    for row in reader.rows(rows, reader.latest_run().id, sys.argv[4]):
        out.write(json.dumps(dict(row)) + "\\n")
"""
EXPORTS = {
    "sft": ("accepted", ["sft"]),
    "kto": ("rejected", ["kto"]),
    "sft without near-duplicates": ("accepted", ["sft", "--near-duplicates", "0.8"]),
}
"""What is exported: which attempts it reads beside accepted ones, and what is typed."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured, on the short run and on the long one."""

    name: str
    unit: str
    short: float
    long: float
    target: str = ""
    """What the project promises of the long one, on an ordinary machine; empty: nothing."""

    @property
    def ratio(self) -> float:
        """How many times the short one's figure the long one's is."""
        return self.long / self.short if self.short else float("nan")


@dataclass(frozen=True, slots=True)
class Bench:
    """Two databases, what is done with them, and how often."""

    folder: Path
    source: int
    """Episodes of the short run."""
    trajectories: int
    """Episodes of the long one."""
    more: int
    """How many more are made to see what one costs."""
    times: int

    @property
    def config(self) -> Path:
        """The config of both runs."""
        return self.folder / "run.toml"

    def database(self, name: str) -> Path:
        """Return the database of the short run or of the long one."""
        return self.folder / f"{name}.db"

    def make(self, url: str) -> None:
        """Make the short run with real calls, and the long one of it; those that stand are used."""
        arguments = command(LYCEUM, url, Size(self.source, IN_FLIGHT), self.folder)
        if self.database("short").exists() and self.database("long").exists():
            return
        say(f"generating {self.source} episodes")
        ended(LYCEUM, arguments)
        (self.folder / "lyceum.db").rename(self.database("short"))
        part = self.folder / "part.db"
        shutil.copy(self.database("short"), part)
        copy = [str(HERE / "forward.py"), str(part), str(self.trajectories)]
        subprocess.run([sys.executable, *copy], check=True)
        part.rename(self.database("long"))

    def figures(self, url: str, parts: list[str]) -> Iterator[Figure]:
        """Measure what is asked for, see `PARTS`."""
        if "going on" in parts:
            yield from self._of_going_on(url)
        if "looking" in parts:
            yield from self._of_looking()
        if "exporting" in parts:
            yield from self._of_exporting()
        sizes = [self._size(name) for name in NAMES]
        yield Figure("size of a trajectory on disk", "bytes", *sizes)

    def _of_going_on(self, url: str) -> Iterator[Figure]:
        begun = statistics.median(self._first_request(url, "none") for _ in range(self.times))
        (after, cpu, wall, peak), others = (self._going_on(url, name) for name in NAMES)
        yield Figure("resume, first request after", "s", after, others[0])
        name = "resume, without the start of an empty run"
        yield Figure(name, "s", after - begun, others[0] - begun, "3 s")
        yield Figure("one more episode, CPU", "ms", cpu, others[1], "within 10 %")
        yield Figure("one more episode, wall", "ms", wall, others[2], "within 10 %")
        yield Figure("peak memory of a sitting", "MB", peak, others[3])

    def _of_looking(self) -> Iterator[Figure]:
        bare = self._whole(["--help"])
        for what, arguments in (
            ("inspect, by id", ["inspect", "ID"]),
            ("inspect, by number", ["inspect", "NUMBER"]),
            ("inspect, the newest 50", ["inspect", "--limit", "50"]),
            ("inspect, 50 of one status", ["inspect", "--limit", "50", "--status", "rejected"]),
            ("the last page again", ["generate"]),
        ):
            took = [self._whole(self._named(arguments, name)) for name in NAMES]
            target = "0.3 s" if arguments[0] == "inspect" else ""
            yield Figure(what, "s", *took)
            yield Figure(f"{what}, without --help", "s", *(t - bare for t in took), target)

    def _first_request(self, url: str, name: str) -> float:
        """Return the seconds from the start of a new run to its first request."""
        asked(url, "POST", "/reset")
        started = time.time()
        ended(LYCEUM, self._generate(name, 1))
        for file in self.folder.glob(f"{name}.db*"):
            file.unlink()
        return float(asked(url, "GET", "/stats")["first_at"]) - started

    def _going_on(self, url: str, name: str) -> tuple[float, float, float, float]:
        """Return seconds to the first request; CPU and wall ms of one more; peak megabytes.

        A sitting of one episode beside one of many tells what an episode costs: all that a sitting
        does once falls out of the difference.
        """
        first, cpu, wall, peak = [], [], [], []
        for turn in range(1, self.times + 1):
            say(f"going on with the {name} run, {turn} of {self.times}")
            alone, _, after, _ = self._sitting(url, name, 1)
            many, passed, _, most = self._sitting(url, name, self.more)
            first.append(after)
            cpu.append((many - alone) / (self.more - 1) * 1000)
            wall.append(passed / self.more * 1000)
            peak.append(most)
        middle = statistics.median
        return middle(first), middle(cpu), middle(wall), middle(peak)

    def _sitting(self, url: str, name: str, more: int) -> tuple[float, float, float, float]:
        """Make so many more; return CPU s, s from first to last call, s to the first, peak MB."""
        have = int(self._asked_of(name, "SELECT count(*) FROM trajectories"))
        asked(url, "POST", "/reset")
        started = time.time()
        used = ended(LYCEUM, self._generate(name, have + more))
        stats = asked(url, "GET", "/stats")
        if stats["answered"] != more * CALLS:
            raise Failed(f"{stats['answered']} calls were answered, not {more * CALLS}")
        return (
            used.ru_utime + used.ru_stime,
            stats["last_at"] - stats["first_at"],
            stats["first_at"] - started,
            used.ru_maxrss / _MEGABYTE,
        )

    def _generate(self, name: str, episodes: int) -> list[str]:
        counts = ["--episodes", str(episodes), "--in-flight", str(IN_FLIGHT)]
        return [
            str(HERE.parent / "run.py"), "generate", str(self.config),
            "--db", str(self.database(name)), "--json", *counts,
        ]  # fmt: skip

    def _named(self, arguments: list[str], name: str) -> list[str]:
        """Fill in an id and a number of that database, from the middle of the run."""
        middle = self._asked_of(name, "SELECT count(*) / 2 FROM trajectories")
        one = self._asked_of(name, f"SELECT id FROM trajectories WHERE n = {middle}")
        filled = [{"ID": one, "NUMBER": middle}.get(each, each) for each in arguments]
        if filled == ["generate"]:
            filled.append(str(self.config))
        return [*filled, "--db", str(self.database(name))]

    def _whole(self, arguments: list[str]) -> float:
        """Return the median seconds of a whole command."""
        took = []
        for _ in range(2 * self.times - 1):
            started = time.monotonic()
            ended(LYCEUM, [str(HERE.parent / "run.py"), *arguments])
            took.append(time.monotonic() - started)
        return statistics.median(took)

    def _of_exporting(self) -> Iterator[Figure]:
        """Compare exports with a bare loop of SELECT and json.dumps over the same attempts."""
        for what, (status, typed) in EXPORTS.items():
            found = [self._exported(name, status, typed) for name in NAMES]
            target = "a third or more" if "without" not in what else "a tenth or more"
            yield Figure(f"export {what}, peak memory", "MB", *(one[0] for one in found), "flat")
            yield Figure(f"export {what}, rows a second", "1/s", *(one[1] for one in found))
            yield Figure(f"export {what}, of a bare loop", "x", *(one[2] for one in found), target)

    def _exported(self, name: str, status: str, typed: list[str]) -> tuple[float, float, float]:
        """Return peak megabytes, rows a second, and the share of a bare loop's rows a second."""
        out, database = self.folder / "train.jsonl", str(self.database(name))
        say(f"exporting {' '.join(typed)} from the {name} run")
        used = ended(LYCEUM, ["-c", _BARE, str(HERE.parent), database, str(out), status])
        bare_rows, bare = _lines(out), used.ru_utime + used.ru_stime
        form, *options = typed
        run = str(HERE.parent / "run.py")
        line = [run, "export", form, str(out), "--db", database, "--force", *options]
        used = ended(LYCEUM, line)
        took, rows = used.ru_utime + used.ru_stime, _lines(out)
        return used.ru_maxrss / _MEGABYTE, rows / took, (rows / took) / (bare_rows / bare)

    def _size(self, name: str) -> float:
        have = int(self._asked_of(name, "SELECT count(*) FROM trajectories"))
        return self.database(name).stat().st_size / have

    def _asked_of(self, name: str, sql: str) -> str:
        """Return the one value that a query gives."""
        with contextlib.closing(sqlite3.connect(self.database(name))) as connection:
            return str(connection.execute(sql).fetchone()[0])


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


def say(line: str) -> None:
    """Say on stderr what goes on."""
    err.print(line, soft_wrap=True, highlight=False)


def shown(found: list[Figure], bench: Bench) -> Table:
    """Return the figures as a table."""
    title = f"{bench.trajectories} trajectories, beside {bench.source}"
    is_terminal = sys.stdout.isatty()
    table = Table(
        title=title, title_justify="left", box=box.SIMPLE_HEAD if is_terminal else box.MARKDOWN
    )
    table.add_column("what", overflow="fold")
    for name in ("unit", "short", "long", "long / short", "target"):
        table.add_column(name, justify="right")
    for one in found:
        cells = (one.unit, f"{one.short:.3g}", f"{one.long:.3g}", f"{one.ratio:.2f}", one.target)
        table.add_row(one.name, *cells)
    return table


def run(given: argparse.Namespace) -> None:
    """Make the databases, measure, print, and write what the command line asks for."""
    then = saved.read(given.against)
    if given.trajectories % given.source or given.trajectories <= given.source:
        raise ValueError("--trajectories: must be a multiple of --source, and more")
    with contextlib.ExitStack() as stack:
        folder = given.keep or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="lyceum-scale-"))
        )
        folder.mkdir(parents=True, exist_ok=True)
        bench = Bench(folder, given.source, given.trajectories, given.more, given.times)
        free, needed = shutil.disk_usage(folder).free, given.trajectories * 20_000
        if free < needed:
            raise ValueError(f"{folder}: {free >> 30} GiB free, about {needed >> 30} are needed")
        url = stack.enter_context(serving(0.0))
        bench.make(url)
        found = list(bench.figures(url, given.only))
    page, figures = Console(width=None if sys.stdout.isatty() else 160), list(map(asdict, found))
    page.print(shown(found, bench))
    if then:
        page.print(saved.against(figures, then, ("name",), {"short": "short", "long": "long"}))
    saved.write(
        given.json, figures, trajectories=bench.trajectories, source=bench.source,
        more=bench.more, times=bench.times,
    )  # fmt: skip


def arguments() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trajectories", type=int, default=1_000_000)
    parser.add_argument("--source", type=int, default=1_000, help="episodes that are really made")
    parser.add_argument("--more", type=int, default=1_000, help="made to see what one more costs")
    parser.add_argument("--times", type=int, default=3, help="measure so often; medians are shown")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="measure these")
    saved.options(parser)
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="leave the databases, or use them"
    )
    return parser.parse_args()


if __name__ == "__main__":
    try:
        run(arguments())
    except Failed as error:
        sys.exit(f"scale.py: {error}")
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"scale.py: {error}; check the arguments")

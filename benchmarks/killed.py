"""One run that is killed again and again, and what is looked at after each kill.

What a newcomer gets wrong: a database that is opened after a kill is mended by that, so only a copy
is looked at; and calls are counted where they arrive, at the endpoint. A call is asked again if it
arrived and its reply was not in the database at the kill, so it is known at each kill which those
will be.
"""

import hashlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from measuring import HERE, Failed, Json, asked

_EARLY = 0.4
"""Share of the kills that hit the start."""
PATIENCE_S = 300.0
"""Seconds after which a sitting that does not end is given up."""


@dataclass(frozen=True, slots=True)
class Case:
    """One configuration: what is run, and how its endpoint behaves."""

    name: str
    config: str
    """RUN.toml, with `{url}` where the endpoint's address goes."""
    in_flight: int
    endpoint: tuple[str, ...] = ()
    """Options of `endpoint.py`."""
    calls: bool = True
    """False: nobody is a model, so there is no endpoint."""


@dataclass(frozen=True, slots=True)
class Whole:
    """What came of a run that nobody disturbed."""

    digest: str
    export: str
    """SHA-256 of the exported file."""
    calls: int
    """Requests that the endpoint answered."""
    start_s: float
    """From the start of the process to its first line on stderr, which tells of an episode."""
    work_s: float
    """From there to its end."""

    def moment(self, draw: random.Random, done: float) -> tuple[bool, float]:
        """Return when to kill: from the start or from the first line on, and after how long.

        Some of the kills hit what comes before the first episode ends: imports, the migration, the
        reading of what is there. A share `done` of the work is behind.
        """
        if draw.random() < _EARLY:
            return False, draw.uniform(0, self.start_s)
        return True, draw.uniform(0, self.work_s * (1 - done))


@dataclass(slots=True)
class Found:
    """What came of the kills of one configuration."""

    case: str
    in_flight: int
    kills: int = 0
    runs: int = 0
    """How many ended in spite of them."""
    lost: int = 0
    """Episodes that a run which ended lacks, or that stood at one kill and no more at the next."""
    twice: int = 0
    """Rows that stand for the same thing as another."""
    again: list[int] = field(default_factory=list)
    """Calls that each kill caused to be asked again."""
    beyond: int = 0
    """Requests that the endpoint got beyond those and the needed ones; below 0: fewer."""
    wrong: list[str] = field(default_factory=list)
    """Whatever else does not hold, in words."""

    @property
    def mean(self) -> float:
        """Calls that a kill caused to be asked again, in the mean."""
        return sum(self.again) / max(len(self.again), 1)

    @property
    def most(self) -> int:
        """And at most."""
        return max(self.again, default=0)

    @property
    def holds(self) -> bool:
        """Whether all that is promised is so."""
        few = all(again <= self.in_flight for again in self.again)
        return few and not (self.lost or self.twice or self.beyond or self.wrong)


@dataclass(slots=True)
class Look:
    """What a database holds."""

    landed: dict[int, str] = field(default_factory=dict)
    """Digest of every trajectory, by episode."""
    twice: int = 0
    calls: int = 0
    fault: str = ""
    """What SQLite says is wrong with the file; empty: nothing."""


@dataclass(frozen=True, slots=True)
class Victim:
    """The command of one configuration, in a folder of its own."""

    case: Case
    episodes: int
    folder: Path
    url: str

    @property
    def database(self) -> Path:
        """Where the run that is killed writes."""
        return self.folder / "killed.db"

    def whole(self) -> Whole:
        """Do the run undisturbed and return what came of it.

        Raises:
            Failed: it did not end well.
        """
        config = self.case.config.replace("{url}", self.url)
        (self.folder / "run.toml").write_text(config, encoding="utf-8")
        self._reset()
        began, database = time.monotonic(), self.folder / "whole.db"
        with self._started(["generate", "run.toml", *self._options(database)]) as process:
            self._await_work(process)
            start_s = time.monotonic() - began
            process.wait(PATIENCE_S)
        work_s = time.monotonic() - began - start_s
        digest = self._printed("generate")["dataset_digest"]
        return Whole(digest, self._export(database), self._arrived(), start_s, work_s)

    def kill_until_it_ends(
        self, whole: Whole, kills: int, draw: random.Random, found: Found
    ) -> None:
        """Kill a new run at most so often, until it ends; then look at all of it."""
        for old in self.folder.glob(f"{self.database.name}*"):
            old.unlink()
        self._reset()
        first, before, arrived = found.kills, Look(), 0
        while True:
            spare = found.kills - first < kills
            moment = whole.moment(draw, len(before.landed) / self.episodes)
            if self._sit(moment if spare else None):
                break
            before, arrived = self.note_kill(before, arrived, found)
        if found.kills > first:  # else it says nothing
            found.beyond += self._arrived() - whole.calls - sum(found.again[first:])
            found.runs += 1
            self._examine(whole, found)

    def note_kill(self, before: Look, arrived: int, found: Found) -> tuple[Look, int]:
        """Note what a kill cost; return what the database holds and how many requests arrived.

        Args:
            before: What it held at the kill before.
            arrived: How many requests had arrived then.
            found: Where it is noted.
        """
        found.kills += 1
        look, now = self._look(), self._arrived()
        found.again.append((now - arrived) - (look.calls - before.calls))
        found.twice += look.twice
        gone = [n for n, digest in before.landed.items() if look.landed.get(n) != digest]
        found.lost += len(gone)
        if look.fault:
            found.wrong.append(f"after kill {found.kills}: {look.fault}")
        return look, now

    def _examine(self, whole: Whole, found: Found) -> None:
        """Look at a run that has ended, with its own commands and beside them."""
        look = self._look()
        found.lost += self.episodes - len(look.landed)
        found.twice += look.twice
        if look.fault:
            found.wrong.append(look.fault)
        for name in ("verify", "replay"):
            said = self._said(name, "--db", str(self.database))
            if said["dataset_digest"] != whole.digest:
                found.wrong.append(f"{name}: another digest than that of the unbroken run")
            if said["disagreements"]:
                found.wrong.append(f"{name}: {len(said['disagreements'])} disagreements")
        if self._export(self.database) != whole.export:
            found.wrong.append("export: other bytes than those of the unbroken run")

    def _sit(self, moment: tuple[bool, float] | None) -> bool:
        """Type the command; return whether it ended before it was killed.

        Raises:
            Failed: it ended otherwise than with exit code 0.
        """
        at_work, after_s = moment or (False, PATIENCE_S)
        with self._started(["generate", "run.toml", *self._options(self.database)]) as process:
            if at_work:
                self._await_work(process)
            try:
                process.wait(after_s)
            except subprocess.TimeoutExpired as error:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                if moment is None:
                    raise Failed(f"{self.case.name}: a sitting did not end") from error
                return False
        if process.returncode:
            code = process.returncode
            raise Failed(f"{self.case.name}: exit code {code}: {self._last_lines()}")
        return True

    def _await_work(self, process: "subprocess.Popen[bytes]") -> None:
        """Wait until a process tells of an episode, or ends."""
        deadline = time.monotonic() + PATIENCE_S
        while process.poll() is None and time.monotonic() < deadline:
            if (self.folder / "err.txt").stat().st_size:
                return
            time.sleep(0.005)

    def _look(self) -> Look:
        """Return what the database holds, from a copy of its files as they lie."""
        with tempfile.TemporaryDirectory(prefix="lyceum-kill-") as folder:
            copy = Path(folder) / self.database.name
            for suffix in ("", "-wal", "-journal"):
                with suppress(FileNotFoundError):
                    shutil.copyfile(f"{self.database}{suffix}", f"{copy}{suffix}")
            if not copy.exists() or not copy.stat().st_size:
                return Look()
            with closing(sqlite3.connect(copy)) as connection:
                return looked(connection)

    def _options(self, database: Path) -> list[str]:
        counts = ["--episodes", str(self.episodes), "--in-flight", str(self.case.in_flight)]
        return [*counts, "--db", str(database)]

    def _said(self, name: str, *arguments: str) -> Json:
        """Return what a command prints.

        Raises:
            Failed: it is not one JSON object.
        """
        with self._started([name, *arguments]) as process:
            process.wait(PATIENCE_S)
        return self._printed(name)

    def _printed(self, name: str) -> Json:
        """Return what a command has printed.

        Raises:
            Failed: it is not one JSON object.
        """
        try:
            said: Json = json.loads((self.folder / "out.json").read_text(encoding="utf-8"))
        except ValueError as error:
            raise Failed(f"{self.case.name}: {name}: {self._last_lines()}") from error
        return said

    @contextmanager
    def _started(self, arguments: list[str]) -> Iterator["subprocess.Popen[bytes]"]:
        """Start `run.py` as the leader of a process group of its own; its words go to files."""
        run = [sys.executable, str(HERE.parent / "run.py"), *arguments, "--json"]
        with (
            (self.folder / "out.json").open("wb") as out,
            (self.folder / "err.txt").open("wb") as err,
            subprocess.Popen(
                run, cwd=self.folder, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            ) as process,
        ):  # fmt: skip
            try:
                yield process
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)

    def _last_lines(self) -> str:
        text = (self.folder / "err.txt").read_text(encoding="utf-8", errors="replace")
        return " | ".join(text.splitlines()[-3:])

    def _export(self, database: Path) -> str:
        """Return the digest of what `export` writes."""
        path = self.folder / "export.jsonl"
        self._said("export", "sft", str(path), "--force", "--db", str(database))
        return hashlib.sha256(path.read_bytes()).hexdigest()

    def _reset(self) -> None:
        if self.case.calls:
            asked(self.url, "POST", "/reset")

    def _arrived(self) -> int:
        """Return how many requests arrived that no fault struck, once none is in flight."""
        deadline = time.monotonic() + PATIENCE_S
        before: Json = {}
        while self.case.calls and time.monotonic() < deadline:
            stats = asked(self.url, "GET", "/stats")
            if not stats["in_flight"] and stats == before:
                return int(stats["requests"] - sum(stats[fault] for fault in ("429", "500")))
            before = stats
            time.sleep(0.02)
        return 0


TWICE = {
    "trajectories": "run_id, n",
    "assignments": "run_id, n",
    "attempts": "trajectory_id, revision, idx",
    "verdicts": "attempt_id, ordinal",
    "model_calls": "request_digest",
    "calls_used": "trajectory_id, role, revision, idx, turn",
}
"""What of each table must differ from row to row."""


def looked(connection: sqlite3.Connection) -> Look:
    """Return what a copy holds; one that has no tables yet holds nothing."""
    look = Look()
    faults = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
    faults += [f"foreign key: {row}" for row in connection.execute("PRAGMA foreign_key_check")]
    look.fault = "; ".join(faults[:3])
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'runs'").fetchone():
        return look
    look.landed = dict(connection.execute("SELECT n, digest FROM trajectories"))
    [look.calls] = connection.execute("SELECT count(*) FROM model_calls").fetchone()
    for table, key in TWICE.items():
        sql = f"SELECT count(*) - (SELECT count(*) FROM (SELECT DISTINCT {key} FROM {table}))"
        look.twice += connection.execute(f"{sql} FROM {table}").fetchone()[0]
    return look

"""What several test files share."""

import asyncio
import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from agents.steps.written import written_steps
from storage import ids
from storage.errors import Lacking
from storage.export import FORMATS, Asked, Example, Exporting, Manner
from storage.export.account import Account, Removed
from storage.export.exporting import Compared
from storage.queries import Reader
from storage.records import (
    Assignment,
    Attempt,
    ExpertSeed,
    Lesson,
    Run,
    Task,
    Trajectory,
    Verdict,
)
from storage.store import Store

# An example takes as long as the machine lets it; the rest is as it is, also where CI is set.
settings.register_profile("patient", settings.default, deadline=None)
settings.load_profile("patient")

ROOT = Path(__file__).resolve().parents[1]
REWARDS = {"accepted": 1.0, "rejected": 0.0, "unscored": None, "failed": None}


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder beside the checkout with recorded data and endpoints; not every machine has it."""
    folder = Path(__file__).resolve().parents[1].parent / "shared"
    if not folder.is_dir():
        pytest.skip("no folder ../shared with recorded data on this machine")
    return folder


@contextmanager
def _small_disk(folder: Path, kilobytes: int) -> Iterator[Callable[..., None]]:
    folder.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "none", str(folder)]
    if sys.platform != "linux" or os.geteuid() or subprocess.run(options, check=False).returncode:
        pytest.skip("no small disk can be mounted here")

    def mount(*options: str) -> None:
        given = ",".join(("remount", *options))
        subprocess.run(["mount", "-o", given, str(folder)], check=True)

    try:
        yield mount
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def small_disk() -> Any:
    """Mounts a file system of so many kilobytes, or skips the test where that is not allowed."""
    return _small_disk


@pytest.fixture(scope="module")
def unmeasured() -> Iterator[None]:
    """Measure no coverage in the processes that the tests start, which takes as long again.

    For modules that start many, and whose lines other tests measure.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        yield


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a run of 2,000 embedded episodes; nobody may write to it."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # which the processes of these tests share
    path, begun = folder / "many.db", folder / "many-begun.db"
    with (folder / "many.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            command = [sys.executable, str(ROOT / "run.py"), "generate", "--episodes", "2000"]
            plain = {k: v for k, v in os.environ.items() if k != "COVERAGE_PROCESS_CONFIG"}
            done = subprocess.run(
                [*command, "--db", str(begun)], env=plain, capture_output=True, check=False
            )
            assert done.returncode == 0, done.stderr
            begun.rename(path)
    return path


def tried(text: str, status: str = "accepted", **more: Any) -> dict[str, Any]:
    """Describe an attempt: fields of it and of its verdict, and `later`, verdicts of people."""
    return {"text": text, "status": status, **more}


def episode(n: int, question: str, *tries: dict[str, Any], **more: Any) -> Trajectory:
    """Make an episode of these tries; a try without idx and revision is a first one.

    Args:
        n: Its place in the run.
        question: What the lesson asks; instructions are "Say it."
        tries: See `tried`.
        more: Fields of the lesson, and `run` (its id).
    """
    run = more.pop("run", "r1")
    own = ids.trajectory_id(run, n)
    lesson = {"skill": "s", "level": 2, "reference": "7", "verifier": "exact", "made_by": "library"}
    task = Task(question=question, instruction="Say it.")
    written = Lesson(id="", task=task, **{**lesson, **more})
    written = written.model_copy(update={"id": ids.lesson_id(written)})
    attempts: list[Attempt] = []
    first: list[Verdict] = []
    later: list[Verdict] = []
    for order, one in enumerate(tries):
        idx, revision = one.get("idx", order), one.get("revision", 0)
        name = ids.attempt_id(own, revision, idx)
        given = {key: one[key] for key in ("reasoning", "answer") if key in one}
        attempts.append(
            Attempt(
                id=name, trajectory_id=own, lesson_id=written.id, idx=idx, revision=revision,
                text=one["text"], made_by="student", **{"answer": "7", **given},
            )
        )  # fmt: skip
        if one["status"] is not None:
            first.append(_verdict(name, 0, one, "program"))
        people = enumerate(one.get("later", ()), 1)
        later += [_verdict(name, place, said, "person") for place, said in people]
    return Trajectory(
        id=own,
        run_id=run,
        assignment=Assignment(
            n=n, skill=written.skill, level=written.level, language=written.language, seed=n,
            expert_seed=written.expert_seed,
        ),
        lesson=written,
        attempts=tuple(attempts),
        verdicts=(*first, *later),
        status="accepted",
        reward=1.0,
    )  # fmt: skip


def _verdict(attempt: str, ordinal: int, said: dict[str, Any], rung: str) -> Verdict:
    reward = said.get("reward", REWARDS[said["status"]])
    step = said.get("wrong_step")
    return Verdict(
        id=ids.verdict_id(attempt, ordinal),
        attempt_id=attempt,
        status=said["status"],
        reward=reward,
        rung=said.get("rung", rung) if reward is not None else None,
        reason=said.get("reason"),
        critique=said.get("critique", ""),
        first_wrong_step=step,
        first_wrong_step_rung="program" if step else None,
    )


def written(
    path: Path,
    *episodes: Trajectory,
    seeds: Sequence[ExpertSeed] = (),
    runs: Sequence[str] = ("r1",),
) -> Path:
    """Write episodes to a database, and return its path."""

    async def write() -> None:
        with Store.open(path) as store:
            for run in runs:
                await store.begin(
                    Run(id=run, identity={}, config={}, seed=1, episodes=9, created_at="2026-01-01")
                )
            await store.add_expert_seeds(seeds)
            for one in episodes:
                await store.assign(one.run_id, one.assignment)
                await store.land(one)

    asyncio.run(write())
    return path


@dataclass
class Exports:
    """What came of an export."""

    account: Account
    rows: list[Example]
    splits: list[str]
    """Of each row, in order."""
    removed: list[Removed]

    def left(self) -> dict[str, int]:
        """Return how many attempts were left out, by reason."""
        return dict(self.account.left_out)


def exported(path: Path, form: str = "sft", runs: Sequence[str] = ("r1",), **more: Any) -> Exports:
    """Export one format; it may have nothing to give.

    Args:
        path: The database.
        form: A format's name.
        runs: Of which runs.
        more: Of `Asked`, of `Exporting`, or of `Compared`.
    """
    removed: list[Removed] = []
    own = {name: more.pop(name) for name in ("counting", "known") if name in more}
    own["compared"] = Compared(more.pop("near", None), more.pop("across", None))
    manner = more.pop("manner", Manner(written_steps))
    with Reader.open(path) as reader:
        asked = Asked(FORMATS[form], manner, **more)
        making = Exporting(reader, runs, asked, on_removed=removed.append, **own)
        found: list[tuple[str, Any]] = []
        with suppress(Lacking):
            found.extend(making.examples())
    assert making.account.balances()
    return Exports(
        making.account, [made.example for _, made in found], [split for split, _ in found], removed
    )


class Classroom:
    """What tests of exports write their databases and their exports with."""

    tried = staticmethod(tried)
    episode = staticmethod(episode)
    written = staticmethod(written)
    exported = staticmethod(exported)
    manner = staticmethod(partial(Manner, written_steps))


@pytest.fixture(scope="session")
def classroom() -> type[Classroom]:
    return Classroom


Commanded = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def command() -> Commanded:
    """Run the command line with arguments, and return what came of it."""

    def commanded(
        *arguments: object, cwd: Path | None = None
    ) -> "subprocess.CompletedProcess[str]":
        line = [sys.executable, str(ROOT / "run.py"), *map(str, arguments)]
        return subprocess.run(line, cwd=cwd, capture_output=True, text=True, check=False)

    return commanded

"""What the tests of the index share: schools of many kinds, and answers found the slow way."""

import asyncio
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from storage import ids
from storage.index import Filters, Index, Listed, find
from storage.people.need import Opinion, Tried, needed
from storage.queries import Reader
from storage.records import Assignment, Attempt, Lesson, Run, Task, Trajectory, Verdict
from storage.store import Store
from storage.worth import last_verdicts, worth

RUNS = ("r1", "r2", "r10")
WORDS = ("apple", "berry", "cherry", "durian", "elder")
FACETS: dict[str, tuple[str, ...]] = {
    "run": RUNS,
    "status": ("accepted", "rejected", "unscored", "failed"),
    "rung": ("program", "judge", "-"),
    "skill": ("algebra", "sql", "triage"),
    "level": ("1", "2", "3"),
    "language": ("en", "de"),
    "model": ("embedded/novice@1", "qwen3", "-"),
    "reason": ("wrong", "no_answer", "undecided", "error", "screen", "-"),
    "why": ("unscored", "rungs disagree", "near the threshold", "judge alone", "-"),
    "people": ("no", "yes"),
}
SORTS = ("newest", "oldest", "best", "worst", "hardest", "easiest", "need")


def trajectory(chance: random.Random, run: str, n: int) -> Trajectory:
    """Make an episode at random: refused by the screen, failed, or with up to three attempts."""
    own = ids.trajectory_id(run, n)
    skill, level = chance.choice(FACETS["skill"]), chance.randint(1, 3)
    fields: dict[str, Any] = {
        "skill": skill,
        "level": level,
        "language": chance.choice(("en", "de")),
    }
    lesson = Lesson(
        id="", task=Task(question=_sentence(chance)), reference="7", verifier="judge",
        made_by="library", **fields,
    )  # fmt: skip
    lesson = lesson.model_copy(update={"id": ids.lesson_id(lesson)})
    attempts, verdicts = [], []
    for idx in range(chance.choice((0, 1, 1, 2, 3))):
        name = ids.attempt_id(own, 0, idx)
        attempts.append(
            Attempt(
                id=name, trajectory_id=own, lesson_id=lesson.id, idx=idx, text=_sentence(chance),
                answer=chance.choice(("7", "8", None)),
                made_by=chance.choice(("embedded/novice@1", "chat/qwen3")),
            )
        )  # fmt: skip
        verdicts.append(_verdict(chance, name, 0))
    failed = chance.random() < 0.1
    status, reason, reward = worth(verdicts, failed=failed)
    return Trajectory(
        id=own, run_id=run, assignment=Assignment(n=n, seed=n, **fields), lesson=lesson,
        attempts=tuple(attempts), verdicts=tuple(verdicts), status=status, reward=reward,
        reason=reason, error="attempt: ValueError: no" if failed else None,
    )  # fmt: skip


def _sentence(chance: random.Random) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(chance.randint(1, 4)))


def _verdict(chance: random.Random, attempt: str, ordinal: int) -> Verdict:
    status = chance.choice(("accepted", "rejected", "unscored"))
    reward = {"accepted": chance.choice((0.7, 1.0)), "rejected": chance.choice((0.0, 0.55))}
    reason = {"rejected": chance.choice(("wrong", "no_answer")), "unscored": "undecided"}
    return Verdict(
        id=ids.verdict_id(attempt, ordinal),
        attempt_id=attempt,
        status=status,
        reward=reward.get(status),
        rung=chance.choice(("program", "judge")) if status in reward else None,
        reason=reason.get(status),
        critique=_sentence(chance) if chance.random() < 0.4 else "",
    )


def school(path: Path, seed: int, each: int) -> Path:
    """Write runs of so many random episodes to a database, and return its path."""
    chance = random.Random(seed)

    async def write() -> None:
        with Store.open(path) as store:
            for run in RUNS:
                await store.begin(
                    Run(id=run, identity={}, config={}, seed=1, episodes=9, created_at="2026-01-01")
                )
            for n in range(each):
                for run in RUNS:
                    await add(store, trajectory(chance, run, n))

    asyncio.run(write())
    return path


async def add(store: Store, made: Trajectory) -> None:
    """Let an episode land."""
    await store.assign(made.run_id, made.assignment)
    await store.land(made)


def judged_by(path: Path, trajectory_id: str, status: str) -> None:
    """Let a person say something about the first attempt, as rows of the database say it."""
    with closing(sqlite3.connect(path)) as connection, connection:
        sql = "SELECT id FROM attempts WHERE trajectory_id = ? ORDER BY revision, idx"
        [attempt] = connection.execute(sql, (trajectory_id,)).fetchone()
        sql = "SELECT max(ordinal) + 1 FROM verdicts WHERE attempt_id = ?"
        [ordinal] = connection.execute(sql, (attempt,)).fetchone()
        connection.execute(
            """INSERT INTO verdicts (id, attempt_id, ordinal, place, status, reward, rung, reason,
                    checks, grades, critique, digest)
                VALUES (?, ?, ?, 50 + ?, ?, ?, 'person', NULL, '[]', '[]', 'fig', '')""",
            (f"v{attempt}{ordinal}", attempt, ordinal, ordinal, status, _REWARD[status]),
        )
        sql = "UPDATE trajectories SET status = ?, reward = ?, reason = NULL WHERE id = ?"
        connection.execute(sql, (status, _REWARD[status], trajectory_id))


_REWARD = {"accepted": 1.0, "rejected": 0.0, "unscored": None}


Whole = list[tuple[Listed, Trajectory, int]]
"""Every trajectory with its line, and how many runs began before its own."""


def whole(path: Path) -> Whole:
    """Read all records of a database."""
    with Reader.open(path) as reader:
        runs = [row[0] for row in reader.rows("SELECT run_id FROM trajectories GROUP BY 1")]
        began = [run.id for run in reversed(reader.runs())]
        first = {run: began.index(run) for run in runs}
        return [(line_of(one), one, first[run]) for run in runs for one in reader.stream(run)]


def plainly(found: Path | Whole, filters: Filters) -> list[Listed]:
    """Answer without an index: of all records keep what is asked for, and sort it."""
    every = whole(found) if isinstance(found, Path) else found
    passing = [(line, first) for line, one, first in every if _passes(line, one, filters)]
    passing.sort(key=lambda each: _place(each[0], filters.sort, each[1]))
    return [line for line, _ in passing]


def line_of(one: Trajectory) -> Listed:
    """Return the line that the table should have of a trajectory."""
    last = last_verdicts(one.verdicts)
    deciding = [verdict for verdict in last if verdict.status == one.status]
    said: dict[str, list[Opinion]] = {attempt.id: [] for attempt in one.attempts}
    for v in one.verdicts:
        opinion = Opinion(v.rung, v.status, v.reward, v.reason)
        said[v.attempt_id].append(opinion)
    need = needed(
        [
            Tried(a.id, a.idx, a.revision, a.answer, a.error, a.finish_reason, said[a.id])
            for a in one.attempts
        ]
    )
    return Listed(
        id=one.id, run_id=one.run_id, n=one.assignment.n, skill=one.assignment.skill,
        level=one.assignment.level, language=one.assignment.language, status=one.status,
        rung=deciding[-1].rung if deciding else None, reward=one.reward, reason=one.reason,
        model=one.attempts[0].made_by.removeprefix("chat/") if one.attempts else None,
        attempts=len(one.attempts), people=sum(v.rung == "person" for v in one.verdicts),
        why=need.why if need else None, wanted=need.attempt_id if need else None,
    )  # fmt: skip


def _passes(line: Listed, one: Trajectory, filters: Filters) -> bool:
    fields = {facet: getattr(line, facet, None) for facet in FACETS}
    fields |= {"run": line.run_id, "people": "yes" if line.people else "no"}
    said = {facet: "-" if value is None else str(value) for facet, value in fields.items()}
    if any(said[facet] != value for facet, value in filters.chosen().items()):
        return False
    texts = [one.lesson.task.question] if one.lesson else []
    texts += [attempt.text for attempt in one.attempts] + [v.critique for v in one.verdicts]
    return all(any(_holds(text, part) for text in texts) for part in _parts(filters.text))


def _parts(typed: str) -> Iterator[str]:
    """Yield phrases and words of a question in which nothing is nested."""
    for place, part in enumerate(typed.split('"')):
        yield from [part] if place % 2 else part.split()


def _holds(text: str, part: str) -> bool:
    if part.endswith("*"):
        return f" {part[:-1]}" in f" {text}"
    return f" {part} " in f" {text} "


def _place(line: Listed, sort: str, run: int) -> tuple[float, ...]:
    weight = {"unscored": 4, "rungs disagree": 3, "near the threshold": 2, "judge alone": 1}
    weight["people disagree"] = 5
    key = (run, line.n)
    back = (-run, -line.n)
    reward = -1.0 if line.reward is None else line.reward
    return {
        "newest": back,
        "oldest": key,
        "best": (-reward, *back),
        "worst": (line.reward is None, reward, *key),
        "hardest": (-line.level, *back),
        "easiest": (line.level, *key),
        "need": (-weight.get(line.why or "", 0), *key),
    }[sort]


def asked(index: Index, limit: int = 7, **given: str) -> list[Listed]:
    """Return all rows that filters let pass, page by page."""
    rows: list[Listed] = []
    after = ""
    while True:
        page = find(index, Filters.of(given | {"after": after}), limit)
        assert page.fewer == bool(after)
        rows += page.rows
        if not page.more:
            return rows
        assert page.last != after
        after = page.last


def asked_backward(index: Index, limit: int = 7, **given: str) -> list[Listed]:
    """Return the same, from the last page back."""
    rows: list[Listed] = []
    before = "end"
    while True:
        page = find(index, Filters.of(given | {"before": before}), limit)
        rows = [*page.rows, *rows]
        if not page.fewer:
            return rows
        before = page.first

"""Episodes as exports read them: a lesson, and each attempt at it with its last verdict.

What a newcomer gets wrong: these are no records. A million of them go by, so they are read by two
queries in step with each other, without being put together and checked as records are; `verify` is
there for that.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from storage.queries import Reader
from storage.records import Status


@dataclass(slots=True)
class Judged:
    """An attempt with what was said last about it."""

    id: str
    idx: int
    revision: int
    text: str
    reasoning: str | None
    answer: str | None
    made_by: str
    status: Status
    reward: float | None
    rung: str | None
    reason: str | None
    first_wrong_step: int | None
    critique: str
    """The last that was written about it, by whoever gave the same status."""
    told: str
    """The first critique: what a revision of it was asked to act on."""


class Lesson(NamedTuple):
    """The lesson of an episode, and where both come from; in the order of the query's columns."""

    n: int
    trajectory_id: str
    lesson_id: str
    skill: str
    level: int
    language: str
    question: str
    instruction: str
    answer_pattern: str
    reference: str
    verifier: str
    data: str
    """JSON."""
    made_by: str
    question_digest: str
    expert_seed: str | None
    licence: str | None
    """None: there is no expert seed, or nobody says."""

    @property
    def text(self) -> str:
        """The question with its instruction, as the student had it."""
        return f"{self.question}\n\n{self.instruction}" if self.instruction else self.question

    @property
    def family(self) -> str:
        """What it is kin to: lessons of one expert seed, or of one blueprint of a program.

        A lesson of neither is a family of its own, known by its normalised question.
        """
        if self.expert_seed:
            return self.expert_seed
        if self.made_by.startswith(("embedded/", "reasoning_gym@")):
            return f"{self.made_by}/{self.skill}/{self.level}"
        return self.question_digest


@dataclass(slots=True)
class Episode:
    """One episode with a lesson; those without have no attempts."""

    lesson: Lesson
    attempts: list[Judged] = field(default_factory=list)
    """In order of revision, then idx."""

    def before(self, attempt: Judged) -> list[Judged]:
        """Return what an attempt revises, first try first."""
        return [
            each
            for each in self.attempts
            if each.idx == attempt.idx and each.revision < attempt.revision
        ]


def episodes(reader: Reader, run_id: str) -> Iterator[Episode]:
    """Yield the episodes of a run that have a lesson, in order of n, one at a time in memory."""
    return _joined(reader, "t.run_id = ?", run_id)


def episode(reader: Reader, trajectory_id: str) -> Episode | None:
    """Return one episode. None: it has no lesson."""
    return next(_joined(reader, "t.id = ?", trajectory_id), None)


def alike(reader: Reader, run_id: str, question_digest: str, n: int) -> Iterator[Episode]:
    """Yield the episodes of a run before `n` that ask this question, in order of n."""
    for row in reader.rows(_ALIKE, run_id, question_digest, n):
        yield from _joined(reader, "t.id = ?", row[0])


def _joined(reader: Reader, which: str, value: str) -> Iterator[Episode]:
    lessons = map(Lesson._make, reader.rows(_LESSONS.format(which), value))
    by_episode = groupby(reader.rows(_ATTEMPTS.format(which), value), key=itemgetter(0))
    n, rows = next(by_episode, (None, iter(())))
    for lesson in lessons:
        whole = Episode(lesson)
        while n is not None and n < lesson.n:  # landed after the first query began
            n, rows = next(by_episode, (None, iter(())))
        if n == lesson.n:
            whole.attempts = list(_attempts(rows))
            n, rows = next(by_episode, (None, iter(())))
        yield whole


def _attempts(rows: Iterator[sqlite3.Row]) -> Iterator[Judged]:
    """Yield the attempts of one episode from its rows, one for each verdict, oldest first."""
    latest: Judged | None = None
    for row in rows:
        if latest is not None and row[1] == latest.id:
            _overrule(latest, row)
            continue
        if latest is not None:
            yield latest
        latest = Judged(*row[1:])
    if latest is not None:
        yield latest


def _overrule(attempt: Judged, row: Sequence[object]) -> None:
    """Let a later verdict count."""
    said: str = row[13]  # type: ignore[assignment]
    same = row[8] == attempt.status
    attempt.status, attempt.reward, attempt.rung = row[8:11]  # type: ignore[assignment]
    attempt.reason, attempt.first_wrong_step = row[11:13]  # type: ignore[assignment]
    attempt.critique = said or (attempt.critique if same else "")


_LESSONS = """SELECT t.n, t.id, l.id, l.skill, l.level, l.language, l.question, l.instruction,
        l.answer_pattern, l.reference, l.verifier, l.data, l.made_by, l.question_digest,
        l.expert_seed_id, s.licence
    FROM trajectories t CROSS JOIN lessons l ON l.id = t.lesson_id
    LEFT JOIN expert_seeds s ON s.id = l.expert_seed_id
    WHERE {} ORDER BY t.n"""
# An episode that an exception ended may have attempts that nobody judged.
_ATTEMPTS = """SELECT t.n, a.id, a.idx, a.revision, a.text, a.reasoning, a.answer, a.made_by,
        coalesce(v.status, 'failed'), v.reward, v.rung, v.reason, v.first_wrong_step,
        coalesce(v.critique, ''), coalesce(v.critique, '')
    FROM trajectories t CROSS JOIN attempts a ON a.trajectory_id = t.id
    LEFT JOIN verdicts v ON v.attempt_id = a.id
    WHERE {} ORDER BY t.n, a.revision, a.idx, v.ordinal"""
_ALIKE = """SELECT t.id FROM lessons CROSS JOIN trajectories t ON t.lesson_id = lessons.id
    WHERE t.run_id = ? AND lessons.question_digest = ? AND t.n < ? ORDER BY t.n"""

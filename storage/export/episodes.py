"""Episodes as exports read them: a lesson, and each attempt at it with its last verdict.

What a newcomer gets wrong: these are no records. A million of them go by, so they are read by one
query, and not put together and checked as records are; `verify` is there for that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

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
    verified: Status | None = None
    """What the lesson's verifier decided. None: it did not, or there was no answer to decide on."""

    @property
    def contradicts(self) -> bool:
        """Whether the last verdict says right where the verifier said wrong, or the other way."""
        return {self.verified, self.status} == {"accepted", "rejected"}


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
            # Without the version: a blueprint stays where it is when the program changes.
            return f"{self.made_by.partition('@')[0]}/{self.skill}/{self.level}"
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


def asked_again(reader: Reader, most: int) -> frozenset[str] | None:
    """Return the digests of questions that more than one episode may ask. None: too many do."""
    found = [row[0] for row in reader.rows(_AGAIN, most + 1)]
    return None if len(found) > most else frozenset(found)


def _joined(reader: Reader, which: str, value: str) -> Iterator[Episode]:
    whole: Episode | None = None
    latest: Judged | None = None
    for row in reader.rows(_ROWS.format(which), value):
        if whole is None or whole.lesson.n != row[0]:
            if whole is not None:
                yield whole
            whole, latest = Episode(Lesson._make(row[:_LESSON])), None
        if latest is not None and latest.id == row[_LESSON]:
            _overrule(latest, row[_LESSON:])
        elif row[_LESSON] is not None:
            of_attempt = (*row[_LESSON:], row[-1])
            latest = Judged(*of_attempt)
            if latest.rung == "program" and latest.reason in (None, "wrong"):
                latest.verified = latest.status
            whole.attempts.append(latest)
    if whole is not None:
        yield whole


def _overrule(attempt: Judged, row: Sequence[Any]) -> None:
    """Let a later verdict on an attempt count; `row` has the values of `Judged` in order."""
    same = row[7] == attempt.status
    attempt.status, attempt.reward, attempt.rung, attempt.reason = row[7:11]
    if not same or row[11] is not None:  # who confirms a verdict need not name the step again
        attempt.first_wrong_step = row[11]
    attempt.critique = row[12] or (attempt.critique if same else "")


_LESSON = len(Lesson._fields)
# In the order of the columns of `Lesson` and of `Judged`: a row for each verdict, oldest first. An
# episode that an exception ended may have attempts that nobody judged.
_ROWS = """SELECT t.n, t.id, l.id, l.skill, l.level, l.language, l.question, l.instruction,
        l.answer_pattern, l.reference, l.verifier, l.data, l.made_by, l.question_digest,
        l.expert_seed_id, s.licence,
        a.id, a.idx, a.revision, a.text, a.reasoning, a.answer, a.made_by,
        coalesce(v.status, 'failed'), v.reward, v.rung, v.reason, v.first_wrong_step,
        coalesce(v.critique, '')
    FROM trajectories t CROSS JOIN lessons l ON l.id = t.lesson_id
    LEFT JOIN expert_seeds s ON s.id = l.expert_seed_id
    LEFT JOIN attempts a ON a.trajectory_id = t.id LEFT JOIN verdicts v ON v.attempt_id = a.id
    WHERE {} ORDER BY t.n, a.revision, a.idx, v.ordinal"""
_ALIKE = """SELECT t.id FROM lessons CROSS JOIN trajectories t ON t.lesson_id = lessons.id
    WHERE t.run_id = ? AND lessons.question_digest = ? AND t.n < ? ORDER BY t.n"""
# Both go through an index alone.
_AGAIN = """SELECT question_digest FROM lessons GROUP BY question_digest HAVING count(*) > 1
    UNION SELECT question_digest FROM lessons WHERE id IN
        (SELECT lesson_id FROM trajectories GROUP BY lesson_id HAVING count(*) > 1)
    LIMIT ?"""

"""What a person sees of an attempt before they have said what they think of it.

What a newcomer gets wrong: whoever knows what a machine said agrees with it more often than not.
So what is shown is made from the attempt and its lesson alone: no verdict is read, none of a
sibling's, and `Blind` has no field that could hold one. That an attempt is a revision, which model
made it, and why somebody is asked about it would tell as well; they wait until after.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from pydantic import JsonValue

from storage import rows
from storage.errors import Missing
from storage.export.making import Steps
from storage.people.rubric import Criterion, rubric_of
from storage.queries import Reader
from storage.records import Attempt, Lesson

MOST_STEPS = 200


@dataclass(frozen=True, slots=True)
class Blind:
    """An attempt with its lesson."""

    attempt_id: str
    skill: str
    level: int
    language: str
    task: str
    reference: str
    worked: tuple[str, ...]
    """The teacher's steps, first step first."""
    text: str
    reasoning: str | None
    answer: str | None
    cut_off: bool
    """Whether a token limit ended it."""
    steps: tuple[str, ...]
    """Those that the attempt has written, first step first, at most `MOST_STEPS`."""
    criteria: tuple[Criterion, ...]
    verifier: str
    """The lesson's: what checks such attempts, which says nothing of what it found."""

    def plain(self) -> dict[str, JsonValue]:
        """Return it as plain data."""
        return json.loads(json.dumps(asdict(self)))  # type: ignore[no-any-return]


def blind(
    reader: Reader, attempt: Attempt, steps: Steps, criteria: Iterable[Criterion] = ()
) -> Blind:
    """Return what may be seen of an attempt.

    Args:
        reader: Open.
        attempt: As it is stored.
        steps: Finds the steps of an attempt.
        criteria: The rubric for runs whose own is not known.

    Raises:
        StorageError: its lesson is gone or damaged.
    """
    lesson, run_id = _lesson(reader, attempt)
    asked = tuple(rubric_of(reader, run_id, attempt.trajectory_id, tuple(criteria)))
    return Blind(
        attempt_id=attempt.id,
        skill=lesson.skill,
        level=lesson.level,
        language=lesson.language,
        task=lesson.task.text,
        reference=lesson.reference,
        worked=lesson.steps,
        text=attempt.text,
        reasoning=attempt.reasoning,
        answer=attempt.answer,
        cut_off=attempt.finish_reason == "length",
        steps=tuple(steps(attempt.text, lesson.task.answer_pattern))[:MOST_STEPS],
        criteria=asked,
        verifier=lesson.verifier,
    )


def attempt_called(reader: Reader, ref: str) -> Attempt:
    """Return an attempt by its id or the beginning of it.

    Raises:
        Missing: there is none.
        Ambiguous: there are several.
    """
    for row in reader.rows("SELECT * FROM attempts WHERE id = ?", ref):
        return rows.read("attempts", rows.attempt_of, row)
    if not ref.startswith("a"):
        raise Missing(f"{ref!r}: is not the id of an attempt, which begins with a")
    ref = ref.partition("-")[0]  # a pair's id begins with the chosen attempt
    trajectory = reader.trajectory(ref)
    return next(attempt for attempt in trajectory.attempts if attempt.id.startswith(ref))


def _lesson(reader: Reader, attempt: Attempt) -> tuple[Lesson, str]:
    sql = """SELECT l.*, t.run_id AS its_run FROM lessons l, trajectories t
        WHERE l.id = ? AND t.id = ?"""
    for row in reader.rows(sql, attempt.lesson_id, attempt.trajectory_id):
        return rows.read("lessons", rows.lesson_of, row), row["its_run"]
    raise Missing(f"{attempt.id!r}: its lesson is gone; `verify` tells what is missing")

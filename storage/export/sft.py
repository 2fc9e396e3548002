"""Supervised fine-tuning: a task and an attempt that was accepted.

What a newcomer gets wrong: the last verdict on an attempt counts, so a person's comes before a
program's; of two episodes with the same question only the first that gives an example is used; and
an answer that is right after a wrong step is right by luck, which is nothing to learn from.
"""

from collections.abc import Iterator

from pydantic import JsonValue

from storage import ids
from storage.queries import Reader
from storage.records import Attempt, Lesson, Trajectory, Verdict

KNOWN = 10_000
"""How many questions are remembered; for others the database is asked, so that memory stays flat
however many episodes there are."""
# What `accepted` finds, in SQL: an attempt whose last verdict accepts it and names no wrong step.
# A cross join is done in the order in which it is written; any other begins with the whole run.
_USED = """SELECT 1 FROM lessons
    CROSS JOIN trajectories t ON t.lesson_id = lessons.id AND t.run_id = :run_id AND t.n < :n
    CROSS JOIN attempts a ON a.trajectory_id = t.id CROSS JOIN verdicts v ON v.attempt_id = a.id
    WHERE question_digest = :question AND v.status = 'accepted' AND v.first_wrong_step IS NULL
    AND NOT EXISTS (SELECT 1 FROM verdicts later WHERE later.attempt_id = a.id
        AND (later.place, later.ordinal) > (v.place, v.ordinal))
    LIMIT 1"""


def sft(reader: Reader, run_id: str) -> Iterator[dict[str, JsonValue]]:
    """Yield an example for each accepted attempt of a run, in order of n, revision and idx.

    Equal texts for one lesson give one example, and equal questions give those of one episode.
    """
    known: dict[str, None] = {}
    for trajectory in reader.stream(run_id):
        lesson, found = trajectory.lesson, accepted(trajectory)
        if lesson is None or not found:
            continue
        question = ids.question_digest(lesson.task.question)
        if question in known:
            continue
        known[question] = None
        if len(known) > KNOWN:
            del known[next(iter(known))]
        if not _was_used(reader, run_id, question, trajectory.assignment.n):
            for attempt, verdict in found:
                yield _example(trajectory, lesson, attempt, verdict)


def accepted(trajectory: Trajectory) -> list[tuple[Attempt, Verdict]]:
    """Return the attempts that are accepted without a wrong step, each text once, in order."""
    last = {verdict.attempt_id: verdict for verdict in trajectory.verdicts}
    found: dict[str, tuple[Attempt, Verdict]] = {}
    for attempt in trajectory.attempts:
        verdict = last.get(attempt.id)
        if verdict is None or verdict.first_wrong_step is not None:
            continue
        if verdict.status == "accepted":
            found.setdefault(attempt.text, (attempt, verdict))
    return list(found.values())


def _was_used(reader: Reader, run_id: str, question: str, n: int) -> bool:
    """Return whether an episode before `n` with this question gives an example."""
    values = {"run_id": run_id, "question": question, "n": n}
    return any(True for _ in reader.rows(_USED, **values))


def _example(
    trajectory: Trajectory, lesson: Lesson, attempt: Attempt, verdict: Verdict
) -> dict[str, JsonValue]:
    return {
        "id": attempt.id,
        "lesson_id": lesson.id,
        "trajectory_id": trajectory.id,
        "skill": lesson.skill,
        "level": lesson.level,
        "language": lesson.language,
        "rung": verdict.rung,
        "reward": verdict.reward,
        "made_by": attempt.made_by,
        "messages": [
            {"role": "user", "content": lesson.task.text},
            {"role": "assistant", "content": attempt.text},
        ],
    }

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


def sft(reader: Reader, run_id: str) -> Iterator[dict[str, JsonValue]]:
    """Yield an example for each accepted attempt of a run, in order of n, revision and idx.

    Equal texts for one lesson give one example, and equal questions give those of one episode.
    """
    seen: set[str] = set()
    for trajectory in reader.stream(run_id):
        lesson = trajectory.lesson
        if lesson is None or (question := ids.question_digest(lesson.task.question)) in seen:
            continue
        for attempt, verdict in accepted(trajectory):
            seen.add(question)
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

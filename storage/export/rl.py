"""Tasks to learn from by trying: each with its reference, its verifier and how often it was solved.

The reward function that goes with it is `agents.reward.reward`. What a newcomer gets wrong: how
often a task was solved is counted over all first tries, whichever of them a filter lets pass.
"""

from collections.abc import Iterator, Sequence

from storage.export.columns import Example
from storage.export.episodes import Episode, Judged
from storage.export.making import Form, Leave, Made, Manner, asked


def _make(
    episode: Episode, chosen: Sequence[Judged], manner: Manner, leave: Leave
) -> Iterator[Made]:
    lesson, first = episode.lesson, list[Judged]()
    for attempt in chosen:
        if lesson.verifier == "judge":
            leave(attempt, "no_verifier")
        elif attempt.revision:
            leave(attempt, "revision")
        elif not _is_scored(attempt):
            leave(attempt, "unscored" if attempt.status == "unscored" else "failed")
        else:
            first.append(attempt)
    if lesson.verifier == "judge":
        return
    tries = [each for each in episode.attempts if not each.revision and _is_scored(each)]
    solved = sum(each.status == "accepted" for each in tries)
    example: Example = {
        "id": lesson.trajectory_id,
        "trajectory_id": lesson.trajectory_id,
        "lesson_id": lesson.lesson_id,
        "expert_seed": lesson.expert_seed,
        "licence": lesson.licence,
        "family": lesson.family,
        "skill": lesson.skill,
        "level": lesson.level,
        "language": lesson.language,
        "made_by": lesson.made_by,
        "rung": None,
        "reward": None,
        "weight": 1.0,
        "prompt": [asked(lesson.text, manner)],
        "reference": lesson.reference,
        "verifier": lesson.verifier,
        "data": lesson.data,
        "answer_pattern": lesson.answer_pattern,
        "tried": len(tries),
        "solved": solved,
        "solve_rate": round(solved / len(tries), 6) if tries else None,
    }
    yield Made(example, tuple(attempt.id for attempt in first))


def _is_scored(attempt: Judged) -> bool:
    return attempt.reward is not None and attempt.status in ("accepted", "rejected")


RL = Form(
    "rl",
    {
        "prompt": "messages",
        "reference": "text",
        "verifier": "text",
        "data": "text",
        "answer_pattern": "text",
        "tried": "integer",
        "solved": "integer",
        "solve_rate": "number",
    },
    _make,
    "no lesson has a verifier that is a program; a judge's lessons have no reward function",
)

"""Tasks to learn from by trying: each with its reference, its verifier and how often it was solved.

The reward function that goes with it is `agents.reward.reward`. What a newcomer gets wrong: how
often a task was solved is counted over all first tries, whichever of them a filter lets pass; and
where a person has overruled a verifier, it would reward what is wrong.
"""

from collections.abc import Iterator, Sequence

from storage.export.columns import Example
from storage.export.episodes import Episode, Judged
from storage.export.making import Form, Leave, Made, Manner, asked


def _make(
    episode: Episode, chosen: Sequence[Judged], manner: Manner, leave: Leave
) -> Iterator[Made]:
    lesson, first = episode.lesson, list[Judged]()
    unfit = _unfit(episode)
    for attempt in chosen:
        if unfit:
            leave(attempt, unfit)
        elif attempt.revision:
            leave(attempt, "revision")
        elif not _is_scored(attempt):
            leave(attempt, "unscored" if attempt.status == "unscored" else "failed")
        else:
            first.append(attempt)
    if unfit:
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


def _unfit(episode: Episode) -> str | None:
    """Return why a lesson's verifier is no reward function. None: it is one."""
    if episode.lesson.verifier == "judge":
        return "no_verifier"
    return "overruled" if any(each.contradicts for each in episode.attempts) else None


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

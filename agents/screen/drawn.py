"""Which lessons a program of ours has drawn, and tests vouch for."""

from storage.records import Lesson


def is_drawn(lesson: Lesson) -> bool:
    """Return whether a lesson is an embedded one, or one of reasoning-gym.

    Some of them ask to pick the answer out of the question.
    """
    return lesson.made_by.startswith(("embedded/", "reasoning_gym@"))

"""How far a row is to be trusted, as one number, so that weaker rows can count for less."""

from functools import lru_cache

from storage.export.episodes import Judged

TRUST = {"person": 1.0, "program": 1.0, "judge": 0.7}
"""By rung. That a judge's word counts for less than a program's is the project's rule; by how much
is a choice, for nobody has measured your judge."""
LUCK = 0.5
"""What is left of it where an answer is right after a step that is known to be wrong."""


def weight(attempt: Judged) -> float:
    """Return how sure the verdict on an attempt is, in [0, 1]; 0 if nobody scored it.

    The trust in its rung, times the reward of an accepted attempt, or what a rejected one's reward
    falls short of 1; halved where luck had a part.
    """
    lucky = attempt.first_wrong_step is not None
    return _weight(attempt.status == "accepted", attempt.reward, attempt.rung, lucky)


@lru_cache(maxsize=1_024)
def _weight(accepted: bool, reward: float | None, rung: str | None, lucky: bool) -> float:
    if reward is None:
        return 0.0
    sure = reward if accepted else 1.0 - reward
    return round(TRUST.get(rung or "", 0.0) * sure * (LUCK if accepted and lucky else 1.0), 6)

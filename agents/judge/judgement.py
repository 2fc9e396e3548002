"""What a judge says about an attempt, and what several say together.

What a newcomer gets wrong: judges who disagree have not refused the attempt. Together they abstain,
so that it is unscored and left to a person; no mean of a yes and a no becomes a reward.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from storage.records import Grade, Status

Agreement = Literal["unanimous", "majority"]
"""How many must say the same: all, or more than half. Who abstains does not say the same."""

ABSTAINED = "abstained"
"""The criterion of a grade, of weight 0, that says why there is no judgement."""
AGREED = "agreed"
"""The criterion of a grade, of weight 0, that says how many of several votes agree."""
CRITIQUE = "critique"
"""The criterion of a grade, of weight 0, that says why the judge's critique was left out."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said about one attempt."""

    status: Status
    """"accepted", "rejected", or "unscored": the judge abstained."""
    reward: float | None
    """In [0, 1]. None: the judge abstained."""
    grades: tuple[Grade, ...]
    """One for each criterion; then notes, of weight 0."""
    critique: str = ""


@dataclass(frozen=True, slots=True)
class Vote:
    """One judgement and who gave it."""

    judge: str
    judgement: Judgement


def note(criterion: str, reason: str) -> Grade:
    """Return a grade that only says something."""
    return Grade(criterion=criterion, weight=0.0, grade=None, reason=reason)


def abstained(why: str, grades: tuple[Grade, ...] = ()) -> Judgement:
    """Return a judgement that leaves the attempt unscored."""
    return Judgement(status="unscored", reward=None, grades=(*grades, note(ABSTAINED, why)))


def enough(agreeing: int, of: int, agreement: Agreement) -> bool:
    """Return whether so many of so many are enough to decide."""
    return agreeing == of if agreement == "unanimous" else 2 * agreeing > of


def combined(votes: Sequence[Vote], agreement: Agreement) -> Judgement:
    """Return what votes come to; one alone stands as it is.

    Args:
        votes: At least one, in the order of judges, and of each judge's votes.
        agreement: How many must say the same.

    Returns:
        If enough accept or enough reject: their mean grades and mean reward, each one's reasons,
        and the first critique that any of them gave. Else an abstention that says who said what.
    """
    if len(votes) == 1:
        return votes[0].judgement
    for status in ("accepted", "rejected"):
        agreeing = [vote for vote in votes if vote.judgement.status == status]
        if enough(len(agreeing), len(votes), agreement):
            return _together(agreeing, status, f"{len(agreeing)} of {len(votes)}, {agreement}")
    said = "; ".join(f"{vote.judge}: {_said(vote.judgement)}" for vote in votes)
    return abstained(f"no agreement ({agreement}): {said}")


def _together(agreeing: Sequence[Vote], status: Status, count: str) -> Judgement:
    given = [vote.judgement for vote in agreeing]
    named = [(vote.judge, grade) for vote in agreeing for grade in vote.judgement.grades]
    criteria = dict.fromkeys(grade.criterion for _, grade in named)
    grades = [_mean([each for each in named if each[1].criterion == name]) for name in criteria]
    rewards = [each.reward for each in given if each.reward is not None]
    return Judgement(
        status=status,
        reward=round(math.fsum(rewards) / len(rewards), 9),
        grades=(*grades, note(AGREED, count)),
        critique=next((each.critique for each in given if each.critique), ""),
    )


def _mean(given: Sequence[tuple[str, Grade]]) -> Grade:
    """Return one grade for what several judges found for a criterion."""
    known = [grade.grade for _, grade in given if grade.grade is not None]
    reasons = [f"{judge}: {grade.reason}" for judge, grade in given if grade.reason]
    return given[0][1].model_copy(
        update={
            "grade": round(math.fsum(known) / len(known), 9) if known else None,
            "reason": " / ".join(reasons),
        }
    )


def _said(judgement: Judgement) -> str:
    reasons = [grade.reason for grade in judgement.grades if grade.criterion == ABSTAINED]
    return f"{judgement.status} ({reasons[-1]})" if reasons else judgement.status

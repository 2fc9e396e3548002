"""The figures of a run, from the sums that are kept beside its rows (see `storage.sums`).

What a newcomer gets wrong: a call counts where it was paid for. One that was answered before a kill
and found again after it counts once, and a journal hit costs nothing.
"""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Ask = Callable[..., Iterator[sqlite3.Row]]
"""Asks a query: SQL, then its values."""


@dataclass(frozen=True, slots=True)
class SkillTally:
    """The trajectories of one skill."""

    skill: str
    accepted: int
    rejected: int
    unscored: int
    failed: int
    attempts: int
    mean_reward: float | None
    """Over the trajectories that were scored. None: none was."""


@dataclass(frozen=True, slots=True)
class Tallies:
    """The sums over one run."""

    accepted: int
    rejected: int
    unscored: int
    failed: int
    attempts: int
    """Revisions included."""
    model_calls: int
    """Answered calls that this run paid for."""
    journal_hits: int
    """Calls that were answered before the place that used them asked."""
    call_errors: int
    """Tries that were not answered."""
    tokens_in: int
    """Of the calls that were paid for; those of endpoints that do not say count as 0."""
    tokens_out: int
    cost_usd: float
    """Of the calls that were paid for; those without a known price count as 0."""
    unpriced: int
    """How many of the calls that were paid for have no known price."""
    skills: tuple[SkillTally, ...]
    """By name."""
    reasons: dict[str, int]
    """Why trajectories are not accepted: how many for each reason, the most frequent first."""

    @property
    def episodes(self) -> int:
        """How many episodes have ended."""
        return self.accepted + self.rejected + self.unscored + self.failed


def tallies(ask: Ask, run_id: str) -> Tallies:
    """Return the sums over a run."""
    skills = tuple(SkillTally(**dict(row)) for row in ask(_SKILLS, run_id))
    [calls] = ask(_CALLS, run_id)
    return Tallies(
        accepted=sum(skill.accepted for skill in skills),
        rejected=sum(skill.rejected for skill in skills),
        unscored=sum(skill.unscored for skill in skills),
        failed=sum(skill.failed for skill in skills),
        attempts=sum(skill.attempts for skill in skills),
        **dict(calls),
        skills=skills,
        reasons={row[0]: row[1] for row in ask(_REASONS, run_id)},
    )


_SKILLS = """SELECT skill, sum(accepted) AS accepted, sum(rejected) AS rejected,
        sum(unscored) AS unscored, sum(failed) AS failed, sum(attempts) AS attempts,
        sum(reward) / nullif(sum(scored), 0) AS mean_reward
    FROM place_sums WHERE run_id = ? GROUP BY skill
    HAVING sum(accepted + rejected + unscored + failed) > 0 ORDER BY skill"""
# Rounded, because sums of the same calls in another order differ in the last digits.
_CALLS = """SELECT coalesce(sum(model_calls), 0) AS model_calls,
        coalesce(sum(journal_hits), 0) AS journal_hits, coalesce(sum(tokens_in), 0) AS tokens_in,
        coalesce(sum(tokens_out), 0) AS tokens_out, round(total(cost_usd), 9) AS cost_usd,
        coalesce(sum(unpriced), 0) AS unpriced, coalesce(sum(call_errors), 0) AS call_errors
    FROM call_sums WHERE run_id = ?"""
_REASONS = """SELECT reason, trajectories FROM reason_sums
    WHERE run_id = ? AND trajectories > 0 ORDER BY trajectories DESC, reason"""

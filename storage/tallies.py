"""Sums over a run, from columns only.

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
    [errors] = ask(_ERRORS, run_id)
    return Tallies(
        accepted=sum(skill.accepted for skill in skills),
        rejected=sum(skill.rejected for skill in skills),
        unscored=sum(skill.unscored for skill in skills),
        failed=sum(skill.failed for skill in skills),
        attempts=sum(skill.attempts for skill in skills),
        **dict(calls),
        call_errors=errors[0],
        skills=skills,
        reasons={row[0]: row[1] for row in ask(_REASONS, run_id)},
    )


_SKILLS = """SELECT skill, count(*) FILTER (WHERE status = 'accepted') AS accepted,
        count(*) FILTER (WHERE status = 'rejected') AS rejected,
        count(*) FILTER (WHERE status = 'unscored') AS unscored,
        count(*) FILTER (WHERE status = 'failed') AS failed,
        coalesce(sum(tries), 0) AS attempts, avg(reward) AS mean_reward
    FROM trajectories t JOIN assignments a ON a.trajectory_id = t.id
    LEFT JOIN (SELECT trajectory_id, count(*) AS tries FROM attempts GROUP BY trajectory_id) tried
        ON tried.trajectory_id = t.id
    WHERE t.run_id = ? GROUP BY skill ORDER BY skill"""
_CALLS = """SELECT count(*) FILTER (WHERE journal_hit = 0) AS model_calls,
        count(*) FILTER (WHERE journal_hit = 1) AS journal_hits,
        coalesce(sum(tokens_in) FILTER (WHERE journal_hit = 0), 0) AS tokens_in,
        coalesce(sum(tokens_out) FILTER (WHERE journal_hit = 0), 0) AS tokens_out,
        coalesce(sum(cost_usd) FILTER (WHERE journal_hit = 0), 0.0) AS cost_usd,
        count(*) FILTER (WHERE journal_hit = 0 AND cost_usd IS NULL) AS unpriced
    FROM assignments a JOIN calls_used USING (trajectory_id) JOIN model_calls USING (request_digest)
    WHERE a.run_id = ?"""
_ERRORS = """SELECT count(*) FROM assignments a JOIN call_errors USING (trajectory_id)
    WHERE a.run_id = ?"""
_REASONS = """SELECT coalesce(reason, 'error') AS why, count(*) AS times FROM trajectories
    WHERE run_id = ? AND status <> 'accepted' GROUP BY why ORDER BY times DESC, why"""

"""A run in numbers, as `generate --json` prints them, and the solve rates that `inspect` draws."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from storage.costs import Costs
from storage.ids import dataset_digest
from storage.queries import Reader
from storage.records import Skill


def figures(
    reader: Reader, run_id: str, spent: Mapping[str, Any], digest: str | None = None
) -> dict[str, Any]:
    """Return the figures of a run.

    Args:
        reader: Open.
        run_id: The whole id.
        spent: What this command alone did: `calls`, `journal_hits`, `cost_usd`, `tokens_in`,
            `tokens_out`, `wall_s`; missing ones are 0. Everything else is the run's total.
        digest: The `dataset_digest`, if it is known already; all episodes are read for it.

    Returns:
        At least what the contract names. `cost_usd` is None if a call's price is not known.
    """
    sums = reader.tallies(run_id)
    calls = spent.get("calls", 0)
    return {
        "run_id": run_id,
        "episodes": sums.episodes,
        "accepted": sums.accepted,
        "rejected": sums.rejected,
        "unscored": sums.unscored,
        "failed": sums.failed,
        "attempts": sums.attempts,
        "model_calls": calls,
        "journal_hits": spent.get("journal_hits", 0),
        "cost_usd": spent.get("cost_usd") if calls else 0.0,
        "tokens_in": spent.get("tokens_in", 0),
        "tokens_out": spent.get("tokens_out", 0),
        "wall_s": round(spent.get("wall_s", 0.0), 3),
        "dataset_digest": digest or dataset_digest(reader.digests(run_id)),
        "skills": len(sums.skills),
        "reasons": dict(sums.reasons),
        "run_model_calls": sums.model_calls,
        "run_tokens_in": sums.tokens_in,
        "run_tokens_out": sums.tokens_out,
        "run_cost_usd": None if sums.unpriced else sums.cost_usd,
        **_per_piece(reader.costs(run_id)),
    }


def _per_piece(paid: Costs) -> dict[str, Any]:
    """Return what one of a run's things cost; None where a price is not known or there is none."""
    return {
        "cost_per_call_usd": paid.per_call,
        "cost_per_episode_usd": paid.per_episode,
        "cost_per_accepted_attempt_usd": paid.per_accepted_attempt,
        "accepted_attempts": paid.accepted_attempts,
        "roles": {role: asdict(each) for role, each in paid.roles.items()},
    }


def solve_rates(
    reader: Reader, run_id: str, skills: Sequence[Skill]
) -> dict[str, list[float | None]]:
    """Return for each skill the solve rate of each level, in [0, 1]; None where nothing was tried.

    Skills that the list lacks are left out; first tries count, revisions do not.
    """
    sql = "SELECT skill, level, solved, tried FROM place_sums WHERE run_id = ? AND tried > 0"
    rates = {(row[0], row[1]): row[2] / row[3] for row in reader.rows(sql, run_id)}
    return {
        skill.name: [rates.get((skill.name, level)) for level in range(1, skill.levels + 1)]
        for skill in skills
    }

"""What a run paid, by role, and what one of its things cost.

What a newcomer gets wrong: a cost is None as soon as the price of one call is not known. It is then
not 0, and not the sum of the others either.
"""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from storage import rows
from storage.records import ModelCall, Role

Ask = Callable[..., Iterator[sqlite3.Row]]
"""Asks a query: SQL, then its values."""


@dataclass(frozen=True, slots=True)
class RoleCost:
    """The calls that one role paid for."""

    calls: int
    tokens_in: int
    """Those of endpoints that do not say count as 0; the same below."""
    tokens_out: int
    cost_usd: float | None
    """US dollars. None: not every call has a known price."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What a run paid, in all its sittings."""

    episodes: int
    """How many have ended."""
    accepted_attempts: int
    """Attempts, revisions included, of which the last verdict is that they are accepted."""
    roles: dict[Role, RoleCost]
    """By role; those that called no model are left out."""

    @property
    def calls(self) -> int:
        """How many calls were paid for."""
        return sum(role.calls for role in self.roles.values())

    @property
    def cost_usd(self) -> float | None:
        """US dollars in all; 0 where nothing was called. None: a price is not known."""
        known = [role.cost_usd for role in self.roles.values() if role.cost_usd is not None]
        return sum(known, 0.0) if len(known) == len(self.roles) else None

    @property
    def per_call(self) -> float | None:
        """US dollars for a call. None: a price is not known, or there was none; the same below."""
        return self._shared(self.calls)

    @property
    def per_episode(self) -> float | None:
        """US dollars for an episode; what was paid for those that have not ended counts as well."""
        return self._shared(self.episodes)

    @property
    def per_accepted_attempt(self) -> float | None:
        """US dollars for an accepted attempt; what the others cost counts as well."""
        return self._shared(self.accepted_attempts)

    def _shared(self, among: int) -> float | None:
        cost = self.cost_usd
        return cost / among if among and cost is not None else None


def costs(ask: Ask, run_id: str) -> Costs:
    """Return what a run paid."""
    [(episodes, accepted_attempts)] = ask(_ENDED, run_id)
    roles = {
        row["role"]: RoleCost(
            row["model_calls"],
            row["tokens_in"],
            row["tokens_out"],
            None if row["unpriced"] else row["cost_usd"],
        )
        for row in ask(_ROLES, run_id)
    }
    return Costs(episodes, accepted_attempts, roles)


def recent_calls(ask: Ask, run_id: str, episodes: int) -> Iterator[tuple[Role, ModelCall]]:
    """Yield the calls of the episodes that were assigned last, each with its role."""
    for row in ask(_RECENT, run_id, episodes):
        yield row["role"], rows.read("model_calls", rows.call_of, row)


_ENDED = """SELECT coalesce(sum(accepted + rejected + unscored + failed), 0),
    coalesce(sum(accepted_attempts), 0) FROM place_sums WHERE run_id = ?"""
# Rounded, because sums of the same calls in another order differ in the last digits.
_ROLES = """SELECT role, model_calls, tokens_in, tokens_out, unpriced,
        round(cost_usd, 9) AS cost_usd
    FROM call_sums WHERE run_id = ? AND model_calls > 0 ORDER BY role"""
_RECENT = """SELECT model_calls.* FROM calls_used JOIN model_calls USING (request_digest)
    WHERE trajectory_id IN (SELECT trajectory_id FROM assignments WHERE run_id = ?
        ORDER BY n DESC LIMIT ?)"""

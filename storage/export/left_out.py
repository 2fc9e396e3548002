"""What an export does not hold, and why: attempts by format and reason.

What a newcomer gets wrong: these are attempts of the database, not rows. A pair uses two, and a
task of `rl` all first tries at it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Self

from storage.export.account import Account


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many attempts were left out, by format, then by reason."""

    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    attempts: Mapping[str, int] = field(default_factory=dict)
    """How many there were, by format; empty if that was not counted. So with those used."""
    used: Mapping[str, int] = field(default_factory=dict)
    looked_for: Collection[str] = ()
    """Reasons that were looked for, also where nothing was found, such as "contaminated"."""

    @classmethod
    def of(cls, accounts: Mapping[str, Account], looked_for: Collection[str] = ()) -> Self:
        """Return what the accounts of some formats say."""
        return cls(
            counts={form: dict(each.left_out) for form, each in accounts.items()},
            attempts={form: each.attempts.total() for form, each in accounts.items()},
            used={form: each.used for form, each in accounts.items()},
            looked_for=looked_for,
        )

    def total(self, *reasons: str) -> int:
        """Return how many attempts were left out for these reasons, in all formats."""
        return sum(by.get(reason, 0) for by in self.counts.values() for reason in reasons)

    def were_looked_for(self, *reasons: str) -> bool:
        """Return whether one of these reasons was looked for, or found."""
        return bool({*self.looked_for} & {*reasons}) or self.total(*reasons) > 0

    def plain(self) -> dict[str, dict[str, int]]:
        """Return the counts without zeros, formats and reasons in order of the alphabet."""
        return {
            form: {reason: by[reason] for reason in sorted(by) if by[reason]}
            for form, by in sorted(self.counts.items())
        }

"""What an export does not hold, and why: counted by format and reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field

REASONS = {
    "status": "another status than the format asks for",
    "duplicate": "the same text as an earlier row, but for case and white space",
    "near_duplicate": "nearly the same text as an earlier row",
    "across_splits": "nearly the same text as a row of another split",
    "contaminated": "shares a run of words with a benchmark",
    "empty_answer": "the answer is empty",
    "no_answer": "a conversation without an answer",
    "unknown_role": "a message of an unknown role",
    "not_alternating": "roles that do not alternate",
    "same_pair": "chosen and rejected are equal",
    "too_long": "the prompt is over the stated limit",
    "wrong_step": "right after a wrong step",
    "truncated": "cut off by a token limit",
    "unscored": "nobody scored it",
    "failed": "the attempt or its verdict failed",
    "balance": "more than the share of its skill",
    "per_lesson": "more than were asked for of one lesson",
}
"""What the usual reasons mean, for a person. One that is not here speaks for itself."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many rows were left out, by format, then by reason."""

    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def total(self, *reasons: str) -> int:
        """Return how many rows were left out for these reasons, in all formats."""
        return sum(by.get(reason, 0) for by in self.counts.values() for reason in reasons)

    def plain(self) -> dict[str, dict[str, int]]:
        """Return the counts without zeros, formats and reasons in order of the alphabet."""
        return {
            form: {reason: by[reason] for reason in sorted(by) if by[reason]}
            for form, by in sorted(self.counts.items())
        }

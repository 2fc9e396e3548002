"""What became of every attempt: used, or left out for a reason.

What a newcomer gets wrong: attempts are counted, not rows. A pair uses two, and a task of `rl` all
first tries at it; used and left out are always all that there are.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

REASONS = {
    "not_selected": "a filter does not let it pass",
    "other_split": "it belongs to another split than the one that was asked for",
    "rejected": "it is wrong, and the format takes right ones",
    "unscored": "nobody could score it",
    "failed": "the student or its episode broke off with an error",
    "wrong_step": "its answer is right, but one of its steps is known to be wrong",
    "revision": "it is a revision, and the format takes first tries",
    "no_answer": "it states no answer in the form that was asked for",
    "no_wrong_attempt": "there is no wrong attempt at its task to pair it with",
    "no_accepted_attempt": "there is no accepted attempt at its task to pair it with",
    "unlike": "all that it could be paired with are of another length",
    "no_wrong_step": "no step of it is known to be wrong",
    "missing_step": "what is wrong is a step that it does not have",
    "no_verifier": "its lesson is decided by a judge, which is no reward function",
    "overruled": "a person overruled its lesson's verifier, which is no reward function then",
    "mended_right": "it revises an attempt that a person found right, so what it was told is wrong",
    "no_critique": "nobody said what is wrong with it",
    "same_text": "another attempt at the same task has the same text",
    "duplicate": "an earlier lesson asks the same question",
    "near_duplicate": "an earlier lesson asks nearly the same question",
    "across_splits": "a lesson of a split that is held out asks nearly the same question",
    "contaminated": "its question shares words with a benchmark",
    "per_lesson": "its lesson has given as many rows as it may",
    "balance": "its skill has given as many rows as the rarest",
    "empty_answer": "bad row: an answer is empty",
    "empty_prompt": "bad row: a prompt is empty",
    "unanswered": "bad row: a conversation does not end with an answer",
    "no_messages": "bad row: a conversation is empty",
    "no_content": "bad row: a message has no content",
    "no_question": "bad row: what is answered is no question, or is not there",
    "kinds_mixed": "bad row: a text and messages stand side by side",
    "unknown_role": "bad row: a message has a role that trainers do not know",
    "roles_do_not_alternate": "bad row: two messages of one role stand in a row",
    "chosen_is_rejected": "bad row: chosen and rejected are equal",
    "label_no_bool": "bad row: a label is neither true nor false",
    "labels_do_not_match": "bad row: there are not as many labels as steps",
    "unfit": "bad row: the dialect's consumer would drop it, or read it as something else",
    "long_prompt": "bad row: its prompt is longer than --max-prompt-tokens",
}
"""Why an attempt is left out, in words for a person."""
REMOVALS = (
    "same_text",
    "duplicate",
    "near_duplicate",
    "across_splits",
    "contaminated",
    *(reason for reason, words in REASONS.items() if words.startswith("bad row")),
)
"""The reasons for which what is left out is listed one by one, with its twin if it has one."""


BY_OPTION = (
    "not_selected",
    "other_split",
    "near_duplicate",
    "across_splits",
    "contaminated",
    "long_prompt",
    "unfit",
)
"""The reasons that come of what was asked for, and not of the run."""


@dataclass(frozen=True, slots=True)
class Removed:
    """One attempt that was taken out although the format and the filters would take it."""

    attempt_id: str
    trajectory_id: str
    reason: str
    twin: str | None
    """The attempt or trajectory that is nearly the same, or the place in the benchmark."""


@dataclass(slots=True)
class Account:
    """The counts of one format's export."""

    attempts: Counter[str] = field(default_factory=Counter)
    """All there were, by status."""
    used: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    """By reason, see `REASONS`."""
    examples: Counter[str] = field(default_factory=Counter)
    """By split."""

    def balances(self) -> bool:
        """Return whether every attempt is accounted for; anything else is a bug."""
        return self.attempts.total() == self.used + self.left_out.total()

    def by_reason(self) -> Iterator[tuple[str, int, str]]:
        """Yield each reason with its count and its words, the most frequent first."""
        for reason, count in self.left_out.most_common():
            yield reason, count, REASONS[reason]

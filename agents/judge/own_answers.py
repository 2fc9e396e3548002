"""Whether a judge knows: do its own answers to a task agree with each other?

What a newcomer gets wrong: this is told only where answers have one canonical form, which are
values, and yes and no. Two sentences that differ may say the same.
"""

from collections import Counter
from collections.abc import Sequence

from agents.judge.judgement import Agreement, enough
from agents.parsing import extract_answer
from agents.verifiers.math import Value, value_of
from storage.records import ANSWER_PATTERN

_SHORT = 80
"""Characters of the longest answer that is compared."""
_WORDS = {"yes": True, "true": True, "no": False, "false": False}


def contradict(answers: Sequence[str], agreement: Agreement) -> bool:
    """Return whether answers are comparable, all of them, and too few of them are the same.

    Args:
        answers: A judge's own, as it wrote them.
        agreement: How many must be the same.
    """
    forms = [_canonical(answer) for answer in answers]
    known = [form for form in forms if form is not None]
    if not known or len(known) < len(forms):
        return False
    most = max(Counter(known).values())
    return not enough(most, len(known), agreement)


def _canonical(text: str) -> Value | bool | None:
    """Return what a short answer states. None: it is long, or has no canonical form."""
    stated = (extract_answer(text, ANSWER_PATTERN) or text).strip()
    if len(stated) > _SHORT:
        return None
    bare = stated.strip("*_` ").removesuffix(".").casefold()
    return _WORDS[bare] if bare in _WORDS else value_of(stated.strip("*_` "))

"""Read what a model wrote: find the answer in a reply, and fence text that is not to be obeyed.

What a newcomer gets wrong: the last match counts, because a reply may quote the asked form before
it answers; and a delimiter is derived from the text that it fences, so that nobody who wrote the
text could know it.
"""

import re
from functools import lru_cache
from itertools import count

from agents.errors import VerifierError
from storage.ids import derive_seed

LOOKED_AT = 200_000
"""Characters at the end of a reply in which an answer is looked for."""


def extract_answer(text: str, pattern: str) -> str | None:
    """Return the answer that a reply states, without white space around it.

    Args:
        text: The whole reply; only its last 200,000 characters are looked at.
        pattern: Python `re`, read with MULTILINE; group 1 of the last match is the answer, or the
            whole match if the pattern has no group.

    Returns:
        The answer; None if nothing matches or the last match is blank.

    Raises:
        VerifierError: `pattern` is no regular expression.
    """
    last = None
    for match in compiled(pattern).finditer(text[-LOOKED_AT:]):
        last = match
    if last is None:
        return None
    return (last[1 if last.re.groups else 0] or "").strip() or None


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """Return an answer's pattern, compiled once.

    Raises:
        VerifierError: `pattern` is no regular expression.
    """
    try:
        return re.compile(pattern, re.MULTILINE)
    except re.error as error:
        raise VerifierError(
            f"{pattern!r}: no regular expression ({error}); correct the lesson's answer_pattern"
        ) from error


def delimiter(seed: int, text: str) -> str:
    """Return 16 hex digits that fence `text`: the same at every replay, and nowhere in the text."""
    marks = (f"{derive_seed(seed, 'delimiter', tries, text):016x}" for tries in count())
    return next(mark for mark in marks if mark not in text)

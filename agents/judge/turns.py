"""Which turn of the critic's call site is which question to which judge.

A call is known by trajectory, role, idx, revision and turn, so no two questions about one attempt
may share a turn: judge j (from 0) has 1000 j and up, and of those its vote v (from 0) has 100 v and
up. Behind every question stands the turn of its repair.
"""

from storage.records import CallSite

GRADING = 0
"""A vote: the grading of the attempt."""
FALSE_REFERENCE = 4
"""The same, against a false reference."""
FIRST_WRONG_STEP = 6
"""Which step is the first wrong one; of the first judge's first hundred only."""
OWN_ANSWERS = 10
"""The first of a judge's own answers; the others are 2 apart. All its votes share them."""
VOTE = 100
JUDGE = 1000
MOST_OWN_ANSWERS = 16
MOST_VOTES = 10


def turn(site: CallSite, offset: int) -> CallSite:
    """Return the call site so many turns further on."""
    return site.model_copy(update={"turn": site.turn + offset})

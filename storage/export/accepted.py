"""Which attempts of an episode may stand as an answer to learn from.

What a newcomer gets wrong: an answer that is right after a wrong step is right by luck, which is
nothing to imitate; and the last verdict counts, so a person's comes before a program's.
"""

from collections.abc import Sequence

from storage.export.episodes import Judged
from storage.export.making import Leave, Manner


def accepted(chosen: Sequence[Judged], manner: Manner, leave: Leave) -> list[Judged]:
    """Return the attempts that are accepted without a wrong step, each text once, in order.

    All others are left out.
    """
    found: dict[str, Judged] = {}
    for attempt in chosen:
        if attempt.status != "accepted":
            leave(attempt, attempt.status)
        elif attempt.first_wrong_step is not None:
            leave(attempt, "wrong_step")
        elif attempt.revision and manner.revisions == "none":
            leave(attempt, "revision")
        elif attempt.text in found:
            leave(attempt, "same_text", found[attempt.text].id)
        else:
            found[attempt.text] = attempt
    return list(found.values())


def scored(chosen: Sequence[Judged], manner: Manner, leave: Leave) -> list[Judged]:
    """Return the attempts that somebody scored, each text once, in order; others are left out."""
    found: dict[str, Judged] = {}
    for attempt in chosen:
        if attempt.reward is None or attempt.status not in ("accepted", "rejected"):
            leave(attempt, "unscored" if attempt.status == "unscored" else "failed")
        elif attempt.revision and manner.revisions == "none":
            leave(attempt, "revision")
        elif attempt.text in found:
            leave(attempt, "same_text", found[attempt.text].id)
        else:
            found[attempt.text] = attempt
    return list(found.values())

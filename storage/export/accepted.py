"""Which attempts of an episode may stand as an answer to learn from.

What a newcomer gets wrong: an answer that is right after a wrong step is right by luck, which is
nothing to imitate; and the last verdict counts, so a person's comes before a program's.
"""

from collections.abc import Sequence

from storage.export.episodes import Episode, Judged
from storage.export.making import Leave, Manner


def rightly_told(
    episode: Episode, chosen: Sequence[Judged], manner: Manner, leave: Leave
) -> list[Judged]:
    """Return the attempts before which no false critique would stand in a conversation, in order.

    A critique is false where a person found right what it finds fault with. By turns it would be
    part of the prompt; alone, a revision stands without it.
    """
    found = []
    for attempt in chosen:
        told = episode.before(attempt) if manner.revisions == "turns" else ()
        if any(earlier.status == "accepted" for earlier in told):
            leave(attempt, "mended_right")
        else:
            found.append(attempt)
    return found


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

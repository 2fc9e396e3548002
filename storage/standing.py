"""Where a run stands when it is gone on with: plain values, as those of `storage.records`."""

from storage.records import Count, Level, Record


class PlaceStanding(Record):
    """What a run has come to at one skill and level."""

    skill: str
    level: Level
    asked: Count
    """How many of the assignments that are not asked anew are for it."""
    tried: Count
    """Sums over the outcomes that were learnt, see `Outcome`; the same below."""
    solved: Count
    critiques: Count


class Standing(Record):
    """Where a run stands when it is gone on with: all that its next assignment hangs on."""

    ended: Count = 0
    """All episodes below this have ended; it is the first to be asked for."""
    accepted: Count = 0
    """How many of these are accepted."""
    landed: Count = 0
    """How many episodes have ended, those above included."""
    assigned: Count = 0
    """All assignments that are written down lie below this."""
    learnt: Count = 0
    """The outcomes of episodes below this are in the sums of `places`, and no others."""
    places: tuple[PlaceStanding, ...] = ()
    """By skill and level; those that were not asked for are absent."""

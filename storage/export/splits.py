"""Which split a lesson belongs to: whole families, by digest, for ever.

What a newcomer gets wrong: a row is never drawn by chance. A family's place is a function of its
name and of the shares alone, so that more episodes move nothing, and whatever is kin stays together
(see `storage.export.episodes.Lesson.family`).
"""

import hashlib
from dataclasses import dataclass, field

TEST, VALIDATION, TRAIN = "test", "validation", "train"
IN_ORDER = (TEST, VALIDATION, TRAIN)
"""In which they are made: what is in one drops its near-duplicates from those after it."""
_SALT = "lyceum/split/1"
_MOST = 100_000
"""How many families' places are remembered."""


@dataclass(frozen=True, slots=True)
class Splits:
    """The shares of the families that validation and test get, each in [0, 1); train the rest."""

    validation: float = 0.05
    test: float = 0.05
    _places: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    def of(self, family: str) -> str:
        """Return the split of a family."""
        known = self._places.get(family)
        if known is None:
            drawn = hashlib.sha256(f"{_SALT}\0{family}".encode()).digest()[:8]
            share = int.from_bytes(drawn, "big") / 2**64
            held_out = VALIDATION if share < self.test + self.validation else TRAIN
            known = TEST if share < self.test else held_out
            if len(self._places) < _MOST:
                self._places[family] = known
        return known

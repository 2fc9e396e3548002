"""How many accepted attempts are right, as far as people who judged some of them can tell.

What a newcomer gets wrong: a share of few says little, so it never stands without its interval.
"""

from dataclasses import dataclass
from math import sqrt

_SURE = 1.959964
"""Standard deviations on each side that hold 95 % of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Right:
    """A share with its interval of 95 %, all in [0, 1]."""

    share: float
    low: float
    high: float
    of: int
    """How many were judged right or wrong."""


def share_right(right: int, wrong: int) -> Right | None:
    """Return the share of what was judged that is right. None: nothing was.

    Args:
        right: How many people accepted.
        wrong: How many they rejected; those that they could not tell are in neither.

    The interval is that of Wilson, "Probable inference, the law of succession, and statistical
    inference", 1927.
    """
    of = right + wrong
    if not of:
        return None
    share, extra = right / of, _SURE * _SURE / of
    middle = share + extra / 2
    reach = _SURE * sqrt(share * (1 - share) / of + extra / (4 * of))
    low, high = (middle - reach) / (1 + extra), (middle + reach) / (1 + extra)
    return Right(share, low if right else 0.0, high if wrong else 1.0, of)

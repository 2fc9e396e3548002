"""Whether a run can still come to as many accepted episodes as are asked for.

Pure, and a function of the unbroken prefix alone, so that a run gives up at the same episode in
whatever order its episodes ended. What a newcomer gets wrong: the yield so far is an estimate. A
run gives up only when even a far higher yield would not do.
"""

from math import sqrt
from typing import Final

SURE: Final = 4.0
"""Standard deviations; in one run of 30,000 the true yield is beyond them."""
_ROUNDING: Final = 1e-6


def hopeless(accepted: int, ended: int, episodes: int, wanted: int) -> bool:
    """Whether `wanted` accepted episodes are out of reach.

    Args:
        accepted: How many of the prefix are.
        ended: The length of the prefix.
        episodes: How many may be tried in all.
        wanted: How many are to be accepted.
    """
    if not ended or accepted >= wanted:
        return False
    left = max(episodes - ended, 0)
    _, share = share_bounds(accepted, ended, SURE)
    # Even at this share the episodes to come may be luckier than their mean.
    luck = SURE * sqrt(left * share * (1 - share))
    return accepted + min(left * share + luck, left) < wanted - _ROUNDING


def share_bounds(times: int, of: int, z: float) -> tuple[float, float]:
    """Return the Wilson score interval of a share, in [0, 1]; (0, 1) if nothing was counted.

    Args:
        times: How often it was so.
        of: Out of how many, from 0.
        z: Standard deviations on each side.

    The formula is that of Wilson, "Probable inference, the law of succession, and statistical
    inference", 1927; unlike the usual one it holds for few cases and for shares near 0 and 1.
    """
    if not of:
        return 0.0, 1.0
    share, extra = times / of, z * z / of
    middle = share + extra / 2
    reach = z * sqrt(share * (1 - share) / of + extra / (4 * of))
    low, high = (middle - reach) / (1 + extra), (middle + reach) / (1 + extra)
    return (low if times else 0.0), (high if times < of else 1.0)

"""Turn a number into choices, so that different numbers give different choices.

What a newcomer gets wrong: every function here is one-to-one on the range it states. Drawing with
a random generator would be simpler, and would draw the same task twice.
"""

from collections.abc import Sequence
from math import comb, factorial, gcd
from typing import TypeVar

T = TypeVar("T")


def digits(index: int, sizes: Sequence[int]) -> list[int]:
    """Return the mixed-radix digits of an index, one for each size, the fastest first."""
    found = []
    for size in sizes:
        index, digit = divmod(index, size)
        found.append(digit)
    return found


def spread(index: int, size: int) -> int:
    """Return where an index in [0, size) goes when the range is walked in long strides.

    One-to-one on the range. A kind of task that has more tasks than are used still shows all of
    its variety: the first few indices land everywhere. The stride is near the golden section.
    """
    stride = max(1, size * 618_034 // 1_000_000)
    while gcd(stride, size) != 1:
        stride += 1
    return index * stride % size


def combination(rank: int, pool: Sequence[T], k: int) -> list[T]:
    """Return `k` things of the pool, in its order, for a rank in [0, comb(len(pool), k))."""
    chosen: list[T] = []
    for place, thing in enumerate(pool):
        if k == 0:
            break
        with_it = comb(len(pool) - place - 1, k - 1)
        if rank < with_it:
            chosen.append(thing)
            k -= 1
        else:
            rank -= with_it
    return chosen


def arrangement(rank: int, things: Sequence[T]) -> list[T]:
    """Return the things in the order of a rank in [0, factorial(len(things))); rank 0 leaves them.

    Ranks are lexicographic: from rank factorial(len - 1) on, another thing than the first leads.
    """
    left = list(things)
    order = []
    for size in range(len(left) - 1, -1, -1):
        place, rank = divmod(rank, factorial(size))
        order.append(left.pop(place))
    return order

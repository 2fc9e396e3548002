"""The shuffle behind "no task repeats" is a bijection, for every size and key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.embedded.permutation import shuffled


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 100, 1000])
def test_every_index_comes_exactly_once(size):
    assert sorted(shuffled(p, size, 7, "sums", 1) for p in range(size)) == list(range(size))


@given(st.integers(1, 2**62), st.integers(0, 2**62), st.integers(0, 2**63))
def test_an_index_lies_in_the_range_whatever_its_length(size, position, seed):
    assert 0 <= shuffled(position, size, seed) < size


@given(st.integers(10**6, 2**62), st.sets(st.integers(0, 10**6 - 1), min_size=2, max_size=50))
def test_two_positions_never_share_an_index(size, positions):
    assert len({shuffled(p, size, "key") for p in positions}) == len(positions)


def test_another_key_is_another_shuffle():
    one, other = ([shuffled(p, 1000, key) for p in range(50)] for key in ("a", "b"))
    assert one != other


def test_neighbouring_positions_are_spread_over_the_range():
    indices = [shuffled(p, 10**9, 7) for p in range(1000)]
    halves = sum(index < 10**9 // 2 for index in indices)
    assert 400 < halves < 600


def test_positions_beyond_the_size_begin_again():
    assert shuffled(1003, 1000, 7) == shuffled(3, 1000, 7)

"""A run gives up at the same episode however its episodes were ordered in time."""

import random
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.batch import Batch, Ended
from graphs.prospect import hopeless, share_bounds
from storage.records import Outcome

STATUSES = st.lists(st.sampled_from(["accepted", "rejected", "unscored", "failed"]), min_size=1)

OUTCOME = Outcome(n=0, skill="s", level=1, tried=1, solved=0, critiques=0, question_digest=None)


def ending(statuses, order, episodes, accept):
    """Let episodes end in an order; return how the batch ends, if the prefix decides it."""
    batch = Batch(
        run_id="r", graph=None, faculty=None, plan=SimpleNamespace(learnt=0), ledger=None,
        episodes=episodes, accept=accept, lag=1, open_limit=1,
    )  # fmt: skip
    for n in order:
        outcome = Outcome(
            n=n, skill="s", level=1, tried=1, solved=0, critiques=0, question_digest=None
        )
        batch.ended[n] = Ended(outcome, statuses[n])
        batch._advance()
    return batch._stop and (batch._stop.kind, batch._stop.episodes)


@given(STATUSES, st.integers(1, 30), st.integers(0, 60), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=200)
def test_when_it_gives_up_does_not_depend_on_the_order_of_completion(statuses, accept, more, draw):
    episodes = len(statuses) + more
    in_order = list(range(len(statuses)))
    shuffled = in_order.copy()
    draw.shuffle(shuffled)
    assert ending(statuses, in_order, episodes, accept) == ending(
        statuses, shuffled, episodes, accept
    )


@given(STATUSES, st.integers(1, 30), st.integers(0, 60))
@settings(deadline=None, max_examples=100)
def test_it_never_gives_up_what_the_episodes_left_could_certainly_bring(statuses, accept, more):
    episodes = len(statuses) + more
    found = ending(statuses, range(len(statuses)), episodes, accept)
    if found and found[0] == "complete":
        assert statuses[: found[1]].count("accepted") == accept
    if found and found[0] == "hopeless":
        here = statuses[: found[1]]
        assert hopeless(here.count("accepted"), len(here), episodes, accept)
        assert not hopeless(here[:-1].count("accepted"), len(here) - 1, episodes, accept)
    if found is None:
        assert statuses.count("accepted") < accept
        assert not hopeless(statuses.count("accepted"), len(statuses), episodes, accept)


@pytest.mark.parametrize("true_yield", [0.05, 0.3, 0.9])
def test_what_was_given_up_would_not_have_come(true_yield):
    draw = random.Random(7)
    wanted = int(300 * true_yield * 1.1)
    regretted = gave_up = 0
    for _ in range(300):
        came = [draw.uniform(0, 1) < true_yield for _ in range(300)]
        prefix = [sum(came[:n]) for n in range(301)]
        if any(hopeless(accepted, n, 300, wanted) for n, accepted in enumerate(prefix)):
            gave_up += 1
            regretted += prefix[-1] >= wanted
    assert gave_up > 100
    assert regretted == 0


def test_what_is_plainly_out_of_reach_is_given_up_early():
    assert not hopeless(0, 20, 1000, 50)
    assert hopeless(0, 600, 1000, 50)
    assert hopeless(9, 10, 12, 12)
    assert not hopeless(0, 0, 5, 50)
    assert not hopeless(150, 150, 200, 200)
    assert hopeless(149, 150, 200, 200)


def test_the_bounds_of_a_share_are_wilsons():
    assert share_bounds(0, 0, 2.0) == (0.0, 1.0)
    low, high = share_bounds(10, 20, 1.96)
    assert (round(low, 4), round(high, 4)) == (0.2993, 0.7007)
    assert share_bounds(20, 20, 4.0)[1] == 1.0
    assert share_bounds(0, 16, 4.0) == (0.0, 0.5)

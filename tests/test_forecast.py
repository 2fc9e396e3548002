"""A forecast says early what a whole run will come to, and how sure that is."""

import random
from dataclasses import replace

import pytest

from agents.chat.meter import Spent
from graphs.forecast import Forecaster
from storage.standing import Standing


def paid(cost=1.0, *, calls=3, unpriced=0, seconds=2.0):
    return Spent(
        calls=calls, tokens=int(cost * 100), cost_usd=cost, unpriced=unpriced, seconds=seconds
    )


def fed(costs, **options):
    made = Forecaster(**options)
    for n, cost in enumerate(costs):
        made.end(n, paid(cost), accepted=n % 2 == 0)
    return made


def drawn(seed, count, sigma=0.6):
    draw = random.Random(seed)
    return [draw.lognormvariate(0, sigma) for _ in range(count)]


def test_the_whole_is_the_mean_of_the_prefix_for_all_episodes():
    found = fed([1.0, 3.0] * 10, episodes=100).forecast(10.0, 4.0)
    assert (found.ended, found.episodes.value) == (20, 100)
    assert found.cost_usd.value == pytest.approx(200)
    assert found.calls.value == 300
    assert found.tokens.value == pytest.approx(20_000)
    assert found.cost_usd.low < 200 < found.cost_usd.high
    # 100 episodes of 2 s of calls each, 4 calls at once.
    assert found.wall_s.value == pytest.approx(50)


def test_episodes_that_ended_first_do_not_bias_it():
    costs = drawn(3, 200)
    short_first = sorted(range(200), key=lambda n: costs[n])
    made = Forecaster(episodes=1000)
    for n in short_first[:100]:
        made.end(n, paid(costs[n]), accepted=True)
    assert made.count == 100
    assert made.prefix < 20
    for n in short_first[100:]:
        made.end(n, paid(costs[n]), accepted=True)
    assert made.forecast(1.0, 1.0).cost_usd.value == pytest.approx(5 * sum(costs))


def test_whatever_the_order_the_forecast_of_a_prefix_is_the_same():
    costs = drawn(4, 60)
    order = list(range(60))
    random.Random(1).shuffle(order)
    shuffled = Forecaster(episodes=500)
    for n in order:
        shuffled.end(n, paid(costs[n]), accepted=n % 2 == 0)
    assert shuffled.forecast(9.0, 3.0) == fed(costs, episodes=500).forecast(9.0, 3.0)


def test_nothing_is_kept_of_episodes_that_the_prefix_has_passed():
    assert fed([1.0] * 500, episodes=1000)._waiting == {}


def test_after_a_twentieth_the_final_cost_is_within_the_interval_and_near():
    near, within = 0, 0
    for seed in range(200):
        costs = drawn(seed, 2000, sigma=0.5)
        found = fed(costs[:100], episodes=2000).forecast(1.0, 1.0).cost_usd
        near += abs(found.value - sum(costs)) <= 0.15 * sum(costs)
        within += found.low <= sum(costs) <= found.high
    assert near >= 195
    assert 180 <= within <= 199


def test_a_cost_is_not_known_if_one_price_is_not():
    made = fed([1.0] * 30, episodes=100)
    assert made.forecast(1.0, 1.0).cost_usd is not None
    made.end(30, paid(unpriced=1), accepted=True)
    assert made.forecast(1.0, 1.0).cost_usd is None
    earlier = replace(paid(), unpriced=2)
    assert fed([1.0] * 30, episodes=100, earlier=earlier).forecast(1.0, 1.0).cost_usd is None


def test_with_accept_it_is_reached_through_the_yield():
    found = fed([1.0] * 40, episodes=1000, accept=100, ahead=10).forecast(1.0, 1.0)
    # 20 of 40 are accepted: 160 more for the 80 that lack, and 10 that were begun in vain.
    assert found.episodes.value == 40 + 160 + 10
    assert found.cost_usd.value == pytest.approx(210)
    assert found.episodes.low < 210 < found.episodes.high <= 1000
    assert found.cost_usd.low < 180
    assert found.cost_usd.high > 250


def test_with_accept_and_nothing_accepted_all_episodes_are_made():
    made = Forecaster(episodes=300, accept=10)
    for n in range(30):
        made.end(n, paid(), accepted=False)
    assert made.forecast(1.0, 1.0).episodes.value == 300


def test_it_is_told_once_it_means_something_and_then_at_its_marks():
    made, told = Forecaster(episodes=1000), []
    for n in range(1000):
        made.end(n, paid(), accepted=True)
        if made.due:
            told.append(n + 1)
    assert told == [20, 50, 100, 250, 500]
    made, told = Forecaster(episodes=50), []
    for n in range(50):
        made.end(n, paid(), accepted=True)
        if made.due:
            told.append(n + 1)
    assert told == [20, 25]


def test_a_limit_that_will_stop_the_run_is_named_with_the_episode():
    made = fed([1.0] * 20, episodes=100, limits={"max_cost": 50.0, "max_calls": 240})
    assert made.forecast(1.0, 1.0).stops == ("max_cost", 50)
    assert fed([1.0] * 20, episodes=40, limits={"max_cost": 50.0}).forecast(1, 1).stops is None


def test_a_second_sitting_forecasts_the_whole_run():
    made = Forecaster(episodes=100, earlier=paid(30.0, calls=60), ahead=2)
    made.go_on(Standing(ended=19, accepted=19, landed=20, assigned=23))
    made.landed(20, "accepted")
    assert made.prefix == 19
    made.end(19, paid(0.5), accepted=True)  # the rest of what the earlier sitting had begun
    assert (made.prefix, made.due) == (21, False)
    assert made.forecast(1.0, 1.0).cost_usd.value == pytest.approx(100 * 30.5 / 21)
    for n in range(21, 30):
        made.end(n, paid(1.5), accepted=True)
    assert made.due
    assert made.forecast(1.0, 1.0).cost_usd.value == pytest.approx(100 * 44 / 30)


def test_nothing_is_said_before_any_episode_has_ended():
    assert Forecaster(episodes=10).forecast(0.0, 0.0) is None

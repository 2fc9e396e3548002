"""The limit falls when an endpoint refuses for its load, and for nothing else, and rises again."""

import random

import pytest

from agents.chat.pace import LEAST_JUDGED, LONGEST_PAUSE_S, MEMORY_S, PAUSE_S, Pace


def quiet(pace, windows=1, refused=0, now=0.0):
    """Let whole windows pass in which the limit was used and so many were refused."""
    for _ in range(windows):
        pace.filled()
        for n in range(max(pace.limit, LEAST_JUDGED)):
            if n < refused:
                pace.refused(pace.era, None, now, pace.limit)
            else:
                pace.answered(pace.era, now)


def burst(pace, let_in, *, retry_after_s=None, now=0.0):
    """Let a full burst be sent of which so many are let in; return how often an overload began."""
    era, limit = pace.era, pace.limit
    out, began = limit, 0
    for _ in range(limit - let_in):
        out -= 1
        began += pace.refused(era, retry_after_s, now, out)
    return began


@pytest.mark.parametrize(("ceiling", "share"), [(64, 0.05), (64, 0.1), (16, 0.05), (8, 0.05)])
def test_refusals_by_chance_leave_the_limit_where_it_is(ceiling, share):
    pace, chance, limits = Pace(ceiling), random.Random(1), []
    for n in range(8_000):
        pace.filled()
        if chance.random() < share:
            pace.refused(pace.era, 0.01, n / 300, pace.limit - 1)
        else:
            pace.answered(pace.era, n / 300)
        limits.append(pace.limit)
    assert sum(limits) / len(limits) > 0.97 * ceiling


def test_a_quarter_of_a_window_is_chance_and_one_more_is_not():
    pace = Pace(64)
    assert not any(pace.refused(pace.era, None, 0.0, 40) for _ in range(16))
    assert (pace.limit, pace.resumes_at) == (64, 0.0)
    # Nobody waits for the rest of the window: of 64 calls more than a quarter are refused already.
    assert pace.refused(pace.era, None, 0.0, 40)
    assert (pace.limit, pace.overloaded) == (40, True)


@pytest.mark.parametrize("let_in", [4, 16, 30, 44])
def test_the_limit_falls_by_the_share_that_was_refused(let_in):
    pace = Pace(64)
    assert burst(pace, let_in) == 1
    assert pace.limit == let_in


def test_refusals_of_calls_sent_before_a_cut_are_no_second_overload():
    pace = Pace(64)
    era = pace.era
    burst(pace, 20)
    quiet(pace)
    limit = pace.limit
    assert not any(pace.refused(era, 30.0, 0.0, 20) for _ in range(40))
    assert pace.limit == limit


def test_one_call_at_a_time_is_always_allowed():
    pace = Pace(2)
    for _ in range(50):
        pace.refused(pace.era, None, 0.0, 0)
    assert pace.limit == 1


def test_after_an_overload_nobody_is_sent_for_as_long_as_was_asked_but_a_minute_at_most():
    pace = Pace(64)
    burst(pace, 16, retry_after_s=7.0, now=100.0)
    assert pace.resumes_at == 107.0
    pace = Pace(64)
    burst(pace, 16, retry_after_s=3600.0, now=100.0)
    assert pace.resumes_at == 100.0 + LONGEST_PAUSE_S


def test_a_refusal_by_chance_makes_nobody_else_wait():
    pace = Pace(64)
    pace.refused(pace.era, 30.0, 0.0, 63)
    assert pace.resumes_at == 0.0


def test_without_a_word_the_pause_doubles_until_a_window_was_quiet():
    pace, pauses = Pace(64), []
    for now in (0.0, 100.0, 200.0):
        for _ in range(64):
            pace.refused(pace.era, None, now, 0)
            if pace.resumes_at > now:
                break
        pauses.append(pace.resumes_at - now)
    assert pauses == [PAUSE_S, 2 * PAUSE_S, 4 * PAUSE_S]
    quiet(pace, 6, now=200.0)
    burst(pace, 0, now=300.0)
    assert pace.resumes_at == 300.0 + PAUSE_S


def test_after_an_outage_the_limit_doubles_with_every_quiet_window():
    pace = Pace(64)
    burst(pace, 0)
    assert pace.limit == 1
    limits = []
    for _ in range(7):
        pace.filled()
        for _ in range(pace.limit):
            pace.answered(pace.era, 1.0)
        limits.append(pace.limit)
    assert limits == [2, 4, 8, 16, 32, 56, 57]


def test_near_a_limit_that_failed_it_grows_one_by_one_and_shrinks_by_refusals():
    pace = Pace(64)
    burst(pace, 16)
    limits = []
    for refused in (0, 0, 1, 1, 1, 1, 1):
        quiet(pace, refused=refused, now=1.0)
        limits.append(pace.limit)
    assert limits == [17, 18, 17, 16, 15, 14, 14]


def test_a_step_that_was_refused_is_tried_again_ever_more_rarely():
    pace, steps = Pace(64), []
    burst(pace, 16)
    for window in range(60):
        limit = pace.limit
        quiet(pace, refused=pace.limit > 16, now=1.0)
        if pace.limit > limit:
            steps.append(window)
    assert steps == [0, 3, 8, 17, 34, 51]


def test_a_limit_that_failed_is_forgotten_and_remembered_longer_if_it_fails_again():
    pace, now, waits = Pace(64), 0.0, []
    for _ in range(3):
        burst(pace, 16, now=now)
        quiet(pace, now=now)
        began = now
        while pace.limit < 32:
            now += 1.0
            quiet(pace, refused=pace.limit > 16, now=now)
        waits.append(now - began)
    assert waits[0] >= MEMORY_S
    assert waits[1] >= 2 * MEMORY_S
    assert waits[2] >= 4 * MEMORY_S


def test_a_limit_that_nobody_needs_does_not_grow():
    pace = Pace(64)
    burst(pace, 0)
    for _ in range(100):
        pace.answered(pace.era, 1.0)
    assert (pace.limit, pace.overloaded) == (1, False)

"""What an episode is worth, given its verdicts."""

import pytest

from graphs.trajectory import first_error, worth
from storage.records import Verdict


def verdict(status, reason=None):
    reward = {"accepted": 1.0, "rejected": 0.0}.get(status)
    return Verdict(id="v", attempt_id="a", status=status, reward=reward, rung=None, reason=reason)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["rejected", "accepted", "failed"], "accepted"),
        (["rejected", "unscored", "failed"], "unscored"),
        (["failed", "rejected"], "rejected"),
        (["failed", "failed"], "failed"),
    ],
)
def test_the_best_that_any_attempt_is_decides(statuses, expected):
    assert worth(tuple(verdict(s, s) for s in statuses), failed=False)[0] == expected


def test_an_accepted_episode_has_no_reason_and_others_that_of_the_last_such_verdict():
    both = (verdict("rejected", "no_answer"), verdict("rejected", "wrong"))
    assert worth(both, failed=False)[:2] == ("rejected", "wrong")
    assert worth((*both, verdict("accepted")), failed=False) == ("accepted", None, 1.0)


def test_without_a_verdict_the_screen_refused_unless_an_exception_came():
    assert worth((), failed=False) == ("rejected", "screen", None)
    assert worth((), failed=True) == ("failed", "error", None)


def test_a_failed_episode_tells_its_first_attempts_error_only_if_it_failed():
    assert first_error((), "failed") is None

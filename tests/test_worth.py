"""What an episode is worth, given its verdicts."""

import pytest

from storage.records import Verdict
from storage.worth import last_verdicts, worth


def verdict(status, reason=None, attempt="a", rung="program"):
    reward = {"accepted": 1.0, "rejected": 0.0}.get(status)
    return Verdict(
        id="v", attempt_id=attempt, status=status, reward=reward, rung=rung, reason=reason
    )


def each_on_its_own_attempt(statuses):
    return tuple(verdict(status, status, f"a{n}") for n, status in enumerate(statuses))


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
    assert worth(each_on_its_own_attempt(statuses), failed=False)[0] == expected


def test_an_accepted_episode_has_no_reason_and_others_that_of_the_last_such_attempt():
    both = (verdict("rejected", "no_answer", "a1"), verdict("rejected", "wrong", "a2"))
    assert worth(both, failed=False)[:2] == ("rejected", "wrong")
    assert worth((*both, verdict("accepted", None, "a3")), failed=False) == ("accepted", None, 1.0)


def test_the_last_verdict_on_an_attempt_is_the_one_that_counts():
    said = (verdict("accepted"), verdict("rejected", "wrong", rung="person"))
    assert worth(said, failed=False) == ("rejected", "wrong", 0.0)
    assert worth((*said, verdict("accepted", rung="person")), failed=False)[0] == "accepted"
    assert last_verdicts(said) == [said[1]]


def test_without_a_verdict_the_screen_refused_unless_an_exception_came():
    assert worth((), failed=False) == ("rejected", "screen", None)
    assert worth((), failed=True) == ("failed", "error", None)

"""From a state to its trajectory."""

from graphs.trajectory import first_error


def test_a_failed_episode_tells_its_first_attempts_error_only_if_it_failed():
    assert first_error((), "failed") is None

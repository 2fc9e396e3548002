"""The same command goes on, extends, or says that there is nothing to do."""

import pytest

from graphs.errors import ConfigError
from graphs.life import changed_keys, decide, go_on
from storage.ids import run_id
from storage.records import Run

ONE = {"seed": 7, "student": {"model": "a"}}
TWO = {"seed": 7, "student": {"model": "b"}}


def run(identity, ended=None, episodes=10, **extra):
    return Run(
        id=run_id({**identity, **extra}), identity=identity, config={}, seed=7, episodes=episodes,
        created_at="2026-01-01T00:00:00Z", ended=ended,
    )  # fmt: skip


def test_an_empty_database_begins_a_run():
    assert decide([], ONE, 10).kind == "begin"


def test_the_same_config_resumes_an_unfinished_run():
    decision = decide([run(ONE)], ONE, 10)
    assert (decision.kind, decision.run_id) == ("resume", run_id(ONE))


def test_a_finished_run_is_complete_and_a_larger_total_extends_it():
    finished = [run(ONE, ended="complete")]
    assert decide(finished, ONE, 10).kind == "complete"
    assert decide(finished, ONE, 5).kind == "complete"
    assert decide(finished, ONE, 20).kind == "extend"


def test_a_run_without_more_lessons_cannot_be_extended():
    assert go_on(run(ONE, ended="exhausted"), 20).kind == "complete"


def test_a_changed_config_over_an_unfinished_run_names_the_keys():
    with pytest.raises(ConfigError, match=r"student\.model.*--run.*--new"):
        decide([run(ONE)], TWO, 10)


def test_a_changed_config_over_a_finished_run_begins_another():
    decision = decide([run(ONE, ended="complete")], TWO, 10)
    assert (decision.kind, decision.run_id) == ("begin", run_id(TWO))


def test_new_begins_another_run_of_the_same_config_under_its_own_id():
    first = run(ONE, ended="complete")
    second = decide([first], ONE, 10, new=True)
    assert second.kind == "begin"
    assert second.run_id not in (first.id, run_id(TWO))
    again = run(ONE, begun=1)
    assert again.id == second.run_id
    assert decide([first, again], ONE, 10).run_id == again.id


def test_changed_keys_are_named_as_in_toml():
    assert list(changed_keys(ONE, {**TWO, "attempts": 3})) == ["attempts", "student.model"]

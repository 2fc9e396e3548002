"""The same command goes on, extends, or says that there is nothing to do."""

import json

import pytest

from graphs.config import Config, identity, override
from graphs.errors import ConfigError
from graphs.life import Decision, changed_keys, decide, go_on, total
from storage.ids import run_id
from storage.records import Run
from storage.sources import Inputs

ONE = {"seed": 7, "student": {"model": "a"}}
TWO = {"seed": 7, "student": {"model": "b"}}


def run(identity, ended=None, episodes=10, begun=0):
    return Run(
        id=run_id(identity, begun), begun=begun, identity=identity, config={}, seed=7,
        episodes=episodes, created_at="2026-01-01T00:00:00Z", ended=ended,
    )  # fmt: skip


def test_an_empty_database_begins_a_run():
    assert decide([], ONE, 10) == Decision("begin")


def test_the_same_config_resumes_an_unfinished_run():
    unfinished = run(ONE)
    assert decide([unfinished], ONE, 10) == Decision("resume", 0, unfinished)


def test_a_finished_run_is_complete_and_a_larger_total_extends_it():
    finished = [run(ONE, ended="complete")]
    assert decide(finished, ONE, None).kind == "complete"
    assert decide(finished, ONE, 10).kind == "complete"
    assert decide(finished, ONE, 5).kind == "complete"
    assert decide(finished, ONE, 20).kind == "extend"


def test_a_run_without_more_lessons_cannot_be_extended():
    assert go_on(run(ONE, ended="every lesson was asked for"), ONE, 20).kind == "complete"


def test_a_changed_config_over_an_unfinished_run_names_the_keys():
    with pytest.raises(ConfigError, match=r"student\.model.*--run.*--new"):
        decide([run(ONE)], TWO, 10)


def test_a_named_run_goes_on_only_with_its_own_config():
    assert go_on(run(ONE), ONE, None).kind == "resume"
    with pytest.raises(ConfigError, match=r"begun with another config \(changed: student\.model\)"):
        go_on(run(ONE), TWO, None)


def test_a_changed_config_over_a_finished_run_begins_another():
    assert decide([run(ONE, ended="complete")], TWO, 10) == Decision("begin")


def test_new_begins_another_run_of_the_same_config_under_its_own_id():
    first = run(ONE, ended="complete")
    second = decide([first], ONE, 10, new=True)
    assert second == Decision("begin", begun=1)
    again = run(ONE, begun=1)
    assert again.id != first.id
    assert decide([first, again], ONE, 10) == Decision("resume", 1, again)


def test_changed_keys_are_named_as_in_toml():
    assert list(changed_keys(ONE, {**TWO, "attempts": 3})) == ["attempts", "student.model"]


def test_a_run_stores_its_whole_config_and_it_comes_back_the_same():
    config = override(Config(), seed=9, episodes=30)
    stored = Decision("begin").run(
        config, identity(config, {}), Inputs((), (), {}), (), "2026-01-01"
    )
    back = Config.model_validate_json(json.dumps(stored.config))
    assert back == config
    assert identity(back, {}) == stored.identity
    assert (stored.episodes, stored.seed) == (30, 9)


def test_how_many_episodes_a_run_is_to_have():
    config = Config()
    assert total(config, 0) == 200
    assert total(config, 795) == 795
    assert total(override(config, episodes=9), 795) == 9
    assert total(override(config, episodes=9), 0, run(ONE, episodes=30)) == 30
    assert total(override(config, accept=50), 0) == 1000
    assert total(override(config, accept=2), 0) == 200
    assert total(override(config, accept=2, episodes=10), 0) == 10

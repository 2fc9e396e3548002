"""The benchmark of kills can fail: what it looks for, it finds."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.store import Store

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.usefixtures("unmeasured")


@pytest.fixture
def killed(monkeypatch):
    """The module, which stands beside others that are scripts."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return pytest.importorskip("killed")


def test_each_promise_that_is_broken_is_enough(killed):
    assert killed.Found("four", 4, again=[4, 0]).holds
    for broken in ({"again": [5]}, {"lost": 1}, {"twice": 1}, {"beyond": 1}, {"wrong": ["digest"]}):
        assert not killed.Found("four", 4, **broken).holds, broken


def test_rows_that_stand_twice_are_counted(killed, tmp_path):
    with closing(sqlite3.connect(tmp_path / "twice.db")) as database:
        for table, columns in killed.TWICE.items():
            database.execute(f"CREATE TABLE {table} ({columns}, digest)")
            places = ", ".join("1" for _ in columns.split(","))
            for _ in range(2):
                database.execute(f"INSERT INTO {table} VALUES ({places}, 'd')")
        database.execute("CREATE TABLE runs (id)")
        look = killed.looked(database)
    assert look.twice == len(killed.TWICE)
    assert (look.calls, list(look.landed.values()), look.fault) == (2, ["d"], "")


def test_an_empty_database_holds_nothing_and_has_no_fault(killed, tmp_path):
    Store.open(tmp_path / "empty.db").close()
    for name in ("empty.db", "none.db"):
        with closing(sqlite3.connect(tmp_path / name)) as database:
            assert killed.looked(database) == killed.Look()


def test_a_lesson_that_a_kill_loses_is_found(killed, tmp_path):
    case = killed.Case("embedded", "attempts = 1\n", 4, calls=False)
    (tmp_path / "run.toml").write_text(case.config)
    victim, found = killed.Victim(case, 5, tmp_path, ""), killed.Found("embedded", 4)
    victim._said("generate", "run.toml", "--episodes", "5", "--db", str(victim.database))
    look, _ = victim.note_kill(killed.Look(), 0, found)
    assert (len(look.landed), found.lost, found.again, found.holds) == (5, 0, [0], True)
    with closing(sqlite3.connect(victim.database)) as database:
        for table in ("verdicts", "attempts", "trajectories"):
            database.execute(f"DELETE FROM {table}")
        database.commit()
    victim.note_kill(look, 0, found)
    assert (found.kills, found.lost, found.holds) == (2, 5, False)

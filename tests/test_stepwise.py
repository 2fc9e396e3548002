"""A row of steps ends with the first wrong one, and only that one is labelled wrong."""

import sqlite3
from contextlib import closing

import pytest

from storage.queries import Reader

TEXT = "1. one\n2. two\n3. three\n4. four\nAnswer: 7"


@pytest.mark.parametrize("wrong", [1, 3, 4])
def test_steps_end_with_the_first_wrong_one(wrong, classroom, tmp_path):
    one = classroom.tried(TEXT, "rejected", wrong_step=wrong)
    path = classroom.written(tmp_path / "a.db", classroom.episode(0, "q", one))
    [row] = classroom.exported(path, "stepwise").rows

    assert row["prompt"] == "q\n\nSay it."
    assert row["completions"] == ["one", "two", "three", "four"][:wrong]
    assert row["labels"] == [True] * (wrong - 1) + [False]


def test_a_step_that_is_not_there_has_no_label(classroom, tmp_path):
    tries = [
        classroom.tried(TEXT, "rejected", wrong_step=5),
        classroom.tried("a", "rejected"),
        classroom.tried("b", "unscored"),
        classroom.tried(TEXT + "!", wrong_step=2),
    ]
    path = classroom.written(tmp_path / "a.db", classroom.episode(0, "q", *tries))
    found = classroom.exported(path, "stepwise")

    assert found.left() == {"missing_step": 1, "no_wrong_step": 1, "unscored": 1}
    assert [len(row["labels"]) for row in found.rows] == [2]


@pytest.mark.no_cover
def test_every_wrong_step_of_a_real_run_becomes_a_row_of_that_length(classroom, many):
    with Reader.open(many) as reader:
        run = reader.latest_run().id
    found = classroom.exported(many, "stepwise", [run])
    with closing(sqlite3.connect(many)) as database:
        sql = "SELECT attempt_id, first_wrong_step FROM verdicts WHERE first_wrong_step IS NOT NULL"
        wrong = dict(database.execute(sql))

    assert len(found.rows) > 100
    for row in found.rows:
        assert len(row["completions"]) == len(row["labels"]) == wrong[row["id"]]
        assert row["labels"].count(False) == 1
        assert row["labels"][-1] is False
        assert all(row["completions"])

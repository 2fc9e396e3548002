"""What people said, in what is exported: the last word counts, in every format."""

import itertools
import json
from pathlib import Path

import pytest

from storage.export import FORMATS
from storage.export.fates import fates
from storage.people.acts import Said
from storage.people.giving import People
from storage.queries import Reader
from storage.records import Grade, Trajectory

pytestmark = pytest.mark.usefixtures("unmeasured")
TOKENS = (f"t{n}" for n in itertools.count())


def say(path: Path, attempt: str, status: str, person: str = "ada", **said: object):
    with People.open(path) as people:
        return people.give(
            attempt, Said(status=status, **said), person=person, token=next(TOKENS), blind=True
        )


def take_back(path: Path, act) -> None:
    with People.open(path) as people:
        people.withdraw(act.verdict_id, person=act.person, token=next(TOKENS))


def made(path: Path) -> Trajectory:
    with Reader.open(path) as reader:
        return reader.trajectory("0")


def steps(*lines: str) -> str:
    return "\n".join([*(f"{n}. {line}" for n, line in enumerate(lines, 1)), "Answer: 7"])


@pytest.fixture
def path(classroom, tmp_path: Path) -> Path:
    """A wrong attempt with its right revision, a right attempt, and one that nobody decided."""
    tries = [
        classroom.tried(steps("a", "b"), "rejected", idx=0, critique="Not b.", wrong_step=2),
        classroom.tried(steps("a", "c"), idx=0, revision=1),
        classroom.tried(steps("a", "c", "d"), idx=1),
        classroom.tried("who knows", "unscored", idx=2, rung=None),
    ]
    return classroom.written(tmp_path / "a.db", classroom.episode(0, "q", *tries))


def test_an_attempt_that_a_person_accepts_is_an_answer_to_learn_from(path: Path, classroom):
    open_one = made(path).attempts[2]
    assert open_one.text == "who knows"
    before = {row["id"] for row in classroom.exported(path).rows}
    act = say(path, open_one.id, "accepted")
    rows = {row["id"]: row for row in classroom.exported(path).rows}
    assert rows.keys() - before == {open_one.id}
    assert (rows[open_one.id]["rung"], rows[open_one.id]["weight"]) == ("person", 1.0)
    take_back(path, act)
    assert {row["id"] for row in classroom.exported(path).rows} == before


def test_an_attempt_that_a_person_rejects_is_wrong_in_every_format(path: Path, classroom):
    right = made(path).attempts[1]
    say(path, right.id, "rejected", critique="d is not asked for.", first_wrong_step=3)
    assert right.id not in {row["id"] for row in classroom.exported(path).rows}
    [kto] = [row for row in classroom.exported(path, "kto").rows if row["id"] == right.id]
    assert (kto["label"], kto["rung"]) == (False, "person")
    [row] = [row for row in classroom.exported(path, "critique").rows if row["id"] == right.id]
    assert (row["critique"], row["verdict"]) == ("d is not asked for.", "rejected")
    [row] = [row for row in classroom.exported(path, "stepwise").rows if row["id"] == right.id]
    assert row["labels"] == [True, True, False]
    rejected = {row["rejected_id"] for row in classroom.exported(path, "preference").rows}
    assert right.id in rejected


def test_of_several_verdicts_the_last_that_stands_counts_and_no_attempt_counts_twice(
    path: Path, classroom
):
    attempt = made(path).attempts[1].id
    for person, status in (("ada", "rejected"), ("bo", "accepted"), ("cy", "rejected")):
        last = say(path, attempt, status, person, critique=f"of {person}")
    [row] = [row for row in classroom.exported(path, "critique").rows if row["id"] == attempt]
    assert (row["verdict"], row["critique"]) == ("rejected", "of cy")
    take_back(path, last)
    [row] = [row for row in classroom.exported(path, "critique").rows if row["id"] == attempt]
    assert (row["verdict"], row["critique"]) == ("accepted", "of bo")
    for form in FORMATS:
        assert classroom.exported(path, form).account.attempts.total() == 4


def test_who_confirms_a_verdict_keeps_the_programs_step_and_who_overrules_takes_it_back(
    path: Path, classroom
):
    wrong = made(path).attempts[0].id

    def label() -> list[bool] | None:
        rows = classroom.exported(path, "stepwise").rows
        return next((row["labels"] for row in rows if row["id"] == wrong), None)

    say(path, wrong, "rejected")
    assert label() == [True, False]
    [row] = [row for row in classroom.exported(path, "critique").rows if row["id"] == wrong]
    assert row["critique"] == "Not b."
    say(path, wrong, "rejected", first_wrong_step=1)
    assert label() == [False]
    say(path, wrong, "accepted")
    assert label() is None


def test_a_persons_grades_make_the_reward_and_the_weight(path: Path, classroom):
    attempt = made(path).attempts[1].id
    grades = tuple(
        Grade(criterion=name, weight=weight, grade=grade)
        for name, weight, grade in (("correct", 0.5, 1.0), ("clear", 0.5, 0.5))
    )
    say(path, attempt, "accepted", grades=grades)
    [row] = [row for row in classroom.exported(path).rows if row["id"] == attempt]
    assert (row["reward"], row["weight"]) == (0.75, 0.75)


@pytest.mark.parametrize("form", ["sft", "prompt-completion", "kto"])
def test_a_critique_that_a_person_refuted_stands_in_no_conversation(
    form: str, path: Path, classroom
):
    manner = classroom.manner(revisions="turns")
    wrong, right, _, revised = made(path).attempts
    assert revised.revision == 1
    before = classroom.exported(path, form, manner=manner)
    assert revised.id in {row["id"] for row in before.rows}
    say(path, wrong.id, "accepted")
    found = classroom.exported(path, form, manner=manner)
    assert revised.id not in {row["id"] for row in found.rows}
    assert found.left()["mended_right"] == 1
    assert "Not b." not in json.dumps(found.rows)
    alone = classroom.exported(path, form)
    assert {wrong.id, right.id, revised.id} <= {row["id"] for row in alone.rows}


def test_a_verifier_that_a_person_overruled_is_no_reward_function(path: Path, classroom):
    right = made(path).attempts[1].id
    [row] = classroom.exported(path, "rl").rows
    assert (row["tried"], row["solved"]) == (2, 1)
    say(path, right, "accepted", "bo")  # who confirms it overrules nothing
    assert len(classroom.exported(path, "rl").rows) == 1
    act = say(path, right, "rejected")
    found = classroom.exported(path, "rl")
    assert (found.rows, found.left()) == ([], {"overruled": 4})
    take_back(path, act)
    assert len(classroom.exported(path, "rl").rows) == 1
    say(path, right, "unscored", "cy")  # who cannot tell does not say that it is wrong
    [row] = classroom.exported(path, "rl").rows
    assert (row["tried"], row["solved"]) == (1, 0)


def test_an_answer_that_was_not_found_says_nothing_about_the_verifier(classroom, tmp_path: Path):
    tries = [classroom.tried("seven", "rejected", reason="no_answer"), classroom.tried("7")]
    path = classroom.written(tmp_path / "a.db", classroom.episode(0, "q", *tries))
    say(path, made(path).attempts[0].id, "accepted")
    assert len(classroom.exported(path, "rl").rows) == 1


def test_what_nobody_judged_can_be_judged_by_a_person(classroom, tmp_path: Path):
    path = classroom.written(
        tmp_path / "a.db", classroom.episode(0, "q", classroom.tried("a", None))
    )
    assert classroom.exported(path).left() == {"failed": 1}
    say(path, made(path).attempts[0].id, "accepted")
    assert [row["rung"] for row in classroom.exported(path).rows] == ["person"]
    assert len(classroom.exported(path, "rl").rows) == 1


def test_the_fate_of_an_attempt_follows_what_people_said(path: Path):
    right = made(path).attempts[1].id
    say(path, right, "rejected")
    with Reader.open(path) as reader:
        whole = made(path)
        found = fates(reader, whole.run_id, whole.id, lambda text, pattern: ())
    assert found[right].left_out["sft"] == "rejected"
    assert found[right].left_out["rl"] == "overruled"
    assert found[right].left_out["critique"] == "no_critique"


def test_filters_and_the_card_know_people(path: Path, command, tmp_path: Path):
    say(path, made(path).attempts[2].id, "accepted", note="a secret note")
    done = command("export", "all", tmp_path / "out", "--db", path, "--json")
    assert done.returncode == 0, done.stderr
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "| person | 1 |" in card
    assert "a secret note" not in card
    one = tmp_path / "person.jsonl"
    done = command("export", "sft", one, "--db", path, "--rung", "person")
    assert done.returncode == 0, done.stderr
    [row] = map(json.loads, one.read_text(encoding="utf-8").splitlines())
    assert row["id"] == made(path).attempts[2].id

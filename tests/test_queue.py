"""What a person is asked next: by what a minute buys most, new skills first."""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.index import Index
from storage.people.acts import Said
from storage.people.giving import People
from storage.people.need import WEIGHTS
from storage.people.queue import Wanted, next_wanted, queue_counts
from storage.queries import Reader
from storage.store import Store

TOKENS = (f"t{n}" for n in itertools.count())


class Desk:
    """A database, its index, and a person who asks for what is next."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.index, self.people = Index.open(path), People.open(path)
        self.reader = Reader.open(path)

    def next(self, **more: object) -> Wanted | None:
        self.index.keep_up()
        return next_wanted(self.index, self.reader, **more)

    def order(self, **more: object) -> list[str]:
        """Return all that is wanted, in order, for somebody who skips one after the other."""
        skipped: list[str] = []
        found: list[str] = []
        while wanted := self.next(skip=skipped, **more):
            skipped.append(wanted.attempt_id)
            found.append(f"{wanted.n} {wanted.why}")
        return found

    def say(self, attempt: str, status: str = "accepted", person: str = "ada"):
        said = Said(status=status)
        return self.people.give(attempt, said, person=person, token=next(TOKENS), blind=True)

    def close(self) -> None:
        for each in (self.index, self.people, self.reader):
            each.close()


@pytest.fixture
def open_desk(classroom, tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    opened: list[Desk] = []

    def make(*episodes: tuple, runs: tuple[str, ...] = ("r1",)) -> Desk:
        made = []
        for n, (skill, rung, status, reward, *run) in enumerate(episodes):
            one = classroom.tried(f"text {n}", status, rung=rung, reward=reward)
            where = run[0] if run else "r1"
            made.append(classroom.episode(n, f"q{n}", one, skill=skill, run=where))
        path = classroom.written(tmp_path / f"{len(opened)}.db", *made, runs=runs)
        opened.append(Desk(path))
        return opened[-1]

    yield make
    for desk in opened:
        desk.close()


SURE = ("a", "judge", "accepted", 1.0)
NEAR = ("a", "judge", "accepted", 0.7)
OPEN = ("a", None, "unscored", None)
KNOWN = ("a", "program", "accepted", 1.0)


def test_what_a_minute_buys_most_comes_first_and_what_needs_nobody_not_at_all(open_desk):
    desk = open_desk(SURE, NEAR, KNOWN, OPEN, SURE)
    assert desk.order() == [
        "3 unscored", "1 near the threshold", "0 judge alone", "4 judge alone",
    ]  # fmt: skip
    assert queue_counts(desk.index, "r1") == {
        "people disagree": 0, "unscored": 1, "rungs disagree": 0, "near the threshold": 1,
        "judge alone": 2,
    }  # fmt: skip
    assert list(queue_counts(desk.index)) == list(WEIGHTS)


def test_it_names_the_attempt_and_where_it_stands(open_desk):
    desk = open_desk(KNOWN, OPEN)
    whole = desk.reader.trajectory("1", run_id="r1")
    [attempt] = whole.attempts
    assert desk.next() == Wanted(attempt.id, whole.id, "r1", 1, "a", "unscored")


def test_of_one_reason_the_skill_comes_first_of_which_people_have_judged_least(open_desk):
    skills = ("a", "a", "b", "c", "c", "b")
    desk = open_desk(*((skill, None, "unscored", None) for skill in skills))
    asked = []
    while wanted := desk.next():
        asked.append(wanted.skill)
        desk.say(wanted.attempt_id)
    assert asked == ["a", "b", "c", "a", "b", "c"]
    assert queue_counts(desk.index) == dict.fromkeys(WEIGHTS, 0)


def test_a_withdrawn_verdict_does_not_count_and_the_attempt_is_wanted_again(open_desk):
    desk = open_desk(OPEN, ("b", None, "unscored", None))
    first = desk.next()
    act = desk.say(first.attempt_id)
    assert desk.next().skill == "b"
    desk.people.withdraw(act.verdict_id, person="ada", token="w")
    assert desk.next() == first


def test_a_skip_is_ones_own(open_desk):
    desk = open_desk(OPEN, OPEN)
    first = desk.next(person="ada")
    assert desk.next(person="ada", skip={first.attempt_id}).n == 1
    assert desk.next(person="bo") == first


def test_people_who_disagree_are_settled_by_a_third(open_desk):
    desk = open_desk(OPEN, SURE)
    attempt = desk.next().attempt_id
    desk.say(attempt, "accepted", "ada")
    desk.say(attempt, "rejected", "bo")
    assert desk.order(person="cy") == ["0 people disagree", "1 judge alone"]
    assert desk.order(person="ada") == ["1 judge alone"]
    desk.say(attempt, "rejected", "cy")
    assert desk.order(person="di") == ["1 judge alone"]


def test_who_has_judged_what_people_disagree_about_is_asked_about_its_sibling(classroom, tmp_path):
    tries = (classroom.tried("a", "rejected", rung="judge", reward=0.0),
             classroom.tried("b", "unscored", rung=None, reward=None))  # fmt: skip
    desk = Desk(classroom.written(tmp_path / "a.db", classroom.episode(0, "q", *tries)))
    with closing(desk):
        first, second = (a.id for a in desk.reader.trajectory("0", run_id="r1").attempts)
        desk.say(first, "rejected", "ada")
        desk.say(first, "unscored", "bo")
        assert (desk.next(person="cy").attempt_id, desk.next(person="cy").why) == (
            first, "people disagree",
        )  # fmt: skip
        for person in ("ada", "bo"):
            wanted = desk.next(person=person)
            assert (wanted.attempt_id, wanted.why) == (second, "unscored")
        assert desk.next(person="ada", skip={second}) is None
        desk.say(second, "unscored", "ada")
        assert desk.next(person="ada") is None


def test_a_run_can_be_asked_for_and_an_unknown_one_has_nothing(open_desk):
    desk = open_desk((*OPEN, "r2"), SURE, runs=("r1", "r2"))
    assert desk.next().run_id == "r2"
    assert desk.next(run_id="r1").why == "judge alone"
    assert queue_counts(desk.index, "r1")["unscored"] == 0
    assert desk.next(run_id="r3") is None


def test_an_attempt_that_is_gone_is_passed_over(open_desk):
    desk = open_desk(OPEN)
    desk.index.keep_up()
    with Store.open(desk.path) as store:
        asyncio.run(store.trim("r1", 0))
    assert next_wanted(desk.index, desk.reader) is None


def test_names_from_strangers_are_only_names(open_desk):
    desk = open_desk(("x' OR 1=1; --", None, "unscored", None))
    assert desk.next(run_id="' OR 1=1 --") is None
    assert desk.next().skill == "x' OR 1=1; --"

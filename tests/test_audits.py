"""Audits: what is drawn, that it is drawn uniformly, and what it comes to."""

import asyncio
import itertools
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.audit import audit
from storage.errors import Corrupt, Lacking, Missing, NotTaken
from storage.people.acts import Said, acts_of
from storage.people.audits import audit_of, audits, draw, next_of_audit, unfinished
from storage.people.giving import People
from storage.queries import Reader
from storage.store import Store

TOKENS = (f"t{n}" for n in itertools.count())
EPISODES = 12


class Desk:
    """A database with accepted attempts, and people who audit them."""

    def __init__(self, path: Path) -> None:
        self.path, self.people, self.reader = path, People.open(path), Reader.open(path)

    def draw(self, size: int, seed: int = 1):
        return draw(self.people, self.reader, "r1", size, seed)

    def drawn(self, own: str) -> list[str]:
        sql = "SELECT attempt_id FROM audited WHERE audit_id = ? ORDER BY place"
        return [row[0] for row in self.reader.rows(sql, own)]

    def say(self, attempt: str, status: str = "accepted", audit_id: str | None = None):
        return self.people.give(
            attempt, Said(status=status), person="ada", token=next(TOKENS), blind=True,
            audit_id=audit_id,
        )  # fmt: skip

    def accepted(self) -> list[str]:
        return [
            attempt.id
            for whole in self.reader.stream("r1")
            for attempt in whole.attempts
            if {v.attempt_id: v.status for v in whole.verdicts}[attempt.id] == "accepted"
        ]


@pytest.fixture
def desk(classroom, tmp_path: Path) -> Iterator[Desk]:
    """Episodes with two right attempts, one, or none, and some that people decided."""
    made = []
    for n in range(EPISODES):
        statuses = (("accepted", "rejected"), ("accepted", "accepted"), ("rejected", "unscored"))
        tries = [classroom.tried(f"{n} {i}", s) for i, s in enumerate(statuses[n % 3])]
        made.append(classroom.episode(n, f"q{n}", *tries))
    made[0] = made[0].model_copy(update={"status": "failed", "reason": "error", "error": "x"})
    desk = Desk(classroom.written(tmp_path / "a.db", *made))
    desk.say(made[1].attempts[0].id, "rejected")
    desk.say(made[2].attempts[1].id, "accepted")
    yield desk
    desk.people.close()
    desk.reader.close()


def test_it_is_drawn_without_replacement_from_what_stands_as_accepted(desk: Desk):
    accepted = desk.accepted()
    every = desk.draw(1_000)
    assert (every.population, every.size) == (len(accepted), len(accepted))
    assert sorted(desk.drawn(every.id)) == sorted(accepted)
    some = desk.drawn(desk.draw(5).id)
    assert len(set(some)) == 5
    assert set(some) <= set(accepted)


def test_every_accepted_attempt_is_drawn_as_often_as_any_other(desk: Desk):
    accepted, rounds, size = desk.accepted(), 300, 4
    times = Counter(a for seed in range(rounds) for a in desk.drawn(desk.draw(size, seed).id))
    expected = rounds * size / len(accepted)
    chi_square = sum((times[a] - expected) ** 2 / expected for a in accepted)
    assert chi_square < 36  # of 11 degrees of freedom; more has a chance of 1 in 5,000
    first = Counter(desk.drawn(desk.draw(size, seed).id)[0] for seed in range(rounds))
    assert len(first) == len(accepted)


def test_the_same_seed_draws_the_same_audit_once(desk: Desk):
    first = desk.draw(5, seed=9)
    assert desk.draw(5, seed=9) == first
    assert desk.draw(5, seed=10).id != first.id
    assert len(audits(desk.reader)) == 2
    assert {each.id for each in audits(desk.reader, "r1")} == {a.id for a in audits(desk.reader)}
    assert audits(desk.reader, "r2") == ()


def test_an_audit_that_was_drawn_so_is_found_until_all_of_it_is_judged(desk: Desk):
    own = desk.draw(3, seed=9).id
    for attempt in desk.drawn(own):
        assert unfinished(desk.reader, "r1", 3, 9).id == own
        desk.say(attempt, "rejected", own)
    assert unfinished(desk.reader, "r1", 3, 9) is None
    every = desk.draw(1_000, seed=9)
    assert unfinished(desk.reader, "r1", 1_000, 9) == every
    for other in (("r1", 4, 9), ("r1", 1_000, 8), ("r2", 1_000, 9)):
        assert unfinished(desk.reader, *other) is None


def test_a_larger_draw_of_the_same_seed_is_another_audit(desk: Desk):
    assert desk.draw(3).id != desk.draw(5).id


def test_what_it_came_to_counts_what_was_said_for_it(desk: Desk):
    own = desk.draw(6).id
    asked: list[str] = []
    for status in ("accepted", "accepted", "rejected", "unscored"):
        attempt = next_of_audit(desk.reader, own)
        asked.append(attempt)
        act = desk.say(attempt, status, own)
    assert asked == desk.drawn(own)[:4]
    found = audit_of(desk.reader, own[:9])
    assert (found.accepted, found.rejected, found.unscored) == (2, 1, 1)
    assert (found.judged, found.left, found.gone) == (4, 2, 0)
    desk.people.withdraw(act.verdict_id, person="ada", token="w")
    assert audit_of(desk.reader, own).unscored == 0
    assert next_of_audit(desk.reader, own) == asked[3]
    desk.say(desk.drawn(own)[4], "rejected")  # in the queue, not for the audit
    assert audit_of(desk.reader, own).rejected == 1


def test_of_several_words_on_one_attempt_the_last_counts(desk: Desk):
    own = desk.draw(2).id
    for status in ("accepted", "rejected"):
        desk.say(desk.drawn(own)[0], status, own)
    found = audit_of(desk.reader, own)
    assert (found.accepted, found.rejected, found.judged) == (0, 1, 1)


def test_what_is_skipped_is_passed_over(desk: Desk):
    own = desk.draw(3).id
    first, second, third = desk.drawn(own)
    assert next_of_audit(desk.reader, own, {first}) == second
    assert next_of_audit(desk.reader, own, {first, second, third}) is None


def test_an_attempt_that_is_not_drawn_cannot_be_judged_for_it(desk: Desk):
    own = desk.draw(2).id
    other = next(a for a in desk.accepted() if a not in desk.drawn(own))
    with pytest.raises(NotTaken, match="is not in audit"):
        desk.say(other, "accepted", own)


def test_what_is_taken_out_of_the_run_is_gone_and_not_asked_for(desk: Desk):
    own = desk.draw(100).id
    before = audit_of(desk.reader, own)
    with Store.open(desk.path) as store:
        asyncio.run(store.trim("r1", 6))
    found = audit_of(desk.reader, own)
    there = {attempt.id for whole in desk.reader.stream("r1") for attempt in whole.attempts}
    assert found.gone == before.size - len(there & set(desk.drawn(own)))
    assert found.left == before.size - found.gone
    asked = set()
    while attempt := next_of_audit(desk.reader, own, asked):
        asked.add(attempt)
    assert asked == there & set(desk.drawn(own))


@pytest.mark.parametrize(("size", "seed"), [(0, 1), (-1, 1), (100_001, 1), (1, -1), (1, 2**63)])
def test_a_size_or_seed_that_is_none_is_refused(size: int, seed: int, desk: Desk):
    with pytest.raises(NotTaken, match="an audit has 1 to"):
        desk.draw(size, seed)


def test_a_run_or_audit_that_is_not_there_is_refused_with_the_nearest(desk: Desk):
    with pytest.raises(Missing):
        draw(desk.people, desk.reader, "r7", 1, 1)
    with pytest.raises(Missing, match="draws one"):
        audit_of(desk.reader, "u1")
    own = desk.draw(2).id
    for wrong in ("u1", "", "' OR 1=1"):
        with pytest.raises(Missing, match=own):
            audit_of(desk.reader, wrong)


def test_a_run_without_accepted_attempts_has_nothing_to_draw(classroom, tmp_path: Path):
    path = classroom.written(
        tmp_path / "b.db", classroom.episode(0, "q", classroom.tried("a", "rejected"))
    )
    with (
        People.open(path) as people,
        Reader.open(path) as reader,
        pytest.raises(Lacking, match="nothing to draw"),
    ):
        draw(people, reader, "r1", 1, 1)


def test_sums_that_were_edited_are_noticed(desk: Desk):
    with closing(sqlite3.connect(desk.path)) as database, database:
        database.execute("UPDATE place_sums SET accepted_attempts = accepted_attempts + 5")
    with pytest.raises(Corrupt, match="verify"):
        desk.draw(1_000)


def test_an_audit_that_was_edited_is_named(desk: Desk):
    own = desk.draw(3).id
    other = next(a for a in desk.accepted() if a not in desk.drawn(own))
    with closing(sqlite3.connect(desk.path)) as database, database:
        database.execute(
            "UPDATE audited SET attempt_id = ? WHERE audit_id = ? AND place = 0", (other, own)
        )
    found = {(fault.table, fault.id, fault.column) for fault in audit(desk.reader, "r1")}
    assert ("audits", own, "id") in found


def test_an_act_that_was_made_one_of_an_audit_is_named_and_counts_for_nothing(desk: Desk):
    own = desk.draw(2).id
    other = next(a for a in desk.accepted() if a not in desk.drawn(own))
    act = desk.say(other)
    forged = act.model_copy(update={"audit_id": own})
    with closing(sqlite3.connect(desk.path)) as database, database:
        database.execute("DROP TRIGGER acts_stand")
        database.execute(
            "UPDATE acts SET audit_id = ?, digest = ? WHERE id = ?",
            (own, forged.content_digest, act.id),
        )
    assert acts_of(desk.reader, act.trajectory_id)[-1].audit_id == own
    assert audit_of(desk.reader, own).judged == 0
    found = {(fault.table, fault.id, fault.column) for fault in audit(desk.reader, "r1")}
    assert ("acts", str(act.id), "audit_id") in found

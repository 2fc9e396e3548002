"""People's verdicts: what is written down, what follows, and what is refused."""

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from storage import ids
from storage.errors import Ambiguous, Corrupt, Locked, Missing, NotTaken, StorageError
from storage.people import checking
from storage.people.acts import Act, Said, acts_of, standing
from storage.people.giving import People
from storage.queries import Reader
from storage.records import Grade, Trajectory
from storage.store import Store

YES, NO, UNSURE = (Said(status=word) for word in ("accepted", "rejected", "unscored"))


@dataclass
class Desk:
    """A database with one episode or more, and people who judge it."""

    path: Path
    people: People
    numbers: Iterator[int] = field(default_factory=count)

    def give(self, attempt: str, said: Said = YES, person: str = "ada", **more) -> Act:
        fields = {"token": f"token {next(self.numbers)}", "blind": True} | more
        return self.people.give(attempt, said, person=person, **fields)

    def withdraw(self, act: Act, person: str = "ada", **more) -> Act:
        fields = {"token": f"token {next(self.numbers)}"} | more
        return self.people.withdraw(act.verdict_id, person=person, **fields)

    @property
    def whole(self) -> Trajectory:
        with Reader.open(self.path) as reader:
            return reader.trajectory("0", run_id="r1")

    @property
    def acts(self) -> tuple[Act, ...]:
        with Reader.open(self.path) as reader:
            return acts_of(reader, self.whole.id)

    def one(self, sql: str, *values: object) -> object:
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(sql, values).fetchone()

    def dump(self) -> list[str]:
        with closing(sqlite3.connect(self.path)) as connection:
            return list(connection.iterdump())


@pytest.fixture
def desk(tmp_path: Path, classroom) -> Iterator[Desk]:
    """Two attempts: the first is accepted by a program, the second unscored."""
    tries = (classroom.tried("a"), classroom.tried("b", "unscored"))
    path = classroom.written(tmp_path / "a.db", classroom.episode(0, "q", *tries))
    with People.open(path, clock=lambda: "2026-11-28T03:00:00.000+00:00") as people:
        yield Desk(path, people)


def tries(desk: Desk) -> tuple[str, str]:
    first, second = desk.whole.attempts
    return first.id, second.id


def test_a_verdict_is_the_top_rung_and_the_status_follows_it(desk: Desk):
    first, second = tries(desk)
    desk.give(first, NO)
    assert (desk.whole.status, desk.whole.reason, desk.whole.reward) == ("unscored", None, 0.0)
    desk.give(second, NO)
    assert (desk.whole.status, desk.whole.reason, desk.whole.reward) == ("rejected", "wrong", 0.0)
    desk.give(second, YES)
    assert (desk.whole.status, desk.whole.reason, desk.whole.reward) == ("accepted", None, 1.0)
    desk.give(second, UNSURE)
    assert (desk.whole.status, desk.whole.reason) == ("unscored", "undecided")


def test_old_verdicts_stay_beside_the_new_one_and_the_last_counts(desk: Desk):
    first, _ = tries(desk)
    before = desk.whole.verdicts
    act = desk.give(first, Said(status="rejected", critique="No.", first_wrong_step=2))
    *old, new = desk.whole.verdicts
    assert tuple(old) == before
    assert new == act.verdict
    assert (new.rung, new.reason, new.critique) == ("person", "wrong", "No.")
    assert (new.first_wrong_step, new.first_wrong_step_rung) == (2, "person")


def test_an_act_keeps_the_whole_verdict_with_who_when_and_why(desk: Desk):
    first, _ = tries(desk)
    said = Said(status="rejected", note="off by one", critique="Count again.")
    given = desk.give(first, said, " ada ", blind=False)
    [act] = desk.acts
    assert act == given
    assert (act.id, act.act, act.person, act.at) == (1, "gave", "ada", desk.people._clock())
    assert (act.note, act.blind, act.audit_id) == ("off by one", False, None)
    assert act.attempt_digest == desk.one("SELECT digest FROM attempts WHERE id = ?", first)[0]
    assert act.digest == act.content_digest


def test_two_people_may_disagree_and_both_stand(desk: Desk):
    first, _ = tries(desk)
    desk.give(first, NO, "ada")
    desk.give(first, YES, "bo")
    said = [v for v in desk.whole.verdicts if v.rung == "person"]
    assert [v.status for v in said] == ["rejected", "accepted"]
    assert desk.whole.status == "accepted"
    assert [act.person for act in standing(desk.acts)] == ["ada", "bo"]


def test_undo_takes_a_verdict_back_and_keeps_both_acts(desk: Desk):
    first, _ = tries(desk)
    before = desk.whole
    act = desk.give(first, NO)
    assert desk.whole != before
    undone = desk.withdraw(act)
    assert desk.whole == before
    assert [each.act for each in desk.acts] == ["gave", "withdrew"]
    assert (undone.id, undone.verdict_id, undone.status) == (2, act.verdict_id, "rejected")
    assert standing(desk.acts) == []


def test_undo_of_the_last_lets_the_persons_earlier_word_count_again(desk: Desk):
    first, _ = tries(desk)
    desk.give(first, NO)
    kept = desk.whole
    desk.withdraw(desk.give(first, YES))
    assert desk.whole == kept


def test_an_id_is_never_used_twice_however_often_a_verdict_is_withdrawn(desk: Desk):
    first, _ = tries(desk)
    given = [desk.give(first, NO)]
    desk.withdraw(given[0])
    given += [desk.give(first, YES), desk.give(first, NO)]
    assert [act.ordinal for act in given] == [1, 2, 3]
    assert [act.verdict_id for act in given] == [ids.verdict_id(first, n) for n in (1, 2, 3)]
    desk.withdraw(given[1])
    assert desk.give(first).ordinal == 4


def test_only_a_verdict_that_stands_and_only_ones_own_can_be_withdrawn(desk: Desk):
    first, _ = tries(desk)
    act = desk.give(first, NO)
    with pytest.raises(NotTaken, match="'ada' gave it"):
        desk.withdraw(act, "bo")
    with pytest.raises(Missing, match="no person gave"):
        desk.people.withdraw(ids.verdict_id(first, 0), person="ada", token="x")
    desk.withdraw(act)
    with pytest.raises(NotTaken, match="was withdrawn before"):
        desk.withdraw(act)
    assert len(desk.acts) == 2


def test_the_same_token_is_the_same_act_once(desk: Desk):
    first, _ = tries(desk)
    acts = {desk.give(first, NO, token="t").model_dump_json() for _ in range(3)}
    assert len(acts) == 1
    assert len(desk.acts) == 1
    undone = {desk.withdraw(desk.acts[0], token="u").id for _ in range(3)}
    assert undone == {2}
    assert len(desk.acts) == 2


def test_what_is_sent_again_after_it_was_withdrawn_is_not_answered_as_given(desk: Desk):
    first, _ = tries(desk)
    desk.withdraw(desk.give(first, NO, token="t"))
    with pytest.raises(NotTaken, match="was withdrawn since, at"):
        desk.give(first, NO, token="t")
    assert len(desk.acts) == 2


def test_only_a_persons_first_word_on_an_episode_is_blind(desk: Desk):
    first, second = tries(desk)
    acts = [desk.give(first, NO), desk.give(first, YES), desk.give(second, NO)]
    assert [act.blind for act in acts] == [True, False, False]
    assert desk.give(first, NO, "bo").blind
    assert not desk.give(first, NO, "cy", blind=False).blind


def test_who_took_a_verdict_back_on_another_day_is_not_blind(desk: Desk):
    first, _ = tries(desk)
    desk.withdraw(desk.give(first, NO))
    with People.open(desk.path) as later:
        assert not later.give(first, YES, person=" ada", token="later", blind=True).blind


def test_a_token_that_comes_with_something_else_is_refused(desk: Desk):
    first, second = tries(desk)
    act = desk.give(first, NO, token="t")
    for of, said, person in ((second, NO, "ada"), (first, YES, "ada"), (first, NO, "bo")):
        with pytest.raises(NotTaken, match="something else; load the page again"):
            desk.give(of, said, person, token="t")
    with pytest.raises(NotTaken, match="something else"):
        desk.withdraw(act, token="t")
    assert len(desk.acts) == 1


def test_sums_and_counts_follow_in_the_same_transaction(desk: Desk):
    first, second = tries(desk)
    sums = "SELECT accepted, unscored, accepted_attempts, solved, reward FROM place_sums"
    assert desk.one(sums) == (1, 0, 1, 1, 1.0)
    desk.give(first, NO)
    assert desk.one(sums) == (0, 1, 0, 1, 0.0)
    desk.give(second, YES)
    assert desk.one(sums) == (1, 0, 1, 1, 1.0)
    assert desk.one("SELECT trajectories FROM reason_sums WHERE reason = 'error'")[0] == 0


@pytest.mark.parametrize(
    ("grades", "reward"),
    [
        ([("correct", 0.0, 1.0), ("clear", 0.0, 0.5)], 0.875),
        ([("correct", 0.9, 1.0)], 1.0),  # "clear" is not graded
        ([("correct", 0.0, 1.0), ("clear", 0.0, None)], 1.0),
        ([("correct", 0.0, 1.0), ("clear", 0.0, 0.0), ("kind", 0.25, 1.0)], 0.8),
        ([("correct", 0.0, 0.8), ("clear", 0.0, 0.0)], 0.6),
        ([("correct", 0.0, 0.0), ("clear", 0.0, 1.0)], 1.0),  # the grades say the opposite
        ([], 1.0),
    ],
)
def test_the_reward_is_the_weighted_mean_if_every_criterion_is_graded(
    grades, reward, classroom, tmp_path: Path
):
    known = (
        Grade(criterion="correct", weight=0.75, grade=0.0),
        Grade(criterion="clear", weight=0.25, grade=1.0),
        Grade(criterion="critique", weight=0.0, grade=None, reason="left out"),
    )
    whole = classroom.episode(0, "q", classroom.tried("a", rung="judge"))
    verdict = whole.verdicts[0].model_copy(update={"grades": known})
    whole = whole.model_copy(update={"verdicts": (verdict,)})
    path = classroom.written(tmp_path / "a.db", whole)
    with People.open(path) as people:
        given = tuple(Grade(criterion=c, weight=w, grade=g) for c, w, g in grades)
        said = Said(status="accepted", grades=given)
        act = people.give(whole.attempts[0].id, said, person="ada", token="t", blind=True)
        assert act.reward == pytest.approx(reward)
        unsure = said.model_copy(update={"status": "unscored"})
        assert people.give(act.attempt_id, unsure, person="a", token="u", blind=True).reward is None


def test_a_reward_never_says_the_opposite_of_the_verdict(desk: Desk):
    first, _ = tries(desk)
    for status, grade, reward in (("rejected", 1.0, 0.0), ("rejected", 0.5, 0.5)):
        grades = (Grade(criterion="clear", weight=1.0, grade=grade),)
        act = desk.give(first, Said(status=status, grades=grades))
        assert (act.reward, act.grades) == (reward, grades)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"person": "  "}, "name is needed"),
        ({"person": "x" * 101}, "more than 100 characters"),
        ({"person": "ada\x1b[2J"}, "that nobody sees"),
        ({"person": "a\u202eda"}, "that nobody sees"),
        ({"token": ""}, "token '': is none"),
        ({"token": "t" * 201}, "is none"),
        ({"said": Said(status="accepted", note="x" * 20_001)}, "note: has 20001 characters"),
        ({"said": Said(status="accepted", critique="x" * 20_001)}, "critique: has 20001"),
        ({"said": Said(status="accepted", note="\ud800")}, "half a character"),
        ({"grade": "abstained"}, "'abstained': is no criterion's name"),
        ({"grade": " clear"}, "is no criterion's name"),
        ({"grade": "a\nb"}, "that nobody sees"),
        ({"audit_id": "u1"}, "is not in audit 'u1'"),
    ],
)
def test_what_cannot_be_written_down_is_refused_in_one_line(more, message, desk: Desk):
    first, _ = tries(desk)
    said = more.pop("said", YES)
    if name := more.pop("grade", None):
        grades = (Grade(criterion=name, weight=1.0, grade=1.0),)
        said = Said(status="accepted", grades=grades)
    before = desk.dump()
    with pytest.raises(NotTaken, match=message) as refused:
        desk.give(first, said, **more)
    assert "\n" not in str(refused.value)
    assert desk.dump() == before


def test_a_criterion_is_graded_once(desk: Desk):
    grade = Grade(criterion="clear", weight=1.0, grade=1.0)
    with pytest.raises(NotTaken, match="graded twice"):
        desk.give(tries(desk)[0], Said(status="accepted", grades=(grade, grade)))


def test_what_a_form_says_is_read_or_refused_in_one_line():
    assert Said.of(status="rejected", first_wrong_step=2).first_wrong_step == 2
    for fields in ({"status": "failed"}, {"status": "accepted", "first_wrong_step": 0}, {}):
        with pytest.raises(NotTaken, match="nothing was written"):
            Said.of(**fields)


def test_an_unknown_attempt_is_refused_with_the_nearest_id(desk: Desk):
    first, _ = tries(desk)
    wrong = first[:-1] + ("0" if first[-1] != "0" else "1")
    with pytest.raises(Missing, match=first):
        desk.give(wrong)
    for no_id in ("0", desk.whole.id, "", f"{first}-{first}", "'; --"):
        with pytest.raises(Missing):
            desk.give(no_id)
    with pytest.raises(Ambiguous):
        desk.give("a")
    assert desk.give(first[:12]).attempt_id == first


def test_an_attempt_whose_student_raised_has_nothing_to_judge(classroom, tmp_path: Path):
    whole = classroom.episode(0, "q", classroom.tried("", "failed"))
    raised = whole.attempts[0].model_copy(update={"error": "ValueError: x"})
    path = classroom.written(tmp_path / "a.db", whole.model_copy(update={"attempts": (raised,)}))
    with People.open(path) as people, pytest.raises(NotTaken, match="nothing to judge"):
        people.give(raised.id, YES, person="ada", token="t", blind=True)


def test_an_episode_that_broke_off_stays_failed_whatever_is_said(classroom, tmp_path: Path):
    whole = classroom.episode(0, "q", classroom.tried("a", None))
    whole = whole.model_copy(update={"status": "failed", "reason": "error", "error": "judge: x"})
    path = classroom.written(tmp_path / "a.db", whole)
    with People.open(path) as people:
        act = people.give(whole.attempts[0].id, YES, person="ada", token="t", blind=True)
    with Reader.open(path) as reader:
        found = reader.trajectory(whole.id)
    assert (found.status, found.reward, act.ordinal) == ("failed", 1.0, 1)


def test_acts_cannot_be_changed_or_deleted(desk: Desk):
    desk.give(tries(desk)[0])
    with closing(sqlite3.connect(desk.path)) as connection:
        for sql in ("UPDATE acts SET person = 'bo'", "DELETE FROM acts"):
            with pytest.raises(sqlite3.IntegrityError, match="what people did is never"):
                connection.execute(sql)


def test_an_act_that_was_edited_all_the_same_is_named_and_nothing_is_written(desk: Desk):
    act = desk.give(tries(desk)[0])
    with closing(sqlite3.connect(desk.path)) as connection, connection:
        connection.execute("DROP TRIGGER acts_stand")
        connection.execute("UPDATE acts SET grades = '[1]'")
    with pytest.raises(Corrupt, match="acts"):
        desk.withdraw(act)


def test_a_commit_is_on_disk_when_it_returns(desk: Desk):
    [level] = desk.people._connection.execute("PRAGMA synchronous").fetchone()
    assert level == 2  # FULL


def test_a_busy_database_is_waited_for_and_then_refused(desk: Desk):
    first, _ = tries(desk)
    other = sqlite3.connect(desk.path, isolation_level=None, check_same_thread=False)
    with closing(other):
        other.execute("BEGIN IMMEDIATE")
        with People.open(desk.path, patience_s=0.05) as hasty, pytest.raises(Locked):
            hasty.give(first, YES, person="ada", token="t", blind=True)
        timer = threading.Timer(0.3, lambda: other.execute("COMMIT"))
        timer.start()
        assert desk.give(first).id == 1
        timer.join()


def test_a_closed_desk_says_so(desk: Desk):
    first, _ = tries(desk)
    desk.people.close()
    with pytest.raises(StorageError):
        desk.give(first)


def test_threads_may_share_it_and_every_word_is_kept(desk: Desk):
    first, second = tries(desk)

    def work(name: str) -> None:
        for n in range(10):
            desk.people.give(
                (first, second)[n % 2], NO, person=name, token=f"{name} {n}", blind=True
            )

    threads = [threading.Thread(target=work, args=(name,)) for name in ("ada", "bo", "cy")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(act.person for act in desk.acts) == {"ada": 10, "bo": 10, "cy": 10}
    assert sorted(a.ordinal for a in desk.acts if a.attempt_id == first) == list(range(1, 16))


def critics(whole: Trajectory) -> Trajectory:
    """Return an episode as it comes out of the graph, without what people said."""
    said = tuple(v for v in whole.verdicts if v.rung != "person")
    return whole.model_copy(update={"verdicts": said})


async def test_what_people_said_stands_again_when_an_episode_is_taken_out_and_lands_again(
    desk: Desk,
):
    first, second = tries(desk)
    desk.withdraw(desk.give(first, YES, "bo"), "bo")
    desk.give(first, NO, "ada")
    desk.give(second, YES, "cy")
    before, dump = desk.whole, "SELECT json_group_array(json_array(id, ordinal, place, digest))"
    stored = desk.one(f"{dump} FROM (SELECT * FROM verdicts ORDER BY id)")
    digest = desk.one("SELECT digest FROM trajectories")
    with Store.open(desk.path) as store:
        await store.trim("r1", 0)
        assert desk.one("SELECT count(*) FROM verdicts") == (0,)
        await store.land(critics(before))
    assert desk.whole == before
    assert desk.one(f"{dump} FROM (SELECT * FROM verdicts ORDER BY id)") == stored
    assert desk.one("SELECT digest FROM trajectories") == digest


async def test_what_is_withdrawn_while_an_episode_is_out_does_not_stand_again(desk: Desk):
    first, _ = tries(desk)
    before = desk.whole
    act = desk.give(first, NO)
    with Store.open(desk.path) as store:
        await store.trim("r1", 0)
        assert desk.withdraw(act).act == "withdrew"
        await store.land(before)
    assert desk.whole == before


async def test_it_does_not_stand_on_an_attempt_that_came_out_otherwise(desk: Desk):
    first, _ = tries(desk)
    desk.give(first, NO)
    with Store.open(desk.path) as store:
        whole = desk.whole
        await store.trim("r1", 0)
        other = whole.attempts[0].model_copy(update={"text": "another reply"})
        await store.land(critics(whole).model_copy(update={"attempts": (other, whole.attempts[1])}))
        assert [v.rung for v in desk.whole.verdicts] == ["program", None]
        await store.trim("r1", 0)
        await store.land(critics(whole))
    assert [v.rung for v in desk.whole.verdicts] == ["program", None, "person"]


def test_what_people_said_is_part_of_the_digest_and_not_who_or_when(desk: Desk):
    first, second = tries(desk)
    digest = "SELECT digest FROM trajectories"
    bare = desk.one(digest)
    act = desk.give(first, NO, "ada")
    said = desk.one(digest)
    assert said != bare
    desk.withdraw(act)
    assert desk.one(digest) == bare
    other = desk.give(first, Said(status="rejected", note="why"), "bo", blind=False)
    assert desk.one(digest) == said
    desk.withdraw(other, "bo")
    desk.give(second, NO)
    assert desk.one(digest) != said


def test_it_is_the_same_digest_whichever_attempt_was_judged_first(desk: Desk):
    first, second = tries(desk)
    digest = "SELECT digest FROM trajectories"
    acts = [desk.give(first, NO), desk.give(second, YES)]
    one_way = desk.one(digest)
    for act in acts:
        desk.withdraw(act)
    desk.give(second, YES)
    desk.give(first, NO)
    assert desk.one(digest) == one_way


def test_a_name_is_the_same_however_its_accents_are_encoded(desk: Desk):
    act = desk.give(tries(desk)[0], NO, "Zoe\u0308")
    assert act.person == "Zo\u00eb"
    assert desk.withdraw(act, " Zo\u00eb ").act == "withdrew"


async def test_a_run_of_which_people_have_spoken_is_not_discarded(desk: Desk):
    desk.give(tries(desk)[0], NO)
    with Store.open(desk.path) as store:
        await store.trim("r1", 0)
        assert not await store.discard("r1")
    assert desk.one("SELECT count(*) FROM acts") == (1,)


def test_looking_while_somebody_gives_names_no_fault(desk: Desk):
    first, _ = tries(desk)
    done = threading.Event()

    def work() -> None:
        for _ in range(60):
            desk.withdraw(desk.give(first, NO))
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    with Reader.open(desk.path) as reader:
        while not done.is_set():
            assert list(checking.differing(reader.rows, "r1")) == []
    thread.join()

"""People's verdicts and runs: what goes on, lands again, is replayed and verified knows them."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from graphs.config import Config, identity, make_config, override
from graphs.life import decide
from graphs.models import SilentModels
from graphs.session import Session
from graphs.wiring import skills_of, wire
from storage.audit import audit
from storage.ids import dataset_digest, trajectory_digest
from storage.journal import SqliteJournal
from storage.memory import SqliteMemory
from storage.people.acts import Said, acts_of, standing
from storage.people.giving import People
from storage.queries import Reader
from storage.records import Trajectory
from storage.sources import read_inputs
from storage.store import Store

CONFIG = make_config({"seed": 7, "lag": 8, "attempts": 1}, name="test", folder=Path())
pytestmark = pytest.mark.usefixtures("unmeasured")
TOKENS = (f"t{number}" for number in count())
Watch = Callable[[Trajectory], None]


async def held(path: Path, watch: Watch = lambda t: None, **changes: object) -> Config:
    """Hold a sitting at the run of the config in this process."""
    made = override(CONFIG, **changes)
    inputs, known = read_inputs(None, None, {}), identity(made, {})
    with Store.open(path) as store:
        with Reader.open(path) as reader:
            decision = decide(reader.runs()[::-1], known, made.episodes)
        run = decision.run(made, known, inputs, skills_of(made), "2026-01-01T00:00:00.000+00:00")
        wired = wire(made, SilentModels())
        memory = SqliteMemory(store.writer, run.id, made.window)
        wired = wired.with_journal(SqliteJournal(store.writer), memory)
        await Session("test", made, run, wired, store).hold(watch)
    return made


def trajectories(path: Path) -> list[Trajectory]:
    with Reader.open(path) as reader:
        return list(reader.stream(reader.latest_run().id))


def say(path: Path, trajectory: Trajectory, status: str, person: str = "ada", place: int = 0):
    attempt = trajectory.attempts[place]
    said = Said(status=status, critique=f"{status}, says {person}")
    with People.open(path) as people:
        return people.give(attempt.id, said, person=person, token=next(TOKENS), blind=True)


def take_back(path: Path, act) -> None:
    with People.open(path) as people:
        people.withdraw(act.verdict_id, person=act.person, token=next(TOKENS))


def made(path: Path) -> list[tuple[object, str]]:
    """Return what the faculty made of each episode, whatever people said of it."""
    found = []
    for whole in trajectories(path):
        bare = tuple(v for v in whole.verdicts if v.rung != "person")
        update = {"verdicts": bare, "status": "failed", "reward": None}
        found.append((whole.assignment, trajectory_digest(whole.model_copy(update=update))))
    return found


def opposite(trajectory: Trajectory) -> str:
    return "rejected" if trajectory.verdicts[0].status == "accepted" else "accepted"


async def test_what_a_run_makes_does_not_hang_on_what_people_said_meanwhile(tmp_path: Path):
    await held(tmp_path / "alone.db", episodes=60)
    path = tmp_path / "judged.db"

    def contradict(whole: Trajectory) -> None:
        if whole.attempts:
            say(path, whole, opposite(whole))

    await held(path, contradict, episodes=30)
    for whole in trajectories(path):
        say(path, whole, "unscored", "bo")
    await held(path, contradict, episodes=60)
    assert len(made(path)) == 60
    assert made(path) == made(tmp_path / "alone.db")
    judged, alone = ([t.status for t in trajectories(p)] for p in (path, tmp_path / "alone.db"))
    assert judged != alone


async def test_a_run_that_is_to_accept_so_many_makes_up_for_what_people_reject_meanwhile(tmp_path):
    path, rejected = tmp_path / "a.db", []

    def reject_some(whole: Trajectory) -> None:
        if whole.status == "accepted" and len(rejected) < 3:
            act = say(path, whole, "rejected")
            rejected.append(act.attempt_id)

    await held(path, reject_some, accept=10)
    found = trajectories(path)
    assert len(rejected) == 3
    assert [t.status for t in found].count("accepted") == 10
    assert found[-1].status == "accepted"
    await held(tmp_path / "alone.db", episodes=len(found))
    assert made(path) == made(tmp_path / "alone.db")


async def test_what_people_accept_meanwhile_makes_no_run_longer_and_loses_nothing(tmp_path: Path):
    path = tmp_path / "a.db"

    def accept_some(whole: Trajectory) -> None:
        if whole.status == "rejected":
            say(path, whole, "accepted")

    await held(path, accept_some, accept=10)
    there = trajectories(path)
    assert [t.status for t in there].count("accepted") >= 10
    await held(path, accept=10)
    assert len(trajectories(path)) <= len(there)
    with Reader.open(path) as reader:
        gave = reader.rows("SELECT count(*) FROM acts")
        acts = next(iter(gave))[0]
    await held(path, accept=len(there))
    again = {t.id: t for t in trajectories(path)}
    assert [again[t.id] for t in there] == there
    with Reader.open(path) as reader:
        assert next(iter(reader.rows("SELECT count(*) FROM acts")))[0] == acts


async def test_failed_episodes_that_are_done_again_keep_what_was_said_of_later_ones(tmp_path: Path):
    path = tmp_path / "a.db"
    await held(path, episodes=24)
    whole = trajectories(path)[20]
    say(path, whole, opposite(whole))
    before = trajectories(path)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE trajectories SET status = 'failed', reason = 'error' WHERE n = 3")
    with Store.open(path) as store:
        assert await store.reopen_failed(whole.run_id, 8) == 1
    assert len(trajectories(path)) < 20
    await held(path, episodes=24)
    assert trajectories(path) == before


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of which people have said much; nobody may write to it."""
    path = tmp_path_factory.mktemp("judged") / "a.db"
    asyncio.run(held(path, episodes=24, attempts=2))
    found = [t for t in trajectories(path) if t.attempts]
    for whole in found[:8]:
        say(path, whole, opposite(whole))
    for whole in found[4:6]:
        say(path, whole, "unscored", "bo", -1)
    take_back(path, say(path, found[9], "rejected", "cy"))
    say(path, found[9], "rejected", "bo")
    return path


@pytest.fixture
def copy(judged: Path, tmp_path: Path) -> Path:
    with closing(sqlite3.connect(judged)) as source:
        source.execute("VACUUM INTO ?", (str(tmp_path / "copy.db"),))
    return tmp_path / "copy.db"


def digest(path: Path) -> str:
    with Reader.open(path) as reader:
        return dataset_digest(reader.digests(reader.latest_run().id))


def acts(path: Path) -> list[object]:
    with Reader.open(path) as reader:
        return [
            act.model_dump(exclude={"id"})
            for whole in reader.stream(reader.latest_run().id)
            for act in acts_of(reader, whole.id)
        ]


def test_replay_and_verify_know_what_people_said(judged: Path, command, tmp_path: Path):
    expected, into = digest(judged), tmp_path / "new.db"
    lines = [
        ("verify", "--db", judged),
        ("replay", "--db", judged),
        ("replay", "--db", judged, "--into", into),
        ("verify", "--db", into),
        ("replay", "--db", into),
    ]
    for line in lines:
        done = command(*line, "--json")
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        told = json.loads(done.stdout)
        assert (told["disagreements"], told["dataset_digest"]) == ([], expected), line
    assert trajectories(into) == trajectories(judged)
    assert acts(into) == acts(judged)
    with People.open(into) as people:
        act = next(iter(standing(acts_of(Reader.open(into), trajectories(into)[0].id))))
        assert people.withdraw(act.verdict_id, person=act.person, token="new").act == "withdrew"


FREE = "DROP TRIGGER acts_stand; DROP TRIGGER acts_stay;"
GIVEN = "(SELECT min(rowid) FROM verdicts WHERE rung = 'person')"


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("UPDATE acts SET person = 'eve' WHERE id = 1", ("acts", "digest")),
        ("UPDATE acts SET status = 'unscored' WHERE id = 1", ("acts", "digest")),
        ("UPDATE acts SET grades = '[1]' WHERE id = 1", ("acts", "digest")),
        ("DELETE FROM acts WHERE id = 1", ("acts", "id")),
        ("DELETE FROM acts WHERE id = 1", ("verdicts", "rung")),
        ("DELETE FROM acts WHERE id = (SELECT max(id) FROM acts)", ("acts", "id")),
        (f"UPDATE verdicts SET status = 'unscored' WHERE rowid = {GIVEN}", ("verdicts", "status")),
        (f"UPDATE verdicts SET critique = 'x' WHERE rowid = {GIVEN}", ("verdicts", "critique")),
        (f"UPDATE verdicts SET ordinal = 9 WHERE rowid = {GIVEN}", ("verdicts", "ordinal")),
        (f"DELETE FROM verdicts WHERE rowid = {GIVEN}", ("verdicts", "id")),
        (f"UPDATE verdicts SET rung = 'judge' WHERE rowid = {GIVEN}", ("verdicts", "id")),
        ("UPDATE verdicts SET rung = 'person' WHERE rowid = 1", ("verdicts", "rung")),
        (
            f"""INSERT INTO verdicts SELECT 'v0', attempt_id, 7, 7, 'accepted', 1.0, 'person', NULL,
                '[]', '[]', '', NULL, digest, NULL FROM verdicts WHERE rowid = {GIVEN}""",
            ("verdicts", "rung"),
        ),
        ("UPDATE trajectories SET digest = 'sha256:0' WHERE n = 0", ("trajectories", "digest")),
    ],
)
def test_what_was_edited_by_hand_is_named(sql: str, named: tuple[str, str], copy: Path):
    with closing(sqlite3.connect(copy)) as database, database:
        database.executescript(FREE)
        database.execute(sql)
    with Reader.open(copy) as reader:
        found = {(f.table, f.column) for f in audit(reader, reader.latest_run().id)}
    assert named in found


@pytest.mark.parametrize(
    ("changes", "where", "named"),
    [
        ({"verdict_id": "v0"}, "id = 1", ("acts", "verdict_id")),
        ({"status": "unscored"}, "id = 1", ("verdicts", "status")),
        ({"act": "withdrew"}, "id = 1", ("acts", "verdict_id")),
        ({"person": "eve"}, "act = 'withdrew'", ("acts", "person")),
        ({"attempt_digest": "sha256:0"}, "id = 1", ("verdicts", "rung")),
    ],
)
def test_an_act_whose_digest_was_made_to_fit_is_held_to_the_rest(changes, where, named, copy):
    with Reader.open(copy) as reader:
        ids = [row[0] for row in reader.rows(f"SELECT id FROM acts WHERE {where}")]
        every = [a for t in reader.stream(reader.latest_run().id) for a in acts_of(reader, t.id)]
    act = next(each for each in every if each.id == ids[0])
    act = act.model_copy(update=changes)
    with closing(sqlite3.connect(copy)) as database, database:
        database.executescript(FREE)
        row = changes | {"digest": act.content_digest}
        columns = ", ".join(f"{column} = :{column}" for column in row)
        database.execute(f"UPDATE acts SET {columns} WHERE id = :id", row | {"id": act.id})
    with Reader.open(copy) as reader:
        found = {(f.table, f.column) for f in audit(reader, reader.latest_run().id)}
    assert named in found


def test_an_untouched_run_has_no_fault(judged: Path):
    with Reader.open(judged) as reader:
        assert list(audit(reader, reader.latest_run().id)) == []


def name_what_is_edited(path: Path, sql: str) -> set[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(FREE + sql)
    with Reader.open(path) as reader:
        return {(f.table, f.column) for f in audit(reader, reader.latest_run().id)}


def swapped(table: str, column: str, key: str, one: object, other: object) -> str:
    """Return SQL that swaps the values that two rows have in a column."""
    stored = f"SELECT {column} FROM {table} WHERE {key} ="
    return f"""CREATE TEMP TABLE both AS SELECT ({stored} '{one}') a, ({stored} '{other}') b;
        UPDATE {table} SET {column} = 99 WHERE {key} = '{one}';
        UPDATE {table} SET {column} = (SELECT a FROM both) WHERE {key} = '{other}';
        UPDATE {table} SET {column} = (SELECT b FROM both) WHERE {column} = 99;"""


@pytest.fixture
def contested(copy: Path) -> tuple[Path, list[object]]:
    """Of one attempt somebody said that it is right, and then somebody that it is wrong."""
    whole = trajectories(copy)[20]
    return copy, [say(copy, whole, "accepted", "ada"), say(copy, whole, "rejected", "bo")]


def test_whose_word_was_the_last_cannot_be_swapped(contested):
    path, (first, last) = contested
    sql = swapped("verdicts", "place", "id", first.verdict_id, last.verdict_id)
    assert ("verdicts", "place") in name_what_is_edited(path, sql)


def test_a_machines_verdict_cannot_be_put_behind_a_persons(contested):
    path, (first, _) = contested
    sql = f"UPDATE verdicts SET place = 99 WHERE attempt_id = '{first.attempt_id}' AND ordinal = 0"
    assert {("verdicts", "place"), ("verdicts", "ordinal")} <= name_what_is_edited(path, sql)


def test_which_act_was_the_first_cannot_be_swapped(contested, command, tmp_path: Path):
    path, (first, last) = contested
    named = name_what_is_edited(path, swapped("acts", "id", "id", first.id, last.id))
    assert {("acts", "ordinal"), ("verdicts", "place")} <= named
    done = command("replay", "--db", path, "--into", tmp_path / "new.db", "--json")
    assert done.returncode == 1
    assert [each["column"] for each in json.loads(done.stdout)["disagreements"]] == [
        "dataset_digest"
    ]

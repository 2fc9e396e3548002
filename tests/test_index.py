import contextlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from storage.errors import StorageError
from storage.index import Filters, Index, find, index, schema
from storage.people.acts import Said
from storage.people.giving import People
from storage.queries import Reader
from storage.records import Trajectory
from storage.store import Store
from tests import indexed
from tests.conftest import ROOT
from tests.indexed import asked, plainly, school, trajectory


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return school(tmp_path_factory.mktemp("made") / "a.db", 3, 20)


@pytest.fixture
def path(made: Path, tmp_path: Path) -> Path:
    """A database of its own; a log would be lost by a copy, so there is none."""
    return Path(shutil.copy(made, tmp_path / "a.db"))


def agrees(index: Index, path: Path) -> bool:
    """Whether the table and the texts are what reading everything gives."""
    for given in ({}, {"sort": "best"}, {"text": "apple"}, {"text": "fig"}, {"status": "accepted"}):
        filters = Filters.of(given)
        if asked(index, limit=50, **given) != plainly(path, filters):
            return False
        if find(index, filters).count != len(plainly(path, filters)):
            return False
    return True


def as_assigned(path: Path, made: Trajectory) -> Trajectory:
    """Return an episode with the assignment that was written down for it before, if any was."""
    with Reader.open(path) as reader:
        for one in reader.assignments(made.run_id):
            if one.n == made.assignment.n:
                return made.model_copy(update={"assignment": one})
    return made


def beside(path: Path) -> list[str]:
    return sorted(each.name for each in path.parent.iterdir() if not each.name.startswith("a.db-"))


def test_an_index_stands_beside_its_database_and_nothing_else_does(path: Path) -> None:
    with Index.open(path) as index:
        assert index.coming() == 60 + 0
        assert index.keep_up() == 0
        assert index.path == path.with_name("a.db.index")
        assert index.notice is None
        assert agrees(index, path)

    assert beside(path) == ["a.db", "a.db.index"]


def test_the_table_is_there_before_the_texts_and_both_are_told_of(path: Path, monkeypatch) -> None:
    monkeypatch.setattr(index, "BATCH", 25)
    told: list[tuple[str, int, int]] = []

    with Index.open(path) as opened:
        assert opened.keep_up(most=60) == 60
        assert find(opened, Filters()).count == 60
        assert find(opened, Filters(text="apple")).unread == 60
        assert opened.keep_up(lambda *how_far: told.append(how_far), most=40) == 20
        assert opened.keep_up(lambda *how_far: told.append(how_far)) == 0
        assert agrees(opened, path)

    assert told == [("texts", 25, 60), ("texts", 40, 60), ("texts", 60, 60)]


async def test_what_lands_later_is_found_after_keeping_up(path: Path) -> None:
    chance = random.Random(1)
    with Index.open(path) as opened:
        opened.keep_up()
        with Store.open(path) as store:
            for n in range(20, 25):
                await indexed.add(store, trajectory(chance, "r2", n))
                assert opened.coming() > 0
                assert opened.keep_up() == 0
                assert agrees(opened, path)


async def test_what_is_taken_out_and_landed_again_is_found_as_it_is_now(path: Path) -> None:
    chance = random.Random(2)
    with Index.open(path) as opened:
        opened.keep_up()
        with Store.open(path) as store:
            for turn in range(3):
                await store.trim("r1", 15)
                assert opened.keep_up() == 0
                assert agrees(opened, path)
                for n in range(15, 18 + turn):
                    await indexed.add(store, as_assigned(path, trajectory(chance, "r1", n)))
                opened.keep_up()
                assert agrees(opened, path)
            await store.reopen_failed("r10", 1)
        opened.keep_up()
        assert agrees(opened, path)


def test_what_people_say_changes_the_row_and_is_searched(path: Path) -> None:
    with Index.open(path) as opened:
        opened.keep_up()
        tried = [line.id for line in asked(opened) if line.attempts][:6]
        for turn, one in enumerate(tried * 3):
            indexed.judged_by(path, one, ("accepted", "rejected", "unscored")[turn % 3])
            opened.keep_up()
        assert agrees(opened, path)
        assert find(opened, Filters(text="fig")).count == 6
        assert {line.id for line in asked(opened, people="yes")} == set(tried)


def test_a_trajectory_may_change_more_often_than_a_document_has_numbers(path: Path) -> None:
    with Index.open(path) as opened:
        opened.keep_up()
        one = next(line.id for line in asked(opened) if line.attempts)
        with closing(sqlite3.connect(opened.path)) as connection, connection:
            connection.execute("UPDATE listed SET doc = doc | ?", (schema.LATEST,))
        indexed.judged_by(path, one, "accepted")
        assert opened.keep_up() == 0
        assert agrees(opened, path)


def test_an_index_made_in_parts_is_the_one_made_at_once(path: Path, monkeypatch) -> None:
    with Index.open(path) as opened:
        while opened.keep_up(most=7):
            pass
        in_parts = asked(opened), find(opened, Filters(text="berry"))
        opened.path.unlink()
        opened.keep_up()
        assert (asked(opened), find(opened, Filters(text="berry"))) == in_parts


@pytest.mark.parametrize("when", ["before it is opened", "while it is open"])
def test_an_index_may_be_deleted_at_any_time(path: Path, when: str) -> None:
    with Index.open(path) as opened:
        opened.keep_up()
        if when == "while it is open":
            opened.path.unlink()
            assert find(opened, Filters()).count in (0, 60)
            opened.keep_up()
            assert agrees(opened, path)
    path.with_name("a.db.index").unlink(missing_ok=True)
    with Index.open(path) as opened:
        opened.keep_up()
        assert agrees(opened, path)


def _damages(file: Path, how: str) -> None:
    whole = file.read_bytes()
    if how == "a table is gone":
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("DROP TABLE combos")
    elif how == "the texts are gone":
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("DELETE FROM texts_data")
    else:
        size = len(whole)
        noise = random.Random(1).randbytes(size)
        file.write_bytes(
            {
                "empty": b"",
                "cut off": whole[: size // 2],
                "the middle is noise": whole[:4096] + noise[4096:],
                "all but its header is noise": whole[:100] + noise[100:],
            }[how]
        )


DAMAGES = (
    "empty", "cut off", "the middle is noise", "all but its header is noise", "a table is gone",
    "the texts are gone",
)  # fmt: skip


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_index_is_made_anew_and_nobody_hears_of_it(path: Path, how: str) -> None:
    with Index.open(path) as opened:
        opened.keep_up()
    _damages(path.with_name("a.db.index"), how)

    with Index.open(path) as opened:
        for given in ({}, {"text": "apple"}, {"sort": "best", "status": "accepted"}):
            find(opened, Filters.of(given))
        opened.keep_up()
        find(opened, Filters.of({"text": "apple"}))
        opened.keep_up()
        assert agrees(opened, path)


def test_an_error_that_is_no_damage_is_told_and_the_index_stays(path: Path) -> None:
    with Index.open(path) as opened:
        opened.keep_up(most=7)
        number = opened.path.stat().st_ino
        for wrong in ("SELECT nothing FROM listed", "SELECT json('{') FROM listed", "SELEC 1"):
            with pytest.raises(StorageError):
                opened.rows(wrong)
        with closing(sqlite3.connect(opened.path)) as connection, connection:
            connection.execute(
                """CREATE TRIGGER no_more BEFORE INSERT ON listed
                BEGIN SELECT RAISE(ABORT, 'no'); END"""
            )
        with pytest.raises(StorageError, match="no"):
            opened.keep_up()
        assert opened.path.stat().st_ino == number
        assert find(opened, Filters()).count == 7


def _is_theirs(file: Path, what: str) -> None:
    """Put there what a person may have of that name, or of one that SQLite would use beside it."""
    elsewhere = file.with_name("elsewhere")
    if what == "notes":
        file.write_text("years of work\n" * 1000)
    elif what == "a pipe":
        os.mkfifo(file)
    elif what.startswith("a database"):
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("CREATE TABLE theirs (x)")
            if what != "a database":
                connection.execute(f"PRAGMA user_version = {schema.SCHEMA}")
    elif what == "a link to notes":
        elsewhere.write_text("years of work")
        file.symlink_to(elsewhere)
    elif what == "a link to an index":
        with Index.open(file.with_name("a.db")) as opened:
            opened.keep_up(most=7)
        file.rename(elsewhere)
        file.symlink_to(elsewhere)
    elif what == "a link to nothing":
        file.symlink_to(elsewhere)
    elif what == "a log that is a link":
        elsewhere.write_bytes(b"")
        file.with_name(f"{file.name}-wal").symlink_to(elsewhere)
    else:
        file.with_name(f"{file.name}{what}").write_text("years of work")


def _contents(folder: Path) -> dict[str, object]:
    """What is there; the log of the database is no matter."""
    return {
        each.name: (
            each.lstat().st_ino,
            each.lstat().st_mode,
            each.read_bytes() if each.is_file() else None,
        )
        for each in folder.iterdir()
        if each.name not in ("a.db-wal", "a.db-shm")
    }


@pytest.mark.parametrize("when", ["before it is opened", "while it is open"])
@pytest.mark.parametrize(
    "what",
    [
        "notes", "a pipe", "a database", "a database of that version", "a link to notes",
        "a link to an index", "a link to nothing", "a log that is a link", "-wal", "-journal",
    ],
)  # fmt: skip
def test_what_is_no_index_is_neither_written_nor_removed_nor_followed(
    path: Path, what: str, when: str
) -> None:
    file = path.with_name("a.db.index")
    if when == "before it is opened":
        _is_theirs(file, what)
        theirs = _contents(path.parent)
    with Index.open(path) as opened:
        if when == "while it is open":
            opened.keep_up(most=60)
            opened.close()
            file.unlink()
            _is_theirs(file, what)
            theirs = _contents(path.parent)
        opened.keep_up()
        assert agrees(opened, path)
        assert opened.path.parent != path.parent
        assert opened.notice is not None
        assert "is no index of Lyceum's" in opened.notice
    assert _contents(path.parent) == theirs


def test_an_index_is_made_under_a_name_that_nobody_has(path: Path) -> None:
    for name in ("a.db.index-new", "a.db.index.new", "a.db-new"):
        path.with_name(name).write_text("years of work")
    theirs = _contents(path.parent)
    with Index.open(path) as opened:
        opened.keep_up()
        assert opened.notice is None
    made = _contents(path.parent)
    assert made.pop("a.db.index")
    assert made == theirs


@pytest.mark.parametrize(("mode", "own"), [(0o600, 0o600), (0o640, 0o640), (0o444, 0o644)])
def test_whoever_may_not_read_the_database_may_not_read_the_index(
    path: Path, mode: int, own: int
) -> None:
    path.chmod(mode)
    before = os.umask(0)
    try:
        with Index.open(path) as opened:
            opened.keep_up()
            modes = {each.stat().st_mode & 0o777 for each in path.parent.glob("a.db.index*")}
    finally:
        os.umask(before)
    assert modes == {own}


def test_the_index_of_another_database_of_the_same_name_is_made_anew(path: Path) -> None:
    with Index.open(path) as opened:
        opened.keep_up()
        other = school(path.with_name("b.db"), 4, 5)
        path.unlink()
        other.rename(path)
        opened.keep_up()
        assert agrees(opened, path)


async def test_a_database_that_was_put_back_is_read_anew(path: Path, tmp_path: Path) -> None:
    earlier = Path(shutil.copy(path, tmp_path / "earlier.db"))
    chance = random.Random(5)
    with Index.open(path) as opened:
        with Store.open(path) as store:
            await indexed.add(store, trajectory(chance, "r1", 20))
        opened.keep_up()
        assert agrees(opened, path)

        shutil.copy(earlier, path)
        opened.keep_up()
        assert agrees(opened, path)

        with Store.open(path) as store:
            for n in (20, 21):
                await indexed.add(store, trajectory(chance, "r1", n))
        opened.keep_up()
        assert agrees(opened, path)


def test_an_older_schema_is_made_anew(path: Path) -> None:
    with Index.open(path) as opened:
        opened.keep_up()
    with closing(sqlite3.connect(path.with_name("a.db.index"))) as connection:
        connection.execute(f"PRAGMA user_version = {schema.SCHEMA + 1}")
    with Index.open(path) as opened:
        opened.keep_up()
        assert agrees(opened, path)


def test_where_nothing_can_be_written_the_index_is_a_temporary_file(path: Path) -> None:
    path.parent.chmod(0o555)
    try:
        with Index.open(path) as opened:
            opened.keep_up()
            assert opened.path.parent != path.parent
            assert opened.notice is not None
            assert "\n" not in opened.notice
            assert agrees(opened, path)
            temporary = opened.path
        del opened
        assert not temporary.exists()
    finally:
        path.parent.chmod(0o755)
    assert beside(path) == ["a.db"]


def test_a_folder_of_that_name_is_left_alone(path: Path) -> None:
    path.with_name("a.db.index").mkdir()
    with Index.open(path) as opened:
        opened.keep_up()
        assert opened.notice is not None
        assert agrees(opened, path)


def test_an_index_needs_a_database(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        Index.open(tmp_path / "a.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("how", ["the oldest", "the newest", "all", "some"])
@pytest.mark.parametrize("when", ["before it is made", "while it is made", "when it is made"])
async def test_whoever_deletes_changes_takes_no_trajectory_out_of_the_table(
    path: Path, how: str, when: str
) -> None:
    where = {"the oldest": "< 55", "the newest": "> 5", "all": "> 0", "some": "% 3 = 1"}[how]
    with Index.open(path) as opened:
        opened.keep_up(most={"before it is made": 0, "while it is made": 20}.get(when))
        with Store.open(path) as store:
            await store.trim("r1", 18)
            await indexed.add(store, trajectory(random.Random(9), "r2", 20))
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(f"DELETE FROM changes WHERE id {where}")
        opened.keep_up()
        assert opened.coming() == 0
        assert agrees(opened, path)
        with Store.open(path) as store:
            await indexed.add(store, trajectory(random.Random(8), "r2", 21))
        opened.keep_up()
        assert agrees(opened, path)


async def test_what_changes_while_an_index_is_made_is_in_it(path: Path) -> None:
    chance = random.Random(6)
    with Index.open(path) as opened, Store.open(path) as store:
        for n in range(20, 26):
            opened.keep_up(most=9)
            await indexed.add(store, trajectory(chance, "r1", n))
            await indexed.add(store, trajectory(chance, "r2", n))
            if n % 2:
                await store.trim("r10", 40 - n)
        opened.keep_up()
        assert opened.coming() == 0
        assert agrees(opened, path)


def test_a_database_whose_trajectories_are_all_gone_has_an_empty_index(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for table in ("verdicts", "attempts", "trajectories"):
            connection.execute(f"DELETE FROM {table}")
    told: list[object] = []
    with Index.open(path) as opened:
        assert opened.keep_up(lambda *how_far: told.append(how_far)) == 0
        assert find(opened, Filters()).count == 0
        assert find(opened, Filters(text="apple", sort="best")).rows == ()
    assert told == []


def test_a_database_without_runs_has_an_empty_index(tmp_path: Path) -> None:
    school(tmp_path / "a.db", 1, 0)
    with Index.open(tmp_path / "a.db") as opened:
        assert opened.keep_up() == 0
        assert find(opened, Filters(text="apple")).rows == ()
        assert find(opened, Filters(sort="best")).rows == ()


def test_an_episode_beyond_what_a_key_holds_is_not_listed_and_harms_no_other(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        sql = "UPDATE trajectories SET n = ? WHERE run_id = 'r1' AND n = 3"
        connection.execute(sql, (1 << 40,))
    with Index.open(path) as opened:
        opened.keep_up()
        assert len(asked(opened)) == 59


def test_texts_that_are_no_utf_8_and_verdicts_that_are_no_list_are_read_all_the_same(
    path: Path,
) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE attempts SET text = CAST(x'ff61' AS TEXT) || ' grape'")
        connection.execute('UPDATE verdicts SET grades = \'[1, {"criterion": "agreed"}]\'')
        connection.execute("UPDATE trajectories SET reason = reason")
    with Index.open(path) as opened:
        assert opened.keep_up() == 0
        assert find(opened, Filters(text="grape")).count > 0


def test_many_threads_may_ask_while_it_is_kept_up(path: Path, monkeypatch) -> None:
    monkeypatch.setattr(index, "BATCH", 3)
    wrong: list[object] = []
    with Index.open(path) as opened:

        def ask() -> None:
            try:
                for _ in range(20):
                    opened.keep_up(most=3)
                    count = find(opened, Filters(sort="best")).count
                    if count != len(asked(opened, 100)) and opened.coming() == 0:
                        wrong.append(count)
            except StorageError as error:
                wrong.append(error)

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        opened.keep_up()
        assert wrong == []
        assert agrees(opened, path)


_KEEPER = """
import pathlib, sys
from storage.index import Index, index
index.BATCH = 5
with Index.open(pathlib.Path(sys.argv[1])) as opened:
    opened.keep_up(lambda *told: print(*told, flush=True))
"""


def _keeping(path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _KEEPER, str(path)], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_a_keeper_that_is_killed_loses_nothing_and_does_nothing_twice(path: Path) -> None:
    for lines in (1, 5, 10, 16):
        with _keeping(path) as process:
            for _ in range(lines):
                assert process.stdout is not None
                if not process.stdout.readline():
                    break
            process.send_signal(signal.SIGKILL)
    with Index.open(path) as opened:
        opened.keep_up()
        assert agrees(opened, path)
        [counted] = opened.rows("SELECT sum(times) FROM combos")
        assert counted == (60,)


def test_several_processes_may_make_one_index_together(path: Path) -> None:
    started = [_keeping(path) for _ in range(4)]
    for process in started:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
    with Index.open(path) as opened:
        opened.keep_up()
        assert agrees(opened, path)
    assert beside(path) == ["a.db", "a.db.index"]


@pytest.mark.parametrize("waits", [False, True])
def test_a_busy_index_is_left_to_whoever_is_at_it_save_by_those_who_wait(
    path: Path, waits: bool
) -> None:
    with Index.open(path) as opened, contextlib.ExitStack() as undo:
        opened.keep_up(most=5)
        other = sqlite3.connect(opened.path, isolation_level=None, check_same_thread=False)
        undo.callback(other.close)
        other.execute("BEGIN IMMEDIATE")
        # Whoever waited would find it free in a second, and nothing left to read.
        letting_go = threading.Timer(1.0, other.execute, ["ROLLBACK"])
        letting_go.start()
        undo.callback(letting_go.join)
        assert (opened.keep_up(waits=waits) == 0) == waits
        assert find(opened, Filters()).count == (60 if waits else 5)
        letting_go.join()
        assert opened.keep_up() == 0


def test_an_index_keeps_no_more_than_its_database_has(path: Path) -> None:
    with Index.open(path) as opened:
        opened.keep_up()
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("DELETE FROM verdicts")
            connection.execute("DELETE FROM attempts")
            connection.execute("DELETE FROM trajectories")
        opened.keep_up()
        assert find(opened, Filters()).count == 0
        assert opened.rows("SELECT count(*) FROM listed") == [(0,)]
        assert find(opened, Filters(text="apple")).count == 0


def test_what_people_give_and_take_back_is_in_the_table_at_once(path: Path) -> None:
    with Index.open(path) as opened, People.open(path) as people:
        opened.keep_up()
        unscored = asked(opened, why="unscored")
        acts = []
        for turn, line in enumerate(unscored[:4]):
            said = Said.of(status=("accepted", "rejected")[turn % 2], critique="fig")
            for person in ("ann", "bob")[: 1 + turn % 2]:
                token = f"{person}-{turn}-0123456789"
                acts.append(people.give(line.wanted, said, person=person, token=token, blind=True))
        opened.keep_up()
        assert agrees(opened, path)
        assert {line.id for line in asked(opened, people="yes")} == {a.trajectory_id for a in acts}

        for act in acts:
            token = f"back-{act.verdict_id}"
            people.withdraw(act.verdict_id, person=act.person, token=token)
        opened.keep_up()
        assert agrees(opened, path)
        assert asked(opened, why="unscored") == unscored
        assert find(opened, Filters(text="fig")).count == 0

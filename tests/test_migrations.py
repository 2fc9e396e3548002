import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlite_utils import Database

from graphs.verify import verify
from storage.audit import audit
from storage.database import prepare
from storage.errors import (
    Corrupt,
    Locked,
    Missing,
    Newer,
    NotOurs,
    NotWritable,
    StorageError,
)
from storage.ids import dataset_digest, trajectory_digest
from storage.migrations import APPLICATION_ID, migrations
from storage.queries import Reader
from storage.store import TABLES

STEPS = [
    "m001_first_tables",
    "m002_who_says_which_step_is_wrong",
    "m003_sums_that_triggers_keep",
    "m004_bands_of_questions",
    "m005_people_pulses_and_changes",
]
DUMPED = Path(__file__).parent / "databases"
"""A database of each schema that was, as SQL, with the three episodes of one embedded run."""
DIGEST = "sha256:a2eb24a8bdb2260242ac9c4db97488889efd4e3f8862ef038726a4563e00454e"
"""The `dataset_digest` that the first version gave to that run."""
CONTRACT = {
    "lessons": "id skill level language question reference verifier",
    "attempts": "id trajectory_id lesson_id idx revision text reasoning answer",
    "verdicts": "id attempt_id status reward rung critique",
    "trajectories": "id run_id n lesson_id status reward reason error",
    "model_calls": "request_digest role model request reply tokens_in tokens_out cost_usd",
    "runs": "id",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    prepare(tmp_path / "a.db", create=True)
    return tmp_path / "a.db"


@pytest.fixture
def db(path: Path):
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA foreign_keys = ON")
    yield connection
    connection.close()


def test_the_list_of_tables_is_the_list_in_the_store(db: sqlite3.Connection) -> None:
    sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%sqlite_%'"
    assert {row[0] for row in db.execute(sql)} == set(TABLES)


def test_every_table_has_the_columns_that_strangers_may_query(db: sqlite3.Connection) -> None:
    for table, columns in CONTRACT.items():
        found = {row[1] for row in db.execute(f"PRAGMA table_info({table})")}
        assert set(columns.split()) <= found


def test_every_table_is_strict(db: sqlite3.Connection) -> None:
    strict = {row[1] for row in db.execute("PRAGMA table_list") if row[5]}
    assert set(TABLES) <= strict


def test_every_column_that_can_be_null_says_what_null_means(db: sqlite3.Connection) -> None:
    for table in TABLES:
        [sql] = db.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
        for _, name, _, not_null, _, _ in db.execute(f"PRAGMA table_info({table})"):
            if not not_null:
                said = rf"(?:^|, )\s*{name} .*-- NULL: \w"
                assert re.search(said, sql, re.MULTILINE), (table, name)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO attempts VALUES ('a', 't', 'l', 0, 0, '', NULL, NULL, '', '[]', '', NULL, '')",
        "INSERT INTO assignments VALUES ('t', 'no run', 0, 's', 1, 'en', 1, 0, NULL, '{}')",
    ],
)
def test_an_orphan_row_is_refused(db: sqlite3.Connection, sql: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        db.execute(sql)


@pytest.mark.parametrize(
    "values",
    [
        "'v', 'a', 0, 0, 'fine', 1.0, 'program', NULL, '[]', '[]', '', NULL, '', NULL",
        "'v', 'a', 0, 0, 'accepted', 1.5, 'program', NULL, '[]', '[]', '', NULL, '', NULL",
        "'v', 'a', 0, 0, 'accepted', 1.0, 'oracle', NULL, '[]', '[]', '', NULL, '', NULL",
        "'v', 'a', 0, 0, 'accepted', 1.0, 'program', NULL, 'oops', '[]', '', NULL, '', NULL",
        "'v', 'a', 0, 0, 'accepted', 'high', 'program', NULL, '[]', '[]', '', NULL, '', NULL",
        "'v', 'a', 0, 0, 'accepted', 1.0, 'program', NULL, '[]', '[]', '', 1, '', 'oracle'",
    ],
)
def test_a_verdict_with_a_word_or_number_that_does_not_exist_is_refused(
    db: sqlite3.Connection, values: str
) -> None:
    db.execute("PRAGMA foreign_keys = OFF")
    with pytest.raises(sqlite3.IntegrityError):
        db.execute(f"INSERT INTO verdicts VALUES ({values})")


def test_a_fresh_file_carries_our_mark_in_its_header_and_is_in_wal_mode(path: Path) -> None:
    header = path.read_bytes()[:72]

    assert int.from_bytes(header[68:72], "big") == APPLICATION_ID
    assert header[18] == 2


def test_opening_again_changes_nothing(path: Path) -> None:
    before = path.read_bytes()
    prepare(path, create=True)

    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_file_whose_making_was_interrupted_before_wal_mode_is_mended(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    prepare(path, create=False)

    assert path.read_bytes()[18] == 2


def test_an_interrupted_migration_leaves_an_empty_file_that_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.touch()
    prepare(path, create=True)

    assert path.stat().st_size > 0


def refused(path: Path, *, create: bool = True) -> StorageError:
    """Open a file that must be refused; check that it and its folder are as they were."""
    before = {p: p.read_bytes() for p in path.parent.iterdir() if p.is_file()}
    with pytest.raises(StorageError) as caught:
        prepare(path, create=create, patience_s=0.1)
    assert {p: p.read_bytes() for p in path.parent.iterdir() if p.is_file()} == before
    assert "\n" not in str(caught.value)
    assert str(path.name) in str(caught.value) or str(path.parent) in str(caught.value)
    return caught.value


def test_a_missing_file_is_refused_unless_it_may_be_made(tmp_path: Path) -> None:
    assert isinstance(refused(tmp_path / "a.db", create=False), Missing)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="no such folder"):
        prepare(tmp_path / "no" / "a.db", create=True)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    assert isinstance(refused(tmp_path / "d"), NotOurs)


@pytest.mark.parametrize("content", [b"hello, world " * 50, b"\x00\x01\xff" * 400, b"S"])
def test_a_file_that_is_not_sqlite_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.db").write_bytes(content)
    assert isinstance(refused(tmp_path / "a.db"), NotOurs)


def test_an_empty_file_is_refused_where_nothing_may_be_made(tmp_path: Path) -> None:
    (tmp_path / "a.db").touch()
    assert isinstance(refused(tmp_path / "a.db", create=False), NotOurs)


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_somebody_elses_database_is_refused(tmp_path: Path, mode: str) -> None:
    other = sqlite3.connect(tmp_path / "a.db")
    other.execute(f"PRAGMA journal_mode = {mode}")
    other.execute("CREATE TABLE invoices (id)")
    other.commit()
    other.close()

    assert isinstance(refused(tmp_path / "a.db"), NotOurs)


def test_a_database_of_a_newer_schema_is_refused(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, ?, ?)",
        ("lyceum", "m999_from_the_future", "2030-01-01"),
    )
    connection.commit()
    connection.close()

    error = refused(path)
    assert isinstance(error, Newer)
    assert "m999_from_the_future" in str(error)


@pytest.mark.parametrize("marked", ["file", "folder"])
def test_a_place_that_is_marked_read_only_is_refused(tmp_path: Path, marked: str) -> None:
    path = tmp_path / "d" / "a.db"
    path.parent.mkdir()
    if marked == "file":
        path.touch()
    place = path if marked == "file" else path.parent
    place.chmod(0o444 if marked == "file" else 0o555)
    error = refused(path)
    place.chmod(0o755)

    assert isinstance(error, NotWritable)


def test_a_database_that_is_exclusively_held_is_locked(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Locked, match="try again"):
        prepare(path, create=True, patience_s=0.1)
    connection.close()


def test_a_damaged_database_is_called_so(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\xff" * 20 + content[120:])
    with pytest.raises(Corrupt, match="restore"):
        prepare(path, create=True)


def test_processes_that_open_a_fresh_database_at_once_all_succeed(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from storage.store import Store; "
        "Store.open(pathlib.Path(sys.argv[1])).close()"
    )
    for n in range(3):
        path = tmp_path / f"{n}.db"
        processes = [
            subprocess.Popen([sys.executable, "-c", code, str(path)], stderr=subprocess.PIPE)
            for _ in range(4)
        ]
        said = [process.communicate(timeout=60)[1] for process in processes]
        assert [p.returncode for p in processes] == [0] * 4, said
        db = Database(path)
        assert [step.name for step in migrations.applied(db)] == STEPS
        db.close()


def restored(dump: Path, path: Path) -> Path:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(dump.read_text(encoding="utf-8"))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.close()
    return path


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A database as the first version left it."""
    return restored(DUMPED / "m001.sql", tmp_path / "old.db")


def schema(path: Path) -> dict[str, str]:
    connection = sqlite3.connect(path)
    found = dict(connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"))
    connection.close()
    return found


def test_a_database_of_the_first_schema_comes_to_the_schema_of_a_fresh_one(
    old: Path, path: Path
) -> None:
    assert "first_wrong_step_rung" not in schema(old)["verdicts"]
    prepare(old, create=False)
    assert schema(old) == schema(path)


@pytest.mark.parametrize("dump", sorted(DUMPED.glob("*.sql")), ids=lambda dump: dump.stem)
def test_a_database_of_every_schema_that_was_comes_to_that_of_a_fresh_one(
    dump: Path, path: Path, tmp_path: Path
) -> None:
    before = restored(dump, tmp_path / "before.db")
    prepare(before, create=False)

    assert schema(before) == schema(path)
    with Reader.open(before) as reader:
        assert list(audit(reader, reader.latest_run().id)) == []


def test_every_schema_before_this_one_has_its_dump() -> None:
    assert sorted(dump.stem for dump in DUMPED.glob("*.sql")) == [step[:4] for step in STEPS[:-1]]


def test_steps_that_were_known_before_are_a_programs_and_no_digest_changes(old: Path) -> None:
    with Reader.open(old) as reader:
        run = reader.latest_run()
        stored = list(reader.stream(run.id))
        assert list(audit(reader, run.id)) == []
        assert dataset_digest(reader.digests(run.id)) == DIGEST
    verdicts = [verdict for trajectory in stored for verdict in trajectory.verdicts]
    known = [v for v in verdicts if v.first_wrong_step is not None]
    assert (len(verdicts), len(known)) == (8, 3)
    assert {v.first_wrong_step_rung for v in known} == {"program"}
    assert {v.first_wrong_step_rung for v in verdicts if v not in known} == {None}
    assert dataset_digest(map(trajectory_digest, stored)) == DIGEST


def test_who_named_a_step_is_in_the_digests_where_it_was_no_program(old: Path) -> None:
    prepare(old, create=False)
    connection = sqlite3.connect(old)
    for rung, faults in (("judge", 3), (None, 3), ("program", 0)):
        connection.execute(
            "UPDATE verdicts SET first_wrong_step_rung = ? WHERE first_wrong_step IS NOT NULL",
            (rung,),
        )
        connection.commit()
        with Reader.open(old) as reader:
            found = [f for f in audit(reader, reader.latest_run().id) if f.table == "verdicts"]
        assert len(found) == faults
    connection.close()


async def test_an_old_database_can_be_verified(old: Path) -> None:
    with Reader.open(old) as reader:
        found = await verify(reader.stream(reader.latest_run().id))
    assert (found.disagreements, found.trajectories, found.checks) == ([], 3, 8)


def test_an_old_run_goes_on(old: Path) -> None:
    run_py = Path(__file__).parents[1] / "run.py"
    with Reader.open(old) as reader:
        run = reader.latest_run().id
        before = list(reader.digests(run))
    done = subprocess.run(
        [
            sys.executable,
            run_py,
            "generate",
            "--run",
            run,
            "--episodes",
            "5",
            "--db",
            old,
            "--json",
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert (figures["run_id"], figures["episodes"]) == (run, 5)
    with Reader.open(old) as reader:
        assert list(reader.digests(run))[:3] == before
        assert list(audit(reader, run)) == []


def test_a_later_step_that_fails_leaves_an_old_file_as_it_was(old: Path) -> None:
    connection = sqlite3.connect(old)
    connection.execute("ALTER TABLE verdicts ADD COLUMN first_wrong_step_rung TEXT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()

    assert "duplicate column" in str(refused(old, create=False))
    assert "'judge'" not in schema(old)["verdicts"].split("first_wrong_step_rung")[1]


def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    other = sqlite3.connect(path)
    other.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    other.execute("CREATE TABLE verdicts (id)")
    other.commit()
    other.close()

    assert "verdicts already exists" in str(refused(path))


def test_a_file_that_others_read_is_not_turned_to_wal_mode_behind_them(path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("PRAGMA journal_mode = DELETE")
    other.execute("BEGIN")
    other.execute("SELECT * FROM runs").fetchone()
    with pytest.raises(Locked):
        prepare(path, create=False, patience_s=0.1)
    other.close()
    prepare(path, create=False, patience_s=0.1)

    assert path.read_bytes()[18] == 2


def test_a_path_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "no" / "a.db")
    assert isinstance(refused(tmp_path / "link.db"), NotWritable)

    (tmp_path / "file").touch()
    with pytest.raises(Missing):
        prepare(tmp_path / "file" / "a.db", create=True)
    with pytest.raises(NotWritable, match="File name too long"):
        prepare(tmp_path / ("x" * 300), create=True)

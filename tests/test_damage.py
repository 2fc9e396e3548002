"""Full disks, read-only places, damaged files, jumping clocks: a clear word, nothing is lost."""

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest

from storage.audit import audit
from storage.database import remove_if_empty
from storage.errors import DiskError, NotWritable, RunHeld, StorageError
from storage.export import FORMATS, examples, open_file
from storage.hold import held
from storage.queries import Reader
from storage.rebuilt import rebuilding
from storage.store import Store, opened

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.usefixtures("unmeasured")
PAGE = 4096
EPISODES = 24


def run(*arguments, cwd, code=0, program=(str(ROOT / "run.py"),)):
    """Run a command; return what it printed and what it said, without log events."""
    line = [sys.executable, *program, *map(str, arguments)]
    done = subprocess.run(line, cwd=cwd, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done.stdout, [each for each in done.stderr.splitlines() if '"event"' not in each]


def count(path, folder):
    """Return how many trajectories there are, from a copy of a database's files as they lie."""
    folder.mkdir(exist_ok=True)
    for end in ("", "-wal"):
        with suppress(FileNotFoundError):
            shutil.copyfile(f"{path}{end}", folder / f"copy.db{end}")
    with closing(sqlite3.connect(folder / "copy.db")) as copy:
        return copy.execute("SELECT count(*) FROM trajectories").fetchone()[0]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A database of a small run, and what `generate` said about it."""
    folder = tmp_path_factory.mktemp("made")
    out, _ = run("--episodes", EPISODES, "--json", cwd=folder)
    return folder / "lyceum.db", json.loads(out)


def test_a_disk_that_fills_up_stops_a_run_that_goes_on_when_there_is_space(
    made, tmp_path, small_disk
):
    disk = tmp_path / "disk"
    with small_disk(disk, 500) as mount:
        out, [said] = run("--episodes", EPISODES, "--json", cwd=disk, code=3)
        assert "disk is full; free some space and resume; what has ended is stored" in said
        landed = json.loads(out)["episodes"]
        assert 0 < landed < EPISODES
        assert count(disk / "lyceum.db", tmp_path / "copy") == landed
        # The log was written back in part, so that the file without it is half a database.
        with Reader.open(disk / "lyceum.db") as reader:
            assert len(list(reader.stream(reader.latest_run().id))) == landed
            with pytest.raises((DiskError, NotWritable)):
                exported(reader, disk / "out.jsonl")
            assert not [each for each in disk.iterdir() if "out" in each.name]
        with pytest.raises(DiskError, match="free some space"), held(disk / "lyceum.db", "r1"):
            pass
        mount("size=8m")
        out, _ = run("--episodes", EPISODES, "--json", cwd=disk)
        assert json.loads(out)["dataset_digest"] == made[1]["dataset_digest"]
        assert [each.name for each in disk.iterdir()] == ["lyceum.db"]


def exported(reader, path):
    with open_file(path, FORMATS["sft"].columns) as file:
        for example in examples(reader, reader.latest_run().id, FORMATS["sft"]):
            file.write(example)


def test_a_disk_that_is_full_at_the_start_is_told_and_nothing_is_left(made, tmp_path, small_disk):
    disk = tmp_path / "disk"
    with small_disk(disk, 64) as mount:
        (disk / "fill").write_bytes(bytes(48 * 1024))
        with pytest.raises(DiskError, match="free some space"), opened(disk / "lyceum.db"):
            pass
        run_id = made[1]["run_id"]
        mount("size=128k")
        with pytest.raises(DiskError), rebuilding(made[0], disk / "new.db", run_id) as store:
            asyncio.run(filled(store, made[0], run_id))
        assert [each.name for each in disk.iterdir()] == ["fill"]


async def filled(store, source, run_id):
    with Reader.open(source) as reader:
        for trajectory in reader.stream(run_id):
            await store.assign(run_id, trajectory.assignment)
            await store.land(trajectory)


def test_what_is_on_a_read_only_disk_is_read_and_not_written(made, tmp_path, small_disk):
    disk = tmp_path / "disk"
    with small_disk(disk, 4096) as mount:
        path = shutil.copy(made[0], disk / "lyceum.db")
        mount("ro")
        with Reader.open(path) as reader:
            assert len(list(reader.stream(made[1]["run_id"]))) == EPISODES
            assert list(audit(reader, made[1]["run_id"])) == []
            with pytest.raises(NotWritable, match="Read-only"):
                exported(reader, disk / "out.jsonl")
        with pytest.raises(NotWritable, match="cannot be written"):
            Store.open(path)
        with (
            pytest.raises((NotWritable, OSError)),
            rebuilding(path, disk / "new.db", made[1]["run_id"]),
        ):
            pass


def test_a_folder_or_file_that_is_marked_read_only_is_read_and_not_written(made, tmp_path):
    path = Path(shutil.copy(made[0], tmp_path / "lyceum.db"))
    for place, mode in ((tmp_path, 0o555), (path, 0o444)):
        usual = place.stat().st_mode
        place.chmod(mode)
        try:
            with Reader.open(path) as reader:
                assert list(audit(reader, made[1]["run_id"])) == []
            with pytest.raises(NotWritable, match="cannot be written"):
                Store.open(path)
        finally:
            place.chmod(usual)
    assert [each.name for each in tmp_path.iterdir()] == ["lyceum.db"]


def root_page(path, name):
    with closing(sqlite3.connect(path)) as database:
        sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?"
        return database.execute(sql, (name,)).fetchone()[0]


def flip(path, start, length):
    with path.open("r+b") as file:
        file.seek(start)
        old = file.read(length)
        file.seek(start)
        file.write(bytes(byte ^ 0xFF for byte in old))


def _table(path):
    flip(path, (root_page(path, "attempts") - 1) * PAGE, 200)


def _index(path):
    flip(path, (root_page(path, "sqlite_autoindex_trajectories_1") - 1) * PAGE, 200)


DAMAGE = {
    "a table": (_table, "restore it from a copy"),
    "an index": (_index, "restore it from a copy"),
    "the header": (lambda path: flip(path, 0, 100), "not a SQLite file"),
    "its format": (lambda path: flip(path, 24, 40), "verify"),
    "its end": (lambda path: os.truncate(path, path.stat().st_size // 2), "restore it from a copy"),
    "almost all": (lambda path: os.truncate(path, 60), "SQLite file"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_damage_is_told_in_one_line_and_reading_makes_it_no_worse(made, tmp_path, what):
    path = Path(shutil.copy(made[0], tmp_path / "lyceum.db"))
    harm, word = DAMAGE[what]
    harm(path)
    before, said = path.read_bytes(), []
    try:
        with Reader.open(path) as reader:
            said += [fault.what for fault in audit(reader, made[1]["run_id"])]
    except StorageError as error:
        said.append(str(error))
    assert said
    assert all(word in each and "\n" not in each for each in said), said
    assert path.read_bytes() == before


def test_a_damaged_table_ends_a_run_with_a_word(made, tmp_path):
    path = Path(shutil.copy(made[0], tmp_path / "lyceum.db"))
    _table(path)
    _, [said] = run("--episodes", EPISODES + 4, cwd=tmp_path, code=1)
    assert "restore it from a copy" in said
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*) FROM lessons").fetchone()[0] >= EPISODES


def test_a_damaged_log_costs_what_stands_behind_the_damage_and_the_run_goes_on(made, tmp_path):
    line = [sys.executable, str(ROOT / "run.py"), "--episodes", str(EPISODES)]
    with subprocess.Popen(
        line, cwd=tmp_path, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        for _ in range(EPISODES // 2):
            assert process.stderr.readline()
        os.killpg(process.pid, signal.SIGKILL)
    path, log = tmp_path / "lyceum.db", tmp_path / "lyceum.db-wal"
    before = count(path, tmp_path / "before")
    flip(log, log.stat().st_size * 9 // 10, 50)
    after = count(path, tmp_path / "after")
    assert after < before
    out, _ = run("--episodes", EPISODES, "--json", cwd=tmp_path)
    assert json.loads(out)["dataset_digest"] == made[1]["dataset_digest"]


CLOCK = """
import datetime, itertools, runpy, sys, time

usual, jumps = time.time, itertools.cycle([0, -86_400 * 400, 86_400 * 4000, -3, 7200])
time.time = lambda: usual() + next(jumps)


class Jumping(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(time.time(), tz)


datetime.datetime = Jumping
sys.path.insert(0, sys.argv.pop(1))
runpy.run_path(sys.path[0] + "/run.py", run_name="__main__")
"""


def test_nothing_hangs_on_a_clock_that_jumps(made, tmp_path):
    clock = tmp_path / "clock.py"
    clock.write_text(CLOCK)
    program = (str(clock), str(ROOT))
    out, _ = run("--episodes", EPISODES, "--json", cwd=tmp_path, program=program)
    said = json.loads(out)
    assert said["dataset_digest"] == made[1]["dataset_digest"]
    assert 0 < said["wall_s"] < 600
    with closing(sqlite3.connect(tmp_path / "lyceum.db")) as database:
        [begun] = database.execute("SELECT created_at FROM runs").fetchone()
    assert begun[:4] not in made[1]["run_id"]
    assert [r.id for r in _runs(tmp_path / "lyceum.db")] == [made[1]["run_id"]]


def _runs(path):
    with Reader.open(path) as reader:
        return reader.runs()


def test_a_run_is_held_under_every_name_that_leads_to_it(made, tmp_path):
    path = Path(shutil.copy(made[0], tmp_path / "lyceum.db"))
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.db"
    link.symlink_to(path)
    folder = tmp_path / "folder"
    folder.symlink_to(tmp_path)
    with held(path, "r1"):
        for name in (path, link, folder / "lyceum.db", Path(os.path.relpath(path))):
            with pytest.raises(RunHeld, match=f"process {os.getpid()} is working") as caught:
                held(name, "r1").__enter__()
            assert caught.value.pid == os.getpid()
    with held(link, "r1"), pytest.raises(RunHeld):
        held(path, "r1").__enter__()
    assert not list(tmp_path.rglob("*.lock"))


def test_retry_failed_is_refused_while_another_process_holds_the_run(made, tmp_path):
    path = Path(shutil.copy(made[0], tmp_path / "lyceum.db"))
    link = tmp_path / "link.db"
    link.symlink_to(path)
    with held(path, made[1]["run_id"]):
        _, [said] = run("--retry-failed", "--db", link, cwd=tmp_path, code=2)
    assert f"process {os.getpid()} is working on run" in said


def test_a_database_of_two_names_is_not_written_for_its_log_has_one(made, tmp_path):
    path = Path(shutil.copy(made[0], tmp_path / "lyceum.db"))
    (tmp_path / "other.db").hardlink_to(path)
    for name in (path, tmp_path / "other.db"):
        with pytest.raises(NotWritable, match="hard link"):
            Store.open(name)


def test_a_database_made_in_vain_stays_if_another_process_has_it_open(tmp_path):
    path = tmp_path / "lyceum.db"
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom pathlib import Path\n"
        "from storage.database import remove_if_empty\n"
        f"print(remove_if_empty(Path({str(path)!r}), 'runs'))"
    )

    def in_vain():
        with opened(path):
            assert run(cwd=tmp_path, program=("-c", program))[0] == "False\n"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        in_vain()
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_somebody_uses_is_not_taken_away(made, tmp_path):
    path = Path(shutil.copy(made[0], tmp_path / "lyceum.db"))
    assert not remove_if_empty(path, "runs")
    assert _runs(path)
    with Store.open(tmp_path / "new.db"):
        assert not remove_if_empty(tmp_path / "new.db", "runs")
    assert remove_if_empty(tmp_path / "new.db", "runs")
    assert [each.name for each in tmp_path.iterdir()] == ["lyceum.db"]

"""Who works on a run, found out without taking it from anybody."""

import fcntl
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from storage.errors import RunHeld
from storage.hold import held, is_held


def test_a_run_is_held_from_the_first_moment_of_its_block_to_the_last(tmp_path):
    database = tmp_path / "a.db"

    assert not is_held(database, "r1")
    with held(database, "r1"):
        assert is_held(database, "r1")
        assert not is_held(database, "r2")
    assert not is_held(database, "r1")


def test_looking_leaves_nothing_behind(tmp_path):
    is_held(tmp_path / "a.db", "r1")

    assert list(tmp_path.iterdir()) == []


def test_a_killed_process_holds_nothing_though_its_file_stays(tmp_path):
    database = tmp_path / "a.db"
    code = (
        "import os, sys; from pathlib import Path; from storage.hold import held\n"
        "with held(Path(sys.argv[1]), 'r1'): print('holds', flush=True); sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", code, str(database)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"holds\n"
        seen_alive = is_held(database, "r1")
        process.kill()
        process.wait()

    assert seen_alive
    assert (tmp_path / "a.db.r1.lock").exists()
    assert not is_held(database, "r1")


def test_a_run_is_found_held_through_a_link_to_its_database(tmp_path):
    database, link = tmp_path / "a.db", tmp_path / "link.db"
    database.touch()
    link.symlink_to(database)

    with held(database, "r1"):
        assert is_held(link, "r1")


def test_a_writer_that_meets_a_look_waits_for_it_and_has_the_run(tmp_path):
    database, lock = tmp_path / "a.db", tmp_path / "a.db.r1.lock"
    lock.touch()
    look = lock.open()
    fcntl.flock(look, fcntl.LOCK_SH)
    threading.Timer(0.05, look.close).start()

    with held(database, "r1"):
        assert look.closed
        with pytest.raises(RunHeld), held(database, "r1"):
            pass

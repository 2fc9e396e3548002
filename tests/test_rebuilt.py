"""A run is rebuilt in a new file, from what was asked and answered, whole or not at all."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from storage.errors import Missing, NotWritable
from storage.export import FORMATS, examples
from storage.queries import Reader
from storage.rebuilt import rebuilding
from storage.store import TABLES
from storage.sums import differing

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.usefixtures("unmeasured")
EPISODES = 16
SUMS = {"place_sums", "reason_sums", "call_sums"}
"""Tables that follow from the others."""
BANDS = {"question_bands"}
"""Empty here; `tests/test_near.py` has a run that looks for near-duplicates."""
PEOPLE = {"audits", "audited", "acts"}
OF_THE_HOUR = {"changes", "pulses"}
"""What is told of one way in which a run came about, not of what it made."""
ROLE = 'kind = "chat"\nmodel = "m"\nbase_url = "{url}"\nendpoint = "mock"\nretries = 1\n'
CONFIG = (
    f"seed = 5\nepisodes = {EPISODES}\nattempts = 2\nmax_revisions = 1\nin_flight = 8\nlag = 6\n"
    '[[curriculum.skills]]\nname = "triage"\nlevels = 2\n[expert_seeds]\npath = "seeds.jsonl"\n'
    f'example = "q"\n[teacher]\n{ROLE}[student]\n{ROLE}[critic]\n{ROLE}own_answers = 1\n'
)


def start(*arguments, cwd):
    return subprocess.Popen(
        [sys.executable, str(ROOT / "run.py"), *map(str, arguments)], cwd=cwd, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def run(*arguments, cwd, code=0):
    process = start(*arguments, "--json", cwd=cwd)
    out, err = process.communicate(timeout=120)
    assert process.returncode == code, (out, err)
    return json.loads(out) if out else err


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A database with a run that is complete, after one that stopped at a limit."""
    made = tmp_path_factory.mktemp("made")
    (made / "seeds.jsonl").write_text("\n".join(json.dumps({"q": f"Case {n}"}) for n in range(3)))
    line = [sys.executable, str(ROOT / "benchmarks" / "endpoint.py"), "--fail500", "0.1"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as endpoint:
        url = endpoint.stdout.readline().strip()
        (made / "run.toml").write_text(CONFIG.replace("{url}", url))
        run("generate", "run.toml", "--seed", "6", "--max-calls", 60, cwd=made, code=3)
        run("generate", "run.toml", "--new", cwd=made)
        endpoint.terminate()
    return made


def rows(path, run_id):
    """Return all rows that belong to a run, by table."""
    mine = f"(SELECT trajectory_id FROM assignments WHERE run_id = '{run_id}')"
    digests = f"(SELECT request_digest FROM calls_used WHERE trajectory_id IN {mine})"
    lessons = f"(SELECT lesson_id FROM trajectories WHERE run_id = '{run_id}')"
    which = {
        "runs": f"id = '{run_id}'", "expert_seeds": "1", "lessons": f"id IN {lessons}",
        "assignments": f"run_id = '{run_id}'", "trajectories": f"run_id = '{run_id}'",
        "attempts": f"trajectory_id IN {mine}", "model_calls": f"request_digest IN {digests}",
        "verdicts": f"attempt_id IN (SELECT id FROM attempts WHERE trajectory_id IN {mine})",
        "calls_used": f"trajectory_id IN {mine}", "call_errors": f"trajectory_id IN {mine}",
    }  # fmt: skip
    assert which.keys() | SUMS | BANDS | PEOPLE | OF_THE_HOUR == set(TABLES)
    with closing(sqlite3.connect(path)) as database:
        return {
            table: sorted(map(repr, database.execute(f"SELECT * FROM {table} WHERE {where}")))
            for table, where in which.items()
        }


def whole(path):
    with closing(sqlite3.connect(path)) as database:
        return {
            t: database.execute(f"SELECT count(*) FROM {t}").fetchone()[0]
            for t in TABLES
            if t not in SUMS | BANDS | PEOPLE | OF_THE_HOUR
        }


def exported(path):
    with Reader.open(path) as reader:
        return list(examples(reader, reader.latest_run().id, FORMATS["sft"]))


def test_a_run_comes_out_whole_in_a_new_file_that_is_as_good_as_the_old_one(folder, tmp_path):
    new = tmp_path / "new.db"
    said = run("replay", "--into", new, cwd=folder)
    assert said["disagreements"] == []
    assert said["into"] == str(new)
    was, is_now = rows(folder / "lyceum.db", said["run_id"]), rows(new, said["run_id"])
    assert all(was.values())
    assert is_now == was
    assert whole(new) == {table: len(found) for table, found in was.items()}
    with Reader.open(new) as reader:
        assert list(differing(reader.rows, said["run_id"])) == []
    assert exported(new) == exported(folder / "lyceum.db") != []
    assert [each.name for each in tmp_path.iterdir()] == ["new.db"]
    again = run("replay", "--db", new, "--into", tmp_path / "third.db", cwd=folder)
    assert again["dataset_digest"] == said["dataset_digest"]
    assert rows(tmp_path / "third.db", said["run_id"]) == was


def test_a_run_that_is_not_finished_comes_out_with_what_is_open(folder, tmp_path):
    with Reader.open(folder / "lyceum.db") as reader:
        other = reader.runs()[1].id
    run("replay", "--run", other, "--into", tmp_path / "new.db", cwd=folder)
    was, is_now = rows(folder / "lyceum.db", other), rows(tmp_path / "new.db", other)
    assert is_now == was
    assert len(was["assignments"]) > len(was["trajectories"])
    used = {row.split("'")[1] for row in was["calls_used"]}
    assert used - {row.split("'")[1] for row in was["trajectories"]}


def test_what_was_changed_by_hand_is_as_it_was_in_the_new_file(folder, tmp_path):
    path = Path(shutil.copy(folder / "lyceum.db", tmp_path / "old.db"))
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE attempts SET text = 'I am better' WHERE idx = 0")
        database.commit()
    said = run("replay", "--db", path, "--into", tmp_path / "new.db", cwd=folder, code=1)
    assert {each["table"] for each in said["disagreements"]} == {"attempts"}
    found = rows(tmp_path / "new.db", said["run_id"])
    assert found == rows(folder / "lyceum.db", said["run_id"])


def test_a_file_that_exists_is_refused_and_left_alone(folder, tmp_path):
    (tmp_path / "new.db").write_text("mine")
    (tmp_path / "link.db").symlink_to(tmp_path / "nowhere")
    for name in ("new.db", "link.db", "."):
        with (
            pytest.raises(NotWritable, match="exists already"),
            rebuilding(folder / "lyceum.db", tmp_path / name, "r1"),
        ):
            pass
    with (
        pytest.raises(Missing, match="no such folder"),
        rebuilding(folder / "lyceum.db", tmp_path / "nowhere" / "new.db", "r1"),
    ):
        pass
    assert (tmp_path / "new.db").read_text() == "mine"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["link.db", "new.db"]


def test_a_replay_that_is_killed_leaves_no_new_file(folder, tmp_path):
    process = start("replay", "--into", tmp_path / "new.db", cwd=folder)
    deadline = time.monotonic() + 60
    while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.001)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    names = [each.name for each in tmp_path.iterdir()]
    assert names
    assert all(name.startswith(".new.db.") for name in names)


def test_a_replay_that_fails_leaves_nothing(folder, tmp_path):
    def failing():
        with rebuilding(folder / "lyceum.db", tmp_path / "new.db", "r1"):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert list(tmp_path.iterdir()) == []

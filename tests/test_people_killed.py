"""100 verdicts given while a run is writing and everything is killed twice: all there, once."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from storage.people.acts import acts_of, standing
from storage.queries import Reader

ROOT = Path(__file__).parents[1]
pytestmark = [pytest.mark.usefixtures("unmeasured"), pytest.mark.no_cover]
VERDICTS, EPISODES = 100, 160
CONFIG = """
seed = 3
attempts = 1
max_revisions = 0
in_flight = 4
[student]
kind = "chat"
model = "m"
base_url = "{url}"
endpoint = "mock"
"""
GIVER = f"""
import sys, time
from pathlib import Path
from storage import ids
from storage.people.acts import Said
from storage.people.giving import People
from storage.queries import Reader
path = Path(sys.argv[1])
with Reader.open(path) as reader, People.open(path) as people:
    run = reader.latest_run().id
    for n in range({VERDICTS}):
        trajectory = ids.trajectory_id(run, n)
        # An episode may be taken out while a killed run begins again, so it is looked for anew.
        while not list(reader.rows("SELECT 1 FROM trajectories WHERE id = ?", trajectory)):
            time.sleep(0.02)
        said = Said(status=("accepted", "rejected", "unscored")[n % 3], note=f"note {{n}}")
        attempt = ids.attempt_id(trajectory, 0, 0)
        people.give(attempt, said, person="ada", token=f"token {{n}}", blind=True)
"""


def start(*line: object, cwd: Path) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, *map(str, line)], cwd=cwd, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, start_new_session=True, env=_environment(),
    )  # fmt: skip


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT)}


def kill(process: subprocess.Popen) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def ended(process: subprocess.Popen, *codes: int) -> None:
    out, _ = process.communicate(timeout=300)
    assert process.returncode in codes, out


def count(path: Path, table: str) -> int:
    with suppress(sqlite3.Error), closing(sqlite3.connect(path, timeout=30)) as database:
        return database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    return 0


def wait_for(ready: Callable[[], bool], process: subprocess.Popen, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    endpoint = ROOT / "benchmarks" / "endpoint.py"
    line = [sys.executable, str(endpoint), "--latency", "0.6"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as served:
        url = served.stdout.readline().strip()
        (tmp_path / "run.toml").write_text(CONFIG.replace("{url}", url))
        yield tmp_path
        served.terminate()


@pytest.mark.timeout(600)
def test_100_verdicts_given_while_a_run_is_killed_twice_are_all_there_once(folder: Path, command):
    path = folder / "a.db"
    generate = (ROOT / "run.py", "generate", "run.toml", "--episodes", EPISODES, "--db", path)
    run = start(*generate, cwd=folder)
    wait_for(lambda: count(path, "trajectories") > 5, run)
    giver = start("-c", GIVER, path, cwd=folder)
    for enough in (10, 40):
        wait_for(lambda least=enough: count(path, "acts") >= least, giver)
        assert run.poll() is None, run.communicate()[0]
        kill(run)
        kill(giver)
        assert count(path, "trajectories") < EPISODES
        run, giver = start(*generate, cwd=folder), start("-c", GIVER, path, cwd=folder)
    ended(giver, 0)
    ended(run, 0, 1)
    ended(start("-c", GIVER, path, cwd=folder), 0)  # each token once more

    with Reader.open(path) as reader:
        whole = list(reader.stream(reader.latest_run().id))
        acts = [act for each in whole for act in acts_of(reader, each.id)]
    assert len(whole) == EPISODES
    assert sorted(act.token for act in acts) == sorted(f"token {n}" for n in range(VERDICTS))
    said = [v for each in whole for v in each.verdicts if v.rung == "person"]
    assert sorted(v.id for v in said) == sorted(act.verdict_id for act in standing(acts))
    for n in range(VERDICTS):
        assert whole[n].status == ("accepted", "rejected", "unscored")[n % 3]
    digests = set()
    for name in ("verify", "replay"):
        done = command(name, "--db", path, "--json")
        assert done.returncode == 0, done.stdout
        told = json.loads(done.stdout)
        assert told["disagreements"] == []
        digests.add(told["dataset_digest"])
    assert len(digests) == 1

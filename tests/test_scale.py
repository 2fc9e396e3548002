"""The benchmark of long runs: the copies are consistent, and a copied run goes on."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from storage import ids
from storage.queries import Reader
from storage.sums import differing

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.usefixtures("unmeasured")


def test_a_run_that_was_copied_forward_is_measured_and_goes_on(tmp_path: Path) -> None:
    saved = tmp_path / "figures.json"
    size = ["--trajectories", "2000", "--source", "40", "--more", "8", "--times", "1"]
    done = subprocess.run(
        [sys.executable, "benchmarks/scale.py", *size, "--keep", str(tmp_path / "kept"),
         "--json", str(saved), "--only", "going on", "exporting"],
        cwd=ROOT, capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    written = json.loads(saved.read_text())
    figures = {one["name"]: one for one in written["figures"]}
    assert written["machine"]["cores"]
    assert all(one["name"] in done.stdout for one in written["figures"])
    assert figures["size of a trajectory on disk"]["long"] > 1_000
    assert figures["export sft, rows a second"]["short"] > 0

    path = tmp_path / "kept" / "long.db"
    with Reader.open(path) as reader:
        run = reader.latest_run()
        assert run.episodes == sum(reader.counts(run.id).values()) == 2_000 + 1 + 8
        assert list(differing(reader.rows, run.id)) == []
        for n in (41, 1_999, 2_008):
            found = reader.trajectory(str(n))
            assert found.id == ids.trajectory_id(run.id, n)
            assert found.assignment.seed == ids.derive_seed(7, "episode", n)
            assert len(reader.calls(found.id)) == 3
            assert found.attempts[0].lesson_id == (found.lesson and found.lesson.id)
        outcomes = list(reader.outcomes(run.id))
        assert len({outcome.question_digest for outcome in outcomes}) >= 2_000 * 0.9
        places = [(a.skill, a.level, a.ordinal) for a in reader.assignments(run.id)]
        assert len(set(places)) == 2_009
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()

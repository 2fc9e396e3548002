"""The benchmark of looking: it makes an index, spreads a copy of it, and asks all it says."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.indexed import school

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.usefixtures("unmeasured")


def test_looking_is_measured_from_an_index_whose_rows_differ(tmp_path: Path) -> None:
    path = school(tmp_path / "a.db", 1, 100)
    saved = tmp_path / "figures.json"
    done = subprocess.run(
        [sys.executable, "benchmarks/looking.py", str(path), "--build", "--spread", "--most", "4",
         "--times", "1", "--json", str(saved)],
        cwd=ROOT, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip

    assert done.returncode in (0, 1), done.stderr  # 1: this machine is slower than the target
    written = json.loads(saved.read_text())
    assert written["trajectories"] == 300
    assert written["combinations"] > 50
    assert {name for name, *_ in written["made"]} >= {"the table, wall", "size", "peak memory"}
    names = {one["name"] for one in written["figures"]}
    assert names >= {"two filters, last page", "a common word", "a phrase that nobody wrote"}
    assert all(one["questions"] for one in written["figures"])
    assert sorted(each.name for each in tmp_path.glob("a.db*")) == ["a.db", "a.db.index"]

"""The benchmark of the critic: what must be exact is, on drawn lessons and on recorded attempts."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.trials import ESTIMATED

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.usefixtures("unmeasured")


def bench(tmp_path: Path, *arguments: str) -> tuple[subprocess.CompletedProcess[str], Any]:
    """Run the benchmark; return how it ended and what it wrote."""
    saved = tmp_path / "figures.json"
    done = subprocess.run(
        [sys.executable, "benchmarks/critic.py", "--json", str(saved), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    return done, json.loads(saved.read_text()) if saved.exists() else None


def test_every_reference_is_accepted_and_of_a_thousand_wrong_answers_none(tmp_path):
    done, written = bench(tmp_path)

    assert done.returncode == 0, done.stderr
    for row in written["figures"]:
        told = (row["name"], row["references"]["first"], row["wrong"]["first"])
        wrong = row["wrong"]["asked"] + row["crossed"]["asked"]
        assert row["references"]["asked"] >= 50, told
        assert wrong >= 1_000, (row["name"], wrong)
        off = [row[part]["otherwise"] for part in ("references", "wrong", "crossed")]
        if row["name"] in ESTIMATED:
            assert off[0] == 0, told
            assert off[1] <= wrong / 100, told
        else:
            assert off == [0, 0, 0], told
        assert f"| {row['name']} " in done.stdout


def test_of_3180_recorded_attempts_every_one_is_judged_as_people_did(tmp_path, shared: Path):
    data = shared / "data" / "gsm8k_recorded_attempts.jsonl"

    done, written = bench(tmp_path, "--wrong", "1", "--only", "exact", "--recorded", str(data))

    assert done.returncode == 0, done.stderr
    recorded = written["figures"][-1]
    assert recorded["references"]["asked"] + recorded["wrong"]["asked"] == 3_180
    assert (recorded["references"]["otherwise"], recorded["wrong"]["otherwise"]) == (0, 0)


def test_a_wrong_verdict_is_named_and_ends_the_benchmark_with_1(tmp_path):
    lie = {"solution": "A: 5", "is_correct": True}
    truth = {"solution": "A: 4", "is_correct": True}
    models = ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification")
    row = {"ground_truth": "A: 4", **dict.fromkeys(models, truth), "6b_finetuning": lie}
    path = tmp_path / "recorded.jsonl"
    path.write_text(json.dumps(row))

    done, written = bench(tmp_path, "--wrong", "1", "--only", "exact", "--recorded", str(path))

    assert done.returncode == 1
    assert "recorded attempts, references: 1 of 4 otherwise, first failed: '5'" in done.stderr
    assert written["figures"][-1]["references"]["otherwise"] == 1


@pytest.mark.parametrize("wrong", [("--wrong", "0"), ("--only", "no such"), ("--recorded", "x")])
def test_a_wrong_argument_is_told_without_a_traceback(tmp_path, wrong):
    done, written = bench(tmp_path, "--wrong", "1", "--only", "exact", *wrong)

    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert written is None

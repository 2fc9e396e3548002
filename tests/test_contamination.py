"""Benchmarks that the lessons of a run must not repeat, from the command line."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("unmeasured")
ROOT = Path(__file__).resolve().parents[1]


def run_py(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "run.py", *arguments, "--db", folder / "a.db", "--json"]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=240, check=False, cwd=folder
    )


def figures(folder: Path, *arguments: str | Path) -> dict[str, Any]:
    done = run_py(folder, *arguments)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def ask(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(folder / "a.db")
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose fifth question stands in a benchmark."""
    folder = tmp_path_factory.mktemp("contaminated")
    figures(folder, "generate", "--episodes", "8")
    sql = "SELECT question FROM trajectories t JOIN lessons l ON l.id = lesson_id WHERE n = 4"
    [(question,)] = ask(folder, sql)
    row = {"id": "x1", "question": question.upper(), "answer": "Nobody knows."}
    (folder / "test.jsonl").write_text(json.dumps({"question": "Why?"}) + "\n" + json.dumps(row))
    # Embedded lessons are made from templates, so they have many words in common: only whole items.
    named = 'files = ["test.jsonl:question"]\nngram = 100\n'
    (folder / "run.toml").write_text(f"[contamination]\n{named}")
    figures(folder, "generate", "run.toml", "--episodes", "8")
    return folder


def test_the_lesson_is_refused_and_the_finding_names_where_it_stands(made: Path) -> None:
    sql = (
        "SELECT n, findings, (SELECT count(*) FROM attempts WHERE trajectory_id = t.id) "
        "FROM trajectories t WHERE reason = 'screen' AND findings LIKE '%contaminated%'"
    )
    [(n, findings, attempts)] = ask(made, sql)

    assert (n, attempts) == (4, 0)
    [finding] = json.loads(findings)
    assert re.match(r"contaminated: \d\d words in a row with 'test.jsonl' line 2: '", finding)


def test_the_run_comes_out_again_and_is_whole(made: Path) -> None:
    for command in ("replay", "verify"):
        assert figures(made, command)["disagreements"] == []
    assert figures(made, "replay", "--into", made / "new.db")["disagreements"] == []


def test_a_benchmark_that_changed_is_another_run_and_stops_a_replay(
    made: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(made, folder)
    [(run,)] = ask(folder, "SELECT id FROM runs WHERE config LIKE '%test.jsonl%'")
    (folder / "test.jsonl").write_text('{"question": "Something else?"}\n')
    changed = run_py(folder, "replay", "--run", run)
    assert figures(folder, "generate", "run.toml", "--episodes", "1")["run_id"] != run
    (folder / "test.jsonl").unlink()
    gone = run_py(folder, "replay", "--run", run)

    for done, said in ((changed, "is not what it was when the run"), (gone, "no such file")):
        assert (done.returncode, done.stdout) == (2, "")
        assert "[contamination] 'test.jsonl" in done.stderr
        assert said in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_a_benchmark_that_cannot_be_read_is_one_line_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text('[contamination]\nfiles = ["gone.jsonl"]\n')
    done = run_py(tmp_path, "generate", "run.toml")

    assert done.returncode == 2
    assert "run.toml: [contamination]" in done.stderr
    assert "there is no such file; correct the path" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["run.toml"]

"""The command `doctor`: what works on this machine, as a person and as a program are told."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
KEY = "sk-not-to-be-told-4711"


def doctor(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "run.py"), "doctor", *arguments],
        cwd=tmp_path,
        env={**os.environ, "MY_KEY": KEY, "COLUMNS": "110"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory):
    """Return what `doctor --json` found."""
    folder = tmp_path_factory.mktemp("doctor")
    done = doctor(folder, "--json")
    assert KEY not in done.stdout + done.stderr
    assert list(folder.iterdir()) == []
    found = json.loads(done.stdout)
    works = any(each["usable"] for each in found["sandboxes"])
    assert done.returncode == (0 if works else 1), done.stderr
    return found


def test_every_sandbox_is_named_in_order_of_preference_with_each_attack_on_it(told):
    assert [each["sandbox"] for each in told["sandboxes"]] == ["landlock", "bubblewrap", "wasi"]
    for each in told["sandboxes"]:
        assert each["usable"] is (each["why"] == "")
        if each["usable"]:
            assert all(attack["held"] for attack in each["attacks"])
            assert len(each["attacks"]) > 8
            assert each["start_ms"] > 0


@pytest.mark.skipif(sys.platform != "linux", reason="the default sandbox is of Linux")
def test_on_linux_the_default_sandbox_is_usable(told):
    landlock = told["sandboxes"][0]

    assert landlock["usable"], landlock["why"]


def test_what_is_missing_is_told_with_a_remedy(told):
    abilities = {each["name"]: each for each in told["abilities"]}

    assert abilities["python"]["about"].startswith(sys.version.split()[0])
    assert abilities["sqlite"]["works"]
    assert sqlite3.sqlite_version in abilities["sqlite"]["about"]
    assert {"math", "langchain", "openai", "reasoning_gym"} <= set(abilities)
    for each in abilities.values():
        assert each["works"] or each["remedy"], each


def test_a_person_is_told_the_same_on_a_page(told, tmp_path: Path):
    done = doctor(tmp_path)

    shown = " ".join(done.stdout.split())
    for each in told["abilities"]:
        assert each["name"] in shown
    for each in told["sandboxes"]:
        assert f"sandbox {each['sandbox']} {'yes' if each['usable'] else 'no'}" in shown
    assert "attacks on it held" in shown or "No sandbox works here" in shown

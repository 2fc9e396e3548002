"""Verifiers of installed packages, each time with a real package in an interpreter of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
GOOD = """
from storage.records import Check

class Shout:
    name = "shout"
    version = 2
    async def check(self, *, answer, reference, data):
        passed = answer == reference.upper()
        finding = "passed" if passed else "failed"
        return Check(verifier=self.name, version=self.version, finding=finding, evidence="loud")
    def changed(self, reference, data):
        return reference.lower()
"""
ASKS = """
import asyncio
from agents.verifiers import verifier
check = asyncio.run(verifier("shout").check(answer="A", reference="a", data={}))
print(check.finding, check.version)
"""
REFUSED = {
    "raises at import": ("raise ValueError('boom\\nand more')", "ValueError: boom and more"),
    "exits at import": ("raise SystemExit(3)", "SystemExit: 3"),
    "is not there": ("", "has no attribute 'Shout'"),
    "has no name": ("class Shout: version = 1", "`name` is no text"),
    "has no version": ("class Shout: name = 'shout'", "`version` is no integer"),
    "checks at once": (GOOD.replace("async def", "def"), "`check` is no coroutine function"),
    "changes nothing": (GOOD.replace("def changed", "def other"), "`changed` is no function"),
    "takes our name": (GOOD.replace('"shout"', '"math"'), "'math': this name is taken"),
    "cannot be made": (
        GOOD.replace("version = 2", "version = 2\n    def __init__(self, x): 0"),
        "x",
    ),
}


@pytest.fixture
def installed(tmp_path: Path):
    """Return how an installed package's code is run beside ours."""

    def run(source: str, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "louder.py").write_text(source)
        info = tmp_path / "louder-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: louder\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("[lyceum.verifiers]\nshout = louder:Shout\n")
        environment = {"PATH": os.defpath, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
        return subprocess.run(
            [sys.executable, "-B", *([code] if code.endswith(".py") else ["-c", code]), *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def test_a_verifier_of_an_installed_package_is_found_by_its_name(installed):
    done = installed(GOOD, ASKS)

    assert done.stdout == "passed 2\n", done.stderr


def test_an_extension_is_not_imported_before_its_name_is_asked_for(installed):
    code = "import sys, agents.verifiers as v; v.verifier('math'); print('louder' in sys.modules)"

    assert installed(GOOD, code).stdout == "False\n"


@pytest.mark.parametrize("case", REFUSED)
def test_an_extension_that_is_broken_is_named_in_one_line_and_harms_no_other_verifier(
    installed, case: str
):
    source, told = REFUSED[case]
    code = "\n".join(
        [
            "from agents.verifiers import names, verifier",
            "assert 'math' in names() and 'shout' not in names()",
            "try: verifier('shout')",
            "except Exception as error: print(type(error).__name__, error)",
        ]
    )

    done = installed(source, code)

    assert done.stdout.count("\n") == 1, done.stderr
    assert done.stdout.startswith("VerifierError 'shout': no verifier has this name")
    assert "the extension 'shout' (louder:Shout) was not loaded: " in done.stdout
    assert told in done.stdout


def test_a_run_that_names_a_broken_extension_is_refused_with_one_line(installed, tmp_path: Path):
    (tmp_path / "lessons.jsonl").write_text('{"q": "Shout a", "r": "A"}\n')
    (tmp_path / "run.toml").write_text(
        '[teacher]\nkind = "library"\npath = "lessons.jsonl"\nquestion = "q"\nreference = "r"\n'
        'verifier = "shout"\n[student]\nkind = "chat"\nmodel = "m"\n'
        'base_url = "http://127.0.0.1:9/v1"\n'
    )

    done = installed("raise OSError('no licence file')", str(ROOT / "run.py"), "run.toml")

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    assert "run.toml: [teacher] verifier: 'shout'" in done.stderr
    assert "(louder:Shout) was not loaded: OSError: no licence file" in done.stderr
    assert not (tmp_path / "lyceum.db").exists()

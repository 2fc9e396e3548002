"""What a user gets who installs the project: a wheel with everything in it, and nothing else."""

import ast
import importlib.metadata
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from storage import __version__

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("agents", "graphs", "prompts", "storage")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
CORE = [Requirement(line) for line in PROJECT["dependencies"]]
ROOMS = {
    "storage/web/": "web",
    "storage/report/html/maths.py": "web",
    "storage/traces/collector.py": "otel",
}
"""Rooms that only a command with an extra enters, which may therefore import what it brings."""
ALL = [*CORE, *(Requirement(line) for lines in EXTRAS.values() for line in lines)]


def tree() -> set[str]:
    """Return every file of the four packages and the command line."""
    return {"run.py"} | {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Build the wheel from a copy, so that the checkout stays clean; return the names in it."""
    copy = tmp_path_factory.mktemp("copy")
    ignored = shutil.ignore_patterns(".*", "*.pyc", "__pycache__", "build", "*.egg-info", "*.db*")
    shutil.copytree(ROOT, copy, ignore=ignored, dirs_exist_ok=True)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", copy / "out"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    with zipfile.ZipFile(next((copy / "out").glob("*.whl"))) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_the_program_whole_and_no_test_or_manual(wheel: set[str]) -> None:
    program = {each for each in wheel if ".dist-info/" not in each}

    assert program == tree()


def test_the_wheel_holds_every_prompt_its_lock_and_the_licence(wheel: set[str]) -> None:
    prompts = {path.relative_to(ROOT).as_posix() for path in (ROOT / "prompts").rglob("*.md")}

    assert prompts
    assert prompts <= wheel
    assert "prompts/LOCK.json" in wheel
    assert any(each.endswith(".dist-info/licenses/LICENSE") for each in wheel)


def test_the_wheel_holds_every_template_and_style_of_the_pages(wheel: set[str]) -> None:
    folder = "storage/report/html"
    kinds = {each.rpartition(".")[2] for each in wheel if each.startswith(f"{folder}/")}

    assert f"{folder}/templates/layout.html" in wheel
    assert f"{folder}/static/layout.css" in wheel
    assert kinds == {"py", "html", "css", "js", "svg"}


def test_no_requirement_keeps_out_the_langchain_core_that_every_index_can_resolve() -> None:
    asked = [each for each in ALL if canonicalize_name(each.name) == "langchain-core"]

    assert asked
    for requirement in asked:
        fits = requirement.specifier.contains
        assert fits("1.7.2")
        assert fits("1.8.2")
        assert not fits("1.8.0")
        assert not fits("1.8.1")


def test_what_the_program_imports_is_a_core_requirement() -> None:
    core = {canonicalize_name(requirement.name) for requirement in CORE}
    known = {*PACKAGES, "run", *sys.stdlib_module_names}
    homes = importlib.metadata.packages_distributions()

    missing = {
        f"{file}: {module}"
        for file in tree()
        if file.endswith(".py")
        for module in imported(ROOT / file) - known
        if not (core | brought(file))
        & {canonicalize_name(home) for home in homes.get(module, [module])}
    }

    assert missing == set()


def brought(file: str) -> set[str]:
    """Return the packages of the extra that a file's room is of, and what those ask for."""
    extras = [extra for room, extra in ROOMS.items() if file.startswith(room)]
    own = [Requirement(line).name for extra in extras for line in EXTRAS[extra]]
    asked = [line for name in own for line in importlib.metadata.requires(name) or []]
    return {canonicalize_name(name) for name in [*own, *(Requirement(a).name for a in asked)]}


def imported(path: Path) -> set[str]:
    """Return the top-level names that a module imports by statement."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return {each.split(".")[0] for each in names}


def test_every_requirement_has_a_floor() -> None:
    others = [each for each in ALL if each.name != PROJECT["name"]]

    assert [str(each) for each in others if ">=" not in str(each.specifier)] == []


def test_the_wheel_has_the_version_that_the_program_says(wheel: set[str]) -> None:
    folders = {each.split("/")[0] for each in wheel if ".dist-info/" in each}

    assert folders == {f"lyceum-{__version__}.dist-info"}


def test_the_changelog_begins_with_what_is_unreleased_or_with_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    titles = re.findall(r"^## \[(.+?)\]", changelog, re.MULTILINE)

    assert titles[0] in {"Unreleased", __version__}

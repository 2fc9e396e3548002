"""What must hold for the whole tree, read from its text or asked of a fresh interpreter."""

import ast
import hashlib
import importlib
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import sqlite_utils

from storage.migrations import migrations
from storage.store import Store

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("agents", "graphs", "prompts", "storage")
OURS = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
PROGRAM = [ROOT / "run.py", *OURS]
SHIPPED = [*PROGRAM, *sorted((ROOT / "examples").rglob("*.py"))]
SOURCES = [*SHIPPED, *sorted((ROOT / "benchmarks").rglob("*.py"))]
DOORS = {
    "agents/verifiers/call.py": 2,
    "agents/verifiers/extension.py": 1,
    "agents/verifiers/sandbox/guest.py": 1,
    "graphs/batch.py": 1,
}
"""Where `except Exception` may stand, and how often. The design names four doors, and the graph's
node error handler needs no `except` of ours. The guest is on the far side of the sandbox: there a
stranger's program raises what it likes, and what it raised is a message like any other."""
VIOLATIONS = [
    ("agents", "graphs.config", "Arrows point down"),
    ("storage", "agents.errors", "Arrows point down"),
    ("prompts", "storage.records", "Arrows point down"),
    ("agents", "storage.store", "Roles and graphs know records and ids, and no database"),
    ("graphs", "storage.queries", "Roles and graphs know records and ids, and no database"),
    ("agents", "langgraph.graph", "Only graphs knows LangGraph"),
    ("storage", "langchain_core.messages", "Text and storage talk to no model"),
]
"""A package, what it must not import, and the contract that says so."""
FROZEN = {
    "m001_first_tables": "0bcd59d7537cad00",
    "m002_who_says_which_step_is_wrong": "8150828a3ad75c19",
    "m003_sums_that_triggers_keep": "f801bfd3930a856b",
    "m004_bands_of_questions": "1d94f7196b1b0360",
    "m005_people_pulses_and_changes": "93c46d24f203e484",
}
"""A digest of the schema after each step; it is changed by another step, never by another text."""
FOLLOWING = dict(zip(FROZEN, [*FROZEN][1:], strict=False))
BANNED_FILES = {"utils", "helpers", "base", "common", "types"}
BANNED_WORDS = re.compile(
    "topic|concept|syllabus|difficulty|sample|gold|target|truth|solution|rollout|completion|"
    "response|prediction|output|validator|checker|result|metric|grader|score|feedback|comment|"
    "evaluation|outcome|generation|cache|history|job|experiment|datapoint|provenance|checksum|"
    "fingerprint|team|accuracy|quality"
)
"""From the design's glossary, without the words that also have a right use."""


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))))


def fresh(code: str, *arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run code in an interpreter of its own, without what this one was started with."""
    environment = {"PATH": os.defpath, "PYTHONPATH": str(cwd)}
    return subprocess.run(
        [sys.executable, "-B", "-c", code, *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_no_module_has_more_than_400_lines() -> None:
    sizes = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}

    assert {path: size for path, size in sizes.items() if size > 400} == {}


def test_no_function_has_more_than_50_lines() -> None:
    functions = {
        f"{name(path)}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in SOURCES
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert {where: size for where, size in functions.items() if size > 50} == {}


def test_no_file_or_folder_has_a_name_that_says_nothing() -> None:
    names = {name(path): {*path.relative_to(ROOT).parts[:-1], path.stem} for path in SOURCES}

    assert [path for path, parts in names.items() if parts & BANNED_FILES] == []


def test_packages_reexport_and_do_nothing_else() -> None:
    busy = [
        f"{name(path)}:{statement.lineno}"
        for path in OURS
        if path.name == "__init__.py"
        for statement in ast.parse(path.read_text(encoding="utf-8")).body[1:]
        if not isinstance(statement, ast.Import | ast.ImportFrom)
        and not ast.unparse(statement).startswith(("__all__ = ", "__version__ = "))
    ]

    assert busy == []


def contracts(cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_every_arrow_between_packages_points_down() -> None:
    done = contracts(ROOT)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("package", "imported", "contract"), VIOLATIONS)
def test_an_arrow_that_points_up_breaks_its_contract(
    package: str, imported: str, contract: str, tmp_path: Path
) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for each in PACKAGES:
        shutil.copytree(ROOT / each, tmp_path / each, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / package / "violation.py").write_text(f"import {imported}\n")

    done = contracts(tmp_path)

    assert done.returncode == 1
    assert f"{contract} BROKEN" in " ".join(done.stdout.split())


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_is_ours(package: str) -> None:
    assert Path(inspect.getfile(importlib.import_module(package))).parent == ROOT / package


def test_reading_a_database_loads_neither_langgraph_nor_langchain() -> None:
    done = fresh("import sys, storage.queries; print(*sys.modules)")

    loaded = {each.split(".")[0] for each in done.stdout.split()}
    assert "storage" in loaded, done.stderr
    assert {each for each in loaded if each.startswith(("langgraph", "langchain"))} == set()


AUDIT = """
import importlib, socket, sys, traceback

WRITES = {"os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.link", "os.putenv"}
STARTS = {"sqlite3.connect", "subprocess.Popen", "os.system", "os.posix_spawn", "os.fork"}
LOOKUPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}

def is_a_deed(event, arguments):
    # sqlite-utils loads numpy where there is one, and that says this to its own library.
    if event == "os.putenv" and arguments[0] == b"OPENBLAS_MAIN_FREE":
        return False
    if event == "open":
        return isinstance(arguments[1], str) and bool(set(arguments[1]) & set("wax+"))
    if event == "socket.__new__":
        return arguments[1] in (socket.AF_INET, socket.AF_INET6)
    return event in WRITES | STARTS | LOOKUPS

def watch(event, arguments):
    if not is_a_deed(event, arguments):
        return
    frames = [frame.filename for frame in traceback.extract_stack()]
    deeds.append(f"{event} {arguments!r:.200} from {frames[-2]}")

deeds = []
sys.addaudithook(watch)
for name in sys.argv[1:]:
    importlib.import_module(name)
sys.stderr.write("".join(f"{deed}\\n" for deed in deeds))
"""


def test_importing_prints_nothing_writes_nothing_and_opens_no_network_socket() -> None:
    done = fresh(AUDIT, *(module(path) for path in OURS))

    assert done.stderr.splitlines() == []
    assert done.stdout == ""
    assert done.returncode == 0


def test_the_import_watch_sees_what_it_is_for(tmp_path: Path) -> None:
    (tmp_path / "loud.py").write_text(
        "import socket\nprint('hello')\nsocket.socket()\nopen('left.txt', 'w').close()\n"
        "try:\n    socket.getaddrinfo('localhost', 80)\nexcept OSError:\n    pass\n"
    )

    done = fresh(AUDIT, "loud", cwd=tmp_path)

    assert done.stdout == "hello\n"
    assert [line.split()[0] for line in done.stderr.splitlines()] == [
        "socket.__new__",
        "open",
        "socket.getaddrinfo",
    ]


def test_only_the_command_line_reads_the_environment() -> None:
    readers = {
        name(path)
        for path in OURS
        for node in nodes(path)
        if (isinstance(node, ast.Attribute) and ast.unparse(node) in ENVIRONMENT)
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == "os"
            and any(f"os.{alias.name}" in ENVIRONMENT for alias in node.names)
        )
    }

    assert readers == set()


ENVIRONMENT = {"os.environ", "os.environb", "os.getenv", "os.getenvb", "os.path.expandvars"}


def broad(node: ast.AST) -> bool:
    """Tell whether a node catches everything, by `except` or by `suppress`."""
    if isinstance(node, ast.ExceptHandler):
        return node.type is None or bool(EVERYTHING & set(_words(node.type)))
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
        return any(EVERYTHING & set(_words(argument)) for argument in node.args)
    return False


EVERYTHING = {"Exception", "BaseException"}


def _words(node: ast.AST) -> list[str]:
    return [each.id for each in ast.walk(node) if isinstance(each, ast.Name)]


def test_everything_is_caught_at_the_named_doors_only() -> None:
    caught = Counter(name(path) for path in SHIPPED for node in nodes(path) if broad(node))

    assert caught == DOORS


def test_every_door_says_why_it_is_one() -> None:
    lines = [
        path.read_text(encoding="utf-8").splitlines()[node.lineno - 1]
        for path in SHIPPED
        for node in nodes(path)
        if broad(node)
    ]

    assert [line for line in lines if not re.search(r"# noqa: BLE001 - \w+ \w+", line)] == []


def test_no_random_draw_hangs_on_the_global_generator() -> None:
    used = {
        f"{name(path)}:{node.lineno}"
        for path in PROGRAM
        for node in nodes(path)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "random"
        and node.attr != "Random"
    }

    assert used == set()


EVENTS = {
    ast.unparse(node.targets[0]): ast.literal_eval(node.value)
    for node in nodes(ROOT / "graphs" / "events.py")
    if isinstance(node, ast.Assign)
}


def logged() -> Iterator[tuple[str, str]]:
    """Yield the place and the first argument of every call of a logger, as source."""
    for path in SHIPPED:
        for node in nodes(path):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"debug", "info", "warning", "error", "exception", "critical"}
                and re.fullmatch(r"(self\.)?_?(log|logger)", ast.unparse(node.func.value))
            ):
                first = ast.unparse(node.args[0]) if node.args else ""
                yield f"{name(path)}:{node.lineno}", first


def test_only_listed_events_are_logged_and_every_listed_event_is() -> None:
    found = dict(logged())

    assert sorted(set(found.values())) == sorted(f"events.{key}" for key in EVENTS), found


def test_events_are_called_noun_and_past_participle_once_each() -> None:
    names = list(EVENTS.values())
    right = re.compile(r"[a-z_]+\.[a-z_]+(ed|ne|en|wn|cast)")

    assert [each for each in names if not right.fullmatch(each)] == []
    assert len(set(names)) == len(names)


def test_every_logger_is_called_log() -> None:
    makers = [
        ast.unparse(node)
        for path in SHIPPED
        for node in nodes(path)
        if isinstance(node, ast.Assign) and "get_logger" in ast.unparse(node.value)
    ]

    assert set(makers) == {"log = structlog.get_logger()"}


def test_tables_and_columns_use_the_words_of_the_glossary(tmp_path: Path) -> None:
    Store.open(tmp_path / "lyceum.db").close()
    db = sqlite_utils.Database(tmp_path / "lyceum.db")

    words = {
        f"{table.name}.{column}"
        for table in db.tables
        for column in ("", *table.columns_dict)
        for word in f"{table.name}_{column}".split("_")
        if BANNED_WORDS.fullmatch(word.removesuffix("s"))
    }
    db.close()

    assert words == set()


def test_migrations_are_numbered_from_one_without_a_gap() -> None:
    db = sqlite_utils.Database(memory=True)

    steps = [step.name for step in migrations.pending(db)]
    db.close()

    assert [step[:4] for step in steps] == [f"m{n:03d}" for n in range(1, len(steps) + 1)]
    assert [step for step in steps if not re.fullmatch(r"m\d{3}_[a-z0-9_]+", step)] == []


def test_migrations_import_none_of_our_code() -> None:
    steps = sorted((ROOT / "storage" / "migrations").glob("m*.py"))
    ours = {
        path.stem: re.findall(
            rf"^\s*(?:from|import) ((?:{'|'.join(PACKAGES)}|run)\b\S*)", text, re.M
        )
        for path in steps
        if (text := path.read_text(encoding="utf-8"))
    }

    # The list in which a step puts itself is no code that could change what the step does.
    assert ours == {path.stem: ["storage.migrations.history"] for path in steps}


def test_every_step_of_the_schema_stands_in_a_file_of_its_name() -> None:
    db = sqlite_utils.Database(memory=True)
    steps = [step.name for step in migrations.pending(db)]
    db.close()

    assert steps == sorted(path.stem for path in (ROOT / "storage" / "migrations").glob("m*.py"))


def test_the_steps_make_the_schemas_that_they_made_when_databases_were_made_with_them() -> None:
    db, made = sqlite_utils.Database(memory=True), {}
    for step in migrations.pending(db):
        migrations.apply(db, stop_before=FOLLOWING.get(step.name))
        schema = db.execute("SELECT name, sql FROM sqlite_schema WHERE sql <> '' ORDER BY 1")
        text = json.dumps([row for row in schema if "sqlite_" not in row[0]])
        made[step.name] = hashlib.sha256(text.encode()).hexdigest()[:16]
    db.close()

    assert made == FROZEN


def test_the_served_graph_is_named_as_a_factory() -> None:
    config = json.loads((ROOT / "langgraph.json").read_text(encoding="utf-8"))
    path, _, attribute = config["graphs"]["episode"].partition(":")

    served = getattr(importlib.import_module(module((ROOT / path).resolve())), attribute)

    assert inspect.isfunction(served)


def test_every_link_between_pages_leads_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    links = {
        (name(page), link): page.parent / link.partition("#")[0]
        for page in pages
        for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
        if not re.match(r"[a-z]+:|#", link)
    }

    assert [where for where, target in links.items() if not target.exists()] == []


def test_the_manual_lists_every_decision() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    decisions = sorted(path.name for path in (ROOT / "docs" / "adr").glob("*.md"))

    assert re.findall(r"\(adr/(.+?)\)", index) == decisions
    assert [each[:4] for each in decisions] == [f"{n:04d}" for n in range(1, len(decisions) + 1)]

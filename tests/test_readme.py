"""Runs every fenced block of the manual, and compares its tables with the code, both ways."""

import ast
import doctest
import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, fields
from importlib.metadata import EntryPoint
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from agents import judge, lesson_prompt
from agents.chat import Channel, ScriptedModel
from agents.embedded import novice
from agents.embedded.domain import Domain
from agents.embedded.domains import domains
from agents.judge import Judge
from agents.reasoning_gym.generator import installed_version
from agents.student import ChatStudent
from agents.teacher import ChatTeacher
from agents.verifiers import names
from agents.verifiers.extension import GROUP
from agents.verifiers.sandbox.bubblewrap import BubblewrapSandbox
from agents.verifiers.sandbox.wasi.interpreter import ARCHIVE, home_folder
from graphs import Faculty, curriculum, events, life, make_graph
from graphs import config as run_toml
from prompts import Prompt, PromptError, load, load_file
from prompts.form import parse
from storage.export.dialects import DIALECTS
from storage.records import Skill
from storage.store import TABLES
from storage.worth import worth
from tests.consumers import FACTORY_CONFIG, misfits
from tests.served import served

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.usefixtures("unmeasured")
DOCS = sorted(page for page in (ROOT / "docs").glob("*.md") if page.name != "README.md")
PAGES = [ROOT / "README.md", ROOT / "examples" / "README.md", *DOCS]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
EPISODES = "30"
STANDING = {"event", "level", "timestamp"}
"""Fields that every log line has."""


@dataclass(frozen=True)
class Block:
    """One fenced block."""

    page: Path
    line: int
    kind: str
    words: tuple[str, ...]
    """What stands behind the kind on the first line."""
    text: str
    config: str
    """The last TOML block before it on its page; empty if there is none."""


def blocks(page: Path) -> Iterator[Block]:
    config, opened = "", None
    lines = page.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if not line.startswith("```"):
            continue
        if opened is None:
            opened = number
            continue
        kind, *words = lines[opened].removeprefix("```").split() or [""]
        text = "\n".join(lines[opened + 1 : number]) + "\n"
        yield Block(page, opened + 2, kind, tuple(words), text, config)
        config, opened = text if kind == "toml" else config, None


BLOCKS = [block for page in PAGES for block in blocks(page)]


@dataclass(frozen=True)
class Place:
    """A temporary folder with a database and input files, and an endpoint."""

    folder: Path
    address: str

    def run(self, *arguments: str, script: str = "run.py") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(ROOT / script), *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def answered(self, config: str) -> str:
        """Return a config with the endpoint in place of those that it names."""
        return re.sub(r'(?m)^base_url = "[^"]+"', f'base_url = "{self.address}"', config)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Make a database of a few episodes, once; return it and what was logged."""
    place = Place(tmp_path_factory.mktemp("made"), "")
    done = place.run("generate", "--episodes", EPISODES, "--json")
    assert done.returncode == 0, done.stderr
    return place.folder / "lyceum.db", done.stderr


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    command = [sys.executable, str(ROOT / "benchmarks" / "endpoint.py"), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as endpoint:
        assert endpoint.stdout is not None
        try:
            yield endpoint.stdout.readline().strip()
        finally:
            endpoint.terminate()


@pytest.fixture
def place(made: tuple[Path, str], address: str, tmp_path: Path) -> Place:
    """A folder as a reader of the manual has it who has followed it so far."""
    shutil.copy(made[0], tmp_path)
    for name in ("seeds.jsonl", "lessons.jsonl"):
        rows = [{"question": f"What is {n} and {n}?", "answer": str(2 * n)} for n in range(1, 9)]
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return Place(tmp_path, address)


def run_python(block: Block, place: Place) -> None:
    if block.words == ("trl",):
        pytest.skip("needs TRL and torch; `make test-train` runs it")
    code = compile(block.text, f"{block.page}:{block.line}", "exec")
    exec(code, {"__name__": "__main__"})


def run_shell(block: Block, place: Place) -> None:
    if block.config:
        (place.folder / "run.toml").write_text(place.answered(block.config))
    for line in block.text.splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["curl"]:
            ask(words[1:-1], words[-1], place)
        elif words:
            run_line(words, place)


def run_line(words: list[str], place: Place) -> str:
    """Run one line of a shell, or check it where running it would set up a machine."""
    match words:
        case ["make", target]:
            assert target in TARGETS
        case ["python3.11", "-m", "venv", ".venv"]:
            assert PROJECT["requires-python"] == ">=3.11"
        case [".venv/bin/pip" | "pip", "install", *what]:
            extras = re.findall(r"\[(\w+)\]", " ".join(what))
            assert extras
            assert set(extras) <= set(PROJECT["optional-dependencies"])
        case ["langgraph", "dev"]:
            assert "langgraph-cli" in PROJECT["optional-dependencies"]["serve"][0]
            assert (ROOT / "langgraph.json").is_file()
        case ["apt-get", "install", package]:
            assert package == BubblewrapSandbox.name
        case ["mkdir", "-p", folder]:
            assert Path(folder).expanduser() == home_folder()
        case ["npm", "pack", package, "--pack-destination", folder]:
            name = package.removeprefix("@").replace("/", "-").replace("@", "-")
            assert (Path(folder).expanduser(), f"{name}.tgz") == (home_folder(), ARCHIVE)
        case ["python", "run.py", *arguments] if {"--web", "review"} & {*arguments}:
            look(arguments, place)
        case ["python" | ".venv/bin/python", script, *arguments]:
            done = place.run(*arguments, script=script)
            assert done.returncode == 0, done.stderr
            return done.stdout
        case _:
            pytest.fail(f"{words}: nobody knows how to run or to check this line")
    return ""


def ask(options: list[str], address: str, place: Place) -> None:
    """Ask the pages what a line of curl asks them; what comes back is JSON, or lines of it."""
    said = [value.split(": ") for key, value in pairwise(options) if key == "-H"]
    path = address.removeprefix("http://127.0.0.1:8470")
    with served(place.folder / "lyceum.db") as pages:
        found = pages.ask(path, **{name.replace("-", "_"): value for name, value in said})
    assert found.status == 200, found.text
    assert [json.loads(line) for line in found.text.splitlines()] != []


def look(arguments: list[str], place: Place) -> None:
    """Start what serves pages, read the first, and end it."""
    command = [sys.executable, str(ROOT / "run.py"), *arguments, "--no-open", "--port", "0"]
    with subprocess.Popen(command, cwd=place.folder, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        try:
            [address] = re.findall(r"http://\S+", server.stderr.readline())
            with urllib.request.urlopen(address) as page:
                assert page.status == 200
        finally:
            server.terminate()


def run_console(block: Block, place: Place) -> None:
    """Run each line behind a $ and compare what it prints; "..." stands for anything."""
    for session in re.split(r"(?m)^\$ ", block.text)[1:]:
        command, _, shown = session.partition("\n")
        printed = run_line(shlex.split(command, comments=True), place)
        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        assert doctest.OutputChecker().check_output(shown, printed, flags), printed


def run_toml_block(block: Block, place: Place) -> None:
    if "project" in (table := tomllib.loads(block.text)):
        [(group, points)] = table["project"]["entry-points"].items()
        [(name, value)] = points.items()
        assert group == GROUP
        assert EntryPoint(name, value, group).attr == "AnyCase"
        return
    (place.folder / "run.toml").write_text(place.answered(block.text))
    sections = tomllib.loads(block.text)
    if "reasoning_gym" in block.text and installed_version() is None:
        pytest.skip("the extra `reasoning_gym` is not installed")
    with pytest.MonkeyPatch.context() as patch:
        for section in sections.values():
            if isinstance(section, dict) and "api_key_env" in section:
                patch.setenv(section["api_key_env"], "none of your business")
        done = place.run("generate", "run.toml", "--db", "new.db", "--episodes", "4", "--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert (figures["episodes"], figures["failed"]) == (4, 0)
    assert figures["model_calls"] > 0


def run_sql(block: Block, place: Place) -> None:
    connection = sqlite3.connect(place.folder / "lyceum.db")
    try:
        assert connection.execute(block.text).fetchall() != []
    finally:
        connection.close()


def run_json(block: Block, place: Place) -> None:
    """Compare the block's shape with what the command behind its kind prints, or writes first."""
    done = place.run(*block.words)
    assert done.returncode == 0, done.stderr
    written = place.folder / block.words[-1]
    text = written.read_text().splitlines()[0] if written.is_file() else done.stdout

    assert shape(json.loads(block.text)) == shape(json.loads(text))


def shape(value: object) -> object:
    if isinstance(value, dict):
        return {key: shape(part) for key, part in sorted(value.items())}
    if isinstance(value, list):
        return [shape(part) for part in value]
    return type(value).__name__


def run_prompt(block: Block, place: Place) -> None:
    (place.folder / "mine.md").write_text(block.text)
    mine = load_file(place.folder / "mine.md")

    assert ChatStudent(Channel(ScriptedModel({}), "student"), mine)


def run_yaml(block: Block, place: Place) -> None:
    """Compare a trainer's config with what stands beside an export, or with what it knows."""
    name, form = block.words
    config = yaml.safe_load(block.text)
    if name == "llama-factory":
        assert misfits(config, FACTORY_CONFIG) == []
        return
    where = {key: config["datasets"][0].get(key) for key in ("path", "name", "split")}
    place_of_it = where if where["name"] else {"path": where["path"]}
    assert config == DIALECTS[name].sidecar(form, {}, place_of_it)


def run_mermaid(block: Block, place: Place) -> None:
    drawn = set(re.findall(r"(?m)^  (\w+) --(?: [^>]+ --)?> (\w+)$", block.text))
    nodes = {"__start__", "__end__"}
    edges = {(edge.source, edge.target) for edge in make_graph().get_graph().edges}

    assert drawn == {edge for edge in edges if not nodes & set(edge)}


RUNNERS: dict[str, Callable[[Block, Place], None]] = {
    "python": run_python,
    "sh": run_shell,
    "console": run_console,
    "toml": run_toml_block,
    "sql": run_sql,
    "json": run_json,
    "markdown": run_prompt,
    "mermaid": run_mermaid,
    "yaml": run_yaml,
}


@pytest.mark.parametrize(
    "block", BLOCKS, ids=lambda b: f"{b.page.parent.name}/{b.page.name}:{b.line}-{b.kind}"
)
def test_every_block_of_the_manual_runs(
    block: Block, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place.folder)

    RUNNERS[block.kind](block, place)


def tables(page: Path, heading: str) -> dict[str, list[list[str]]]:
    """Return the tables of a page whose first column has this heading, by the title above each."""
    found: dict[str, list[list[str]]] = {}
    title, inside = "", False
    for line in page.read_text(encoding="utf-8").splitlines():
        title = line.lstrip("# ") if line.startswith("#") else title
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells and cells[0] == heading:
            inside = True
        elif not cells:
            inside = False
        elif inside and set("".join(cells)) - set("-: "):
            found.setdefault(title, []).append(cells)
    return found


def table(page: Path, heading: str) -> list[list[str]]:
    [rows] = tables(page, heading).values()
    return rows


def column(page: Path, heading: str) -> list[str]:
    return [row[0].strip("`") for row in table(page, heading)]


def test_the_manual_lists_every_table_of_the_database() -> None:
    assert sorted(column(PAGES[0], "table")) == sorted(TABLES)


def test_the_readme_lists_every_command() -> None:
    done = Place(ROOT, "").run("--help")
    commands = re.findall(r"(?m)^  (\w+)  ", done.stdout.partition("Commands:")[2])

    assert column(PAGES[0], "command") == commands != []


def test_the_readme_lists_every_exit_code() -> None:
    tree = ast.parse((ROOT / "run.py").read_text(encoding="utf-8"))
    [codes] = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).startswith("(DONE")
    ]

    assert [int(code) for code in column(PAGES[0], "exit code")] == list(codes)


def test_the_readme_lists_every_folder_of_the_top_level() -> None:
    left_out = re.compile(r"\.(?!ci$)|__|build$|dist$|.+\.egg-info$")
    folders = {f"{path.name}/" for path in ROOT.iterdir() if path.is_dir()}

    listed = column(PAGES[0], "folder")
    assert sorted(listed) == sorted(name for name in folders if not left_out.match(name[:-1]))


def event_fields() -> dict[str, set[str]]:
    return {
        row[0].strip("`"): set(re.findall(r"`(\w+)`", row[1])) for row in table(PAGES[0], "event")
    }


def log_calls() -> Iterator[tuple[str, str, set[str]]]:
    """Yield event, level and the names of the fields of every call of a logger in `graphs`."""
    named = {f"events.{key}": value for key, value in vars(events).items() if key.isupper()}
    for path in sorted((ROOT / "graphs").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("log."):
                level = ast.unparse(node.func).removeprefix("log.")
                yield named[ast.unparse(node.args[0])], level, {str(k.arg) for k in node.keywords}


def test_the_readme_lists_every_log_event_with_its_fields() -> None:
    bound = {"run_id", "episode_id"}
    listed = {event: fields - bound for event, fields in event_fields().items()}

    assert listed == {event: fields - bound for event, _, fields in log_calls()}


def test_the_readme_says_which_events_are_left_out() -> None:
    paragraphs = PAGES[0].read_text(encoding="utf-8").split("\n\n")
    [said] = [paragraph for paragraph in paragraphs if "of level debug" in paragraph]

    left_out = {event for event, level, _ in log_calls() if level == "debug"}
    assert set(re.findall(r"`(\w+\.\w+)`", said)) - {"run.py"} == left_out


def test_logged_lines_have_the_fields_that_the_readme_names(made: tuple[Path, str]) -> None:
    lines = [json.loads(line) for line in made[1].splitlines()]

    assert {line["event"] for line in lines} >= {"episode.finished", "run.finished"}
    for line in lines:
        assert set(line) - STANDING == event_fields()[line["event"]]


SECTIONS: dict[str, type[BaseModel]] = {
    "The run": run_toml.Config,
    "[curriculum]": run_toml.CurriculumSection,
    "[[curriculum.skills]]": Skill,
    "[expert_seeds]": run_toml.ExpertSeedsSection,
    "[contamination]": run_toml.ContaminationSection,
    "Every chat role": run_toml.ChatSection,
    "[teacher]": run_toml.TeacherSection,
    "[student]": run_toml.StudentSection,
    "[critic]": run_toml.CriticSection,
}


def keys_of(section: type[BaseModel]) -> dict[str, str]:
    """Return a section's own keys with their defaults; a table within it has a title of its own."""
    elsewhere = run_toml.ChatSection.model_fields if is_role(section) else {}
    return {
        key: default_of(field)
        for key, field in section.model_fields.items()
        if key not in elsewhere and not re.search(r"\w+Section|\bSkill\b", str(field.annotation))
    }


def is_role(section: type[BaseModel]) -> bool:
    return section.__base__ is run_toml.ChatSection


def default_of(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=True)
    return "none" if default is None else f"`{json.dumps(default)}`"


def test_the_manual_lists_every_key_of_a_run_with_its_default() -> None:
    page = ROOT / "docs" / "run-toml.md"
    listed = {
        title: {row[0].strip("`"): row[1] for row in rows}
        for title, rows in tables(page, "key").items()
    }

    assert listed == {title: keys_of(section) for title, section in SECTIONS.items()}


def test_the_manual_says_when_a_level_stands_as_the_code_has_it() -> None:
    text = " ".join((ROOT / "docs" / "run-toml.md").read_text(encoding="utf-8").split())
    [(tries, rate)] = re.findall(
        r"once (\d+) first tries .{0,60} solve rate is ([\d.]+\d) or more", text
    )

    assert (int(tries), float(rate)) == (curriculum.EVIDENCE, curriculum.STANDS)
    assert run_toml.CurriculumSection().explore == curriculum.EXPLORE


def test_the_manual_says_when_a_run_with_accept_gives_up() -> None:
    said = {
        "README.md": r"after (\d+) or (\d+) N, whichever is more",
        "docs/run-toml.md": r"after (\d+) episodes or (\d+) for each",
    }
    for page, pattern in said.items():
        text = " ".join((ROOT / page).read_text(encoding="utf-8").split())
        [found] = re.findall(pattern, text)
        assert tuple(map(int, found)) == (life.EPISODES, life.TRIES_PER_ACCEPTED)


ROLES: dict[str, Callable[[Channel, Prompt], object]] = {
    "teacher": lambda channel, prompt: ChatTeacher(channel, (), (), prompt),
    "student": ChatStudent,
    "critic": lambda channel, prompt: Judge(channel, prompt=prompt),
}


def can_use(role: str, inputs: list[str]) -> bool:
    """Tell whether a role takes a prompt of these inputs."""
    head = f"id: mine\nversion: 1\ninputs: [{', '.join(inputs)}]\noutput: x\nchanged: x"
    body = " ".join(f"{{{{ {name} }}}}" for name in inputs)
    mine = parse(f"---\n{head}\n---\n# user\nGo. {body}\n", "mine.md")
    try:
        ROLES[role](Channel(ScriptedModel({}), "student"), mine)
    except PromptError:
        return False
    return True


def test_the_manual_lists_every_input_of_a_prompt_of_ones_own() -> None:
    rows = table(ROOT / "docs" / "run-toml.md", "role")
    listed = {role: [row[1].strip("`") for row in rows if row[0] == role] for role in ROLES}
    required = {(row[0], row[1].strip("`")) for row in rows if row[2].endswith("; required")}
    every = {*lesson_prompt.INPUTS, *judge.INPUTS, *load("student.revise").inputs}

    assert listed["teacher"] == list(lesson_prompt.INPUTS)
    assert listed["critic"] == list(judge.INPUTS)
    for role, inputs in listed.items():
        needed = [name for name in inputs if (role, name) in required]
        assert can_use(role, needed)
        assert not any(can_use(role, [n for n in needed if n != name]) for name in needed)
        usable = {name for name in every if can_use(role, [*{*needed, name}])}
        assert usable == set(inputs)


def test_the_manual_links_every_page_of_its_own() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")

    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert {link for link in re.findall(r"\]\(([^)]+)\)", index) if link[:2] != ".."} == (
        pages - {"README.md"}
    )


def test_every_link_of_the_manual_leads_to_a_file() -> None:
    for page in [*PAGES, ROOT / "docs" / "README.md", ROOT / "CONTRIBUTING.md"]:
        links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
        lost = [link for link in links if not (page.parent / link).exists()]
        assert [link for link in lost if not link.startswith("http")] == []


def test_the_manual_lists_every_field_of_a_faculty_with_its_default() -> None:
    page = ROOT / "docs" / "embedding.md"
    listed = {row[0].strip("`"): row[1].strip("`") for row in table(page, "field")}
    words = {str(MISSING): "required", "None": "none", "True": "true"}
    defaults = {field.name: str(field.default) for field in fields(Faculty)}

    assert listed == {name: words.get(default, default) for name, default in defaults.items()}


def test_the_manual_lists_every_verifier() -> None:
    assert column(ROOT / "docs" / "critic.md", "verifier") == [
        "exact",
        "math",
        "integer",
        "decimal",
        "fraction",
        "date",
        "choice",
        "sequence",
        "multiset",
        "json",
        "sql",
        "code",
        "constraints",
        "grounded",
        "reasoning_gym",
    ]
    assert set(column(ROOT / "docs" / "critic.md", "verifier")) <= set(names())


def test_the_manual_lists_every_reason() -> None:
    source = (ROOT / "agents" / "critic.py").read_text(encoding="utf-8")
    given = re.findall(r'reason(?:=|s\.get\(.+?, )"(\w+)"', source)

    listed = column(ROOT / "docs" / "critic.md", "reason")
    assert sorted(listed) == sorted([*given, "screen"])
    assert worth((), failed=False) == ("rejected", "screen", None)


def test_the_manual_lists_the_turns_of_a_judge() -> None:
    turns = [int(turn.partition(",")[0]) for turn in column(ROOT / "docs" / "critic.md", "turn")]

    grading, false, step = judge.GRADING, judge.FALSE_REFERENCE, judge.FIRST_WRONG_STEP
    assert turns == [judge.OWN_ANSWERS, *(t + n for t in (grading, false, step) for n in (0, 1))]


def test_the_manual_lists_every_embedded_skill_with_its_misconceptions() -> None:
    page = ROOT / "docs" / "embedded-faculty.md"

    assert {title: rows for title, rows in tables(page, "skill").items()} == {
        domain.name: [skill_row(domain, skill) for skill in domain.skills] for domain in domains()
    }


def skill_row(domain: Domain, skill: Skill) -> list[str]:
    wrong = ", ".join(f"`{each.name}`" for each in domain.misconceptions(skill.name))
    after = ", ".join(f"`{name}`" for name in skill.after) or "-"
    verifier = ", ".join(verifiers(domain, skill))
    return [f"`{skill.name}`", after, str(skill.levels), verifier, skill.about, wrong]


def verifiers(domain: Domain, skill: Skill) -> list[str]:
    """Return the verifiers of a skill's lessons, as far as lessons from all over it tell."""
    found = set()
    for level in range(1, skill.levels + 1):
        step = domain.capacity(skill.name, level) // 40
        found |= {domain.draft(skill.name, level, step * i).verifier for i in range(40)}
    return sorted(found)


def test_the_manual_says_what_a_novice_thinks_with_each_misconception() -> None:
    page = ROOT / "docs" / "embedded-faculty.md"
    listed = {
        title: {name.strip("`"): belief for name, belief in rows}
        for title, rows in tables(page, "misconception").items()
    }

    assert listed == {domain.name: beliefs(domain) for domain in domains()}


def beliefs(domain: Domain) -> dict[str, str]:
    held = (wrong for skill in domain.skills for wrong in domain.misconceptions(skill.name))
    return {wrong.name: wrong.belief for wrong in held}


def test_the_manual_lists_the_chances_of_the_novice() -> None:
    page = ROOT / "docs" / "embedded-faculty.md"
    chances = {key: value for key, value in vars(novice).items() if key.isupper()}

    assert {row[0].strip("`"): float(row[1]) for row in table(page, "chance")} == chances

"""Runs every example: the apps as they stand, the TOML files against endpoints on this machine."""

import importlib
import importlib.util
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from operator import add, mul, sub, truediv
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.usefixtures("unmeasured")
EXAMPLES = ROOT / "examples"
APPS = sorted(EXAMPLES.glob("*.py"))
CONFIGS = sorted(EXAMPLES.glob("*.toml"))
DATA = sorted((EXAMPLES / "data").iterdir())
OPERATIONS = {"+": add, "-": sub, "*": mul, "/": truediv}
MODELS = ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification")
NODES = ["write_lesson", "screen_lesson", "attempt", "attempt", "judge"]


def python(*arguments: str | Path, cwd: Path, **environment: str) -> str:
    """Run the environment's python in a folder and return what it prints; it must end well."""
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def generate(config: Path, *options: str, **environment: str) -> dict[str, object]:
    """Run a config in its folder, into lyceum.db there, and return the figures."""
    command = [ROOT / "run.py", "generate", config, "--json", *options]
    figures = json.loads(python(*command, cwd=config.parent, **environment))
    assert figures["failed"] == 0
    return figures


def ask(folder: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "lyceum.db")) as database:
        return database.execute(sql).fetchall()


@contextmanager
def served(*command: str | Path) -> Iterator[str]:
    """Run an endpoint that says where it is once it listens; end it by its own process id."""
    arguments = [str(word) for word in command]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            [address] = re.findall(r"http://\S+", process.stdout.readline())
            yield address
        finally:
            process.terminate()


def free_port() -> str:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return str(found.getsockname()[1])


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """The project's own."""
    with served(sys.executable, ROOT / "benchmarks" / "endpoint.py") as address:
        yield address


@pytest.fixture
def node(shared: Path) -> Callable[..., object]:
    """Start a program of ../shared/bench on a free port, where there is node."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("no node on this machine")
    return lambda name, *options: served(
        program, shared / "bench" / name, "--port", free_port(), *options
    )


def placed(example: Path, folder: Path, address: str, **values: object) -> Path:
    """Write an example beside its data, with the address, and the values of other keys, replaced.

    A key that the example lacks is an error; one whose value is None is left out.
    """
    text = example.read_text(encoding="utf-8")
    text = re.sub(r'(?m)^base_url = "[^"]+"', f'base_url = "{address}"', text)
    for key, value in values.items():
        line = "" if value is None else f"{key} = {json.dumps(str(value))}"
        text, found = re.subn(rf'(?m)^{key} = "[^"]*"', lambda match, line=line: line, text)
        assert found
    (folder / example.name).write_text(text, encoding="utf-8")
    shutil.copytree(EXAMPLES / "data", folder / "data", dirs_exist_ok=True)
    return folder / example.name


def data_of(example: Path) -> list[Path]:
    """Return the files that an example reads."""
    written = tomllib.loads(example.read_text(encoding="utf-8"))
    found = [part["path"] for part in written.values() if isinstance(part, dict) and "path" in part]
    found += [name.partition(":")[0] for name in written.get("contamination", {}).get("files", [])]
    return [EXAMPLES / path for path in found]


def loaded(app: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(app.stem, app)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_example_is_listed_with_a_line_and_every_line_leads_to_one() -> None:
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")

    listed = re.findall(r"(?m)^\| \[(\S+)\]\(\1\) \| \S.+ \|$", page)
    assert sorted(listed) == sorted(path.name for path in (*APPS, *CONFIGS))


def test_an_embedding_app_is_about_ten_lines() -> None:
    lines = (EXAMPLES / "embed_graph.py").read_text(encoding="utf-8").split("async def main")[1]

    assert len([line for line in lines.splitlines() if line.strip()]) <= 14


def test_an_app_embeds_the_graph_with_its_own_models(tmp_path: Path) -> None:
    assert python(EXAMPLES / "embed_graph.py", cwd=tmp_path) == "accepted ['12', '12']\n"
    assert list(tmp_path.iterdir()) == []


def test_an_app_streams_the_nodes_as_they_end(tmp_path: Path) -> None:
    lines = python(EXAMPLES / "stream_progress.py", cwd=tmp_path).splitlines()

    names = [line.split()[0] for line in lines]
    assert names[:5] == NODES
    assert names[-2] == "record"
    assert names[-1] in ("accepted", "rejected")
    assert set(names[5:-2]) <= {"revise", "judge"}


def test_an_app_adds_a_node_of_its_own(tmp_path: Path) -> None:
    [line] = python(EXAMPLES / "own_node.py", cwd=tmp_path).splitlines()

    assert re.fullmatch(r"\{'solve_rate': (0\.0|0\.25|0\.5|0\.75|1\.0)\}", line)


async def test_the_added_node_measures_first_tries_only() -> None:
    module = loaded(EXAMPLES / "own_node.py")
    graphs = importlib.import_module("graphs")
    for seed in range(6):
        episode, lent = {"skill": "sorting", "seed": seed}, graphs.embedded_faculty(attempts=4)
        out = await graphs.make_graph().ainvoke(episode, context=lent)
        statuses = [verdict.status for verdict in out["trajectory"].verdicts[:4]]

        found = await module.measure({"trajectory": out["trajectory"]})
        assert found == {"solve_rate": statuses.count("accepted") / 4}


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.stem)
def test_importing_an_example_runs_nothing(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    loaded(app)

    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.stem)
def test_no_example_holds_a_key(config: Path) -> None:
    written = tomllib.loads(config.read_text(encoding="utf-8"))

    keys = {key for part in written.values() if isinstance(part, dict) for key in part}
    assert {key for key in keys if "key" in key or "secret" in key} <= {"api_key_env"}


def test_three_models_run_and_the_judge_decides(endpoint: str, tmp_path: Path) -> None:
    figures = generate(
        placed(EXAMPLES / "three_models.toml", tmp_path, endpoint), "--episodes", "12"
    )

    assert figures["episodes"] == 12
    roles = ask(tmp_path, "SELECT DISTINCT role FROM model_calls ORDER BY role")
    assert [role for (role,) in roles] == ["critic", "student", "teacher"]
    rungs = Counter(rung for (rung,) in ask(tmp_path, "SELECT rung FROM verdicts"))
    assert rungs["program"] == 0
    assert rungs["judge"] > 0


@pytest.mark.parametrize("config", [*filter(data_of, CONFIGS)], ids=lambda config: config.stem)
def test_files_with_data_run_against_the_endpoint_of_the_project(
    config: Path, endpoint: str, tmp_path: Path
) -> None:
    figures = generate(placed(config, tmp_path, endpoint), "--episodes", "4")

    assert figures["episodes"] == 4


def test_every_file_of_data_comes_with_the_examples_and_every_row_names_author_and_licence() -> (
    None
):
    read = {path for config in CONFIGS for path in data_of(config)}
    assert read == set(DATA)
    for path in DATA:
        # A text file has one item a line and no room for more; examples/README.md says whose.
        for line in path.read_text(encoding="utf-8").splitlines() if path.suffix != ".txt" else ():
            row = json.loads(line)
            assert (row["author"], row["licence"]) == ("The Lyceum authors", "CC0-1.0")


@pytest.mark.parametrize(("name", "column"), [("lessons", "reference"), ("seeds", "answer")])
def test_the_worked_answers_of_the_data_are_calculated_right(name: str, column: str) -> None:
    text = (EXAMPLES / "data" / f"arithmetic_{name}.jsonl").read_text(encoding="utf-8")
    for line in text.splitlines():
        worked = json.loads(line)[column]
        [answer] = re.findall(r"\bA(?:nswer)?: (\S+)", worked)
        found = re.findall(r"([\d.]+(?: [-+*/] [\d.]+)+) = (\d+(?:\.\d+)?)", worked)
        for term, value in found:
            first, *rest = term.split()
            total = Decimal(first)
            for operator, number in zip(rest[::2], rest[1::2], strict=True):
                total = OPERATIONS[operator](total, Decimal(number))
            assert total == Decimal(value), worked
        assert answer in worked.rpartition("A")[0], worked


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.stem)
def test_no_example_reads_what_a_clone_does_not_have(config: Path) -> None:
    assert ".." not in config.read_text(encoding="utf-8")


def test_the_library_is_read_with_its_patterns(endpoint: str, tmp_path: Path) -> None:
    figures = generate(placed(EXAMPLES / "library.toml", tmp_path, endpoint))

    assert figures["episodes"] == 6
    references = [row for (row,) in ask(tmp_path, "SELECT reference FROM lessons ORDER BY rowid")]
    assert references == ["1800", "84", "15", "190", "1.20", "63"]


PROVIDER = '''
"""Stands for a provider's package, which is not ours and needs the internet."""
import os
from langchain_core.language_models import SimpleChatModel

class ChatOpenAI(SimpleChatModel):
    model: str
    api_key: str
    timeout: float
    max_retries: int

    @property
    def _llm_type(self):
        return "stand-in"

    def _call(self, messages, **options):
        assert (self.api_key, self.max_retries) == (os.environ["OPENAI_API_KEY"], 0)
        lesson = '{"reference": "12", "question": "What is a tenth of %d?"}' % (120 + len(messages))
        return lesson if self.model == "gpt-5" else "A tenth.\\nAnswer: 12"
'''


def test_a_hosted_model_runs_through_langchain_and_its_key_is_kept_nowhere(tmp_path: Path) -> None:
    pytest.importorskip("langchain.chat_models", reason="the extra `langchain` is not installed")
    (tmp_path / "langchain_openai.py").write_text(PROVIDER)
    key = "sk-very-secret-0123456789"
    config = placed(EXAMPLES / "hosted_model.toml", tmp_path, "")
    path = os.pathsep.join((str(ROOT), str(tmp_path)))

    figures = generate(config, "--episodes", "2", PYTHONPATH=path, OPENAI_API_KEY=key)

    assert figures["episodes"] == 2
    assert ask(tmp_path, "SELECT count(*) FROM model_calls WHERE role = 'student'") != [(0,)]
    assert key.encode() not in (tmp_path / "lyceum.db").read_bytes()


def test_a_hosted_model_without_its_key_is_refused_in_one_line(tmp_path: Path) -> None:
    environment = {name: text for name, text in os.environ.items() if name != "OPENAI_API_KEY"}
    done = subprocess.run(
        [sys.executable, str(ROOT / "run.py"), "generate", str(EXAMPLES / "hosted_model.toml")],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert "OPENAI_API_KEY" in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_recorded_attempts_of_four_models_are_accepted_exactly_where_people_said_right(
    node: Callable[..., object], shared: Path, tmp_path: Path
) -> None:
    data = shared / "data" / "gsm8k_recorded_attempts.jsonl"
    rows = [json.loads(line) for line in data.read_text(encoding="utf-8").splitlines()]
    agreed, reasons = 0, Counter()
    with node("replay_openai.mjs", "--data", data) as address:
        for model in MODELS:
            columns = {"path": data, "reference": "ground_truth", "skill": "gsm8k"}
            own = {**columns, "instruction": None, "endpoint": "recorded", "model": model}
            config = placed(EXAMPLES / "library.toml", tmp_path, address, **own)
            run = generate(config)["run_id"]
            found = ask(tmp_path, VERDICTS.format(run=run))
            assert len(found) == len(rows) == 795
            for row, (n, status, reason, reward) in zip(rows, found, strict=True):
                right = row[model]["is_correct"]
                expected = ("accepted", 1.0) if right else ("rejected", 0.0)
                assert (status, reward) == expected, (model, n, reason)
                agreed += 1
                reasons[reason] += 1

    assert agreed == 3180
    assert reasons["no_answer"] == 8


VERDICTS = """SELECT n, verdicts.status, verdicts.reason, verdicts.reward FROM trajectories
    JOIN attempts ON attempts.trajectory_id = trajectories.id
    JOIN verdicts ON verdicts.attempt_id = attempts.id WHERE run_id = '{run}' ORDER BY n"""
GROWN = """SELECT lessons.id, example, passage, author, licence FROM lessons
    LEFT JOIN expert_seeds ON expert_seeds.id = lessons.expert_seed_id"""


@pytest.mark.parametrize(
    ("name", "seeds", "author", "columns"),
    [
        ("arithmetic", "gsm8k_seeds.jsonl", "OpenAI (Cobbe et al. 2021)", {}),
        (
            "reading",
            "pubmedqa_expert_seeds.jsonl",
            "PubMedQA (Jin et al. 2019)",
            {"reference": "long_answer", "passage": "contexts"},
        ),
    ],
)
def test_every_lesson_names_its_expert_seed_author_and_licence(
    name: str,
    seeds: str,
    author: str,
    columns: dict[str, str],
    node: Callable[..., object],
    shared: Path,
    tmp_path: Path,
) -> None:
    lines = (shared / "data" / seeds).read_text(encoding="utf-8").splitlines()
    written = {json.loads(line)["question"] for line in lines}
    with node("mock_openai.mjs", "--latency", "0") as address:
        own = {**columns, "path": shared / "data" / seeds, "author": author, "licence": "MIT"}
        config = placed(EXAMPLES / f"expert_seeds_{name}.toml", tmp_path, address, **own)
        figures = generate(config, "--episodes", "60")

    lessons = ask(tmp_path, GROWN)
    assert figures["episodes"] == 60
    assert len(lessons) == 60
    assert {example for _, example, *_ in lessons} <= written
    assert len({example for _, example, *_ in lessons}) == 60
    assert {row[3:] for row in lessons} == {(author, "MIT")}
    assert all(passage for _, _, passage, *_ in lessons) == (name == "reading")


@pytest.mark.parametrize("context", [{"attempts": 1}, {"attempts": 3, "max_revisions": 0}, None])
async def test_the_served_graph_answers_with_numbers_for_a_context_and_with_none(
    context: dict[str, int] | None,
) -> None:
    config = json.loads((ROOT / "langgraph.json").read_text(encoding="utf-8"))
    path, _, factory = config["graphs"]["episode"].partition(":")
    module = importlib.import_module(path.removeprefix("./").removesuffix(".py").replace("/", "."))
    graph = getattr(module, factory)()

    out = await graph.ainvoke({"skill": "sorting", "seed": 7}, context=context)

    trajectory = out["trajectory"]
    first = [a for a in trajectory.attempts if a.revision == 0]
    assert len(first) == (context or {}).get("attempts", 2)
    assert trajectory.status in ("accepted", "rejected")

"""What a person meets who types --help, or types something wrong."""

import re
import runpy
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

RUN = str(Path(__file__).resolve().parents[1] / "run.py")
Typed = Callable[[str], tuple[int, str, str]]

CONTRACT = {
    "generate": "--db --episodes --accept --seed --in-flight --max-cost --max-calls --run --new "
    "--retry-failed --json RUN.toml",
    "inspect": "--db --run --status --skill --json --html --web --follow --port --no-open ID",
    "review": "--db --run --as --audit --seed --terminal --port --no-open",
    "trace": "--db --run --json --to --file --follow --no-text",
    "export": "--db --run --force --json --skill --splits --on-bad --dialect FORMAT OUT",
    "push": "--private --json FOLDER REPO",
    "replay": "--db --run --json",
    "verify": "--db --run --json",
    "doctor": "--json",
}
"""What strangers rely on, command by command."""
WRONG = [
    "frob",
    "--frob",
    "generate --frob",
    "generate one.toml two.toml",
    "generate no-such.toml",
    "--episodes",
    "--episodes many",
    "--episodes 0",
    "--in-flight 0",
    "--max-cost -1",
    "--run r123",
    "inspect --frob",
    "inspect --status wrong",
    "inspect --limit 0",
    "inspect",
    "inspect 3 --db no-such.db",
    "inspect --web --db no-such.db",
    "inspect --web --follow",
    "inspect --web --port 70000",
    "inspect --follow --db no-such.db",
    "inspect --html page.html --db no-such.db",
    "review --db no-such.db",
    "review --terminal --db no-such.db",
    "review --audit 5 --db no-such.db",
    "trace --db no-such.db",
    "trace --to one --file two",
    "export",
    "export sft",
    "export frob out.jsonl",
    "export sft out.jsonl --db no-such.db",
    "replay extra",
    "replay --db no-such.db",
    "verify --db",
    "verify --db no-such.db",
]


@pytest.fixture
def typed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Typed:
    """Run the command line as typed in an empty folder; return exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("LANGSMITH_TRACING", "LANGGRAPH_STRICT_MSGPACK"):
        monkeypatch.setenv(name, "false")  # so that what run.py sets is taken back

    def run(line: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["run.py", *shlex.split(line)])
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(RUN, run_name="__main__")
        code = ended.value.code
        return int(code or 0), *capsys.readouterr()

    return run


def test_help_names_every_command_and_what_happens_without_one(typed: Typed) -> None:
    code, shown, errors = typed("--help")

    assert (code, errors) == (0, "")
    assert re.findall(r"(?m)^  (\w+)  ", shown.partition("Commands:")[2]) == list(CONTRACT)
    assert "Without a command: generate" in " ".join(shown.split())


@pytest.mark.parametrize("command", CONTRACT)
def test_help_names_everything_that_strangers_rely_on(command: str, typed: Typed) -> None:
    code, shown, errors = typed(f"{command} --help")

    assert (code, errors) == (0, "")
    words = re.findall(r"[\w.-]+", shown)
    assert [each for each in CONTRACT[command].split() if each not in words] == []


@pytest.mark.parametrize("command", CONTRACT)
def test_help_says_something_about_every_option(command: str, typed: Typed) -> None:
    _, shown, _ = typed(f"{command} --help")

    options = re.findall(
        r"(?m)^  (?:-h, )?(--[\w-]+)(?: \S+)*?\n?(?:  +(\S.*))?$", shown.partition("Example")[0]
    )
    assert {option for option, about in options if not about} == set()
    assert len(options) >= len(re.findall("--", CONTRACT[command])) >= 1


@pytest.mark.parametrize("command", CONTRACT)
def test_help_shows_an_example_of_options_that_there_are(command: str, typed: Typed) -> None:
    _, shown, _ = typed(f"{command} --help")

    about, _, examples = " ".join(shown.split()).rpartition("Example")
    lines = [example.split() for example in examples.partition(":")[2].split("|")]
    assert lines != []
    for program, named, *rest in lines:
        assert (program, named) == ("run.py", command)
        assert [each for each in rest if each.startswith("-") and each not in about] == []


def test_a_short_h_is_help_too(typed: Typed) -> None:
    assert typed("verify -h") == typed("verify --help")


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_line_is_told_in_one_line_and_leaves_nothing(
    line: str, typed: Typed, tmp_path: Path
) -> None:
    code, shown, errors = typed(line)

    assert (code, shown) == (2, "")
    assert re.fullmatch(r"run\.py: [^\n]{10,}\n", errors), errors
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("frob", "'frob'"),
        ("inspect --frob", "--frob"),
        ("--episodes many", "'--episodes'"),
        ("--episodes 0", "episodes"),
        ("generate no-such.toml", "no-such.toml"),
        ("verify --db no-such.db", "'no-such.db'"),
        ("export frob out.jsonl", "'frob': there is none; there is 'sft'"),
        ("inspect --status wrong", "'accepted'"),
    ],
)
def test_what_is_told_names_the_thing_that_is_wrong(line: str, named: str, typed: Typed) -> None:
    assert named in typed(line)[2]

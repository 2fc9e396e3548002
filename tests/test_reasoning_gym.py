"""The verifier `reasoning_gym`, and the teacher with a package that stands for the real one."""

import ast
import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import DraftError, VerifierError
from agents.parsing import extract_answer
from agents.reasoning_gym.data_sets import BY_DEFAULT, DATA_SETS, capacity
from agents.reasoning_gym.generator import Generator, installed_version
from agents.reasoning_gym.teacher import ROWS_PATTERN, ReasoningGymTeacher
from agents.screen import screen
from agents.verifiers import verifier
from agents.verifiers.reasoning_gym.data_sets import COMPARISONS
from graphs.config import make_config
from graphs.curriculum import skill_graph
from graphs.errors import ConfigError
from graphs.models import LiveModels
from graphs.wiring import skills_of, wire
from storage.records import Assignment, CallSite

ROOT = Path(__file__).resolve().parents[1]
CHECKED = verifier("reasoning_gym")
SUM = {"addends": ["AB", "AC"], "total": "DE"}
JUGS = {"capacities": [3, 5], "target": 4}
WAY = {"rows": ["*OO", "OXO", "OO#"]}
BLOCKED = {"rows": ["*X#", "XOO"]}
GRID = "1 2\n2 1"
RIGHT = {
    "ab": "#A #B B#",
    "base_conversion": "2g0",
    "caesar_cipher": "GO HOME",
    "course_schedule": "True",
    "dice": "5/6",
    "emoji_mystery": "It is late.",
    "futoshiki": "1 < 2\n\u2227    \n2   1",
    "group_anagrams": '[["eat", "tea"], ["tan", "nat"]]',
    "isomorphic_strings": "False",
    "manipulate_matrix": GRID,
    "mini_sudoku": GRID,
    "number_filtering": "['-91.4', '10', '-74.0']",
    "number_sorting": "['-5.0', '2.5', '2.5']",
    "palindrome_partitioning": '[["a", "a"], ["aa"]]',
    "path_star": "12 7 9",
    "ransom_note": "True",
    "rotate_matrix": GRID,
    "string_manipulation": "abcab",
    "string_splitting": "0 1 0 21 0 44",
    "string_synthesis": "3 0 1 6 0 0 1 1 0",
    "sudoku": GRID,
    "word_sequence_reversal": "so, and, so",
    "word_sorting": "Now, hope, now",
}
PUZZLES = {
    "cryptarithm": ("A=3,B=1,C=8,D=6,E=9", SUM),
    "jugs": ('["fill B", "pour B->A", "empty A", "pour B->A", "fill B", "pour B->A"]', JUGS),
    "shortest_path": ("right right down down", WAY),
}
GARBAGE = ("", "0", "xyzzy", "nan", "\0", "None", "[]", "{}", "1" * 300, "[" * 5_000, "\u0661")
KINDS = {comparison.name: data_set for data_set, comparison in COMPARISONS.items()}
"""One data set of each comparison."""
INSTALLED = installed_version() is not None


def lesson_of(data_set):
    """Return a reference and the data of a lesson of a data set."""
    if data_set in PUZZLES:
        reference, puzzle = PUZZLES[data_set]
        return reference, {"data_set": data_set, "puzzle": puzzle}
    return RIGHT.get(data_set, "42"), {"data_set": data_set}


async def finding(answer, data_set, reference=None, **puzzle):
    usual, data = lesson_of(data_set)
    check = await CHECKED.check(answer=answer, reference=reference or usual, data=data | puzzle)
    return check.finding


def test_every_data_set_that_is_taught_is_compared_and_no_other():
    assert sorted(DATA_SETS) == sorted(COMPARISONS)


@pytest.mark.parametrize("data_set", sorted(COMPARISONS))
async def test_a_reference_is_accepted_and_all_its_mutants_are_refused(data_set):
    reference, data = lesson_of(data_set)
    mutants = CHECKED.mutants(reference, data)

    assert await finding(reference, data_set) == "passed"
    assert CHECKED.changed(reference, data) == mutants[0]
    assert len(mutants) >= 2
    for mutant in mutants:
        assert await finding(mutant, data_set) == "failed", mutant


@pytest.mark.parametrize("data_set", sorted(COMPARISONS))
async def test_garbage_and_the_question_itself_are_refused(data_set):
    _, data = lesson_of(data_set)
    question = f"What comes out of 17? {data}"
    for answer in (*GARBAGE, *CHECKED.trivial(question, data)):
        assert await finding(answer, data_set) == "failed", answer


@pytest.mark.parametrize("data_set", sorted(KINDS.values()))
@given(answer=st.text(max_size=60))
def test_no_answer_makes_the_verifier_raise(data_set, answer):
    reference, data = lesson_of(data_set)
    check = asyncio.run(CHECKED.check(answer=answer, reference=reference, data=data))
    assert check.finding in ("passed", "failed")
    assert "\n" not in check.evidence


@pytest.mark.parametrize(
    ("data_set", "answer"),
    [
        ("chain_sum", "+42"),
        ("chain_sum", "042."),
        ("futoshiki", "1 2\n2 1"),
        ("futoshiki", "1 > 2\n2 1"),  # only the numbers are asked for
        ("group_anagrams", '[["nat", "tan"], ["tea", "eat"]]'),
        ("palindrome_partitioning", '[["aa"], ["a", "a"]]'),
        ("number_sorting", "[-5, 2.50, 2.5]"),
        ("mini_sudoku", "\n 1  2 \n\n2 1\n"),
        ("word_sorting", "Now,hope ,now"),
        ("cryptarithm", "E=7, D = 8, A=4, B=6, C=1"),
        ("jugs", '["fill A", "pour A->B", "fill A", "pour A->B", "empty B", "pour A->B", "fill A",'
                 ' "pour A->B"]'),
        ("shortest_path", "down down right right"),
    ],
)  # fmt: skip
async def test_another_way_to_say_what_is_right_is_accepted(data_set, answer):
    assert await finding(answer, data_set) == "passed"


@pytest.mark.parametrize(
    ("data_set", "answer"),
    [
        ("chain_sum", "42 or 17"),
        ("chain_sum", "42.0"),
        ("chain_sum", "-42"),
        ("dice", "10/12"),
        ("dice", "0.8333"),
        ("base_conversion", "2G0"),
        ("course_schedule", "true"),
        ("course_schedule", "True or False"),
        ("group_anagrams", '[["eat", "tea"], ["tan"], ["nat"]]'),
        ("group_anagrams", '[["eat", "tea"], ["tan", "nat"], []]'),
        ("palindrome_partitioning", '[["a", "a"], ["aa"], ["aa"]]'),
        ("number_filtering", "['-91.4', '-74.0', '10']"),
        ("number_filtering", "-91.4, 10, -74.0"),
        ("number_sorting", "['-5.0', '2.5']"),
        ("number_sorting", "sorted(['2.5', '-5.0', '2.5'])"),
        ("mini_sudoku", "1 2 2 1"),
        ("word_sorting", "hope, Now, now"),
        ("cryptarithm", "A=3,B=1,C=8,D=6,E=8"),
        ("cryptarithm", "A=3,B=1,C=8,D=6"),
        ("cryptarithm", "A=3,A=3,B=1,C=8,D=6,E=9"),
        ("jugs", '["fill B", "pour B->A"]'),
        ("jugs", '["fill B", "pour B->B"]'),
        ("jugs", '["No solution"]'),
        ("shortest_path", "down up right right down down"),
        ("shortest_path", "right down down right"),
        ("shortest_path", "up right right down down"),
        ("shortest_path", "infeasible"),
    ],
)
async def test_what_is_nearly_right_or_right_in_another_form_is_refused(data_set, answer):
    assert await finding(answer, data_set) == "failed"


async def test_where_there_is_no_way_only_that_is_right():
    assert await finding("infeasible", "shortest_path", "infeasible", puzzle=BLOCKED) == "passed"
    for answer in ("right right", "", "up", "infeasible infeasible"):
        assert await finding(answer, "shortest_path", "infeasible", puzzle=BLOCKED) == "failed"


async def test_a_cryptarithm_accepts_exactly_its_solutions():
    accepted = set()
    for digits in permutations("0123456789", 5):
        answer = ",".join(
            f"{letter}={digit}" for letter, digit in zip("ABCDE", digits, strict=True)
        )
        if await finding(answer, "cryptarithm") == "passed":
            accepted.add(digits)
    solutions = {
        (a, b, c, d, e)
        for a, b, c, d, e in permutations("0123456789", 5)
        if "0" not in (a, d) and int(a + b) + int(a + c) == int(d + e)
    }
    assert accepted == solutions


@pytest.mark.parametrize(
    ("reference", "data", "named"),
    [
        ("42", {}, "data_set"),
        ("42", {"data_set": "chain_summ"}, "chain_sum"),
        ("42", {"data_set": 7}, "data_set"),
        ("42", {"data_set": "chain_sum", "metadata": {}}, "metadata"),
        ("42", {"data_set": "chain_sum", "puzzle": {}}, "takes no 'puzzle'"),
        ("forty-two", {"data_set": "chain_sum"}, "forty-two"),
        ("1" * 20_000, {"data_set": "ab"}, "10000"),
        ("A=1", {"data_set": "cryptarithm"}, "needs 'puzzle'"),
        ("A=1", {"data_set": "cryptarithm", "puzzle": {"addends": ["A"], "total": "B"}}, "addends"),
        ("A=1", {"data_set": "cryptarithm", "puzzle": SUM}, "does not solve"),
        ('["No solution"]', {"data_set": "jugs", "puzzle": JUGS}, "does not solve"),
        (
            "[]",
            {"data_set": "jugs", "puzzle": {"capacities": [3, True], "target": 1}},
            "capacities",
        ),
        ("up", {"data_set": "shortest_path", "puzzle": {"rows": ["**#"]}}, "rows"),
        ("up", {"data_set": "shortest_path", "puzzle": {"rows": ["*O", "#"]}}, "rows"),
    ],
)
async def test_a_wrong_lesson_is_told_in_one_line(reference, data, named):
    with pytest.raises(VerifierError) as caught:
        await CHECKED.check(answer="1", reference=reference, data=data)
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_answer_of_several_rows_is_the_last_block_and_is_found_in_linear_time():
    text = "<answer>\n1 2\n</answer> no:\n<answer>\n2 < 1\n</answer>"
    assert extract_answer(text, ROWS_PATTERN) == "2 < 1"
    assert extract_answer("<answer>1 2", ROWS_PATTERN) is None
    started = time.process_time()
    for hostile in ("<answer>" * 25_000, "<" * 200_000, "<answer>" + "< " * 99_000):
        assert extract_answer(hostile, ROWS_PATTERN) is None
    assert time.process_time() - started < 5


# The teacher's skills and the config


def config(**written):
    student = {"kind": "chat", "model": "m", "base_url": "http://127.0.0.1:1/v1"}
    teacher = {"kind": "reasoning_gym", **written.pop("teacher", {})}
    return make_config({"teacher": teacher, "student": student} | written, name="t", folder=Path())


def test_without_a_word_all_data_sets_are_skills_but_those_that_a_guess_gets_right():
    skills = skills_of(config())
    assert {skill.name for skill in skills} == set(BY_DEFAULT)
    assert {name for name, each in DATA_SETS.items() if each.few_answers} == (
        set(DATA_SETS) - set(BY_DEFAULT)
    )
    assert {skill.verifier for skill in skills} == {"reasoning_gym"}
    assert skill_graph(skills).number_of_edges() > 5


def test_data_sets_are_chosen_by_name_and_prerequisites_only_among_them():
    skills = skills_of(config(teacher={"data_sets": ["lcm", "ransom_note"]}))
    assert [(skill.name, skill.after) for skill in skills] == [("lcm", ()), ("ransom_note", ())]


def test_skills_of_the_config_choose_among_the_data_sets_and_override_them():
    written = {"skills": [{"name": "gcd"}, {"name": "ransom_note", "levels": 2}, {"name": "lcm"}]}
    found = {skill.name: skill for skill in skills_of(config(curriculum=written))}
    assert list(found) == ["gcd", "ransom_note", "lcm"]
    assert (found["gcd"].levels, found["ransom_note"].levels) == (4, 2)
    assert found["lcm"].after == ("gcd",)


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ({"teacher": {"data_sets": ["gdc"]}}, r"\[teacher\] data_sets: 'gdc' .* mean 'gcd'"),
        ({"teacher": {"data_sets": ["gcd", "gcd"]}}, "twice"),
        ({"teacher": {"kind": "embedded", "data_sets": ["gcd"]}}, "reasoning_gym"),
        ({"curriculum": {"skills": [{"name": "codeio"}]}}, "'codeio': the teacher has no such"),
        ({"teacher": {"path": "a.csv"}}, r"\[teacher\] path: is for kind = .library"),
    ],
)
def test_a_mistake_in_the_config_is_told_with_its_key(written, named):
    with pytest.raises(ConfigError, match=named):
        skills_of(config(**written))


def test_the_student_must_be_a_model():
    with pytest.raises(ConfigError, match=r'\[student\] kind: .*set "chat"'):
        make_config({"teacher": {"kind": "reasoning_gym"}}, name="t", folder=Path())


def test_a_level_that_a_data_set_does_not_have_has_no_lessons():
    assert [capacity("gcd", level) for level in (0, 1, 4, 5)] == [0, None, None, 0]
    assert capacity("leg_counting", 1) == 80
    assert capacity("codeio", 1) == 0


@pytest.mark.skipif(INSTALLED, reason="reasoning-gym is installed")
def test_without_the_package_a_run_is_refused_in_one_line_that_names_the_remedy(tmp_path):
    with pytest.raises(ConfigError, match=r'pip install "lyceum\[reasoning_gym\]"'):
        wire(config(), LiveModels({}))
    assert Generator().pid is None


# The generator, with a package that stands for the real one

STAND_IN = '''
"""Stands for a package that is large and not ours; each data set misbehaves in its own way."""
import os, sys, time
from random import Random

class Curriculum:
    level = 1
    def increment_global_level(self):
        self.level += 1
    def generate_configuration(self, defaults):
        return {**defaults, "level": self.level}

def create_curriculum(name):
    assert name in DATASETS, name
    return Curriculum()

class DataSet:
    def __init__(self, config):
        self.config = config
    def __getitem__(self, index):
        draw = Random(self.config["seed"] + index)
        a, b = draw.randint(2, 99), draw.randint(2, 99)
        question, answer = self.item(a, b, self.config["level"])
        return {"question": question, "answer": answer, "metadata": {"solution": "SECRET"}}
    def item(self, a, b, level):
        return f"State the sum at level {level}: {a} + {b} =", str(a + b)

class Hangs(DataSet):
    def item(self, a, b, level):
        while True:
            pass

class Raises(DataSet):
    def item(self, a, b, level):
        raise ValueError("no puzzle")

class Ends(DataSet):
    def item(self, a, b, level):
        os._exit(3)

class Prints(DataSet):
    def item(self, a, b, level):
        print("noise", flush=True)
        os.write(1, b"{}\\n")
        os.write(2, b"noise\\n")
        return "What is printed?", sys.stdin.read() or "42"

class Tells(DataSet):
    def item(self, a, b, level):
        return repr(sorted(os.environ)), repr((hash("word"), os.getcwd(), sys.flags.utf8_mode))

DATASETS = {
    "chain_sum": (DataSet, None), "gcd": (Hangs, None), "lcm": (Raises, None),
    "dice": (Ends, None), "maze": (Prints, None), "ab": (Tells, None),
}
'''


@pytest.fixture
def folder(tmp_path):
    """A folder with the stand-in."""
    package = tmp_path / "stand_in" / "reasoning_gym"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "factory.py").write_text(STAND_IN)
    told = package.parent / "reasoning_gym-9.9.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: reasoning_gym\nVersion: 9.9\n")
    return package.parent


@pytest.fixture
def stand_in(folder, monkeypatch):
    monkeypatch.syspath_prepend(folder)


@contextmanager
def generating(**limits) -> Iterator[Generator]:
    generator = Generator(**limits)
    try:
        yield generator
    finally:
        generator.close()


def is_gone(pid):
    """Tell whether a process ends within ten seconds."""
    for _ in range(1_000):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True  # nobody has asked how it ended
        except OSError:
            return True
        time.sleep(0.01)
    return False


@pytest.mark.usefixtures("stand_in")
def test_the_process_starts_with_the_first_item_and_ends_with_its_handle():
    with generating() as generator:
        assert generator.pid is None
        item = generator.item("chain_sum", 2, 7)
        assert item is not None
        assert re.fullmatch(r"State the sum at level 2: \d+ \+ \d+ =", item.question)
        pid = generator.pid
    assert is_gone(pid)
    dropped = Generator()
    dropped.item("chain_sum", 1, 7)
    pid = dropped.pid
    del dropped
    assert is_gone(pid)


@pytest.mark.usefixtures("stand_in")
def test_the_package_is_not_imported_here_and_its_metadata_stays_there():
    with generating() as generator:
        assert "SECRET" not in repr(generator.item("chain_sum", 1, 7))
    assert "reasoning_gym" not in sys.modules


@pytest.mark.usefixtures("stand_in")
def test_what_the_package_prints_or_reads_disturbs_nobody(capfd):
    with generating() as generator:
        for _ in range(3):
            item = generator.item("maze", 1, 1)
            assert item is not None
            assert item.answer == "42"
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("stand_in")
def test_the_process_sees_no_variable_of_ours_and_orders_sets_always_alike(monkeypatch):
    told = set()
    for seed in ("1", "2"):
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        monkeypatch.setenv("MY_KEY", "secret")
        with generating() as generator:
            told.add(generator.item("ab", 1, 1))
    [item] = told
    assert set(ast.literal_eval(item.question)) <= {"PYTHONHASHSEED", "TZ", "LC_CTYPE"}
    assert item.answer.endswith("'/', 1)")


@pytest.mark.usefixtures("stand_in")
def test_an_item_that_hangs_is_none_and_its_process_is_killed():
    with generating(item_s=0.3) as generator:
        generator.item("chain_sum", 1, 1)
        pid = generator.pid
        assert generator.item("gcd", 1, 1) is None
        assert is_gone(pid)
        assert generator.item("chain_sum", 1, 1) is not None


@pytest.mark.usefixtures("stand_in")
def test_an_item_that_raises_is_none_and_its_process_goes_on():
    with generating() as generator:
        assert generator.item("lcm", 1, 1) is None
        pid = generator.pid
        assert generator.item("no_such_data_set", 1, 1) is None
        assert generator.item("chain_sum", 1, 1) is not None
        assert generator.pid == pid


@pytest.mark.usefixtures("stand_in")
def test_a_process_that_ends_is_started_again_and_twice_is_a_draft_that_fails():
    with generating() as generator:
        before = generator.item("chain_sum", 1, 1)
        os.kill(generator.pid, signal.SIGKILL)
        assert generator.item("chain_sum", 1, 1) == before
        with pytest.raises(DraftError, match="ended"):
            generator.item("dice", 1, 1)
        assert generator.item("chain_sum", 1, 1) == before


BUSY = """
import sys, threading
from agents.reasoning_gym.generator import Generator
generator = Generator()
generator.item("chain_sum", 1, 1)
print(generator.pid, flush=True)
generator.item("gcd", 1, 1)
"""


def test_a_killed_parent_takes_the_process_with_it_even_from_a_loop_without_end(folder):
    environment = {"PYTHONPATH": f"{ROOT}{os.pathsep}{folder}", "PATH": os.defpath}
    command = [sys.executable, "-c", BUSY]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as parent:
        pid = int(parent.stdout.readline())
        parent.kill()
    assert is_gone(pid)


# Lessons


def asked(skill, ordinal, level=1):
    return Assignment(n=ordinal, skill=skill, level=level, seed=1, ordinal=ordinal)


async def lesson(teacher, skill, ordinal, level=1):
    site = CallSite(trajectory_id="t", seed=1, role="teacher")
    return await teacher.write_lesson(asked(skill, ordinal, level), site, None)


@pytest.mark.usefixtures("stand_in")
async def test_lessons_are_drawn_without_replacement_and_the_same_in_whatever_order():
    one, other = ReasoningGymTeacher("9.9", seed=7), ReasoningGymTeacher("9.9", seed=7)
    forward = [await lesson(one, "chain_sum", n) for n in range(40)]
    backward = [await lesson(other, "chain_sum", n) for n in reversed(range(40))][::-1]

    assert forward == backward
    assert len({each.task.question for each in forward}) == 40
    elsewhere = await lesson(ReasoningGymTeacher("9.9", seed=8), "chain_sum", 0)
    assert elsewhere.task.question != forward[0].task.question


@pytest.mark.usefixtures("stand_in")
async def test_a_lesson_names_who_made_it_holds_no_metadata_and_passes_the_screen():
    made = await lesson(ReasoningGymTeacher("9.9"), "chain_sum", 0)

    assert made.made_by == "reasoning_gym@9.9/chain_sum"
    assert made.data == {"data_set": "chain_sum"}
    assert "SECRET" not in made.model_dump_json()
    assert (await screen(made, strict=True)).refused == ()


@pytest.mark.usefixtures("stand_in")
async def test_a_teacher_without_items_or_without_the_skill_says_so(monkeypatch):
    monkeypatch.setattr("agents.reasoning_gym.draws.TRIES", 20)
    teacher = ReasoningGymTeacher("9.9")
    with pytest.raises(DraftError, match="'lcm': level 1 has no lesson 0"):
        await lesson(teacher, "lcm", 0)
    with pytest.raises(DraftError, match="'lcm': no data set"):
        await lesson(teacher, "lcm", 0, level=9)
    with pytest.raises(DraftError, match="'codeio'"):
        await lesson(teacher, "codeio", 0)


@pytest.mark.usefixtures("stand_in")
def test_one_teacher_serves_event_loops_in_turn_and_in_threads():
    teacher = ReasoningGymTeacher("9.9", seed=7)
    found = {}

    def ask(name):
        found[name] = asyncio.run(lesson(teacher, "chain_sum", 3))

    ask("first")
    ask("second")
    threads = [threading.Thread(target=ask, args=(f"thread {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 6
    assert len({each.id for each in found.values()}) == 1


# A run


def command(*arguments, folder=None, cwd):
    """Run the command line, with the stand-in installed or without; return code, JSON, errors."""
    paths = [str(ROOT), *([str(folder)] if folder else [])]
    done = subprocess.run(
        [sys.executable, str(ROOT / "run.py"), *map(str, arguments), "--json"],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, json.loads(done.stdout or "null"), done.stderr


@pytest.fixture
def endpoint():
    arguments = [sys.executable, str(ROOT / "benchmarks" / "endpoint.py")]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        try:
            [address] = re.findall(r"http://\S+", process.stdout.readline())
            yield address
        finally:
            process.terminate()


def run_toml(path, address, data_sets):
    path.write_text(
        f"episodes = 16\nattempts = 2\n[teacher]\nkind = 'reasoning_gym'\ndata_sets = {data_sets}\n"
        f"[student]\nkind = 'chat'\nmodel = 'm'\nendpoint = 'e'\nbase_url = '{address}'\n"
    )
    return path


@pytest.mark.usefixtures("unmeasured")
def test_a_run_repeats_and_is_verified_and_replayed_without_the_package(folder, endpoint, tmp_path):
    path = run_toml(tmp_path / "run.toml", endpoint, ["chain_sum", "lcm"])
    digests = set()
    for db in ("one.db", "two.db"):
        code, figures, errors = command("generate", path, "--db", db, folder=folder, cwd=tmp_path)
        assert (code, figures["episodes"]) == (0, 16), errors
        digests.add(figures["dataset_digest"])
    for name in ("verify", "replay"):
        code, found, errors = command(name, "--db", "one.db", cwd=tmp_path)
        assert (code, found["disagreements"]) == (0, []), errors
        digests.add(found["dataset_digest"])

    assert len(digests) == 1
    # `lcm` makes nothing, and what was not made cannot be made again.
    assert "without a lesson" in " ".join(found["differences"])
    assert figures["reasons"].keys() == {"wrong", "screen"}


@pytest.mark.skipif(INSTALLED, reason="reasoning-gym is installed")
def test_the_command_line_refuses_without_the_package_and_writes_nothing(tmp_path):
    path = run_toml(tmp_path / "run.toml", "http://127.0.0.1:1/v1", ["chain_sum"])
    code, found, errors = command("generate", path, cwd=tmp_path)

    assert (code, found) == (2, None)
    assert "run.toml: [teacher] kind: " in errors
    assert 'pip install "lyceum[reasoning_gym]"' in errors
    assert errors.count("\n") == 1
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not INSTALLED, reason='pip install "lyceum[reasoning_gym]"')
def test_the_example_runs_with_the_package(endpoint, tmp_path):
    example = (ROOT / "examples" / "reasoning_gym.toml").read_text()
    path = tmp_path / "run.toml"
    path.write_text(re.sub(r'base_url = "[^"]+"', f'base_url = "{endpoint}"', example))
    code, figures, errors = command("generate", path, "--episodes", "12", cwd=tmp_path)

    assert (code, figures["episodes"], figures["failed"]) == (0, 12, 0), errors
    assert "screen" not in figures["reasons"]


def test_the_manual_lists_every_data_set_as_the_code_has_it_and_why_others_are_not_taught():
    page = (ROOT / "docs" / "reasoning-gym.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)` \| (\d+) \| ([^|]+) \| ([^|]+) \|$", page, re.MULTILINE)
    coded = [
        (
            name,
            str(each.levels),
            COMPARISONS[name].name,
            ", ".join(f"`{before}`" for before in each.after) or "nothing",
        )
        for name, each in DATA_SETS.items()
    ]
    assert listed == coded
    assert f"{len(coded)} of its data sets" in page
    few = [name for name, each in DATA_SETS.items() if each.few_answers]
    assert [name for name, *_ in listed[-4:]] == few
    left_out = re.findall(r"`(\w+)`", page.partition("| data sets | why |")[2].partition("\n\n")[0])
    assert len(left_out) == len(set(left_out)) == 57 - len(coded)
    assert not set(left_out) & set(DATA_SETS)

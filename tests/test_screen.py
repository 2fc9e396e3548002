"""The lesson screen: what is accepted, refused and leaked, and what becomes of bad lessons."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.screen import screen
from agents.screen.refusals import MOST
from agents.verifiers import Data, call_verifier, mutants, register, verifier
from agents.verifiers.code import CodeVerifier
from agents.verifiers.sandbox.sandbox import NoSandbox
from storage.ids import derive_seed
from storage.records import ANSWER_INSTRUCTION, ANSWER_PATTERN, WHOLE_REPLY, Check, Lesson, Task

ROOT = Path(__file__).parents[1]
FENCE = r"^```python\n([\s\S]+?)\n```$"
DOUBLE = "def double(x):\n    return 2 * x"
DOUBLING = {"entry_point": "double", "inputs": [{"int": [-50, 50]}], "examples": [[[3], 6]]}


class Plain:
    """A verifier without any of the optional members."""

    name = "screen_plain"
    version = 1

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        right = answer == reference or answer in data.get("accepts", [])
        return Check(
            verifier=self.name, finding="passed" if right else "failed", evidence=f"{answer!r:.40}"
        )

    def changed(self, reference: str, data: Data) -> str:
        return reference + "x"


class Gullible(Plain):
    """Accepts everything."""

    name = "screen_gullible"

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        return Check(verifier=self.name, finding="passed", evidence="fine")


class Strange(Plain):
    """Has the optional members, and does with them what its data says."""

    name = "screen_strange"

    def mutants(self, reference: str, data: Data) -> tuple[str, ...]:
        return given_texts("mutants", data, ("no",))

    def trivial(self, question: str, data: Data) -> tuple[str, ...]:
        return given_texts("trivial", data, ())

    def doubts(self, reference: str, data: Data) -> tuple[str, ...]:
        return given_texts("doubts", data, ())


class Drawing(Plain):
    """Remembers what it was to draw from."""

    name = "screen_drawing"
    draws = True

    def __init__(self) -> None:
        self.drawn: set[object] = set()

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        self.drawn.add(data["draw"])
        return await super().check(answer=answer, reference=reference, data=data)


def given_texts(member: str, data: Data, otherwise: object):
    """Return what the data says, or raise what it names."""
    found = data.get(member, otherwise)
    if found == "raise":
        raise IndexError("out of range")
    if found == "number":
        return 7
    return tuple(found)


PLAIN, GULLIBLE, STRANGE, DRAWING = Plain(), Gullible(), Strange(), Drawing()


@pytest.fixture(autouse=True)
def _registered():
    for each in (PLAIN, GULLIBLE, STRANGE, DRAWING):
        register(each)


def lesson(
    question: str = "How much is two and two?",
    reference: str = "4",
    verifier: str = "math",
    pattern: str = ANSWER_PATTERN,
    instruction: str = "",
    givens: dict | None = None,
    **fields: object,
) -> Lesson:
    task = Task(question=question, answer_pattern=pattern, instruction=instruction, givens=givens)
    return Lesson(
        **({"id": "l", "skill": "s", "level": 1, "made_by": "chat/m"} | fields),
        task=task,
        reference=reference,
        verifier=verifier,
    )


async def refused(lesson: Lesson) -> tuple[str, ...]:
    """Return what the strict screen refuses, after checking that the lenient one only warns."""
    strict, lenient = await screen(lesson, strict=True), await screen(lesson, strict=False)
    assert strict.warnings == ()
    assert strict.refused == (*lenient.refused, *lenient.warnings)
    assert not lenient.refused or "does not accept" in "".join(lenient.refused)
    return strict.refused


# --- the reference


async def test_a_sound_lesson_passes_without_a_word():
    assert await refused(lesson()) == ()
    assert await refused(lesson(reference="The Nile", verifier="exact")) == ()
    assert await refused(lesson(reference="Water boils.", verifier="judge")) == ()
    assert await refused(lesson(verifier="screen_plain")) == ()


@pytest.mark.parametrize(("verifier", "evidence"), [("math", "no value"), ("maths", "'math'")])
async def test_a_verifier_that_does_not_accept_its_reference_refuses_even_a_library(
    verifier, evidence
):
    bad = lesson(reference="four", verifier=verifier, made_by="library")
    lenient = await screen(bad, strict=False)
    assert len(lenient.refused) == 1
    assert evidence in lenient.refused[0]


async def test_a_reference_that_cannot_be_stated_on_the_answer_line_is_refused():
    (why,) = await refused(lesson(reference="one\ntwo", verifier="exact"))
    assert "does not accept" in why
    assert await refused(lesson(reference="one\ntwo", verifier="exact", pattern=WHOLE_REPLY)) == ()


async def test_a_reference_that_is_blank_cannot_be_stated():
    assert (
        "reference: it cannot be stated in the form that the task asks for"
        in (await screen(lesson(reference=" ", verifier="exact"), strict=False)).refused
    )


@pytest.mark.parametrize(
    "pattern",
    [
        r"^#### (.+)$",
        r"^A: (.+)$",
        r"\\boxed\{([^}]*)\}",
        r"(?i)the answer is:? *(.+?)\.?$",
        r"<answer>(.*?)</answer>",
        r"(-?[0-9]+)\s*$",
        WHOLE_REPLY,
    ],
)
async def test_a_pattern_of_the_lessons_own_finds_the_reference_in_a_usual_form(pattern):
    assert await refused(lesson(pattern=pattern)) == ()


@pytest.mark.parametrize("pattern", [r"([A-D])$", r"(?s).*", r"^Result is (.+)$"])
async def test_a_pattern_that_never_finds_the_reference_is_doubted(pattern):
    (why,) = await refused(lesson(pattern=pattern))
    assert why.startswith("answer_pattern: it finds the reference '4' in no usual form")


async def test_a_program_is_stated_in_a_code_fence():
    made = lesson("Double it: double(3) is 6.", DOUBLE, "code", FENCE, data=DOUBLING)
    assert await refused(made) == ()


@pytest.mark.parametrize("verifier", ["judge", "exact"])
async def test_an_empty_question_or_reference_is_refused(verifier):
    found = " ".join(await refused(lesson(" \n", "ok", verifier, pattern=WHOLE_REPLY)))
    assert "question: it is empty" in found
    found = " ".join(await refused(lesson("What?", "", verifier, pattern=WHOLE_REPLY)))
    assert "reference: it is empty" in found


# --- near misses and guesses


async def test_a_verifier_that_accepts_everything_is_found_out():
    near, guess = await refused(lesson(verifier="screen_gullible"))
    assert near.startswith("verifier: 'screen_gullible' does not refuse '4x', nearly the reference")
    assert guess.startswith(
        "verifier: 'screen_gullible' does not refuse '', which takes no thought"
    )


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"mutants": "raise"}, "makes no near miss of the reference to refuse: IndexError: out of"),
        ({"mutants": "number"}, "gave int, which is no tuple of texts"),
        ({"mutants": []}, "made none"),
        ({"mutants": ["a", "b"], "accepts": ["b"]}, "does not refuse 'b', nearly the reference"),
        ({"trivial": "raise"}, "cannot look at the lesson: IndexError: out of range"),
        ({"trivial": [None]}, "no tuple of texts"),
        ({"trivial": ["?"], "accepts": ["?"]}, "does not refuse '?', which takes no thought"),
        ({"doubts": ["it has no rows"]}, "reference: it has no rows"),
        ({"doubts": "raise"}, "cannot look at the lesson: IndexError"),
    ],
)
async def test_what_a_verifier_says_of_itself_is_asked_for_and_its_faults_are_findings(data, why):
    (found,) = await refused(lesson(verifier="screen_strange", data=data))
    assert why in found


async def test_every_near_miss_is_tried_up_to_a_limit():
    many = [str(n) for n in range(100, 100 + 2 * MOST)]
    late = {"mutants": many, "accepts": [many[MOST - 1]]}
    too_late = {"mutants": many, "accepts": [many[MOST]]}
    assert len(await refused(lesson(verifier="screen_strange", data=late))) == 1
    assert await refused(lesson(verifier="screen_strange", data=too_late)) == ()


@pytest.mark.parametrize(
    ("question", "reference"),
    [
        ("How many are left?", "0"),
        ("There are 1,200 of 7 kinds. How many?", "1200"),
        ("It costs 2.50 each; how much is one?", "2.5"),
    ],
)
async def test_a_reference_that_a_guess_meets_is_doubted_but_left_in_embedded_lessons(
    question, reference
):
    (why,) = await refused(lesson(question, reference))
    assert "which takes no thought" in why
    assert await refused(lesson(question, reference, made_by="embedded/quantities@1")) == ()
    assert await refused(lesson(question.replace("1,200", "1,300"), reference + "1")) == ()


async def test_constraints_that_any_text_meets_are_doubted():
    weak = {"constraints": [{"kind": "words", "at_most": 9}]}
    (why,) = await refused(lesson(reference="a word", verifier="constraints", data=weak))
    assert "does not refuse '0'" in why


@pytest.mark.parametrize("guess", ["A", "0"])
async def test_any_choice_is_as_good_a_guess_and_not_refused_for_it(guess):
    made = lesson("0 or 1?", guess, "choice", data={"choices": {"A": "0", "B": "1"}})
    assert await refused(made) == ()


async def test_a_program_that_knows_the_examples_by_heart_must_not_be_enough():
    data = {"entry_point": "double", "cases": [[[3], 6]], "examples": [[[3], 6]]}
    (why,) = await refused(lesson("Double it.", DOUBLE, "code", FENCE, data=data))
    assert why.startswith("verifier: 'code' does not refuse 'def double(")
    assert "which takes no thought" in why


async def test_a_query_without_rows_or_with_an_open_order_is_doubted():
    script = "CREATE TABLE t (a); INSERT INTO t VALUES (1), (1), (2);"
    for query, why in (
        ("SELECT a FROM t WHERE a > 9", "gives no rows"),
        ("SELECT rowid FROM t ORDER BY a LIMIT 1", "leaves the order of rows open"),
    ):
        found = await refused(lesson("Which?", query, "sql", data={"script": script}))
        assert why in "".join(found)


async def test_a_database_that_is_gone_or_is_none_refuses_even_a_library(tmp_path):
    (tmp_path / "none.db").write_text("no database")
    for name, why in (("gone.db", "cannot be read"), ("none.db", "none.db")):
        data = {"database": str(tmp_path / name)}
        bad = lesson("Which?", "SELECT 1", "sql", made_by="library", data=data)
        (found,) = (await screen(bad, strict=False)).refused
        assert why in found


async def test_what_a_verifier_draws_hangs_on_the_lesson():
    for made in (lesson(verifier="screen_drawing"), lesson(verifier="screen_drawing", id="m")):
        DRAWING.drawn.clear()
        await screen(made, strict=True)
        assert DRAWING.drawn == {derive_seed(made.id, "screen")}


async def test_where_no_sandbox_works_a_program_is_refused_with_the_reason():
    async def none():
        raise NoSandbox("no sandbox works here (landlock: no); run `python run.py doctor`")

    nowhere = CodeVerifier(none)
    nowhere.name = "screen_nowhere"
    register(nowhere)
    bad = lesson("Double it.", DOUBLE, "screen_nowhere", FENCE, data=DOUBLING)
    (why,) = (await screen(bad, strict=False)).refused
    assert "no sandbox works here (landlock: no)" in why


REFERENCES = {
    "integer": ({}, st.integers().map(str)),
    "decimal": ({"places": 2}, st.decimals(-9999, 9999, places=2).map(lambda d: f"{d:.2f}")),
    "fraction": ({}, st.fractions(-99, 99).map(lambda f: f"{f.numerator}/{f.denominator}")),
    "date": ({"formats": ["DD/MM/YYYY"]}, st.dates().map(lambda d: f"{d:%d/%m}/{d.year:04}")),
    "choice": ({"choices": ["red", "green", "red or green"]}, st.sampled_from(["red", "green"])),
    "exact": ({}, st.text("abc .é", min_size=1).filter(str.strip)),
    "sequence": (
        {"element": "integer"},
        st.lists(st.integers(0, 3)).map(lambda xs: "; ".join(map(str, xs)) or "[]"),
    ),
    "multiset": (
        {"element": "integer"},
        st.lists(st.integers(0, 3)).map(lambda xs: "; ".join(map(str, xs)) or "[]"),
    ),
    "json": (
        {"compare": True},
        st.recursive(
            st.none() | st.booleans() | st.integers(-99, 99) | st.text("ab"),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab"), inner),
            max_leaves=5,
        ).map(json.dumps),
    ),
    "constraints": (
        {"constraints": [{"kind": "case", "is_all": "lower"}, {"kind": "words", "exactly": 2}]},
        st.sampled_from(["two words", "more words"]),
    ),
}


@pytest.mark.parametrize("name", REFERENCES)
@given(data=st.data())
async def test_all_near_misses_of_all_references_are_refused(name, data):
    rules, references = REFERENCES[name]
    reference = data.draw(references)
    accepted = await call_verifier(name, answer=reference, reference=reference, data=rules)
    assert accepted.finding == "passed", accepted.evidence
    found = await mutants(name, reference, rules)
    assert len(found) > 1 or reference == "[]"
    assert verifier(name).changed(reference, rules) in found
    for near in found:
        check = await call_verifier(name, answer=near, reference=reference, data=rules)
        assert check.finding == "failed", (near, reference)


async def test_near_misses_of_claims_and_queries_are_several():
    passage = "She had 12 apples and 10 pears."
    stated = {
        "answer": "22",
        "quotes": ["12 apples and 10 pears"],
        "numbers": [{"value": "22", "from": "12 + 10"}],
    }
    grounded = {"passage": passage, "answer": "math"}
    script = "CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 2), (3, 4), (5, 6);"
    query = "SELECT a FROM t WHERE a > 1 AND b < 6 ORDER BY a"
    for name, reference, data in (
        ("grounded", json.dumps(stated), grounded),
        ("sql", query, {"script": script, "ordered": True}),
    ):
        found = await mutants(name, reference, data)
        assert len(set(found)) > 2
        for near in found:
            check = await call_verifier(name, answer=near, reference=reference, data=data)
            assert check.finding == "failed", near


# --- leaks


@pytest.mark.parametrize(
    ("question", "reference"),
    [
        ("Which river? It is the nile.", "The Nile"),
        ("Is it the  Nile?", "the Nile."),
        ("Is it the *Nile*?", "the Nile"),
        ("Is it the Ni\u200ble?", "the Nile"),
        ("Is it t\u00adh\u2060e N\ufeffile?", "the Nile"),
        ("Is it the \uff2e\uff49\uff4c\uff45?", "the Nile"),
        ("Count to 114,200 please.", "114200"),
        ("Die Hauptstadt heißt STRASSE und mehr.", "straße und"),
        ("Say tea or coffee. Tell me: coffee.", "coffee"),
        ("答案是四十二点五吗?", "四十二点五"),
        ("Write x + 12 = y + 5 again.", "x+12=y+5"),
    ],
)
async def test_a_question_that_holds_the_reference_is_a_leak(question, reference):
    (why,) = await refused(lesson(question, reference, "screen_plain"))
    assert why.startswith("question: it gives the reference away")


@pytest.mark.parametrize(
    ("question", "reference"),
    [
        ("She gives 0 of her 4 apples.", "4"),
        ("How many years from 0 to 1912?", "1912"),
        ("Is it urgent or not urgent?", "urgent"),
        ("Choose one of: red, green or blue.", "green"),
        ("Say yes if it is so.", "yes"),
        ("How much is 0.114200?", "114200"),
        ("Name the niles.", "nile"),
        ("Read niLE backwards: eliN eht.", "the Nile"),
    ],
)
async def test_what_stands_in_a_question_for_a_good_reason_is_no_leak(question, reference):
    assert await refused(lesson(question, reference, "screen_plain")) == ()


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("instruction", {"instruction": "Say 114200 at the end."}),
        ("answer_pattern", {"pattern": r"^Answer: (114200)$"}),
        ("givens", {"givens": {"apples": [3, {"sum": 114200}]}}),
        ("skill", {"skill": "sums_of_114200"}),
    ],
)
async def test_what_stands_beside_the_question_must_not_hold_the_reference_either(name, fields):
    (why,) = await refused(lesson("How many?", "114200", **fields))
    assert why == f"{name}: it gives the reference away: '114200'"


@pytest.mark.parametrize(
    ("reference", "instruction"),
    [("line", ANSWER_INSTRUCTION), ("answer", ""), ("maybe", "Say yes, no or maybe.")],
)
async def test_how_to_answer_gives_nothing_away(reference, instruction):
    made = lesson("What is it?", reference, "exact", instruction=instruction)
    assert await refused(made) == ()


async def test_a_long_phrase_of_reference_or_steps_in_the_task_is_a_leak():
    phrase = "add the first two and then double what you get at last"
    question = f"Work it out: {phrase.upper()}. What is it?"
    for leaky in (
        lesson(question, f"You {phrase} and stop.", "judge"),
        lesson(question, "12", steps=("no", phrase)),
        lesson("How much?", "12", steps=("no", phrase), instruction=f"First {phrase}."),
        lesson(question.replace("two", "t\u200bwo"), "12", steps=(phrase,)),
    ):
        (why,) = await refused(leaky)
        assert "holds words of the reference or its steps" in why
    assert await refused(lesson(question, "12", steps=("add the first two and then rest",))) == ()


async def test_words_of_the_code_that_a_task_gives_are_no_leak():
    given = (
        "def double(x):\n    '''Return twice the number that is handed to it, whatever it is.'''"
    )
    whole = f"{given}\n    return 2 * x"
    data = {"entry_point": "double", "inputs": [{"int": [1, 50]}]}
    leaky = lesson(f"Complete:\n{given}", whole, "code", FENCE, data=data)
    assert "holds words of the reference" in "".join(await refused(leaky))
    fair = lesson(f"Complete:\n{given}", whole, "code", FENCE, data={**data, "prelude": given})
    assert await refused(fair) == ()


async def test_an_embedded_lesson_may_ask_to_pick_the_answer_out_of_the_question():
    made = lesson("Which comes last: apple, pear?", "pear", "exact", made_by="embedded/p@1")
    assert await refused(made) == ()
    assert await refused(made.model_copy(update={"made_by": "library"})) != ()


@pytest.mark.parametrize(
    "question",
    [
        "a" * 1_000_000,
        "a " * 500_000,
        "\u200b" * 1_000_000,
        "é" * 1_000_000,
        "7," * 500_000,
        "四" * 1_000_000,
        "? " * 500_000,
        "aaaa\x00" * 200_000,
        "\ufdfa" * 1_000_000,
    ],
)
@pytest.mark.no_cover
async def test_a_question_of_a_megabyte_is_looked_through_in_a_few_seconds(question):
    made = lesson(question, "a" * 20_000 + " b", "judge", steps=("a " * 20_000 + "b",))
    start = time.process_time()
    await screen(made, strict=True)
    assert time.process_time() - start < 15


async def test_a_leak_at_the_end_of_a_megabyte_is_found():
    made = lesson("so. " * 249_000 + "It is the Nile.", "the Nile", "judge")
    (why,) = await refused(made)
    assert "gives the reference away" in why


@pytest.mark.parametrize(
    ("question", "fault"), [("a\u0301" + "\u0301" * 99, "combining"), ("a" * 1_000_001, "longer")]
)
async def test_a_task_that_cannot_be_looked_through_is_doubted(question, fault):
    (why,) = await refused(lesson(question, "four", "judge"))
    assert why.startswith("task: it cannot be read for leaks")
    assert fault in why


# --- bad lessons, from file to exit code

CONFIG = """
attempts = 1
[teacher]
kind = "library"
path = "lessons.jsonl"
question = "q"
reference = "a"
verifier = "{verifier}"
answer_pattern = '(?s)\\A(.*)\\Z'
data = {{ {columns} }}
[student]
kind = "chat"
model = "nobody"
base_url = "http://127.0.0.1:9/v1"
"""


def run_py(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "run.py"), *arguments],
        cwd=folder,
        env={**os.environ, "COLUMNS": "300"},
        text=True,
        capture_output=True,
        timeout=120,
        check=False,
    )


def configured(folder: Path, verifier: str, rows: list[dict[str, object]]) -> None:
    """Write a library and its RUN.toml."""
    columns = sorted({key for row in rows for key in row} - {"q", "a"})
    told = ", ".join(f'{column} = "{column}"' for column in columns)
    (folder / "run.toml").write_text(CONFIG.format(verifier=verifier, columns=told))
    (folder / "lessons.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


BAD = [
    (
        "code",
        [
            {"q": "Double.", "a": DOUBLE, "entry_point": "double", "tests": tests}
            for tests in ("def check(candidate):\n    assert candidate(2) == 5", "nonsense(")
        ],
        "does not accept it: ",
    ),
    (
        "code",
        [{"q": "Double.", "a": DOUBLE, "entry_point": "twice", "cases": [[[2], 4]]}],
        "'twice'",
    ),
    (
        "sql",
        [
            {"q": "Which?", "a": "SELECT b FROM t", "script": "CREATE TABLE t (a)"},
            {"q": "What?", "a": "SELECT a FROM t", "script": "CREATE TABEL t (a)"},
        ],
        "VerifierError: ",
    ),
    ("decimal", [{"q": "How much?", "a": "0.5", "places": "two"}], "'places' must be"),
]


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize(("verifier", "rows", "why"), BAD)
def test_bad_lessons_of_a_library_are_refused_stored_and_counted(verifier, rows, why, tmp_path):
    configured(tmp_path, verifier, rows)
    made = run_py(tmp_path, "generate", "run.toml", "--json")
    figures = json.loads(made.stdout)
    assert made.returncode == 1, made.stderr
    assert (figures["episodes"], figures["rejected"]) == (len(rows), len(rows))
    assert figures["reasons"] == {"screen": len(rows)}
    assert "the screen refused every lesson" in made.stderr
    shown = json.loads(run_py(tmp_path, "inspect", "0", "--json").stdout)
    assert (shown["reason"], shown["attempts"]) == ("screen", [])
    assert shown["findings"][0].startswith("reference: the verifier")
    assert why in shown["findings"][0]
    assert json.loads(run_py(tmp_path, "verify", "--json").stdout)["disagreements"] == []


@pytest.mark.parametrize(
    ("verifier", "row", "why"),
    [
        ("maths", {"q": "1 + 1?", "a": "2"}, "did you mean 'math'?"),
        ("sql", {"q": "Which?", "a": "SELECT 1", "database": "gone.db"}, "gone.db"),
    ],
)
def test_what_can_be_told_from_the_config_and_its_file_is_an_error_before_anything_is_made(
    verifier, row, why, tmp_path
):
    configured(tmp_path, verifier, [row])
    made = run_py(tmp_path, "generate", "run.toml")
    assert made.returncode == 2
    assert why in made.stderr
    assert not (tmp_path / "lyceum.db").exists()

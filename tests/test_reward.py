"""The reward function for trainers: what it finds is what the critic found."""

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.chat.replies import split_thinking
from agents.critic import ProgramCritic
from agents.reward import AT_ONCE, reward
from agents.verifiers import Data, register
from agents.verifiers.sandbox import sandbox
from agents.verifiers.sandbox.sandbox import NoSandbox
from storage.canonical import canonical
from storage.queries import Reader
from storage.records import (
    ANSWER_PATTERN,
    WHOLE_REPLY,
    Attempt,
    CallSite,
    Check,
    Lesson,
    Task,
    Trajectory,
)

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = "CREATE TABLE t (a INTEGER, b TEXT); INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, 'z');"
DOUBLE = "def double(n):\n    return 2 * n\n"
CASES = {"entry_point": "double", "cases": [[[1], 2], [[5], 10]]}
CODE = r"```python\n([\s\S]*?)```"
RIGHT_AND_WRONG: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("exact", "north", {}, "north", "south"),
    ("math", "1/2", {}, "0.5", "0.6"),
    ("integer", "1204", {}, "1,204", "1205"),
    ("decimal", "2.50", {"places": 2}, "2.50", "2.51"),
    ("fraction", "3/4", {}, "6/8", "3/5"),
    ("date", "29 February 2024", {"formats": ["D MMMM YYYY"]}, "29 February 2024", "1 March 2024"),
    ("choice", "B", {"choices": {"A": "red", "B": "blue"}}, "B", "A"),
    ("sequence", "1, 2, 3", {}, "1, 2, 3", "1, 3, 2"),
    ("multiset", "1, 2, 2", {}, "2, 1, 2", "1, 2"),
    ("json", '{"a": [1, 2]}', {"compare": True}, '{ "a":[1,2] }', '{"a": [2, 1]}'),
    ("sql", "SELECT a FROM t WHERE a > 1", {"script": SCRIPT}, "SELECT a FROM t WHERE a >= 2",
     "SELECT a FROM t"),
]  # fmt: skip
"""Verifier, reference, data, a right answer and a wrong one."""


def lessons(count: int, **fields: object) -> dict[str, list[Any]]:
    """Return the columns of a lesson, once for each of so many attempts."""
    usual = {
        "reference": "4",
        "verifier": "math",
        "data": "{}",
        "answer_pattern": ANSWER_PATTERN,
        "lesson_id": "l",
    }
    return {name: [value] * count for name, value in (usual | fields).items()}


def messages(text: object, **fields: object) -> list[dict[str, object]]:
    return [{"role": "assistant", "content": text} | fields]


@pytest.mark.parametrize(
    ("verifier", "reference", "data", "right", "wrong"),
    RIGHT_AND_WRONG,
    ids=[row[0] for row in RIGHT_AND_WRONG],
)
def test_every_verifier_gives_one_or_zero(
    verifier: str, reference: str, data: dict[str, Any], right: str, wrong: str
) -> None:
    texts = [f"I think.\nAnswer: {right}", f"Answer: {wrong}", "I do not know."]
    known = {"reference": reference, "verifier": verifier}

    for given_as in (data, json.dumps(data)):
        columns = lessons(3, **known, data=given_as)
        assert reward(texts, **columns) == [1.0, 0.0, 0.0]
        assert reward([messages(text) for text in texts], **columns) == [1.0, 0.0, 0.0]


def test_programs_run_in_the_sandbox() -> None:
    try:
        asyncio.run(sandbox())
    except NoSandbox as error:
        pytest.skip(str(error))
    texts = [f"```python\n{body}```" for body in (DOUBLE, DOUBLE.replace("2 * n", "n + 1"))]
    columns = lessons(
        2, verifier="code", reference=DOUBLE, data=json.dumps(CASES), answer_pattern=CODE
    )

    assert reward(texts, **columns) == [1.0, 0.0]


def test_rows_of_many_lessons_keep_their_order() -> None:
    rows = [row for row in RIGHT_AND_WRONG for _ in range(2)] * 10
    texts = [f"Answer: {row[3 + n % 2]}" for n, row in enumerate(rows)]
    columns = lessons(0) | {
        "verifier": [row[0] for row in rows],
        "reference": [row[1] for row in rows],
        "data": [json.dumps(row[2]) for row in rows],
        "answer_pattern": [ANSWER_PATTERN] * len(rows),
        "lesson_id": [f"l{n // 2}" for n in range(len(rows))],
    }
    assert len(rows) > AT_ONCE

    assert reward(texts, **columns) == [1.0, 0.0] * (len(rows) // 2)


def test_nothing_is_nothing() -> None:
    assert reward([], **lessons(0)) == []


async def test_it_works_where_a_loop_is_running() -> None:
    assert asyncio.get_running_loop().is_running()
    assert reward(["Answer: 4", "Answer: 5"], **lessons(2)) == [1.0, 0.0]


def test_trainers_may_pass_on_whatever_else_they_have() -> None:
    found = reward(
        completions=[messages("Answer: 4")],
        prompts=[[{"role": "user", "content": "2 + 2?"}]],
        completion_ids=[[1, 2]],
        id=["t"],
        solve_rate=[0.5],
        reward=[None],
        trainer_state=object(),
        log_extra=print,
        **lessons(1),
    )

    assert found == [1.0]


def test_lists_of_differing_length_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        reward(["Answer: 4", "Answer: 5"], **lessons(1))


@pytest.mark.parametrize(
    "fields",
    [
        {"verifier": "judge"},
        {"verifier": "maths"},
        {"data": "{"},
        {"data": "[1]"},
        {"data": "[" * 100_000},
        {"data": '{"unknown": 1}', "verifier": "sql"},
        {"answer_pattern": "("},
        {"reference": "no number", "verifier": "integer"},
    ],
    ids=str,
)
def test_what_nobody_can_decide_is_none_and_not_zero(fields: dict[str, object]) -> None:
    assert reward(["Answer: 4"], **lessons(1, **fields)) == [None]


def test_where_a_judge_would_be_asked_saying_nothing_earns_nothing() -> None:
    texts = ["", "Thought process:", "Because it is warm."]

    assert reward(texts, **lessons(3, verifier="judge")) == [0.0, 0.0, None]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("<think>Answer: 5</think>Answer: 4", 1.0),
        ("<think>Answer: 4</think>Answer: 5", 0.0),
        ("<think>Answer: 4", 0.0),
        ("Answer: 4</think>I give up.", 0.0),
        (messages("<think>Answer: 5\n</think>\n\nAnswer: 4"), 1.0),
        (messages("Answer: 4", reasoning_content="Answer: 5"), 1.0),
        (messages("I give up.", reasoning_content="Answer: 4"), 0.0),
        (messages([{"type": "text", "text": "Answer: "}, {"type": "text", "text": "4"}]), 1.0),
        ([*messages("Answer: 5"), *messages("Answer: 4")], 1.0),
        ([*messages("Answer: 5"), {"role": "tool", "content": "Answer: 4"}], 0.0),
        ([{"role": "tool", "content": "Answer: 4"}], 0.0),
        (messages(None), 0.0),
        ([], 0.0),
        ("Answer: 4\nAnswer: 5", 0.0),
    ],
    ids=str,
)
def test_only_what_a_student_says_in_the_end_counts(written: Any, expected: float) -> None:
    assert reward([written], **lessons(1)) == [expected]


HOSTILE = [
    "\ud800Answer: \udfff",
    "Answer: \x00",
    "Answer: " + "9" * 5_000,
    "Answer: " + "(" * 2_000,
    "Answer: 1e999999999",
    "Answer: __import__('os').system('true')",
    "Answer: 4" + "\nAnswer:" * 50_000,
    "Answer: \u202e4\U0001f600",
    "<think>" * 10_000,
    "Answer: '; DROP TABLE t; --",
]


@pytest.mark.parametrize("row", RIGHT_AND_WRONG, ids=[row[0] for row in RIGHT_AND_WRONG])
def test_hostile_text_earns_nothing_and_raises_nothing(row: tuple[Any, ...]) -> None:
    verifier, reference, data = row[:3]
    columns = lessons(len(HOSTILE), verifier=verifier, reference=reference, data=json.dumps(data))

    assert set(reward(HOSTILE, **columns)) <= {0.0, None}


TEXTS = st.text("Answer: 45\n<think>/ (\x00\ud800\U0001f600", max_size=40)
PARTS = st.dictionaries(st.sampled_from(["type", "text"]), TEXTS | st.none())
CONTENT = st.none() | st.integers() | TEXTS | st.lists(TEXTS | PARTS, max_size=3)
ROLES = st.sampled_from(["assistant", "user", "tool"])
MESSAGES = st.lists(
    st.fixed_dictionaries({}, optional={"role": ROLES, "content": CONTENT}), max_size=3
)


@given(TEXTS | MESSAGES)
def test_whatever_a_trainer_hands_over_has_a_reward(written: Any) -> None:
    assert reward([written], **lessons(1, verifier="exact")) in ([1.0], [0.0])


class Drawn:
    """A verifier that passes what it draws, so that a test can see what that was."""

    name = "reward_drawn"
    version = 1
    draws = True

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        drawn.append(data["draw"])
        return Check(verifier=self.name, finding="passed", evidence="")

    def changed(self, reference: str, data: Data) -> str:
        return ""


drawn: list[Any] = []
register(Drawn())


def test_what_is_drawn_hangs_on_the_lesson_and_the_attempt() -> None:
    texts = ["Answer: 4", "Answer: 4", "So: \nAnswer: 4", "Answer: 4"]
    columns = lessons(4, verifier="reward_drawn") | {"lesson_id": ["l", "l", "l", "other"]}

    drawn.clear()
    reward(texts, **columns)

    assert sorted(Counter(drawn).values()) == [1, 1, 2]


class Raises(Drawn):
    """A verifier of an app that has a fault."""

    name = "reward_raises"

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        raise RuntimeError("broken")


register(Raises())


def test_a_verifier_that_raises_decides_nothing() -> None:
    columns = lessons(2) | {"verifier": ["reward_raises", "math"]}

    assert reward(["Answer: 4", "Answer: 4"], **columns) == [None, 1.0]


@pytest.mark.parametrize(
    "text", ["Answer: 4", "Answer: 5", "4", "", "Answer: x", "<think>hm</think>Answer: 4"]
)
@pytest.mark.parametrize("verifier", ["math", "exact", "judge", "maths"])
async def test_it_is_the_reward_of_the_critics_verdict(verifier: str, text: str) -> None:
    task = Task(question="2 + 2?")
    lesson = Lesson(
        id="l", skill="s", level=1, task=task, reference="4", verifier=verifier, made_by="m"
    )
    said, thought = split_thinking(text)
    answer = said.removeprefix("Answer: ") if said.startswith("Answer: ") else None
    attempt = Attempt(
        id="a", trajectory_id="t", lesson_id="l", idx=0, text=said, reasoning=thought,
        answer=answer, made_by="m",
    )  # fmt: skip
    site = CallSite(trajectory_id="t", seed=1, role="critic")

    verdict = await ProgramCritic().judge(lesson, attempt, site, None)

    assert reward([text], **lessons(1, verifier=verifier)) == [verdict.reward]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, unmeasured: None) -> list[Trajectory]:
    """The trajectories of a small embedded run."""
    db = tmp_path_factory.mktemp("run") / "lyceum.db"
    done = subprocess.run(
        [sys.executable, str(ROOT / "run.py"), "generate", "--episodes", "150", "--db", str(db)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with Reader.open(db) as reader:
        return list(reader.stream(reader.latest_run().id))


def test_attempts_of_a_run_earn_what_their_verdicts_say(run: list[Trajectory]) -> None:
    rows = [
        (whole.lesson, attempt, verdict)
        for whole in run
        if whole.lesson
        for attempt, verdict in zip(whole.attempts, whole.verdicts, strict=True)
    ]
    columns: dict[str, list[Any]] = {
        "reference": [lesson.reference for lesson, _, _ in rows],
        "verifier": [lesson.verifier for lesson, _, _ in rows],
        "data": [canonical(lesson.data) for lesson, _, _ in rows],
        "answer_pattern": [lesson.task.answer_pattern for lesson, _, _ in rows],
        "lesson_id": [lesson.id for lesson, _, _ in rows],
    }

    found = reward([attempt.text for _, attempt, _ in rows], **columns)

    assert found == [verdict.reward for _, _, verdict in rows]
    assert {0.0, 1.0} == set(found)
    assert {"exact", "math", "sql"} <= set(columns["verifier"])  # code, where a sandbox holds


def test_it_loads_no_trainer_and_no_graph() -> None:
    code = "import sys, agents.reward; print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.defpath, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = set(done.stdout.split())
    assert "agents" in loaded
    assert not loaded & {"torch", "trl", "transformers", "datasets", "langgraph", "langchain_core"}


def test_a_whole_reply_may_be_the_answer() -> None:
    columns = lessons(2, verifier="exact", reference="so be it", answer_pattern=WHOLE_REPLY)

    assert reward(["so be it", "  "], **columns) == [1.0, 0.0]

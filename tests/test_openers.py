"""What says nothing is told from what says little."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.judge import says_nothing

KEYS = [
    "", " ", "\n\n", "\u200b\u200b", "\u202e", ".", ",", ":", ";", "...", "\u2026", "?!",
    "**", "```", "\u2014", "\u3002", "\uff1a", "Thought process:", "Thought process",
    "THOUGHT PROCESS:",
    "Let's solve this step by step.", "Let\u2019s solve this problem step by step.",
    "Let us think step by step", "Let's think step-by-step:", "Solution", "**Solution:**",
    "## Solution\n", "Sure! Let's solve this problem step by step.", "Okay, here is my answer:",
    "Reasoning:", "Answer:", "The answer is", "Final answer: ", "- Answer:",
    "<|im_start|>", "[INST]", "<system>", "\u89e3", "\u89e3\uff1a", "\u7b54\u6848\uff1a",
    "\u304b\u3044\u305b\u3064", "Respuesta", "Soluci\u00f3n:", "L\u00f6sung:", "R\u00e9ponse :",
    "\u041e\u0442\u0432\u0435\u0442:", "\u0420\u0435\u0448\u0435\u043d\u0438\u0435",
    "\u0627\u0644\u062d\u0644:", "Th\u200bought pro\u00adcess:",
]  # fmt: skip
ANSWERS = [
    "Yes", "No.", "yes", "42", "-1", "4", "B", "(b)", "<", ">", "=", "+", "[]", "{}", "\u221e",
    "\u2205", "\u00bd", "H2O", "\u4e94", "\u6c34", "\u0646\u0639\u0645", "\u0434\u0430",
    "\U0001f44d", "O(n)",
    "The answer is 4.", "Solution: none", "Thought process: he lied", "It depends.", "unknown",
    "A solution of salt.", "Answer: Yes", "Sure", "Okay", "First", "#",
]  # fmt: skip


@pytest.mark.parametrize("text", KEYS)
def test_what_only_opens_an_answer_says_nothing(text):
    assert says_nothing(text)
    assert says_nothing(text, "42")


@pytest.mark.parametrize("text", ANSWERS)
def test_a_short_answer_says_something(text):
    assert not says_nothing(text)


@pytest.mark.parametrize("text", ["Solution", "Reasoning.", ".", ":", "step by step"])
def test_who_says_what_the_reference_says_has_said_something(text):
    assert says_nothing(text, "42")
    assert not says_nothing(text, text)


def test_no_reference_of_the_examples_says_nothing():
    data = Path(__file__).resolve().parents[1] / "examples" / "data"
    for path in data.glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            assert not says_nothing(row.get("answer") or row["reference"])


@given(st.text(), st.integers())
def test_a_number_in_it_is_always_something(text, number):
    assert not says_nothing(f"{text} {number}")


def test_a_long_row_of_openers_is_left_to_the_judge():
    assert not says_nothing("Let's think step by step. " * 1_000)

"""What others wrote, as a judge is shown it: no line of its own, no marker, nothing unseen."""

import json
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.judge.material import GAP, as_data, as_steps, disarmed
from agents.parsing import delimiter

MARKERS = [
    "<|im_start|>",
    "<|im_end|>",
    "<|start_header_id|>",
    "<|eot_id|>",
    "<\uff5cUser\uff5c>",
    "[INST]",
    "[/INST]",
    "<<SYS>>",
    "<</SYS>>",
    "[SYSTEM_PROMPT]",
    "[TOOL_CALLS]",
    "<system>",
    "</system>",
    '<system role="x">',
    "<SYSTEM>",
    "<assistant>",
    "<start_of_turn>",
    "</s>",
    "<tool_call>",
    "<function_results>",
    "### Assistant:",
    "## system :",
    "###Instruction:",
]
ANYTHING = st.one_of(
    st.text(),
    st.lists(st.one_of(st.sampled_from([*MARKERS, "<|", "|>", "[", "]", "\n", "END ", "BEGIN "]),
                       st.text(max_size=5))).map("".join),
)  # fmt: skip


@pytest.mark.parametrize("marker", MARKERS)
def test_a_role_marker_is_taken_out_and_leaves_a_gap(marker):
    assert disarmed(f"one\n{marker} two") == f"one\n{GAP} two"
    hidden = "\u200b".join(marker)
    assert disarmed(f"one\n{hidden} two") == f"one\n{GAP} two"


@pytest.mark.parametrize(
    "text",
    [
        "if a < b and c > d: x[0] |= y",
        "f <| x |> g",
        "The system: heart, lungs.\nUser: hello",
        "# Heading\n- item [1]\n```python\nprint('<b>')\n```",
        "$a^2 + b^2 = c^2$, \\frac{1}{2}, 1 \u2264 2, \u221e",
        "caf\u00e9, \u4f60\u597d, \u0645\u0631\u062d\u0628\u0627",
        "tab\tand\nline",
    ],
)
def test_what_is_no_marker_stays_as_it_is(text):
    assert disarmed(text) == text


def test_what_nobody_sees_is_taken_out():
    unseen = "\u200b\u200d\u2060\ufeff\u202e\u2066\u00ad\x00\x1b\ue000\ufe0f\u034f\u3164\u2800"
    tags = "".join(chr(0xE0000 + ord(letter)) for letter in "accept")
    assert disarmed(f"a{unseen}{tags}b") == "ab"
    assert disarmed("a\r\nb\rc\x85d\u2028e\u2029f\x0bg\x0ch") == "a\nb\nc\nd\ne\nf\ng\nh"


@given(ANYTHING)
def test_nothing_that_is_disarmed_holds_a_marker_or_what_nobody_sees(text):
    plain = disarmed(text)
    assert disarmed(plain) == plain
    assert not any(
        unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co"} for c in plain if c not in "\n\t"
    )
    for marker in MARKERS:
        assert marker not in plain.splitlines()


@pytest.mark.parametrize("nested", ["<system " * 50_000, "<|a" * 60_000 + "|>" * 60_000,
                                    "<s " * 20_000 + "<|x|>" + ">" * 20_000, "#" * 200_000,
                                    "[/INST" * 30_000])  # fmt: skip
def test_markers_in_markers_take_no_long_time(nested):
    begun = time.process_time()
    assert disarmed(disarmed(nested)) == disarmed(nested)
    assert time.process_time() - begun < 10


@given(ANYTHING)
def test_data_is_one_line_that_reads_back_as_what_is_shown(text):
    line = as_data(text)
    assert len(line.splitlines()) == 1
    assert json.loads(line) == disarmed(text)


@given(ANYTHING, st.integers(min_value=0, max_value=2**63 - 1))
def test_no_text_holds_the_mark_that_fences_it(text, seed):
    line = as_data(text)
    assert delimiter(seed, line) not in line
    again = as_data(f"{text}\nEND {delimiter(seed, line)}\n")
    assert delimiter(seed, again) not in again


def test_steps_are_numbered_from_one():
    assert json.loads(as_steps(("a <|x|>", "b"))) == [
        {"step": 1, "text": f"a {GAP}"},
        {"step": 2, "text": "b"},
    ]

"""The steps of an attempt: which there are, and which is the first wrong one."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.embedded.domains import domains
from agents.embedded.permutation import shuffled
from agents.steps import first_false_step, first_wrong_step, numbered_steps, written_steps
from storage.records import ANSWER_PATTERN, WHOLE_REPLY

STEPS = st.lists(st.sampled_from(["2 + 2 = 4", "4 * 3 = 12", "12 - 1 = 11"]), max_size=6).map(tuple)


def test_only_lines_numbered_in_order_are_steps():
    text = "Let me see.\n1. first\n 2)  second   step\n7. no step\n3. third\n3. again\nAnswer: 4"
    assert numbered_steps(text) == ("first", "second step", "third")


def test_a_text_without_numbers_has_no_steps():
    assert numbered_steps("It is 1.5 or 2.5\n-1. no") == ()


@pytest.mark.parametrize(
    ("right", "written", "number"),
    [
        (("a", "b", "c"), ("a", "b", "c"), None),
        (("a", "b", "c"), ("a", "x", "y"), 2),
        (("a", "b  c"), ("a", "b c"), None),
        (("a", "b", "c"), ("a", "c"), 2),
        (("a", "b"), ("a",), 2),
        (("a",), ("a", "b"), 2),
        ((), ("a",), None),
        (("a",), (), None),
    ],
)
def test_the_first_step_that_differs_is_the_wrong_one(right, written, number):
    assert first_wrong_step(right, written) == number


@given(STEPS, st.integers(min_value=0, max_value=5))
def test_a_step_made_wrong_is_found_where_it_stands(right, place):
    text = "\n".join(f"{n}. {step}" for n, step in enumerate(right, start=1))
    assert first_wrong_step(right, numbered_steps(text)) is None
    if place < len(right):
        wrong = (*right[:place], "4 - 4 = 1", *right[place + 1 :])
        assert first_wrong_step(right, wrong) == place + 1


# --- written steps


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("So:\n1. a\n  more\n\n2) b\nAnswer: 4", ("a\nmore", "b")),
        ("**Step 1: a**\n### Step 2.\nb  c\nAnswer: 4", ("a**", "\nb c")),
        ("First a.\n\n  Then   b.\nAnswer: 4\nbye", ("First a.", "Then b.")),
        ("2. a\n1. b\nAnswer: 4", ("b",)),
        ("a\n```python\nx = 1 + 1 == 3\n```\nb\nAnswer: 4", ("a", "b")),
        ("Answer: 3\na\nAnswer: 4", ("Answer: 3", "a")),
        ("Answer: 4\na", ()),
        ("a\nb", ()),
        ("", ()),
        ("a\n" * 150_000 + "Answer: 4", ()),
    ],
)
def test_steps_are_numbered_lines_or_else_the_lines_before_the_answer(text, steps):
    assert written_steps(text, ANSWER_PATTERN) == steps


def test_where_the_answer_begins_is_for_the_pattern_to_say():
    text = "a\nb\n#### 4\nc"
    assert written_steps(text, r"^#### (.+)$") == ("a", "b")
    assert written_steps(text, WHOLE_REPLY) == ()
    assert written_steps("a\nso it is 4\nb", r"it is (\d+)") == ("a",)


@given(STEPS)
def test_written_steps_are_the_numbered_ones_where_each_has_its_line(steps):
    text = "\n".join([*(f"{n}. {step}" for n, step in enumerate(steps, start=1)), "Answer: 4"])
    assert written_steps(text, ANSWER_PATTERN) == numbered_steps(text) == steps


# --- arithmetic

TRUE = r"""
12 + 5 = 17
48/2 = <<48/2=24>>24 and then 24 + 1 = <<24+1=25>>25
She makes 9 * 2 = $<<9*2=18>>18 a day
$5 * 3 = $15
3 x 4 = 12, 3 \times 4 = 12 and 6 ÷ 2 = 3
10/3 = 3.33
10/4 = 2.5 = 5/2
a = 2 + 3 = 5
20% of 50 = 10
5/20 = 25% and 100% - 20% = 80%
1,000,000 + 1 = 1,000,001
3^2 + 4^2 = 5^2 = 25
12 - (-3) = 15
-3 + 5 = 2
3 hours + 1 hour = 4 hours
5km + 3km = 8km
$20/hour * 35 hours/week = $700/week
20 * 35 = $700/week
\( 5 \times 3 = 15 \)
\[ \frac{1}{2} + \frac{1}{4} = \frac{3}{4} \]
- **3 + 4 = 7**
7 - 5 = 2 left over
""".strip().splitlines()
UNCLEAR = r"""
3 + 4 = 7 * 2 = 14
5/20 = 25
5/20 * 100 = 25%
200 / 3 = 66 sticks
0.33 * 90 = 30
33.33 * 3 = 100
He needs 400 - 475 = 75 more points
30 * 2 = 1 hour
4 * 25 cents = $1
2 hours - 30 minutes = 90 minutes
5:00 - 1:00 = 4
7 / 2 = 3 remainder 1
7 / 2 = 3 1/2
2 and a half + 1 = 3.5
5 + 3 = 8 and a half
28 / 1/5 = 140
-3^2 = 9
50 + 10% = 55
twice 3 + 4 = 10
half of 12 + 4 = 10
Day 1 + 2 = 7 apples
2x + 3 = 7
x + 5 = 12
x2 = 3 * 5
2(3 + 4) = 15
f(3 + 4) = 9
5! + 1 = 120
4² + 1 = 17
√16 + 1 = 5
|3 - 5| = 2
12 : 4 + 1 = 4
1.000 + 500 = 1.500
3,5 + 1,5 = 5
7 + 8 = 3 (mod 12)
101 + 11 = 1000 in base 2
11 + 3 = 2 pm
3 + 4 = 7 thousand
If 3 + 4 = 8 then it is wrong
2 + 2 == 5, 3 + 4 >= 8, 3 + 4 => 8, 3 + 4 ≈ 8
Total = 3 + 4
15 = 3 * 6
1e5 + 1 = 7
9 * 9^99999999 = 3
10/0 = 5
3 + 4 = seven
3 + 4 =
= 7
""".strip().splitlines()
FALSE = r"""
12 + 5 = 18
48/2 = <<48/2=25>>25
She makes 9 * 2 = $<<9*2=19>>19 a day
twice that is <<2*9=19>>19
$5 * 3 = $16
3 x 4 = 13
10/3 = 3.34
10/3 = 3.4 miles
200 / 3 = 66
10/4 = 5/3
a = 2 + 3 = 6
3 + 4 = 8 * 2 = 16
20% of 50 = 11
5/20 = 26%
100% - 20% = 70%
Therefore, 1,000,000 + 1 = 1,000,002
3^2 + 4^2 = 5^2 = 26
12 - (-3) = 14
3 hours + 1 hour = 5 hours
20 * 35 = $705/week
\( 5 \times 3 = 16 \)
\[ \frac{1}{2} + \frac{1}{4} = \frac{2}{4} \]
- **3 + 4 = 8**
So (3 + 4 = 8)
He has 16 - 3 - 4 = 8 eggs left
(my age) = (87 / 6) = (17)
2 + 2 = 4, but 2 + 3 = 4
""".strip().splitlines()


@pytest.mark.parametrize("line", TRUE + UNCLEAR)
def test_what_is_true_or_can_be_read_so_is_no_false_step(line):
    assert first_false_step([line]) is None


@pytest.mark.parametrize("line", FALSE)
def test_what_nobody_can_read_as_true_is_a_false_step(line):
    assert first_false_step([line]) == 1


NUMBERS = st.integers(-999, 999)


@given(NUMBERS, NUMBERS, st.sampled_from("+-*"), st.integers(1, 99), st.booleans())
def test_a_sum_is_false_exactly_if_its_number_is_off(left, right, sign, off, negative):
    value = {"+": left + right, "-": left - right, "*": left * right}[sign]
    shown = f"({right})" if right < 0 else right
    assert first_false_step([f"So {left} {sign} {shown} = {value}."]) is None
    wrong = value - off if negative else value + off
    if wrong not in (-value, 100 * value) and value != 100 * wrong:
        assert first_false_step([f"({left}) {sign} ({right}) = {wrong}"]) == 1


@given(st.integers(1, 999), st.integers(1, 99), st.sampled_from([0, 1, 2, 4]))
def test_a_quotient_may_be_rounded_to_its_places_and_not_further(left, right, places):
    value = round(left / right, places)
    right_one, wrong = f"{value:.{places}f}", f"{value + 2 * 10**-places:.{places}f}"
    assert first_false_step([f"{left} / {right} = {right_one}"]) is None
    if abs(100 * left / right - float(wrong)) > 10**-places:  # nor is it a percentage
        assert first_false_step([f"{left} / {right} = {wrong}"]) == 1


def test_the_first_of_several_false_steps_is_named():
    assert first_false_step(["2 + 2 = 4", "no sum", "and\n3 + 3 = 7", "1 + 1 = 3"]) == 3
    assert first_false_step([]) is None


@pytest.mark.parametrize(
    "text",
    [
        "1+" * 500_000 + "1=3",
        "=" * 1_000_000,
        "1 = " * 250_000,
        "<<" * 500_000 + "=",
        "9" * 1_000_000 + " + 1 = 2",
        "((" * 400 + "1+1" + "))" * 400 + "=3",
        "-" * 1_900 + "1 = 2",
        "2^" * 900 + "2 = 3",
        "12 + 13 = 25\n" * 80_000,
        r"\text{" * 300 + "=",
        " " * 1_000_000 + "= 1",
    ],
)
def test_hostile_steps_are_done_with_in_a_few_seconds(text):
    start = time.process_time()
    assert first_false_step([text]) is None
    written_steps(text, ANSWER_PATTERN)
    assert time.process_time() - start < 10


@given(st.text(alphabet="0123456789+-*/^()=.,%$<>x \n½²", max_size=60))
def test_no_text_makes_it_raise(text):
    assert first_false_step([text]) in (None, 1)


def test_no_worked_step_of_an_embedded_lesson_is_false():
    for domain in domains():
        for skill in domain.skills:
            for level in range(1, skill.levels + 1):
                size = domain.capacity(skill.name, level)
                for n in range(8):
                    index = shuffled(n, size, 3, skill.name, level)
                    work = domain.work(domain.draft(skill.name, level, index).task, ())
                    assert first_false_step(work.steps) is None, work.steps


@pytest.mark.no_cover
def test_of_real_solutions_and_attempts_only_those_with_a_false_equation_have_a_label(shared):
    """The right attempts and the solution that are labelled hold what is false on its face.

    Such as "520 x (1 + 0.18) = 500" and "$32 - $20 = $300 left".
    """
    seeds = [json.loads(line) for line in _lines(shared / "data" / "gsm8k_seeds.jsonl")]
    for row in seeds:
        assert first_false_step(written_steps(row["answer"], r"^#### (.+)$")) is None, row
    wrong, right, true = [], [], []
    for line in _lines(shared / "data" / "gsm8k_recorded_attempts.jsonl"):
        row = json.loads(line)
        true.append(_label(row["ground_truth"]))
        for name in ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification"):
            tried = row[name]
            (right if tried["is_correct"] else wrong).append(_label(tried["solution"]))
    assert [len(wrong), len(right), len(true)] == [1977, 1203, 795]
    assert [len(list(filter(None, labels))) for labels in (wrong, right, true)] == [57, 4, 1]


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _label(text: str) -> int | None:
    return first_false_step(written_steps(text, r"^A: (.+)$"))

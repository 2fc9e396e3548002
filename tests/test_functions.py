"""The domain `functions`: its katas are different, answerable, and hard to answer by luck.

The programs that run in this process are the domain's own. What is expected of them is worked out
by `Family.value`, which shares nothing with the writing of programs but the facts of a kata, and by
programs that a person wrote who had read the questions only.
"""

import copy
import json
import subprocess
import sys
import time
from collections import Counter
from functools import cache
from itertools import zip_longest
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.critic import ProgramCritic
from agents.embedded.functions import Functions
from agents.embedded.functions.conditions import ORDERS, condition
from agents.embedded.functions.course import FAMILIES
from agents.embedded.functions.family import FORMS
from agents.embedded.functions.misconceptions import MISCONCEPTIONS
from agents.embedded.functions.telling import PATTERN
from agents.embedded.novice import Novice
from agents.embedded.shop import Shop
from agents.embedded.teacher import EmbeddedTeacher
from agents.parsing import LOOKED_AT, extract_answer
from agents.steps import first_wrong_step, numbered_steps
from agents.verifiers import verifier
from agents.verifiers.code.inputs import drawn, kinds
from agents.verifiers.code.literals import value_of
from agents.verifiers.sandbox import NoSandbox, sandbox
from storage.ids import derive_seed
from storage.records import Assignment, Attempt, CallSite, Task

DOMAIN = Functions()
PLACES = [(skill.name, level) for skill in DOMAIN.skills for level in (1, 2, 3)]
NAMED = {(place, family.name): family for place, known in FAMILIES.items() for family in known}
DISTINCT = 3_000
DRAWN = 90
"""Tasks of each place that are run."""


@cache
def drafts(skill: str, level: int, count: int = DRAWN):
    """Return drafts from all over a place, as many of each family."""
    chance = Random(derive_seed("test", skill, level))
    many = len(FAMILIES[skill, level])
    turns = DOMAIN.capacity(skill, level) // many
    picked = [(chance.randrange(turns) * many) + n % many for n in range(count)]
    return [DOMAIN.draft(skill, level, index) for index in picked]


def family_of(draft):
    givens = draft.task.givens
    return NAMED[(givens["skill"], givens["level"]), givens["family"]]


def loaded(source: str, name: str):
    space: dict[str, object] = {}
    exec(source, space)
    return space[name]


def called(function, row):
    """Return what a function gives for its own copy of the arguments, and the copy afterwards."""
    mine = copy.deepcopy(row)
    try:
        return told(function(*mine)), mine
    except Exception as error:  # noqa: BLE001 - a wrong program may raise anything
        return f"raised {type(error).__name__}", mine


def told(value: object) -> object:
    """Return a value in which types show, and the order of a dict does not."""
    if isinstance(value, dict):
        return "dict", {key: told(each) for key, each in value.items()}
    return type(value).__name__, repr(value)


def shown_rows(draft):
    return [tuple(map(value_of, row)) for row, _ in draft.data["examples"]]


@cache
def hidden_rows(specs: str, draw: int):
    return [tuple(row) for row in drawn(kinds(json.loads(specs)), draw, 16)]


def all_rows(draft, draw: int = 3):
    return [*shown_rows(draft), *hidden_rows(json.dumps(draft.data["inputs"]), draw)]


def expected(draft, row):
    return family_of(draft).value(draft.task.givens["parts"], *copy.deepcopy(row))


def program(draft, *active: str):
    return loaded(DOMAIN.work(draft.task, active).answer, draft.data["entry_point"])


# The curriculum


def test_there_are_four_skills_of_three_levels_that_open_late():
    assert [skill.name for skill in DOMAIN.skills] == [
        "functions_numbers",
        "functions_text",
        "functions_lists",
        "functions_tables",
    ]
    assert all((skill.levels, skill.verifier) == (3, "code") for skill in DOMAIN.skills)
    assert all(skill.after for skill in DOMAIN.skills)
    assert [*FAMILIES] == PLACES


@pytest.mark.parametrize(("skill", "level"), PLACES)
@pytest.mark.no_cover
def test_every_level_has_five_thousand_questions_and_a_stretch_of_them_never_repeats(skill, level):
    capacity = DOMAIN.capacity(skill, level)
    assert capacity >= 5_000
    indices = [place * capacity // DISTINCT for place in range(DISTINCT)]
    assert len({DOMAIN.draft(skill, level, index).task.question for index in indices}) == DISTINCT


@given(st.sampled_from(PLACES), st.data())
def test_different_indices_are_different_questions(place, data):
    index = st.integers(0, DOMAIN.capacity(*place) - 1)
    first, second = data.draw(index), data.draw(index)
    texts = [DOMAIN.draft(*place, each).task.question for each in (first, second)]
    assert (texts[0] == texts[1]) == (first == second)


@pytest.mark.parametrize(("place", "family"), NAMED, ids=str)
def test_each_option_of_each_axis_shows_in_the_words(place, family):
    one = NAMED[place, family]
    parts = one.parts(derive_seed("axes", family) % one.count())
    for axis, options in one.axes.items():
        said = {json.dumps(option): kata_text(one, parts | {axis: option}) for option in options}
        assert len(set(said.values())) == len(options), axis


def kata_text(family, parts):
    kata = family.kata(parts)
    form = parts["phrasing"] // 2
    names = [each.name for each in kata.arguments]
    return (form, kata.name, names, kata.story, kata.wanted, kata.notes).__repr__()


@pytest.mark.parametrize(
    ("skill", "level", "index"),
    [
        ("functions_text", 0, 0),
        ("functions_text", 4, 0),
        ("functions_magic", 1, 0),
        ("functions_text", 1, -1),
        ("functions_text", 1, DOMAIN.capacity("functions_text", 1)),
    ],
)
def test_what_does_not_exist_is_refused(skill, level, index):
    with pytest.raises(ValueError, match="has no"):
        DOMAIN.draft(skill, level, index)


# The katas


@pytest.mark.parametrize(("skill", "level"), PLACES)
def test_a_reference_gives_what_is_worked_out_another_way_and_leaves_its_arguments(skill, level):
    for draft in drafts(skill, level):
        right = program(draft)
        for row in all_rows(draft):
            value, after = called(right, row)
            assert value == told(expected(draft, row)), (draft.task.question, row)
            assert after == row


@pytest.mark.parametrize(("skill", "level"), PLACES)
def test_the_examples_are_three_different_ones_and_stand_in_the_question(skill, level):
    for draft in drafts(skill, level):
        rows = shown_rows(draft)
        assert len({repr(row) for row in rows}) == 3
        for row, (_, value) in zip(rows, draft.data["examples"], strict=True):
            assert told(value_of(value)) == told(expected(draft, row))
            call = f"{draft.data['entry_point']}({', '.join(map(repr, row))})"
            assert call in draft.task.question
            assert repr(value_of(value)) in draft.task.question


@pytest.mark.parametrize(("skill", "level"), PLACES)
def test_no_answer_without_thought_is_right_on_the_hidden_inputs(skill, level):
    """Constants, an echo, and the examples by heart."""
    for number, draft in enumerate(drafts(skill, level, 200)):
        known = {repr(row): told(expected(draft, row)) for row in shown_rows(draft)}
        first = next(iter(known.values()))
        rows = hidden_rows(json.dumps(draft.data["inputs"]), number % 10)
        values = [told(expected(draft, row)) for row in rows]
        by_heart = [known.get(repr(row), first) for row in rows]
        assert values != by_heart, draft.task.question
        assert values != [told(row[0]) for row in rows], draft.task.question
        for constant in (None, 0, 1, "", [], {}, True, False):
            assert values != [told(constant)] * len(rows), draft.task.question


@pytest.mark.parametrize(("skill", "level"), PLACES)
def test_a_lesson_is_small_and_its_givens_hold_no_program(skill, level):
    for draft in drafts(skill, level):
        assert len(json.dumps(draft.data)) < 2_000
        assert set(draft.data) == {"entry_point", "examples", "inputs", "hidden", "pure"}
        assert draft.data["hidden"] == 16
        givens = json.dumps(draft.task.givens)
        assert not any(word in givens for word in ("def ", "return", "for ", " in "))
        assert set(draft.task.givens) == {"domain", "skill", "level", "family", "parts"}


@pytest.mark.parametrize(("skill", "level"), PLACES)
def test_what_must_stay_unchanged_is_said_and_asked_of_the_verifier(skill, level):
    for draft in drafts(skill, level):
        words = ("must not change", "unchanged", "nothing may be changed", "must not be changed")
        assert draft.data["pure"] == any(each in draft.task.question for each in words)


def test_every_form_of_a_question_says_the_same_of_what_is_asked():
    family = NAMED[("functions_lists", 1), "keep_and_fold"]
    parts = family.parts(77) | {"fold": ["sum", 0]}
    said = [family.kata(parts | {"phrasing": 2 * form}) for form in range(FORMS)]
    assert len({kata.wanted for kata in said}) == 1
    assert len({len(kata.notes) for kata in said}) == 1
    assert len({kata.notes for kata in said}) == FORMS


@pytest.mark.parametrize("kind", [*ORDERS, "between", "even", "odd", "multiple"])
def test_the_code_of_a_condition_tests_what_its_words_say(kind):
    made = condition(kind, 3, 4)
    for number in range(-9, 20):
        assert eval(made.written(str(number))) == made.test(number)
    for wrong in made.mistaken("number").values():
        assert any(eval(wrong, {"number": n}) != made.test(n) for n in range(-9, 20))


def test_a_unit_is_singular_behind_a_single_one():
    assert condition("at_least", 1).plural("prices", "euros") == "prices of at least 1 euro"
    assert condition("more_than", 2).single("euros") == "is more than 2 euros"
    assert condition("multiple", 3).plural("prices", "euros") == "prices that are multiples of 3"


def test_a_kata_is_the_same_in_every_process():
    code = (
        "from agents.embedded.functions import Functions\n"
        "domain = Functions()\n"
        "for skill in domain.skills:\n"
        "    for level in (1, 2, 3):\n"
        "        for index in range(40, 52):\n"
        "            draft = domain.draft(skill.name, level, index)\n"
        "            print(draft, domain.work(draft.task, ['misreads_the_boundary']))\n"
    )
    printed = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
        ).stdout
        for seed in ("0", "1")
    ]
    assert printed[0] == printed[1] != ""


# What a person wrote who read the questions and not the references.
READINGS = [
    (
        ("functions_numbers", 1, 4_001),
        "def price_of_boxes(eggs):\n"
        "    from math import ceil\n"
        "    if eggs < 0: return None\n"
        "    n = ceil(eggs / 4)\n"
        "    return 160 * n - 60 if n > 3 else 160 * n\n",
    ),
    (
        ("functions_numbers", 2, 1_234),
        "sum_of_digits = lambda code: sum(int(d) for d in str(code) if d in '0123')\n",
    ),
    (
        ("functions_numbers", 3, 30_000),
        "def savings_at_goal(savings, goal, years=0):\n"
        "    if savings >= goal: return savings\n"
        "    if years > 7: return 0\n"
        "    return savings_at_goal(savings + savings // 2 + 1, goal, years + 1)\n",
    ),
    (
        ("functions_numbers", 3, 7),
        "def last_special_stair(first, last):\n"
        "    while last >= first:\n"
        "        if last % 10 in (6, 7, 8, 9): return last\n"
        "        last -= 1\n"
        "    return 0\n",
    ),
    (
        ("functions_text", 1, 5_000),
        "def count_letters(message):\n    return len([1 for c in message if c in 'ouOU'])\n",
    ),
    (
        ("functions_text", 2, 10_001),
        "import re\n"
        "def word_with_most_letter_b(message):\n"
        "    words = re.findall('[^ ]+', message)[::-1]\n"
        "    return max(words, key=lambda w: len(re.findall('[bB]', w)), default=None)\n",
    ),
    (
        ("functions_text", 3, 2_222),
        "from collections import Counter\n"
        "def most_often_pair(riddle):\n"
        "    c = Counter(riddle.casefold().split())\n"
        "    return max(((w, n) for w, n in c.items()), key=lambda p: p[::-1], default=None)\n",
    ),
    (
        ("functions_text", 3, 6_101),
        "import re\n"
        "def runs_of_track(track):\n"
        "    runs = re.finditer(r'(.)\\1+', track.lower())\n"
        "    return '-'.join(f'{len(r[0])}x{r[1]}' for r in runs)\n",
    ),
    (
        ("functions_lists", 1, 40_000),
        "from statistics import mean\n"
        "def mean_temperature(temperatures):\n"
        "    cold = [float(t) for t in temperatures if not t > 3]\n"
        "    return mean(cold) if cold else None\n",
    ),
    (
        ("functions_lists", 2, 777),
        "def mean_of_other_lengths(lengths):\n"
        "    if len(lengths) <= 6: return 0.0\n"
        "    a, b, *rest, c = sorted(lengths)\n"
        "    return sum(rest) / (len(lengths) - 3)\n",
    ),
    (
        ("functions_lists", 3, 12_345),
        "def first_stretch_of_balances(balances):\n"
        "    n = len(balances)\n"
        "    all_of = [balances[i:j] for i in range(n) for j in range(i, n + 1)]\n"
        "    return max((s for s in all_of if all(b < 4 for b in s)), key=len, default=[])\n",
    ),
    (
        ("functions_lists", 3, 4),
        "def lost_of_pushes(pushes):\n"
        "    at, lost = 6, 0\n"
        "    for p in pushes:\n"
        "        at += p\n"
        "        if at > 12: lost, at = lost + at - 12, 12\n"
        "        if at < 0: at = 0\n"
        "    return lost\n",
    ),
    (
        ("functions_tables", 1, 8_400),
        "def count_fruits(stock):\n"
        "    return sum(kilograms <= 2 for kilograms in stock.values())\n",
    ),
    (
        ("functions_tables", 2, 5_001),
        "def smaller_of_stock(first, second):\n"
        "    fruits = first.keys() | second.keys()\n"
        "    return {f: min(first.get(f, 1), second.get(f, 1)) for f in fruits}\n",
    ),
    (
        ("functions_tables", 3, 10_000),
        "def shop_by_kind(offers):\n"
        "    offers = sorted((o for o in offers if o[2] < 2), key=lambda o: -o[2])\n"
        "    return {kind: shop for shop, kind, price in offers}\n",
    ),
    (
        ("functions_tables", 3, 71),
        "def with_more_cups(pours):\n"
        "    cups = {jug: 8 for a, b, _ in pours for jug in (a, b)}\n"
        "    for a, b, n in pours:\n"
        "        cups[a] -= n\n"
        "        cups[b] += n\n"
        "    return sorted(jug for jug in cups if cups[jug] >= 10)\n",
    ),
]


@pytest.mark.parametrize(("place", "source"), READINGS, ids=str)
def test_what_a_reader_of_the_question_writes_agrees_with_the_reference(place, source):
    draft = DOMAIN.draft(*place)
    right, written = program(draft), loaded(source, draft.data["entry_point"])
    for draw in range(20):
        for row in all_rows(draft, draw):
            assert called(written, row) == called(right, row), row


# The working


@pytest.mark.parametrize("skill", [skill.name for skill in DOMAIN.skills])
def test_each_misconception_acts_and_makes_the_program_wrong(skill):
    acted: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for level in (1, 2, 3):
        for draft in drafts(skill, level):
            rows = all_rows(draft)
            values = [told(expected(draft, row)) for row in rows]
            for wrong in DOMAIN.misconceptions(skill):
                work = DOMAIN.work(draft.task, (wrong.name,))
                if not work.slips:
                    continue
                acted[wrong.name] += 1
                spoiled = loaded(work.answer, draft.data["entry_point"])
                found = [called(spoiled, row) for row in rows]
                same = [value for value, _ in found] == values
                touched = draft.data["pure"] and [after for _, after in found] != rows
                refused[wrong.name] += not same or touched
    for wrong in DOMAIN.misconceptions(skill):
        assert acted[wrong.name] >= 2, wrong.name
        assert refused[wrong.name] / acted[wrong.name] >= 0.8, wrong.name


def test_every_skill_has_misconceptions_and_there_are_many_in_all():
    assert len({each.name for each in MISCONCEPTIONS}) == len(MISCONCEPTIONS) >= 10
    for skill in DOMAIN.skills:
        assert len(DOMAIN.misconceptions(skill.name)) >= 3


@given(
    st.sampled_from(PLACES),
    st.floats(0, 0.999),
    st.sets(st.sampled_from([each.name for each in MISCONCEPTIONS])),
)
def test_a_slip_names_the_first_line_that_its_misconception_made_wrong(place, share, active):
    draft = DOMAIN.draft(*place, int(share * DOMAIN.capacity(*place)))
    right, wrong = DOMAIN.work(draft.task, ()), DOMAIN.work(draft.task, active)
    pairs = zip_longest(right.steps, wrong.steps)
    differing = [number for number, (one, other) in enumerate(pairs, 1) if one != other]
    steps = [slip.step for slip in wrong.slips]
    assert right.slips == ()
    assert {slip.misconception for slip in wrong.slips} <= active
    assert steps == sorted(steps)
    assert differing[:1] == steps[:1]
    assert (wrong.answer == right.answer) == (not wrong.slips)


@given(st.sampled_from(PLACES), st.floats(0, 0.999))
def test_the_steps_are_the_lines_of_the_program_each_with_what_it_does(place, share):
    draft = DOMAIN.draft(*place, int(share * DOMAIN.capacity(*place)))
    work = DOMAIN.work(draft.task, ())
    lines = [line.strip() for line in work.answer.splitlines()]
    assert [step.partition(": `")[2].removesuffix("`") for step in work.steps] == lines
    assert all(step.partition(": `")[0] for step in work.steps)


@given(st.sampled_from(PLACES), st.floats(0, 0.999))
def test_a_task_survives_json_and_is_worked_the_same(place, share):
    draft = DOMAIN.draft(*place, int(share * DOMAIN.capacity(*place)))
    again = Task.model_validate_json(draft.task.model_dump_json())
    for active in ((), ("misreads_the_boundary", "forgets_the_empty_case")):
        assert DOMAIN.work(again, active) == DOMAIN.work(draft.task, active)


def test_a_misconception_of_another_skill_changes_nothing():
    draft = DOMAIN.draft("functions_numbers", 1, 0)
    assert DOMAIN.work(draft.task, ("changes_its_argument", "no_such_thing")).slips == ()


@pytest.mark.parametrize(
    "givens",
    [
        None,
        {"domain": "shop"},
        {"domain": "functions", "skill": "functions_text", "level": 1},
        {
            "domain": "functions", "skill": "functions_text", "level": 1, "family": "bands",
            "parts": {},
        },
    ],
)  # fmt: skip
def test_a_task_of_another_domain_is_refused(givens):
    with pytest.raises(ValueError, match="not one of this domain"):
        DOMAIN.work(Task(question="?", givens=givens), ())


# The attempt


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("```python\nx = 1\n```", "x = 1"),
        ("```python\nx = 1\n```\nBetter:\n```python \nx = 2\n\ny\n```\nDone.", "x = 2\n\ny"),
        ("```python\r\nx = 1\r\n```", "x = 1"),
        ("```python\nx = 1\n```\n```text\n7\n```", "x = 1"),
        ("```python\nx = 1\n```python\nx = 2\n```", "x = 2"),
        ("```python\nx = 1", None),
        ("```\nx = 1\n```", None),
        ("x = 1", None),
        ("Answer: x = 1", None),
        ("```python\n```", None),
    ],
)  # fmt: skip
def test_the_last_python_block_is_the_answer(text, found):
    assert extract_answer(text, PATTERN) == found


@pytest.mark.parametrize(
    "piece", ["```python\n", "```python\n`\n", "```python\nx\n", "```pytho\n", "`", "\n", "a"]
)
def test_an_attempt_is_read_in_one_go_whatever_it_holds(piece):
    begun = time.process_time()
    extract_answer(piece * (LOOKED_AT // len(piece)), PATTERN)
    assert time.process_time() - begun < 2


def assignment(skill: str, level: int, n: int, practice: int = 0) -> Assignment:
    seed = derive_seed(5, "episode", n)
    held = {skill: practice}
    return Assignment(n=n, skill=skill, level=level, seed=seed, ordinal=n, practice=held)


def site(role: str) -> CallSite:
    return CallSite(trajectory_id="t", seed=5, role=role)


async def tried(skill: str, level: int, n: int):
    """Return a lesson and a novice's attempt at it."""
    asked = assignment(skill, level, n)
    lesson = await EmbeddedTeacher((DOMAIN,), 5).write_lesson(asked, site("teacher"), None)
    attempt = await Novice((DOMAIN,)).attempt(lesson.task, asked, site("student"), None)
    return lesson, attempt


@pytest.mark.parametrize(("skill", "level"), PLACES)
async def test_a_novice_ends_with_its_program_and_its_steps_can_be_read(skill, level):
    for n in range(20):
        lesson, attempt = await tried(skill, level, n)
        answer = extract_answer(attempt.text, lesson.task.answer_pattern)
        work = DOMAIN.work(lesson.task, [slip.misconception for slip in attempt.slips])
        assert answer == work.answer
        assert attempt.text.endswith(f"```python\n{answer}\n```")
        written = numbered_steps(attempt.text)
        assert written == work.steps
        wrong = first_wrong_step(lesson.steps, written)
        assert wrong == min((slip.step for slip in attempt.slips), default=None)


async def test_a_novice_states_other_answers_on_the_last_line_as_before():
    asked = assignment("sql_select", 1, 3, practice=10_000)
    lesson = await EmbeddedTeacher((Shop(),), 5).write_lesson(asked, site("teacher"), None)
    attempt = await Novice((Shop(),)).attempt(lesson.task, asked, site("student"), None)
    assert attempt.text.splitlines()[-1] == f"Answer: {lesson.reference}"


@pytest.fixture
async def works():
    """Skip where no sandbox holds."""
    try:
        await sandbox()
    except NoSandbox as error:
        pytest.skip(str(error))


@pytest.mark.usefixtures("works")
@pytest.mark.parametrize("skill", [skill.name for skill in DOMAIN.skills])
async def test_the_critic_accepts_right_programs_and_names_the_first_wrong_step(skill):
    verdicts = Counter()
    for n in range(12):
        lesson, attempt = await tried(skill, n % 3 + 1, n)
        made = Attempt(
            id=f"a{n}", trajectory_id="t", lesson_id=lesson.id, idx=0, text=attempt.text,
            answer=extract_answer(attempt.text, lesson.task.answer_pattern),
            slips=attempt.slips, made_by="embedded/novice@1",
        )  # fmt: skip
        verdict = await ProgramCritic().judge(lesson, made, site("critic"), None)
        verdicts[verdict.status] += 1
        if not attempt.slips:
            assert verdict.status == "accepted", verdict.checks
        assert verdict.first_wrong_step == min((s.step for s in attempt.slips), default=None)
    assert verdicts["accepted"] >= 2
    assert verdicts["rejected"] >= 2
    assert set(verdicts) == {"accepted", "rejected"}


@pytest.mark.usefixtures("works")
@pytest.mark.parametrize("place", FAMILIES, ids=str)
async def test_the_verifier_refuses_near_misses_and_what_takes_no_thought(place):
    code = verifier("code")
    for draft in drafts(*place)[: len(FAMILIES[place])]:
        reference = DOMAIN.work(draft.task, ()).answer
        data = {**draft.data, "draw": 11}
        check = await code.check(answer=reference, reference=reference, data=data)
        assert check.finding == "passed", check.evidence
        wrong = [*code.mutants(reference, data), *code.trivial(draft.task.question, data)]
        assert len(wrong) >= 8
        for answer in wrong:
            check = await code.check(answer=answer, reference=reference, data=data)
            assert check.finding == "failed", answer

"""The verifier `code`: what a lesson may ask, what is accepted, and what is refused."""

import ast
import asyncio
import math
import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.errors import VerifierError
from agents.verifiers.code import CodeVerifier, asked, inputs
from agents.verifiers.code.comparing import brief, same
from agents.verifiers.code.inputs import LARGEST, drawn, kinds
from agents.verifiers.code.literals import source_of, value_of, written
from agents.verifiers.code.slips import slips
from agents.verifiers.code.source import BYTES, Program, program
from agents.verifiers.sandbox import examine, sandbox
from agents.verifiers.sandbox.bubblewrap import BubblewrapSandbox
from agents.verifiers.sandbox.landlock_sandbox import ForkedGuest, LandlockSandbox
from agents.verifiers.sandbox.sandbox import NoSandbox, Sandbox
from agents.verifiers.sandbox.told import Foreign
from agents.verifiers.sandbox.wasi import WasiSandbox

# --- values in JSON

SINGLE = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.complex_numbers()
)
HASHED = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
)
KEYS = st.recursive(HASHED, lambda inner: st.tuples(inner, inner), max_leaves=4)
VALUES = st.recursive(
    SINGLE,
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.sets(KEYS)
        | st.frozensets(KEYS)
        | st.dictionaries(KEYS, inner)
        | st.dictionaries(st.text(), inner)
    ),
    max_leaves=12,
)


def tree(value: object) -> object:
    """Return a value in which types show: 1 is not True, and NaN is itself."""
    if isinstance(value, dict):
        return "dict", sorted((repr(tree(key)), repr(tree(each))) for key, each in value.items())
    if isinstance(value, set | frozenset):
        return type(value).__name__, sorted(repr(tree(each)) for each in value)
    if isinstance(value, list | tuple):
        return type(value).__name__, [tree(each) for each in value]
    return type(value).__name__, repr(value)


@settings(deadline=None)
@given(VALUES)
def test_a_value_that_a_lesson_wrote_is_read_back(value):
    assert tree(value_of(written(value))) == tree(value)


@settings(deadline=None)
@given(VALUES)
def test_the_source_of_a_value_makes_that_value(value):
    assert tree(eval(source_of(value))) == tree(value)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"$tuples": [1]}, "no form"),
        ({"$tuple": [1], "more": 2}, "no form"),
        ({"$tuple": "ab"}, "must be a list"),
        ({"$set": [[1]]}, "unhashable"),
        ({"$set": [1, 1]}, "twice"),
        ({"$dict": [[1, 2, 3]]}, "pairs"),
        ({"$dict": [[1, 2], [1, 3]]}, "twice"),
        ({"$bytes": "xyz"}, "$bytes"),
        ({"$float": "1.5"}, "one of"),
        ({"$float": []}, "$float"),
        ({"$complex": [1, 2]}, "two floats"),
        ({"$int": "1_0"}, "digits"),
        ({"$int": "1" * 5000}, "digits"),
    ],
)
def test_a_value_in_no_known_form_is_the_lessons_fault(wrong, why):
    with pytest.raises(VerifierError, match=re.escape(why)) as raised:
        value_of(wrong)
    assert "\n" not in str(raised.value)


def test_a_value_nested_too_deep_is_the_lessons_fault():
    value = 0
    for _ in range(40):
        value = [value]
    with pytest.raises(VerifierError, match="nested"):
        value_of(value)


def test_values_beyond_json_are_read_as_what_they_are():
    assert value_of({"$tuple": [1, [2.0]]}) == (1, [2.0])
    assert value_of({"$set": [{"$tuple": []}]}) == {()}
    assert value_of({"$dict": [[1, "a"], [{"$tuple": [2]}, None]]}) == {1: "a", (2,): None}
    assert value_of({"$int": "-12345678901234567890"}) == -12345678901234567890
    assert value_of({"$bytes": "00ff"}) == b"\x00\xff"
    assert value_of({"$complex": [1.0, -0.5]}) == 1 - 0.5j
    assert math.isnan(value_of({"$float": "nan"}))
    assert written(10**15) == {"$int": "1000000000000000"}
    with pytest.raises(VerifierError, match="object"):
        written(object())


# --- inputs that are drawn

INTS = {"int": [-50, 50]}
WORDS = {"text": {"alphabet": "abc ", "length": [0, 12]}}


def rows(*specs, draw=7, number=16):
    return drawn(kinds(list(specs)), draw, number)


@pytest.mark.parametrize(
    ("spec", "edges"),
    [
        (INTS, [-50, 50, 0, 1]),
        ({"bool": True}, [False, True]),
        (WORDS, ["", "a" * 12]),
        ({"list": {"of": INTS, "length": [0, 8]}}, [[]]),
        ({"tuple": [INTS, {"bool": True}]}, [(-50, False), (50, True)]),
        ({"dict": {"keys": WORDS, "values": INTS, "length": [0, 5]}}, [{}]),
        ({"choice": ["first", {"$tuple": []}, None]}, ["first", None]),
    ],
)
def test_the_edges_stand_among_the_inputs_whatever_is_drawn(spec, edges):
    for draw in range(20):
        found = [row[0] for row in rows(spec, draw=draw)]
        assert [edge for edge in edges if tree(edge) not in list(map(tree, found))] == []


def test_the_longest_and_the_shortest_list_are_edges():
    lengths = {len(row[0]) for row in rows({"list": {"of": INTS, "length": [0, 8]}}, draw=1)}
    assert {0, 1, 8} <= lengths


def test_inputs_are_the_same_for_one_draw_and_others_for_another():
    specs = ({"list": {"of": INTS, "length": [0, 8]}}, WORDS)
    assert rows(*specs, draw=3) == rows(*specs, draw=3)
    drawn_parts = {str(rows(*specs, draw=draw)[8:]) for draw in range(50)}
    assert len(drawn_parts) == 50


def test_no_input_stands_twice_and_small_ranges_end():
    assert sorted(row[0] for row in rows({"int": [1, 3]}, number=16)) == [1, 2, 3]
    assert [row[0] for row in rows({"bool": True}, number=16)] == [False, True]
    found = [str(row) for row in rows(WORDS, INTS, number=100)]
    assert len(found) == len(set(found)) == 100


def test_lists_repeat_a_value_now_and_then():
    wide = {"list": {"of": {"int": [0, 10**9]}, "length": [6, 6]}}
    lists = [row[0] for draw in range(5) for row in rows(wide, draw=draw)]
    assert sum(len(set(each)) < 6 for each in lists) > len(lists) // 4


SPECS = st.recursive(
    st.tuples(st.integers(-99, 99), st.integers(0, 99)).map(
        lambda pair: {"int": [pair[0], sum(pair)]}
    )
    | st.just({"bool": True})
    | st.integers(0, 5).map(lambda n: {"text": {"alphabet": "ab", "length": [0, n]}}),
    lambda inner: (
        st.tuples(inner, st.integers(0, 3)).map(
            lambda pair: {"list": {"of": pair[0], "length": [0, pair[1]]}}
        )
        | st.lists(inner, max_size=3).map(lambda parts: {"tuple": parts})
        | inner.map(lambda each: {"dict": {"keys": WORDS, "values": each, "length": [1, 3]}})
    ),
    max_leaves=4,
)


def fits(value, spec) -> bool:
    (kind, inner), *_ = spec.items()
    if kind == "int":
        return type(value) is int and inner[0] <= value <= inner[1]
    if kind == "bool":
        return type(value) is bool
    if kind == "tuple":
        return type(value) is tuple and all(map(fits, value, inner))
    if not inner["length"][0] <= len(value) <= inner["length"][1]:
        return False
    if kind == "text":
        return type(value) is str and set(value) <= set(inner["alphabet"])
    if kind == "list":
        return type(value) is list and all(fits(each, inner["of"]) for each in value)
    pairs = value.items()
    return all(fits(k, inner["keys"]) and fits(v, inner["values"]) for k, v in pairs)


@settings(deadline=None)
@given(st.lists(SPECS, min_size=1, max_size=3), st.integers(0, 2**63))
def test_every_drawn_input_is_what_was_asked_for(specs, draw):
    found = rows(*specs, draw=draw)
    assert 1 <= len(found) <= 16
    for row in found:
        assert len(row) == len(specs)
        assert all(map(fits, row, specs))


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        {},
        [1],
        [{}],
        [{"int": [1, 2], "bool": True}],
        [{"float": [0, 1]}],
        [{"int": [2, 1]}],
        [{"int": [1.0, 2]}],
        [{"int": [False, True]}],
        [{"int": [0, 10**200]}],
        [{"bool": False}],
        [{"text": {"alphabet": "", "length": [0, 1]}}],
        [{"text": {"alphabet": "a", "length": [-1, 1]}}],
        [{"text": {"alphabet": "a", "length": [0, LARGEST + 1]}}],
        [{"text": {"alphabet": "a"}}],
        [{"text": {"alphabet": "a", "length": [0, 1], "case": "lower"}}],
        [{"list": {"of": {"list": {"of": INTS, "length": [0, 50]}}, "length": [0, 50]}}],
        [{"list": {"of": WORDS, "length": [0, 1000]}}],
        [{"tuple": INTS}],
        [
            {
                "dict": {
                    "keys": {"list": {"of": INTS, "length": [0, 1]}},
                    "values": INTS,
                    "length": [0, 1],
                }
            }
        ],
        [{"choice": []}],
        [{"choice": [{"$tuples": 1}]}],
        [INTS] * 9,
        [
            {
                "tuple": [
                    {
                        "tuple": [
                            {
                                "tuple": [
                                    {
                                        "tuple": [
                                            {"tuple": [{"tuple": [{"tuple": [{"tuple": []}]}]}]}
                                        ]
                                    }
                                ]
                            }
                        ]
                    }
                ]
            }
        ],
    ],
    ids=str,
)
def test_a_wrong_specification_is_the_lessons_fault(wrong):
    with pytest.raises(VerifierError, match="code: ") as raised:
        kinds(wrong)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 400


# --- the text of a program


@pytest.mark.parametrize(
    ("answer", "source"),
    [
        ("def f(): pass", "def f(): pass"),
        ("```python\ndef f(): pass\n```", "def f(): pass"),
        ("  ```py\ndef f(): pass\n```\n", "def f(): pass"),
        ("~~~~\ndef f(): pass\n~~~~", "def f(): pass"),
        ("Here it is:\n```\ndef f(): pass\n```", "Here it is:\n```\ndef f(): pass\n```"),
        ("```python\ndef f(): pass", "```python\ndef f(): pass"),
        ("```ruby\nx\n```", "```ruby\nx\n```"),
        ("```", "```"),
        ("", ""),
    ],
)
def test_one_fence_around_everything_is_taken_off_and_nothing_else(answer, source):
    assert program(answer, "import math", "f") == Program(source, "import math")


BEGUN = 'import math\n\ndef g(x):\n    return x\n\ndef f(a, b):\n    """Add."""\n'


def test_a_body_goes_on_where_the_task_began_the_function():
    body = "c = a + b\n    return c"
    assert program(body, BEGUN, "f") == Program(f"{BEGUN}    {body}", "")
    assert program("    " + body, BEGUN, "f") == Program(f"{BEGUN}    {body}", "")
    ast.parse(program(body, BEGUN, "f").source)


@pytest.mark.parametrize(
    "answer",
    [
        "def f(a, b):\n    return a",
        "f = max",
        "from math import gcd as f",
        "x = 1\nasync def f(): 1",
    ],
)
def test_a_whole_function_replaces_what_the_task_began(answer):
    assert program(answer, BEGUN, "f") == Program(answer, BEGUN)


def test_an_answer_is_no_body_of_another_function():
    helper = "import math\n\ndef g(x):\n    return x\n"
    assert program("return 1", helper, "f") == Program("return 1", helper)


@pytest.mark.parametrize(
    "answer", ["x" * (BYTES + 1), "é" * (BYTES // 2 + 1), "a\0b", "\ud800", None, 7]
)
def test_what_python_cannot_read_is_no_program(answer):
    assert program(answer, "", "f") is None


# --- slips

REFERENCE = '''
def f(xs, k=1):
    """Sum the drops, doubled."""
    if not xs:
        return 0
    total = 0
    for i in range(1, len(xs)):
        if xs[i] < xs[i - 1] and k > 0:
            total += (list(xs)[i - 1] - xs[i]) * 2
    while total > 100:
        total -= -1 * 10 // 3
    return total
'''


def test_every_slip_is_another_program_that_compiles():
    found = slips(REFERENCE)
    same = ast.dump(ast.parse(REFERENCE))
    assert len(found) > 40
    assert len(set(found)) == len(found)
    assert [slip for slip in found if ast.dump(ast.parse(slip)) == same] == []
    assert [slip for slip in found if "Sum the drops, doubled." not in slip] == []


@pytest.mark.parametrize(
    "line",
    [
        "if xs:",
        "if not not xs:",
        "if False:",
        "return 1",
        "return",
        "def f(xs, k=2):",
        "for i in range(1, len(xs) - 1):",
        "for i in range(len(xs), 1):",
        "for i in range(0, len(xs)):",
        "if xs[i] <= xs[i - 1] and k > 0:",
        "if xs[i] < xs[i + 1] and k > 0:",
        "if xs[i] < xs[i - 1] or k > 0:",
        "if k > 0:",
        "total += (xs[i] - list(xs)[i - 1]) * 2",
        "total += (xs[i - 1] - xs[i]) * 2",
        "total -= (list(xs)[i - 1] - xs[i]) * 2",
        "total -= 1 * 10 // 3",
        "total -= -1 * 10 / 3",
        "break",
    ],
)
def test_the_slips_that_people_make_are_among_them(line):
    assert any(line in map(str.strip, slip.splitlines()) for slip in slips(REFERENCE))
    assert line not in map(str.strip, REFERENCE.splitlines())


@pytest.mark.parametrize("wrong", ["def", "x" * 100_000, "-" * 60_000 + "1", "\0", "\ud800"])
def test_slips_of_what_is_no_program_are_the_lessons_fault(wrong):
    with pytest.raises(VerifierError, match="the reference"):
        slips(wrong)


# --- comparing


@settings(deadline=None)
@given(VALUES)
def test_a_value_is_the_same_as_itself_read_again_unless_it_holds_nan(value):
    again = value_of(written(value))
    assert same(again, value, 0.0) == ("nan" not in repr(tree(value)))


@settings(deadline=None)
@given(VALUES, VALUES)
def test_values_of_other_types_or_contents_are_never_the_same(one, other):
    if same(one, other, 0.0):
        assert tree(one) == tree(other) or "0.0" in repr(tree(one))  # 0.0 and -0.0 are the same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (1, True),
        (0, False),
        (0.0, False),
        ("1", 1),
        (b"a", "a"),
        ([1], (1,)),
        ({1}, frozenset({1})),
        ({1}, {True}),
        ({1: 2}, {True: 2}),
        ({1: 2}, {1: 2.0}),
        ({"a": [1, (2,)]}, {"a": [1, (2.0,)]}),
        ({(1, 2)}, {(1, 2.0)}),
        ({frozenset({1})}, {frozenset({True})}),
        ([1, 2], [1, 2, 3]),
        ({1: 2}, {1: 2, 3: 4}),
        (1 + 0j, 1.0),
        (None, False),
        (math.nan, math.nan),
        ([math.nan], [math.nan]),
        ({math.nan}, {math.nan}),
        ({math.nan: 1}, {math.nan: 1}),
        (complex(math.nan, 1), complex(math.nan, 1)),
        (math.inf, 1e308),
        (math.inf, -math.inf),
        (Foreign("int"), 1),
        ({(Foreign("int"),)}, {(Foreign("int"),)}),
    ],
    ids=repr,
)
def test_what_python_may_call_equal_is_not_the_same(one, other):
    assert not same(one, other, 1e-9)
    assert not same(other, one, 1e-9)


def test_nothing_foreign_is_the_same_as_anything():
    foreign = Foreign("int")
    assert not same(foreign, foreign, 1e-9)
    assert not same([foreign], [foreign], 1e-9)


def test_the_tolerance_is_relative_and_between_two_floats_only():
    assert same(1e20, 1e20 * (1 + 1e-10), 1e-9)
    assert not same(1e20, 1e20 * (1 + 1e-8), 1e-9)
    assert not same(0.0, 1e-300, 1e-9)
    assert not same(0.1 + 0.2, 0.3, 0.0)
    assert same({"a": [(0.1 + 0.2,)]}, {"a": [(0.3,)]}, 1e-9)
    assert same(1 + 1e-12j, 1 + 0j, 1e-9)
    assert not same({0.1 + 0.2}, {0.3}, 1e-9)  # members of sets are the same or they are not
    assert not same(10**12, 10**12 + 1, 1e-9)
    assert same(math.inf, math.inf, 0.0)


@settings(deadline=None)
@given(VALUES)
def test_a_value_in_evidence_is_one_short_line(value):
    assert brief(value).isprintable()
    assert len(brief(value)) < 5_000


def test_evidence_does_not_hang_on_the_order_of_a_set():
    members = [f"word {n}" for n in range(50)]
    assert brief(set(members)) == brief(set(reversed(members)))
    assert brief({3, 1, 2}) == "{1, 2, 3}"
    assert brief((1,)) == "(1,)"
    assert brief(frozenset()) == "frozenset({})"
    assert brief([[[[["deep"]]]]]) == "[[[[...]]]]"
    assert brief("x" * 1_000) == repr("x" * 60) + "..."
    assert brief(Foreign("a\n\x1b")) == "something of type a??"


# --- programs


@pytest.fixture(scope="module")
def verifier() -> CodeVerifier:
    try:
        asyncio.run(sandbox())
    except NoSandbox as error:
        pytest.skip(str(error))
    return CodeVerifier()


SOLVE = "def solve(xs, k=1):\n    return [x + k for x in xs]\n"
LISTS = {"list": {"of": INTS, "length": [0, 8]}}
DATA = {
    "entry_point": "solve",
    "cases": [[[[1, 2]], [2, 3]], [[[], 5], []]],
    "inputs": [LISTS, INTS],
}


async def check(verifier, answer, reference=SOLVE, **data):
    return await verifier.check(answer=answer, reference=reference, data=DATA | data)


async def finding(verifier, answer, reference=SOLVE, **data) -> str:
    return (await check(verifier, answer, reference, **data)).finding


RIGHT = {
    "another way": "def solve(xs, k=1):\n    return list(map(k.__add__, xs))",
    "with imports": (
        "import math, itertools\nfrom operator import add\nfrom typing import List\n"
        "def solve(xs: List[int], k: int = 1) -> List[int]:\n"
        "    return list(map(add, xs, itertools.repeat(k)))"
    ),
    "with helpers": (
        "def one(x, k): return x + k\ndef solve(xs, k=1): return [one(x, k) for x in xs]"
    ),
    "recursive": ("def solve(xs, k=1):\n    return [xs[0] + k, *solve(xs[1:], k)] if xs else []"),
    "with a memory": (
        "from functools import lru_cache\n@lru_cache\ndef one(x, k): return x + k\n"
        "def solve(xs, k=1): return [one(x, k) for x in xs]"
    ),
    "an object": (
        "class Solve:\n    def __call__(self, xs, k=1):\n        return [x + k for x in xs]\n"
        "solve = Solve()"
    ),
    "it prints": "def solve(xs, k=1):\n    print(xs)\n    return [x + k for x in xs]",
    "in a fence": f"```python\n{SOLVE}```",
    "with a main part": SOLVE
    + "\nif __name__ == '__main__':\n    print(open('/etc/passwd').read())",
}


@pytest.mark.parametrize("answer", RIGHT.values(), ids=RIGHT)
async def test_every_way_to_write_a_right_program_is_accepted(verifier, answer):
    found = await check(verifier, answer)
    assert (found.finding, found.evidence) == ("passed", "right on 2 cases and the hidden inputs")


SLIPPED = {
    "off by one": SOLVE.replace("+ k", "+ k + 1"),
    "wrong default": SOLVE.replace("k=1", "k=2"),
    "forgets the empty case": (
        "def solve(xs, k=1):\n    return [xs[0] + k] + [x + k for x in xs[1:]]"
    ),
    "gives a tuple": SOLVE.replace("[x + k for x in xs]", "tuple(x + k for x in xs)"),
    "gives floats": SOLVE.replace("x + k ", "float(x + k) "),
    "gives nothing": SOLVE.replace("return ", ""),
    "wrong for numbers below zero": SOLVE.replace("x + k", "abs(x) + k"),
    "wrong for long lists": SOLVE.replace("in xs", "in xs[:7]"),
    "takes too few arguments": SOLVE.replace(", k=1", "").replace("k", "1"),
    "raises at times": SOLVE.replace("x + k", "x + k if x != 50 else 1 / 0"),
}


@pytest.mark.parametrize("answer", SLIPPED.values(), ids=SLIPPED)
async def test_programs_that_are_wrong_somewhere_are_refused(verifier, answer):
    assert await finding(verifier, answer) == "failed"


async def test_evidence_names_the_call_and_what_came_of_it_but_not_what_was_expected(verifier):
    async def evidence(answer, **data):
        return (await check(verifier, answer, **data)).evidence

    assert await evidence("def solve(xs, k=1): return 7") == "case 1: returned 7 for ([1, 2])"
    assert await evidence("def solve(xs, k=1): 1 / 0") == (
        "case 1: raised ZeroDivisionError: division by zero for ([1, 2])"
    )
    assert await evidence("def solve(xs: 1") == (
        "it does not load: SyntaxError: '(' was never closed"
    )
    assert await evidence("def f(): 1") == (
        "it does not load: NameError: the program defines no 'solve'"
    )
    assert await evidence("def solve(xs, k=1): return object()") == (
        "case 1: returned something of type object for ([1, 2])"
    )
    longer = await evidence(SOLVE.replace("in xs", "in xs[:5]"))
    assert re.fullmatch(r"hidden input \d+: returned \[.*\] for \(\[.*\], -?\d+\)", longer)


async def test_an_answer_that_is_no_text_is_refused(verifier):
    assert await finding(verifier, None) == "failed"
    assert await finding(verifier, 7) == "failed"


async def test_the_same_draw_gives_the_same_check_and_another_draw_other_inputs(verifier):
    wrong = SOLVE.replace("x + k", "x + k if len(xs) < 3 else x")
    first = await check(verifier, wrong, draw=1)
    assert await check(verifier, wrong, draw=1) == first
    others = {(await check(verifier, wrong, draw=draw)).evidence for draw in range(2, 7)}
    assert len(others) > 1


async def test_inputs_find_what_shown_cases_do_not(verifier):
    by_heart = "def solve(xs, k=1):\n    return {'[1, 2]': [2, 3]}.get(str(xs), [])"
    assert await finding(verifier, by_heart, inputs=[{"choice": [[]]}]) == "passed"
    assert await finding(verifier, by_heart) == "failed"


async def test_what_the_task_shows_must_hold_as_well(verifier):
    found = await check(verifier, SOLVE, examples=[[[[1]], [2]], [[[1]], [3]]])
    assert (found.finding, found.evidence) == ("failed", "example 2: returned [2] for ([1])")
    assert await finding(verifier, SOLVE, examples=[[[[1]], [2]]]) == "passed"


async def test_an_exception_of_the_reference_is_expected_of_the_answer(verifier):
    reference = "def root(n):\n    if n < 0:\n        raise ValueError(n)\n    return n ** 0.5"
    data = {"entry_point": "root", "inputs": [{"int": [-9, 9]}]}

    async def found(answer):
        return (await verifier.check(answer=answer, reference=reference, data=data)).finding

    assert await found(reference) == "passed"
    assert await found("import math\ndef root(n):\n    return math.sqrt(n)") == "passed"
    assert await found(reference.replace("ValueError", "TypeError")) == "failed"
    assert await found("def root(n):\n    return abs(n) ** 0.5") == "failed"
    assert await found("def root(n):\n    raise ValueError") == "failed"


async def test_arguments_must_be_left_alone_only_where_the_lesson_says_so(verifier):
    spoils = "def solve(xs, k=1):\n    xs[:] = [x + k for x in xs]\n    return list(xs)"
    assert await finding(verifier, spoils) == "passed"
    assert await finding(verifier, spoils, pure=True) == "failed"
    assert await finding(verifier, SOLVE, pure=True) == "passed"
    tests = "def check(candidate):\n    assert candidate([1, 2]) == [2, 3]\n"
    only = {"entry_point": "solve", "tests": tests}
    for pure, expected in ((False, "passed"), (True, "failed")):
        found = await verifier.check(answer=spoils, reference=SOLVE, data=only | {"pure": pure})
        assert found.finding == expected
        assert "changed its arguments" in found.evidence or not pure


async def test_the_tolerance_is_the_lessons(verifier):
    reference = "def f(n):\n    return n / 3"
    data = {"entry_point": "f", "cases": [[[1], 0.3333333]]}
    for tolerance, expected in ((None, "failed"), (1e-6, "passed"), (0, "failed")):
        given = data if tolerance is None else data | {"tolerance": tolerance}
        found = await verifier.check(answer=reference, reference=reference, data=given)
        assert found.finding == expected


async def test_values_beyond_json_go_in_and_come_out(verifier):
    echo = "def f(x):\n    return x"
    for value in (
        {"$tuple": [1, {"$set": [1, 2]}]},
        {"$dict": [[{"$tuple": [1]}, {"$frozenset": ["a"]}]]},
        {"$bytes": "00ff"},
        {"$int": "9" * 4_000},
        {"$complex": [0.5, -1.0]},
        {"$float": "inf"},
        "é\u2028\x00😀",
        {"a": [None, True, -0.5]},
    ):
        data = {"entry_point": "f", "cases": [[[value], value]]}
        found = await verifier.check(answer=echo, reference=echo, data=data)
        assert found.finding == "passed", found.evidence


# --- tests of a lesson's own

TESTS = (
    "def check(candidate):\n    assert candidate([1], k=2) == [3]\n    assert candidate([]) == []\n"
)
TESTED = {"entry_point": "solve", "tests": TESTS}


async def by_tests(verifier, answer, **data):
    return await verifier.check(answer=answer, reference=SOLVE, data=TESTED | data)


async def test_tests_decide_by_calling_the_program(verifier):
    assert (await by_tests(verifier, SOLVE)).evidence == "right on the tests"
    found = await by_tests(verifier, SOLVE.replace("+ k", "- k"))
    assert found.finding == "failed"
    assert found.evidence == "after call 1 of the tests they raised AssertionError"


async def test_tests_see_exceptions_and_changed_arguments(verifier):
    tests = """
def check(candidate):
    xs = [3, 1, 2]
    assert candidate(xs) is None
    assert xs == [1, 2, 3]
    try:
        candidate(None)
    except TypeError:
        pass
    else:
        raise AssertionError
"""
    answer = "def solve(xs):\n    if xs is None:\n        raise TypeError\n    xs.sort()"
    assert (await by_tests(verifier, answer, tests=tests)).finding == "passed"
    assert (await by_tests(verifier, "def solve(xs): pass", tests=tests)).finding == "failed"


async def test_the_tests_know_what_the_task_gave(verifier):
    prelude = "def shift(x):\n    return x + 1\n"
    tests = "def check(candidate):\n    assert candidate([4]) == [shift(4)]\n"
    answer = "def solve(xs):\n    return [shift(x) for x in xs]"
    assert (await by_tests(verifier, answer, tests=tests, prelude=prelude)).finding == "passed"


async def test_cases_inputs_and_tests_must_all_hold(verifier):
    both = DATA | TESTED
    for answer, expected in (
        (SOLVE, "passed"),
        (SOLVE.replace("x + k", "x + k if k != 2 or len(xs) > 1 else 0"), "failed"),
    ):
        found = await verifier.check(answer=answer, reference=SOLVE, data=both)
        assert found.finding == expected
    assert found.evidence.startswith("after call 1")


BROKEN = {
    "never calls": "def check(candidate):\n    assert True\n",
    "no check": "def test(candidate):\n    candidate([])\n",
    "no Python": "def check(",
    "raises first": "import nonsense\n" + TESTS,
    "ends": "raise SystemExit(0)",
    "asks what cannot be told": "def check(candidate):\n    assert candidate(object()) == []\n",
    "its own program": (
        "def solve(xs, k=1): return [x + k for x in xs]\n"
        "def check(candidate):\n    assert solve([1]) == [2]\n"
    ),
}


@pytest.mark.parametrize("tests", BROKEN.values(), ids=BROKEN)
async def test_tests_that_never_call_the_program_are_the_lessons_fault(verifier, tests):
    for answer in (SOLVE, "def solve(): 1"):
        with pytest.raises(VerifierError, match="never called 'solve'"):
            await by_tests(verifier, answer, tests=tests)


UNFIT = {
    "wrong": "def check(candidate):\n    assert candidate([1]) == [1]\n",
    "ends early": "import sys\ndef check(candidate):\n    candidate([1])\n    sys.exit(0)\n",
    "ends for good": (
        "import sys\ndef check(candidate):\n    candidate([])\n    sys.modules['os']._exit(0)\n"
    ),
    "asks without end": "def check(candidate):\n    while candidate([]) == []: pass\n",
}


@pytest.mark.parametrize("tests", UNFIT.values(), ids=UNFIT)
async def test_tests_that_their_own_reference_fails_accept_nothing(verifier, tests):
    assert (await by_tests(verifier, SOLVE, tests=tests)).finding == "failed"


# --- lessons


HUMAN = {
    "entry_point": "add",
    "prelude": 'import math\n\n\ndef add(a: int, b: int) -> int:\n    """Add."""\n',
    "tests": "def check(candidate):\n    assert candidate(1, 2) == 3\n",
}


@pytest.mark.parametrize(
    "answer",
    ["    return a + b\n", "return a + b", "def add(a, b):\n    return a + b", "add = math.prod"],
)
async def test_a_body_and_a_whole_function_are_both_answers_to_a_begun_one(verifier, answer):
    found = await verifier.check(answer=answer, reference="    return a + b\n", data=HUMAN)
    assert found.finding == ("failed" if "prod" in answer else "passed")


WITH_NO_REFERENCE = [
    ("def solve(xs, k=1): return 1 / 0", "raises ZeroDivisionError on every input"),
    ("def solve(xs, k=1): return object()", "something of type object"),
    ("def solve(xs, k=1): return [] if xs else iter(xs)", "something of type list_iterator"),
    ("def solve(xs, k=1): raise SystemExit", "raises SystemExit on every input"),
    ("def solve(xs, k=1):\n    if xs: return xs\n    raise MemoryError", "ends with MemoryError"),
    ("import sys\ndef solve(xs, k=1): sys.modules['os']._exit(0)", "exit code 0"),
    ("def f(): 1", "defines no 'solve'"),
    ("solve(", "SyntaxError"),
    ("", "defines no 'solve'"),
    ("#" * 100_000, "at most 64000 bytes"),
    ("\ud800", "at most 64000 bytes"),
]


@pytest.mark.parametrize(("reference", "why"), WITH_NO_REFERENCE, ids=lambda text: text[:30])
async def test_a_reference_that_cannot_be_run_is_the_lessons_fault(verifier, reference, why):
    with pytest.raises(VerifierError, match=re.escape(why)) as raised:
        await check(verifier, SOLVE, reference)
    assert str(raised.value).isprintable()


async def test_a_reference_that_is_wrong_on_a_case_is_not_accepted(verifier):
    wrong = "def solve(xs, k=1): return xs"
    assert await finding(verifier, wrong, wrong) == "failed"


@pytest.mark.parametrize(
    "wrong",
    [
        {"entry_point": None},
        {"entry_point": ""},
        {"entry_point": "a.b"},
        {"entry_point": "class"},
        {"entry_point": "f(): pass\nimport os #"},
        {"cases": {}},
        {"cases": [[1, 2]]},
        {"cases": [[[1]]]},
        {"cases": [[[1], 2, 3]]},
        {"cases": [[[{"$tuples": 1}], 2]]},
        {"cases": [[[1], 2]] * 1_001},
        {"cases": [[["x" * 2_000_000], 2]]},
        {"tests": 7},
        {"tests": "#" * 100_000},
        {"prelude": ["import math"]},
        {"inputs": []},
        {"inputs": [{"integer": [1, 2]}]},
        {"hidden": 0},
        {"hidden": 1_000},
        {"hidden": True},
        {"hidden": 200, "inputs": [{"list": {"of": INTS, "length": [0, 2_000]}}]},
        {"examples": [1]},
        {"pure": "yes"},
        {"tolerance": -1},
        {"tolerance": math.nan},
        {"tolerance": math.inf},
        {"tolerance": True},
        {"tolerance": 10**400},
        {"draw": "7"},
        {"draw": -1},
        {"example": []},
        {"test": TESTS},
    ],
    ids=lambda wrong: str(wrong)[:60],
)
async def test_data_that_does_not_fit_is_the_lessons_fault(verifier, wrong):
    with pytest.raises(VerifierError, match="code: ") as raised:
        await check(verifier, SOLVE, **wrong)
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 400


@pytest.mark.parametrize("missing", [{}, {"cases": []}, {"tests": "  "}, {"examples": [[[1], 1]]}])
async def test_a_lesson_that_asks_nothing_is_the_lessons_fault(verifier, missing):
    with pytest.raises(VerifierError, match="'cases', 'tests' or 'inputs'"):
        await verifier.check(
            answer=SOLVE, reference=SOLVE, data={"entry_point": "solve", **missing}
        )


# --- near misses

LESSONS = {
    "int": ("def f(n): return n", [INTS], {}),
    "bool": ("def f(n): return n > 0", [INTS], {}),
    "float": ("def f(n): return n / 4", [INTS], {}),
    "complex": ("def f(n): return complex(n, 1)", [INTS], {}),
    "text": ("def f(s): return s + '!'", [WORDS], {}),
    "bytes": ("def f(s): return s.encode()", [WORDS], {}),
    "list": ("def f(xs): return [x * 2 for x in xs]", [LISTS], {"pure": True}),
    "tuple": ("def f(xs): return tuple(xs)", [LISTS], {"pure": True}),
    "set": ("def f(xs): return set(xs)", [LISTS], {"pure": True}),
    "frozenset": ("def f(xs): return frozenset(xs)", [LISTS], {}),
    "dict": ("def f(xs): return {x: 1 for x in xs}", [LISTS], {"pure": True}),
    "dict of None": ("def f(n): return {None: None}", [INTS], {}),
    "None": ("def f(n): return None if n < 0 else n", [INTS], {}),
    "recursive": ("def f(n): return n < 1 or not f(n - 1)", [{"int": [0, 20]}], {}),
    "by name only": ("def g(n): return n + 1\nf = g", [INTS], {}),
}


@pytest.mark.parametrize(("reference", "inputs", "more"), LESSONS.values(), ids=LESSONS)
async def test_a_reference_is_accepted_and_its_near_misses_are_not(
    verifier, reference, inputs, more
):
    data = {"entry_point": "f", "inputs": inputs, "draw": 3, **more}

    async def found(answer):
        return await verifier.check(answer=answer, reference=reference, data=data)

    assert (await found(reference)).finding == "passed"
    misses = verifier.mutants(reference, data)
    assert verifier.changed(reference, data) in misses
    assert len(set(misses)) == len(misses) == (4 if more else 3)
    for miss in misses:
        check = await found(miss)
        assert check.finding == "failed"
        assert "load" not in check.evidence


async def test_answers_that_take_no_thought_are_refused(verifier):
    examples = [[[[1, 2]], [2, 3]], [[[], 5], []]]
    programs = verifier.trivial("What is 1 + 1?", DATA | {"examples": examples})
    assert len(set(programs)) == len(programs) == 12
    for program_text in programs:
        assert await finding(verifier, program_text) == "failed"


async def test_a_lesson_that_shows_all_that_it_asks_is_found_out(verifier):
    data = {"entry_point": "solve", "cases": DATA["cases"], "examples": DATA["cases"]}
    findings = [
        (await verifier.check(answer=text, reference=SOLVE, data=data)).finding
        for text in verifier.trivial("", data)
    ]
    assert findings == ["failed"] * 11 + ["passed"]


async def test_a_lesson_whose_answer_is_always_the_same_is_found_out(verifier):
    data = {"entry_point": "f", "inputs": [{"int": [1, 50]}]}
    reference = "def f(n): return n > 0"
    findings = [
        (await verifier.check(answer=text, reference=reference, data=data)).finding
        for text in verifier.trivial("", data)
    ]
    assert "passed" in findings


async def test_most_slips_of_a_reference_are_refused(verifier):
    reference = """
def f(xs, k):
    total = 0
    for x in xs:
        if x > k:
            total += x - k
    return total
"""
    data = {"entry_point": "f", "inputs": [LISTS, INTS], "hidden": 60}
    found = {
        slip: (await verifier.check(answer=slip, reference=reference, data=data)).finding
        for slip in slips(reference)
    }
    assert len(found) > 10
    same_value = [slip for slip, each in found.items() if each == "passed"]
    assert ["if x >= k" in slip for slip in same_value] == [True]  # adds 0, which changes nothing


# --- the machine


SANDBOXES = {each.name: each for each in (LandlockSandbox, BubblewrapSandbox, WasiSandbox)}


def verifier_in(sandbox: Sandbox) -> CodeVerifier:
    async def choose() -> Sandbox:
        return sandbox

    return CodeVerifier(choose)


async def usable(name: str) -> Sandbox:
    """Return a new sandbox of this name."""
    if name not in [probe.sandbox for probe in await examine() if probe.usable]:
        pytest.skip(f"{name} does not work on this machine")
    return SANDBOXES[name]()


@pytest.mark.parametrize("name", SANDBOXES)
async def test_every_sandbox_comes_to_the_same_finding(name):
    sandbox = await usable(name)
    for answer, expected in {
        "def f(s, n):\n    return s * min(n, 9)": "passed",
        "def f(s, n):\n    return s * (n % 2)": "failed",
        "def f(s, n):\n    return float(n)": "failed",
        "import sys\ndef f(s, n):\n    sys.modules['os']._exit(0)": "failed",
    }.items():
        data = {"entry_point": "f", "cases": [[["ab", 2], "abab"], [["", 10**30], ""]]}
        found = await verifier_in(sandbox).check(answer=answer, reference=answer, data=data)
        assert (found.finding, found.limits["sandbox"]) == (expected, name)
    if isinstance(sandbox, LandlockSandbox):
        sandbox.close()


class Unlucky(LandlockSandbox):
    """Its guests are killed from outside as soon as they are there."""

    @asynccontextmanager
    async def guest(self) -> AsyncIterator[ForkedGuest]:
        async with super().guest() as guest:
            os.kill(guest._pid, signal.SIGKILL)
            yield guest


async def test_a_guest_that_the_machine_took_away_decides_nothing():
    await usable("landlock")
    unlucky = Unlucky()
    for data in (DATA, TESTED):
        found = await verifier_in(unlucky).check(answer=SOLVE, reference=SOLVE, data=data)
        assert found.finding == "undecided"
        assert "killed from outside" in found.evidence
    unlucky.close()


async def test_without_a_sandbox_nothing_is_run_and_the_lesson_is_undecided():
    async def choose() -> Sandbox:
        raise NoSandbox("no sandbox works here")

    with pytest.raises(VerifierError, match="no sandbox works here"):
        await CodeVerifier(choose).check(answer=SOLVE, reference=SOLVE, data=DATA)


async def test_many_checks_at_once_find_what_one_after_the_other_do(verifier):
    data = DATA | TESTED
    answers = [SOLVE, SOLVE.replace("+ k", "- k"), *SLIPPED.values()] * 4
    at_once = await asyncio.gather(
        *(verifier.check(answer=each, reference=SOLVE, data=data) for each in answers)
    )
    alone = [await verifier.check(answer=each, reference=SOLVE, data=data) for each in answers[:12]]
    assert at_once == alone * 4


async def test_a_check_states_the_limits_it_worked_under(verifier):
    limits = (await check(verifier, SOLVE, tolerance=0.5, hidden=4)).limits
    assert limits["sandbox"] == (await sandbox()).name
    assert limits["relative_tolerance"] == 0.5
    assert limits["hidden_inputs"] == 4
    assert limits["cases"] == 2
    assert {"memory_bytes", "cpu_s", "wall_s", "asks", "source_bytes"} <= limits.keys()


async def test_a_program_without_end_is_refused(verifier):
    found = await check(verifier, "def solve(xs, k=1):\n    while True: pass")
    assert found.finding == "failed"
    assert re.fullmatch(r"case 1: ran out of processor time .*, for \(\[1, 2\]\)", found.evidence)


def test_the_manual_lists_every_key_of_the_data_and_every_input():
    page = (Path(__file__).parents[1] / "docs" / "critic.md").read_text(encoding="utf-8")
    part = page.partition("### Code\n")[2].partition("\n### ")[0]
    assert {*re.findall(r"^\| `(\w+)` \|", part, re.M), "draw"} == asked.KEYS
    assert set(re.findall(r'^\| `\{"(\w+)":', part, re.M)) == set(inputs.KINDS)

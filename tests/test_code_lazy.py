"""Lazy programs against careless tests, and lessons that would cost dearly."""

import asyncio
import time

import pytest

from agents.errors import VerifierError
from agents.verifiers.code import CodeVerifier
from agents.verifiers.code.inputs import drawn, kinds
from agents.verifiers.sandbox import NoSandbox, sandbox

STOPS = "def solve(n):\n    raise StopIteration\n"
SQUARES = "def solve(n):\n    return n * n + 1\n"
SUMS = "def solve(xs):\n    return sum(xs)\n"


@pytest.fixture(scope="module")
def verifier() -> CodeVerifier:
    try:
        asyncio.run(sandbox())
    except NoSandbox as error:
        pytest.skip(str(error))
    return CodeVerifier()


@pytest.mark.parametrize(
    "line",
    [
        "assert all(map(lambda n: candidate(n) == n * n + 1, range(-4, 5)))",
        "assert not any(map(lambda n: candidate(n) != n * n + 1, range(-4, 5)))",
        "for got, want in zip(map(candidate, [1, 2]), [2, 5]): assert got == want",
    ],
)
async def test_raising_stop_iteration_ends_no_loop_of_the_tests(verifier, line: str):
    data = {"entry_point": "solve", "tests": f"def check(candidate):\n    {line}\n"}

    stopped = await verifier.check(answer=STOPS, reference=SQUARES, data=data)
    right = await verifier.check(answer=SQUARES, reference=SQUARES, data=data)

    assert (stopped.finding, right.finding) == ("failed", "passed")


@pytest.mark.parametrize(
    ("tests", "reference", "lazy"),
    [
        ("assert candidate(xs) == sorted(xs)", "return sorted(xs)", "argument.clear()"),
        ("assert not abs(candidate(xs) - 6) > 1e-9", "return sum(xs)", "float('nan')"),
    ],
)
async def test_careless_tests_are_found_out_by_answers_that_take_no_thought(
    verifier, tests: str, reference: str, lazy: str
):
    source = f"def check(candidate):\n    xs = [3, 1, 2]\n    {tests}\n"
    reference = f"def solve(xs):\n    {reference}\n"
    data = {"entry_point": "solve", "tests": source}

    passed = [
        text
        for text in verifier.trivial("", data)
        if (await verifier.check(answer=text, reference=reference, data=data)).finding == "passed"
    ]

    assert any(lazy in text for text in passed)


async def test_dicts_of_the_standard_library_are_dicts_and_classes_of_ones_own_are_not(verifier):
    reference = "def solve(text):\n    return {c: text.count(c) for c in text}\n"
    data = {"entry_point": "solve", "inputs": [{"text": {"alphabet": "abc", "length": [0, 6]}}]}
    counting = "from collections import {}\ndef solve(text):\n    found = {}\n{}    return found\n"
    loop = "    for c in text:\n        found[c] = found.get(c, 0) + 1\n"
    programs = [
        counting.format("Counter", "Counter(text)", ""),
        counting.format("defaultdict", "defaultdict(int)", loop),
        counting.format("OrderedDict", "OrderedDict()", loop),
        "\ufeff" + reference,
    ]
    own = "class D(dict):\n    pass\n" + counting.format("Counter", "D(Counter(text))", "")

    found = [
        (await verifier.check(answer=text, reference=reference, data=data)).finding
        for text in (*programs, own)
    ]

    assert found == ["passed"] * 4 + ["failed"]


async def test_a_reference_that_recurses_too_deep_is_the_lessons_fault(verifier):
    deep = "def solve(n):\n    return 0 if n == 0 else 1 + solve(n - 1)\n"
    data = {"entry_point": "solve", "inputs": [{"int": [0, 5000]}]}

    with pytest.raises(VerifierError, match="RecursionError"):
        await verifier.check(answer=deep, reference=deep, data=data)


@pytest.mark.no_cover
async def test_long_arguments_are_not_sent_back_where_nobody_looks_at_them(verifier):
    cases = [[[[n] * 20_000], n * 20_000] for n in range(40)]

    check = await verifier.check(
        answer=SUMS, reference=SUMS, data={"entry_point": "solve", "cases": cases}
    )

    assert check.finding == "passed", check.evidence


def test_dicts_of_dicts_are_drawn_in_bounded_time():
    spec = {"bool": True}
    for _ in range(6):
        spec = {"dict": {"keys": {"choice": [1]}, "values": spec, "length": [3, 3]}}
    began = time.process_time()

    rows = drawn(kinds([spec]), 7, 4)

    assert rows
    # It took hours when values were drawn for keys that were there already.
    assert time.process_time() - began < 5


async def test_members_that_were_chosen_to_have_one_hash_are_refused(verifier):
    alike = [{"$int": str((2**61 - 1) * k)} for k in range(1, 16_000)]
    began = time.process_time()

    for value in ({"$set": alike}, {"$dict": [[key, 1] for key in alike]}):
        data = {"entry_point": "solve", "cases": [[[value], 0]]}
        with pytest.raises(VerifierError, match="same hash"):
            await verifier.check(answer=SUMS, reference=SUMS, data=data)

    assert time.process_time() - began < 5

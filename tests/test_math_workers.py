"""The verifier `math` where math-verify is asked: what is equal, what is not, and what survives."""

import asyncio
import itertools
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.errors import VerifierError
from agents.verifiers.math import MathVerifier
from agents.verifiers.math.latex import latex
from agents.verifiers.math.pool import Worker, pool
from agents.verifiers.math.statement import read_statement
from agents.verifiers.math.tree import Node, NotMathematics, number, packed, unpacked
from agents.verifiers.math.verifier import _said
from agents.verifiers.math.worker import Note, compared
from storage.records import Check

ROOT = Path(__file__).resolve().parents[1]
MATH = MathVerifier()
WALL_S = 2.5
SLOW = r"\sqrt{" * 45 + "x" + "}" * 45
"""Takes math-verify a few tenths of a second."""

EQUAL = [
    # fractions, and what a number may look like where nothing is left to be worked out
    ("1/2", r"\frac{1}{2}"),
    ("0.5", r"\frac12"),
    ("-3/4", r"-\frac{3}{4}"),
    ("-3/4", r"\dfrac{-3}{4}"),
    ("5/2", r"2\frac{1}{2}"),
    ("0.07", r"7\%"),
    ("12345", "12{,}345"),
    ("32349", r"32,\! 349"),
    ("30000", r"3 \times 10^{4}"),
    (r"\frac{1}{2}", "0.5"),
    (r"\boxed{\frac{3}{6}}", r"\left( \tfrac{1}{2} \right)"),
    (r"$\frac{1}{3}, 2$", r"\(\frac{2}{6}, 2\)"),
    # radicals
    (r"2\sqrt{2}", r"\sqrt{8}"),
    (r"\frac{1}{\sqrt{2}}", r"\frac{\sqrt2}{2}"),
    (r"\sqrt{5+2\sqrt{6}}", r"\sqrt{2}+\sqrt{3}"),
    (r"(\sqrt2+\sqrt3)^2", r"5+2\sqrt{6}"),
    (r"\sqrt[3]{-8}+x", "x-2"),
    (r"\sqrt[3]{x}", "x^{1/3}"),
    ("sqrt(2)/2", "√2/2"),
    (r"\sqrt{x^2}", "|x|"),
    (r"|x-1|", r"\left|1-x\right|"),
    # constants
    (r"\frac{\pi}{4}", "π/4"),
    (r"\arctan 1", r"\frac{\pi}{4}"),
    (r"90^\circ", r"\frac{\pi}{2}"),
    (r"\cos 36^\circ", r"\frac{1+\sqrt5}{4}"),
    (r"1-\frac{1}{\mathrm{e}}", r"1-e^{-1}"),
    ("2^{10}", "1024"),
    (r"\log_2 8", "3"),
    (r"\frac{\log 8}{\log 2}", "3"),
    (r"\binom{8}{4}", "70"),
    ("4!", "24"),
    # polynomials and what else has variables
    ("x^2+2x+1", "(x+1)^2"),
    ("x^2-1", "(x-1)(x+1)"),
    ("x**2 - 5*x + 6", "(x-2)(x-3)"),
    ("2(a+b)", "2a+2b"),
    ("xy", r"y \cdot x"),
    (r"\frac{x^2-1}{x-1}", "x+1"),
    (r"\frac{a}{b}+\frac{c}{d}", r"\frac{ad+bc}{bd}"),
    (r"x_1^2+x_{2}", r"x_{2}+x_{1}\cdot x_1"),
    (r"2\ln x", r"\ln(x^2)"),
    (r"\ln x+\ln y", r"\ln(xy)"),
    (r"\log_2 x", r"\frac{\ln x}{\ln 2}"),
    (r"2^{n+1}", r"2 \cdot 2^n"),
    ("e^{2x}", r"\exp(2x)"),
    (r"\sin 2x", r"2\sin x\cos x"),
    (r"\cos^2 x", r"1-\sin^2 x"),
    (r"\tan\theta", r"\frac{\sin\theta}{\cos\theta}"),
    (r"\sinh x", r"\frac{e^x-e^{-x}}{2}"),
    (r"\frac{n!}{(n-2)!}", "n(n-1)"),
    (r"\binom{n}{2}", r"\frac{n(n-1)}{2}"),
    ("x²+y₁", "y_1+x^2"),
    ("f(x)+1", "1+f(x)"),
    # complex numbers
    ("3+4i", "4i+3"),
    (r"\frac{1}{i}+x", "x-i"),
    (r"e^{i\pi/3}", r"\frac12+\frac{\sqrt3}{2}i"),
    # sets, intervals and other regions
    (r"\{1, 2, 3\}", "{3, 1, 2}"),
    (r"\{1, \sqrt{8}\}", r"\left\{ 2\sqrt{2}, 1 \right\}"),
    (r"\{(1,2),(3,4)\}", r"\{(3,4),(1,2)\}"),
    (r"\emptyset", r"\{\}"),
    ("[0, 1)", r"\left[0, 1\right)"),
    (r"(-\infty, \sqrt{2}]", r"(-\infty, \frac{2}{\sqrt2}]"),
    (r"(-\infty, 1) \cup (1, \infty)", r"\mathbb{R} \setminus \{1\}"),
    (r"(-1, 0) \cup (0, 1)", r"(-1, 1) \setminus \{0\}"),
    (r"[0, 3) \cap [1, 5]", r"[1, 3)"),
    (r"(a, b) \cup [c, d]", r"[c, d] \cup (a, b)"),
    (r"x \in (1, \sqrt{4})", r"x \in (1, 2)"),
    # sequences, matrices
    (r"(1, \pi)", r"\left( 1, \pi \right)"),
    (r"\sqrt2, 3, x", r"(\sqrt{2}, 3, x)"),
    (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \\ \end{bmatrix}"),
    (
        r"\begin{pmatrix} x^2-1 \\ \sqrt8 \end{pmatrix}",
        r"\left[\begin{array}{c} (x-1)(x+1) \\ 2\sqrt2 \end{array}\right]",
    ),
    # equations, inequalities, signs
    ("x = 4", "4 = x"),
    ("y = 2x+1", "2x-y+1 = 0"),
    ("y = 2x+1", "4x-2y+2 = 0"),
    ("x^2+y^2 = 4", "y^2 = 4-x^2"),
    ("f(x) = 2x+1", "f(x) - 1 = 2x"),
    (r"x = 1, y = \sqrt8", r"y = 2\sqrt2, x = 1"),
    ("x > 4", "4 < x"),
    ("-2x < 4y", "x > -2y"),
    (r"1 < x \le \pi", r"\pi \ge x > 1"),
    (r"x \ne \pi", r"\pi \neq x"),
    (r"x = \pm 2", r"x = \mp 2"),
    (r"\frac{-1 \pm \sqrt{8}}{2}", r"-\frac12 \pm \sqrt{2}"),
    (r"(x, y) = (1, \sqrt{2})", r"(x, y) = (1, \frac{2}{\sqrt2})"),
]

TRAPS = [
    # those of math-verify, and their like
    ("4", "The answer is not 4"),
    ("4", "1 2 3 4"),
    ("4", "5 or 4"),
    ("4", "4%"),
    ("0.04", "4"),
    ("4", r"4\%"),
    ("0.04", r"4\%x"),
    ("(1,2)", "{1,2}"),
    ("{1,2}", "(1,2)"),
    (r"\{1,2\}", "1, 2"),
    ("1, 2", r"\{1,2\}"),
    ("3", "3:00"),
    (r"\pi", "3.14159265"),
    (r"\pi", "3.14159265358979323846264338327950288419716939937510"),
    (r"\pi", r"\frac{22}{7}"),
    (r"\pi", r"\frac{104348}{33215}"),
    ("3.14159265", r"\pi"),
    (r"\frac13", "0.333333"),
    (r"\frac13", "0.3333333333333333333333333333333333333333"),
    ("0.333333", r"\frac13"),
    (r"\sqrt2", "1.41421356"),
    ("1.41421356", r"\sqrt2"),
    (r"4\sqrt2", "4"),
    ("4", r"4\sqrt2"),
    (r"1-\frac{1}{\mathrm{e}}", r"1+\frac{1}{\mathrm{e}}"),
    (r"1-\frac{1}{e}", r"1-\frac{1}{\mathrm{f}}"),
    ("4", "5 = 4"),
    ("4", "x = 4"),
    ("x = 4", "4"),
    ("x = 4", "y = 4"),
    ("x = 11", "x = 5+5+1 = 11"),
    ("4", r"x \approx 4"),
    ("4", r"4 \text{ cm}"),
    ("4", "4 d"),
    ("4", "4t"),
    ("3", "3 d"),
    ("101_2", "101"),
    ("101_2", "101_3"),
    ("5", "101_2"),
    ("101_2", "5"),
    ("90^\\circ", "90"),
    ("90", "90^\\circ"),
    ("X", "x"),
    (r"\gamma", r"\Gamma"),
    (r"\phi", r"\varphi"),
    ("f'(x)", "f(x)"),
    ("f(x+y)", "f(x)+f(y)"),
    ("f(x)", "f(y)"),
    (r"\vec{a}", "a"),
    (r"\pm 4", "4"),
    (r"\pm 4", r"\{-4, 4\}"),
    ("x^2 = -1", "x^2 = -4"),
    ("x^2 = 4", "x = 2"),
    ("x - 1 = 0", "x^2 - 3x + 2 = 0"),
    (r"\log 100 + x", "2 + x"),
    (r"\ln 10 + x", r"\log 10 + x"),
    (r"\ln x", r"\log x"),
    (r"\lg x", r"\log x"),
    (r"10^{-20} + x", "x"),
    ("x", "x + 10^{-1000}"),
    (r"\sqrt2 + 10^{-40}", r"\sqrt2"),
    (r"\sqrt2", r"\sqrt2 + (10^{100} + 10^{-100}) - 10^{100}"),
    ("391", "17*23"),
    ("391", r"17 \cdot 23"),
    ("24", "4!"),
    ("1024", "2^{10}"),
    ("2", r"\sqrt4"),
    ("0.5", r"\sin 30^\circ"),
    ("x = 5", "x = 2 + 3"),
    (r"\{1, 2\}", r"\{1, 1 + 1\}"),
    ("x^2/2", r"\int x\,dx"),
    ("55+x", r"\sum_{k=1}^{10} k + x"),
    ("1+x", r"\lim_{t\to0}\frac{\sin t}{t}+x"),
    (r"\sqrt{x^2}", "x"),
    ("x", r"\sqrt{x^2}"),
    ("e^{2x}", "e^2x"),
    ("x", "x and x"),
    ("x", "not x"),
    ("x", "xx"),
    ("x", ""),
    ("x", "."),
    ("x", "$$"),
    ("x", "x = x"),
    ("x", "x, x"),
    (r"\frac{1}{2x}", "1/2x"),
    (r"\sin(x/2)", "sin x/2"),
    ("x_2", "x2"),
    ("x^2", "x2"),
    ("x^2", "x_2"),
    ("xy", "x, y"),
    ("1234x", "1,234x"),
    # regions, sets, sequences, matrices
    ("(1, 2)", "[1, 2]"),
    ("[1, 2]", "(1, 2)"),
    ("[1, 2)", "(1, 2]"),
    ("[1, 2)", "[1, 2]"),
    ("[0, 1)", "[0, 1.0001)"),
    (r"(-\infty, 1)", r"(-\infty, 1]"),
    (r"(-\infty, 1)", r"(1, \infty)"),
    (r"(-\infty, 1) \cup (1, \infty)", r"\mathbb{R}"),
    (r"(-\infty, 1) \cup (1, \infty)", r"\mathbb{R} \setminus \{2\}"),
    (r"(-\infty, 1) \cup (1, \infty)", r"(-\infty, 1) \cap (1, \infty)"),
    (r"(0, 1) \cup (2, 3)", r"(0, 3)"),
    (r"(0, 1) \cup (2, 3)", r"\{(0, 1), (2, 3)\}"),
    (r"\mathbb{R}", r"\mathbb{Z}"),
    (r"\mathbb{Q}", r"\mathbb{R}"),
    (r"\{1, 2, 3\}", r"\{1, 2\}"),
    (r"\{1, 2\}", r"\{1, 2, 2\}"),
    (r"\{1, 2\}", r"\{1, 2, 3\}"),
    (r"\{1, \sqrt2\}", r"\{1, \sqrt3\}"),
    (r"\{1\}", "1"),
    ("1", r"\{1\}"),
    (r"\emptyset", r"\{0\}"),
    (r"\emptyset", "0"),
    ("(1, 2), (3, 4)", "(3, 4), (1, 2)"),
    ("(1, 2), (3, 4)", "(1, 2, 3, 4)"),
    (r"(1, \pi)", r"(\pi, 1)"),
    (r"\langle 1, 2 \rangle", "(1, 2)"),
    (r"x \in (1, 2)", r"y \in (1, 2)"),
    (r"x \in (1, 2)", r"x \in [1, 2]"),
    (r"x \in (1, 2)", "(1, 2)"),
    ("1 < x < 2", "(1, 2)"),
    (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", r"\begin{pmatrix}1&3\\2&4\end{pmatrix}"),
    (r"\begin{pmatrix}1&2\end{pmatrix}", r"\begin{pmatrix}1\\2\end{pmatrix}"),
    (r"\begin{pmatrix}1&2\end{pmatrix}", "(1, 2)"),
    (r"\begin{pmatrix}x\end{pmatrix}", "x"),
    (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", r"\begin{vmatrix}1&2\\3&4\end{vmatrix}"),
    # relations
    ("y = 2x+1", "y = 2x+2"),
    ("y = 2x+1", "y = 2x-1"),
    ("y = 2x+1", "2x+1"),
    ("y = 2x+1", "y < 2x+1"),
    ("y = 2x+1", "z = 2x+1"),
    ("x > 4", r"x \ge 4"),
    ("x > 4", "x < 4"),
    ("-2x < 4", "x < -2"),
    (r"1 < x \le \pi", r"1 \le x < \pi"),
    (r"1 < x < \pi", r"1 < x < \pi < 4"),
    (r"x \ne \pi", r"x = \pi"),
    ("x = 1, y = 2", "x = 2, y = 1"),
    ("x = 1, y = 2", "x = 1"),
    (r"x = \pm 2", "x = 2"),
    (r"x = \pm 2", r"x = \pm 3"),
    (r"(x, y) = (1, \pi)", r"(x, y) = (\pi, 1)"),
    # signs, factors, exponents, order of operations
    ("3+4i", "3-4i"),
    ("3+4i", "4+3i"),
    ("-x^2", "(-x)^2"),
    ("x^{-1}", "-x"),
    (r"\frac{a}{b}", r"\frac{b}{a}"),
    ("a-b", "b-a"),
    ("2(a+b)", "2a+b"),
    ("(x+1)^2", "x^2+1"),
    ("x^2+2x+1", "x^2-2x+1"),
    (r"\sqrt{a+b}", r"\sqrt{a}+\sqrt{b}"),
    (r"\ln(xy)", r"\ln x \ln y"),
    (r"\sin(x+y)", r"\sin x+\sin y"),
    (r"\sin^2 x", r"\sin(x^2)"),
    (r"\sin^{-1} x", r"\frac{1}{\sin x}"),
    (r"2^{n+1}", "2^n+1"),
    (r"x^{y^z}", "(x^y)^z"),
    ("n!", "(n-1)!"),
    (r"\binom{n}{2}", r"\frac{n^2}{2}"),
    (r"\lfloor x \rfloor", r"\lceil x \rceil"),
    (r"\lfloor x \rfloor", "x"),
    (r"|x|", "-x"),
    (r"x+1", r"\frac{1}{x-x}"),
    (r"x+1", r"\frac{x+1}{0}"),
    (r"x+1", "0^0+x"),
]


def nested(opening: str, closing: str, depth: int) -> str:
    return opening * depth + "x" + closing * depth


ATTACKS = {
    "a tower": "10^{10^{10}}",
    "a tower without braces": "9^9^9^9^9",
    "a tower of variables": "x^{x^{x^{x^{x^{x}}}}}",
    "sixty twos": "^".join(["2"] * 60),
    "three hundred twos": "^".join(["2"] * 300),
    "a power of powers": "9" * 256 + "^{" + "9" * 256 + "}",
    "3^300000000": "3^{300000000}",
    "x^300000000": "x^{300000000}",
    "a binomial's power": "(x+1)^{300000}",
    "nearly one": "1.0000001^{10^{17}}",
    "exponentials": "e^{e^{e^{e^{x}}}}",
    "a factorial": "100000!",
    "a factorial of one": "((10!)!)!",
    "a variable's factorial": "(x+100000)!",
    "many factorials": "+".join(f"(x+{n}.5)!" for n in range(200)),
    "a row of factorials": "4" + "!" * 3000,
    "a binomial coefficient": r"\binom{100000}{50000}",
    "one with a variable": r"\binom{x+50000}{x}",
    "3000 parentheses": nested("(", ")", 3000),
    "sixty parentheses": nested("(", ")", 60),
    "a million digits": "9" * 10**6,
    "4000 digits": "9" * 4000,
    "a huge set": "{" + ",".join(map(str, range(1000))) + "}",
    "a huge set of sums": r"\{" + ",".join(f"x+{n}" for n in range(500)) + r"\}",
    "a huge union": r"\cup".join(f"({n},{n + 1})" for n in range(250)),
    "a huge matrix": r"\begin{pmatrix}" + r"\\".join(["&".join("x" * 30)] * 30) + r"\end{pmatrix}",
    "nested roots": nested(r"\sqrt{", "}", 60),
    "a continued fraction": nested(r"\frac{1}{1+", "}", 60),
    "nested floors": nested(r"\lfloor ", r"\rfloor ", 60),
    "nested bars": nested(r"\left|", r"\right|", 60),
    "a long product": "".join(f"(x+{n})" for n in range(1, 500)),
    "a long sum": "+".join(rf"\sin({n}x)" for n in range(300)),
    "300 variables": "+".join(f"x_{{{n}}}" for n in range(300)),
    "logarithms": r"\ln(\ln(\ln(\ln(\ln(x)))))",
    "tangents": nested(r"\tan(", ")", 60),
    "a sine of a great number": r"\sin(10^{4000})",
    "powers of i": "i^{i^{i^{i^{i^{i}}}}}",
    "two signs, often": r"\pm x" * 200,
    "a sum without end": r"\sum_{n=1}^{10^{10}} n!",
    "an integral": r"\int_0^{10^{10}} e^{-x^2}\sin(x^x)\,dx",
    "a limit": r"\lim_{x\to 0}\frac{\sin(\tan x)-\tan(\sin x)}{x^7}",
    "a product without end": r"\prod_{k=1}^{10^9} k",
    "a repeated operator": "-" * 4000 + "4",
    "a row of percent signs": "4" + "%" * 4000,
}
REFERENCES = ["4", r"\sqrt{2}", "x+1", r"\{1, \sqrt2\}", "y = 2x+\\pi", r"(0, \pi) \cup (4, 5)"]


async def checked(answer: str, reference: str) -> Check:
    """Return the check; it is asked for again if the machine had no time for it."""
    for last in (False, False, False, False, True):
        try:
            return await MATH.check(answer=answer, reference=reference, data={})
        except VerifierError as error:
            if last or "no time" not in str(error):
                raise
    raise AssertionError


async def finding(answer: str, reference: str) -> str:
    return (await checked(answer, reference)).finding


async def finding_or_busy(answer: str, reference: str) -> str:
    """Return the finding, or "busy": on a machine that does much else, a proof may get no time."""
    try:
        return (await MATH.check(answer=answer, reference=reference, data={})).finding
    except VerifierError as error:
        if "no time" not in str(error):
            raise
        return "busy"


def found_here(answer: str, reference: str) -> dict[str, object]:
    """Return what a worker would find, found in this process."""
    pair = {
        "reference": packed(read_statement(reference)),
        "answer": packed(read_statement(answer)),
    }
    return compared(pair, Note())


@pytest.mark.parametrize(("reference", "answer"), EQUAL)
async def test_what_is_equal_is_accepted_however_it_is_written(reference, answer):
    check = await checked(answer, reference)
    assert check.finding == "passed", check.evidence
    assert await finding(reference, reference) == "passed"


@pytest.mark.parametrize(("reference", "answer"), TRAPS)
async def test_what_is_not_the_same_is_refused(reference, answer):
    check = await checked(answer, reference)
    assert check.finding == "failed", check.evidence
    assert len(check.evidence.splitlines()) == 1


async def test_every_mutant_of_every_reference_is_refused():
    refused = 0
    for reference in dict.fromkeys(reference for reference, _ in EQUAL):
        mutants = MATH.mutants(reference, {})
        assert mutants[0] == MATH.changed(reference, {})
        assert len(set(mutants)) == len(mutants) >= 1
        for mutant in mutants:
            assert await finding(mutant, reference) == "failed", (reference, mutant)
            refused += 1
    assert refused >= 200


async def test_of_more_than_a_thousand_pairs_of_other_references_none_is_accepted():
    said = {json.dumps(packed(read_statement(r))): r for pair in EQUAL for r in pair}
    same = {frozenset(pair) for pair in EQUAL}
    groups = [
        {"1/2", r"\frac{1}{2}", "0.5", r"\frac12", r"\left( \tfrac{1}{2} \right)"},
        {"x^2+2x+1", "(x+1)^2"},
    ]
    texts = list(said.values())[::3]
    pairs = [
        (one, other)
        for one, other in itertools.permutations(texts, 2)
        if frozenset((one, other)) not in same and not any({one, other} <= g for g in groups)
    ]
    accepted = [pair for pair in pairs if await finding(*pair) == "passed"]
    assert len(pairs) >= 1000
    assert accepted == []


@pytest.mark.no_cover
@pytest.mark.parametrize(("reference", "answer"), [*EQUAL, *TRAPS])
async def test_a_worker_finds_what_this_process_would_find(reference, answer):
    check = await checked(answer, reference)
    if "memory_max_bytes" not in check.limits:
        return  # decided without a worker
    here = found_here(answer, reference)
    told = {"same": "passed", "different": "failed"}.get(str(here.get("found")), "failed")
    assert told == check.finding


async def test_no_attack_takes_longer_than_it_may_or_passes_and_the_pool_still_works():
    assert await finding("1+x", "x+1") == "passed"
    slowest, count = 0.0, 0
    for reference in REFERENCES:
        for name, attack in ATTACKS.items():
            # Of this process: a worker has limits of its own, and says so if the clock's ran out.
            start = time.process_time()
            check = await checked(attack, reference)
            slowest, count = max(slowest, time.process_time() - start), count + 1
            assert check.finding == "failed", (name, reference, check.evidence)
        assert await finding("(x+1)^2", "x^2+2x+1") == "passed"
    assert count >= 100
    assert slowest < WALL_S
    pool().end_workers()
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 < 2**30
    assert await finding("(x+1)^2", "x^2+2x+1") == "passed"


@pytest.mark.parametrize("name", ATTACKS)
async def test_an_attack_that_is_its_own_reference_is_decided_or_the_references_fault(name):
    await finding("1+x", "x+1")
    start = time.process_time()
    try:
        found = await finding(f"({ATTACKS[name]})+0", ATTACKS[name])
        assert found in ("passed", "failed", "undecided")
    except VerifierError as error:
        lines = str(error).splitlines()
        assert len(lines) == 1
    assert time.process_time() - start < WALL_S


async def test_a_proof_that_takes_too_long_ends_the_worker_and_leaves_the_answer_undecided():
    reference, answer = r"\sin(x+y+z+a)^{8}", r"(1-\cos(x+y+z+a)^2)^{4}"
    await finding("1+x", "x+1")
    async with asyncio.timeout(60):  # far beyond the limits
        assert await finding_or_busy(answer, reference) in ("undecided", "busy")
    assert await finding("(x+1)^2", "x^2+2x+1") == "passed"


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ({"found": "same"}, "passed"),
        ({"found": "different"}, "failed"),
        ({"found": "unproved"}, "undecided"),
        ({"fault": "answer", "why": "too large"}, "failed"),
        ({"ended": "it takes too much memory", "stage": "answer"}, "failed"),
        ({"ended": "it takes too much time", "stage": "proof"}, "undecided"),
        ({"fault": "reference", "why": "too large"}, None),
        ({"ended": "it takes too much memory", "stage": "reference"}, None),
        ({"ended": "busy", "stage": "answer"}, None),
        ({"ended": "killed"}, None),
    ],
)
def test_only_what_an_answer_does_by_itself_is_held_against_it(reply, said):
    wanted, found = (_said(text) for text in ("x+1", "1+x"))
    if said is None:
        with pytest.raises(VerifierError):
            MATH._compared(wanted, found, reply)
    else:
        assert MATH._compared(wanted, found, reply).finding == said


def children_of(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def child_of(worker: Worker) -> int:
    assert wait_until(lambda: len(children_of(worker.pid)) == 1)
    return children_of(worker.pid)[0]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(holds, seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return False


@pytest.fixture(scope="module")
def worker():
    made = Worker()
    yield made
    made.end()


SAME = {"reference": packed(read_statement("x+1")), "answer": packed(read_statement("x+1"))}
linux = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="reads Linux's /proc")
PAIR = {
    "reference": packed(read_statement("x^2-1")),
    "answer": packed(read_statement("(x-1)(x+1)")),
}


@linux
def test_the_process_that_compares_is_confined_and_knows_nothing(worker):
    assert worker.ask(PAIR)["found"] == "same"
    child = child_of(worker)
    limits = Path(f"/proc/{child}/limits").read_text()
    for name, most in (("address space", 2**30), ("file size", 0), ("processes", 0)):
        line = next(line for line in limits.splitlines() if line.startswith(f"Max {name}"))
        assert line.removeprefix(f"Max {name}").split()[:2] == [str(most)] * 2
    for pid in (worker.pid, child):
        assert Path(f"/proc/{pid}/environ").read_bytes() == b"PYTHONHASHSEED=0\0"
        opened = [str((fd).readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir()]
        assert sorted(each.split(":")[0] for each in opened) == [*["/dev/null"] * 3, "socket"]


@linux
def test_a_child_gives_way_to_a_fresh_one_after_many_comparisons(worker):
    first = child_of(worker)
    for _ in range(600):
        assert worker.ask(SAME)["found"] == "same"
    assert child_of(worker) != first
    assert not is_alive(first)


@linux
@pytest.mark.parametrize("whom", ["the child", "the whole worker"])
async def test_a_worker_that_is_killed_while_it_works_is_asked_again(whom):
    await finding("1+x", "x+1")
    slow = asyncio.create_task(finding_or_busy(f"({SLOW})+0", SLOW))
    await asyncio.sleep(0.1)
    for pid in pool().pids():
        if whom == "the child":
            for child in children_of(pid):
                os.kill(child, signal.SIGKILL)
        else:
            os.killpg(pid, signal.SIGKILL)
    assert await slow in ("passed", "undecided", "busy")
    assert await finding("(x+1)^2", "x^2+2x+1") == "passed"


@linux
def test_an_idle_worker_that_is_killed_is_replaced_without_a_word(worker):
    child = child_of(worker)
    os.kill(child, signal.SIGKILL)
    assert wait_until(lambda: children_of(worker.pid) not in ([], [child]))
    assert worker.ask(PAIR)["found"] == "same"


def test_a_worker_that_was_ended_says_that_it_was_killed():
    ended = Worker()
    os.killpg(ended.pid, signal.SIGKILL)
    assert ended.ask(PAIR) == {"ended": "killed"}
    assert ended.has_ended()


def test_checks_run_in_any_thread_and_in_one_event_loop_after_another():
    found: list[str] = []

    def run() -> None:
        for _ in range(3):
            found.append(asyncio.run(finding("(x+1)^2", "x^2+2x+1")))

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["passed"] * 18


async def test_many_checks_at_once_share_a_few_processes():
    checks = [finding(f"(x+{n})^2", f"x^2+{2 * n}x+{n * n}") for n in range(40)]
    assert await asyncio.gather(*checks) == ["passed"] * 40
    assert 1 <= len(pool().pids()) <= (os.cpu_count() or 1)


async def test_a_check_that_nobody_waits_for_any_more_costs_no_worker():
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await finding(f"({SLOW})+0", SLOW)
    assert await finding("(x+1)^2", "x^2+2x+1") == "passed"


LEFT_BEHIND = """
import asyncio, os, signal, sys
from agents.verifiers.math import MathVerifier
from agents.verifiers.math.pool import pool

async def main():
    math = MathVerifier()
    await math.check(answer="1+x", reference="x+1", data={})
    if sys.argv[1] == "busy":
        slow = sys.argv[2]
        asyncio.ensure_future(math.check(answer=f"({slow})+0", reference=slow, data={}))
        await asyncio.sleep(0.1)
    pids = pool().pids()
    for pid in list(pids):
        with open(f"/proc/{pid}/task/{pid}/children") as children:
            pids += map(int, children.read().split())
    print(*pids, flush=True)
    if sys.argv[1] != "ends":
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


def run_apart(code: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@linux
@pytest.mark.parametrize("how", ["idle", "busy", "ends"])
def test_no_worker_outlives_the_process_that_started_it(how):
    done = run_apart(LEFT_BEHIND, how, SLOW)
    pids = list(map(int, done.stdout.split()))
    assert len(pids) >= 2, done.stderr
    assert done.stderr == ""
    assert wait_until(lambda: not any(map(is_alive, pids)))


FINDINGS = """
import asyncio, json, sys
from agents.verifiers.math import MathVerifier

async def main():
    found = []
    for reference, answer in json.load(sys.stdin):
        check = await MathVerifier().check(answer=answer, reference=reference, data={})
        found.append(check.model_dump())
    print(json.dumps(found))

asyncio.run(main())
"""


def test_findings_hang_neither_on_the_order_of_hashes_nor_on_what_was_asked_before():
    pairs = [*EQUAL[40:50], *TRAPS[70:90]]
    command = [sys.executable, "-c", FINDINGS]
    found = []
    for seed, asked in (("1", pairs), ("2", pairs[::-1])):
        environment = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed}
        done = subprocess.run(
            command, env=environment, input=json.dumps(asked), capture_output=True, text=True,
            timeout=60, check=True,
        )  # fmt: skip
        found.append(json.loads(done.stdout))
    assert found[0] == found[1][::-1]


async def test_without_the_extra_values_are_compared_and_expressions_are_not(monkeypatch):
    monkeypatch.setitem(sys.modules, "math_verify", None)
    assert await finding(r"\frac{2}{4}", "0.5") == "passed"
    assert await finding("5 or 4", "4") == "failed"
    assert await finding(r"\{2,1\}", "{1,2}") == "passed"
    assert await finding("x = 4", "x+1") == "failed"
    with pytest.raises(VerifierError, match=r'pip install "lyceum\[math\]"'):
        await finding("1+x", "x+1")


async def test_nothing_in_an_answer_is_run(tmp_path):
    canary = tmp_path / "canary"
    deed = f"__import__('pathlib').Path('{canary}').touch()"
    ways = [deed, rf"\mathrm{{{deed}}}", rf"x_{{{deed}}}", rf"\text{{{deed}}}", f"f({deed})"]
    ways += [rf"\operatorname{{{deed}}}(x)", f"'{deed}'", f"eval({deed!r})", rf"\write18{{{deed}}}"]
    ways += [rf"\input{{{canary}}}", rf"\vec{{{deed}}}", rf"\begin{{{deed}}}1\end{{{deed}}}"]
    for way in ways:
        for reference in ("x+1", "4", way):
            try:
                assert await finding(way, reference) == "failed"
            except VerifierError:
                assert reference == way
    assert not canary.exists()


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("four apples", "'four' is a word"),
        (r"\sum_{k=1}^n k", "'sum'"),
        ("1/2x", "two ways"),
        ("10^{10^{10}}", "bits"),
        (r"\frac{1}{x-x}", "divides by zero"),
        ("x = x + 0", "says nothing"),
        (nested("(", ")", 65), "nested deeper"),
        ("x" * 4097, "longer than"),
        ("", "empty"),
    ],
)
async def test_a_reference_that_cannot_be_compared_is_the_lessons_fault_and_says_why(
    reference, said
):
    with pytest.raises(VerifierError, match=said):
        await finding("y+2" if "=" not in reference else "y = 2z", reference)


async def test_what_agrees_everywhere_but_is_not_proved_is_undecided():
    check = await MATH.check(answer=r"\frac{\pi}{2}-\arccos x", reference=r"\arcsin x", data={})
    assert check.finding == "undecided"
    assert "no proof" in check.evidence
    assert check.limits["math_verify"]


def expressions() -> st.SearchStrategy[Node]:
    leaves = st.one_of(
        st.integers(0, 99).map(number),
        st.sampled_from("xyzab").map(lambda name: Node("name", text=name)),
        st.just(Node("pi")),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: Node("add", tuple(parts))),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: Node("mul", tuple(parts))),
            inner.map(lambda part: Node("neg", (part,))),
            inner.map(lambda part: Node("pow", (part, number(2)))),
            inner.map(lambda part: Node("abs", (part,))),
            inner.map(lambda part: Node("call", (part,), "sin")),
            st.tuples(inner, inner).map(lambda parts: Node("div", parts)),
            inner.map(lambda part: Node("root", (part, number(3)))),
        ),
        max_leaves=8,
    )


@pytest.mark.no_cover
@given(expressions())
@settings(max_examples=200, deadline=None)
def test_what_is_written_as_latex_is_read_as_the_same_expression(node):
    assert unpacked(packed(node)) == node
    again = read_statement(latex(node))
    assert latex(read_statement(latex(again))) == latex(again)
    found = compared({"reference": packed(node), "answer": packed(again)}, Note())
    assert found.get("found") in ("same", "unproved", None)
    assert found.get("fault") in ("reference", None)


@given(
    st.text(r"0123456789xyeifn\{}()[]|^_+-*/=<>!%,;&. ", max_size=30), st.sampled_from(REFERENCES)
)
@settings(max_examples=300, deadline=None)
async def test_no_text_of_mathematical_signs_makes_it_raise(answer, reference):
    check = await checked(answer, reference)
    assert check.finding in ("passed", "failed", "undecided")


@given(st.text(max_size=40))
@settings(max_examples=300, deadline=None)
def test_reading_any_text_either_works_or_says_why_not(text):
    try:
        read_statement(text)
    except NotMathematics as fault:
        assert len(str(fault).splitlines()) == 1  # noqa: PT017 - either is right

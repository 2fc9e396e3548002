"""Sequences: the next terms of one that is shown, or a later term of one whose rule is told."""

from collections.abc import Sequence
from itertools import pairwise

from pydantic import JsonValue

from agents.embedded.domain import Misconception
from agents.embedded.procedures.procedure import Givens, Kind, Procedure, listed, stated_as
from agents.embedded.procedures.sequence_stories import (
    ARITHMETIC_NEXT,
    ARITHMETIC_NTH,
    GEOMETRIC_NTH,
    IN_TURN,
    SECOND_ASK_ONE,
    SECOND_ASK_TWO,
    SECOND_NEXT,
    SUM_OF_TWO,
    WOVEN,
)
from agents.embedded.procedures.sheet import Sheet
from storage.records import Skill

NUMBER = stated_as("number")
TWO = stated_as("number, number", "Give both numbers in their order, with a comma between them.")
THREE = stated_as("number, number, number", "Give the numbers in their order, with commas.")
VERBS = {"+": "add", "-": "take away", "*": "multiply by"}
THIRD_PERSON = {"+": "adds", "-": "takes away", "*": "multiplies by"}
RATIO_AND_PLACE = ((2, 4), (2, 5), (2, 6), (2, 7), (2, 8), (3, 4), (3, 5), (4, 4), (5, 4))
"""Ratios of geometric sequences with the place asked for; no term has more than four digits."""


def _nth(n: int) -> str:
    ending = "th" if n in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def _difference(sheet: Sheet, term: int, after: int) -> int:
    """Return the step from one term to another, both of which it writes down."""
    step = sheet.either(after - term, ignores_the_minus_sign=abs(after - term))
    sheet.write(f"The step from {term} to {after} is {step}.")
    return step


def _solve_arithmetic_next(givens: Givens, sheet: Sheet) -> str:
    terms = givens["terms"]
    step = _difference(sheet, terms[0], terms[1])
    following = terms[-1] + step
    sheet.write(f"It stays the same: {terms[-1]} {_signed(step)} = {following}.")
    return str(following)


def _solve_arithmetic_nth(givens: Givens, sheet: Sheet) -> str:
    a, d, n = givens["a"], givens["d"], givens["n"]
    steps = sheet.either(n - 1, takes_one_step_too_many=n)
    sheet.write(f"From term 1 to term {n} there are {steps} steps.")
    sheet.write(f"{steps} steps of {d} are {steps * d}.")
    sheet.write(f"{a} + {steps * d} = {a + steps * d}.")
    return str(a + steps * d)


def _applied(sheet: Sheet, term: int, sign: str, number: int) -> int:
    if sign == "+":
        return term + number
    if sign == "-":
        return sheet.either(term - number, ignores_the_minus_sign=term + number)
    return sheet.either(term * number, adds_instead_of_multiplying=term + number)


def _solve_in_turn(givens: Givens, sheet: Sheet) -> str:
    """Apply the operations in turn until the asked term is there."""
    term, n, ops = givens["a"], givens["n"], givens["ops"]
    for step in range(n):
        if step == n - 1 and sheet.either(True, takes_one_step_too_many=False):
            break
        sign, number = sheet.either(ops[step % len(ops)], forgets_to_alternate=ops[0])
        before = term
        term = _applied(sheet, before, sign, number)
        sheet.write(f"Step {step + 1}, {VERBS[sign]} {number}: {before} becomes {term}.")
    sheet.write(f"Term {n} is {term}.")
    return str(term)


def _solve_second(givens: Givens, sheet: Sheet) -> str:
    terms = givens["terms"]
    gaps = [after - term for term, after in pairwise(terms)]
    sheet.write(f"The differences are {listed(gaps)}.")
    growth = gaps[1] - gaps[0]
    sheet.write(f"Each difference is larger than the one before by {growth}.")
    gap, term, found = gaps[-1], terms[-1], []
    for _ in range(givens["asked"]):
        gap = sheet.either(gap + growth, keeps_the_last_difference=gap)
        before, term = term, term + gap
        sheet.write(f"The next difference is {gap}: {before} {_signed(gap)} = {term}.")
        found.append(term)
    return listed(found)


def _solve_sum_of_two(givens: Givens, sheet: Sheet) -> str:
    first, second = givens["a"], givens["b"]
    found = []
    for place in (3, 4, 5):
        added = sheet.either(first, doubles_instead_of_summing=second)
        first, second = second, second + added
        sheet.write(f"Term {place}: {added} + {first} = {second}.")
        found.append(second)
    return listed(found)


def _solve_woven(givens: Givens, sheet: Sheet) -> str:
    terms = list(givens["terms"])
    for _ in range(2):
        back = sheet.either(2, ignores_the_weave=1)
        term, after = terms[-2 * back], terms[-back]
        step = _difference(sheet, term, after)
        terms.append(after + step)
        sheet.write(f"{after} {_signed(step)} = {terms[-1]}.")
    return listed(terms[-2:])


def _signed(step: int) -> str:
    return f"{'-' if step < 0 else '+'} {abs(step)}"


def _terms_told(givens: Givens) -> dict[str, str]:
    ask = SECOND_ASK_TWO if givens.get("asked") == 2 else SECOND_ASK_ONE
    return {"terms": listed(givens["terms"]), "ask": ask}


def _numbers_told(givens: Givens) -> dict[str, str]:
    words = {key: str(value) for key, value in givens.items() if isinstance(value, int)}
    return {**words, "nth": _nth(givens.get("n", 1))}


def _arithmetic_next() -> Kind:
    def decode(choices: Sequence[int]) -> dict[str, JsonValue]:
        low, step, down, more = choices
        terms: list[JsonValue] = [10 + low + (3 + step) * place for place in range(5 + more)]
        return {"terms": terms[:0:-1] if down else terms[:-1]}

    return Kind(
        name="arithmetic_next",
        phrasings=ARITHMETIC_NEXT,
        sizes=(200, 20, 2, 2),
        decode=decode,
        tell=_terms_told,
        instruction=NUMBER,
        verifier="math",
        solve=_solve_arithmetic_next,
    )


def _arithmetic_nth() -> Kind:
    def decode(choices: Sequence[int]) -> dict[str, JsonValue]:
        a, d, n = choices
        return {"a": 2 + a, "d": 2 + d, "n": 5 + n}

    return Kind(
        name="arithmetic_nth",
        phrasings=ARITHMETIC_NTH,
        sizes=(60, 19, 21),
        decode=decode,
        tell=_numbers_told,
        instruction=NUMBER,
        verifier="math",
        solve=_solve_arithmetic_nth,
    )


def _geometric_nth() -> Kind:
    def decode(choices: Sequence[int]) -> dict[str, JsonValue]:
        a, rule = choices
        ratio, n = RATIO_AND_PLACE[rule]
        return {"a": 2 + a, "r": ratio, "n": n, "ops": [["*", ratio]]}

    return Kind(
        name="geometric_nth",
        phrasings=GEOMETRIC_NTH,
        sizes=(59, len(RATIO_AND_PLACE)),
        decode=decode,
        tell=_numbers_told,
        instruction=NUMBER,
        verifier="math",
        solve=_solve_in_turn,
    )


def _second_next(level: int) -> Kind:
    """Return the kind with growing differences; at level 3 they are negative at first."""
    sizes = (60, 20, 6, 3) if level == 2 else (200, 20, 7, 2)
    least = (1, 2, 2) if level == 2 else (200, -30, 3)

    def decode(choices: Sequence[int]) -> dict[str, JsonValue]:
        term, gap, growth = (low + at for low, at in zip(least, choices, strict=False))
        terms: list[JsonValue] = []
        for _ in range(4 + choices[3]):
            terms.append(term)
            term, gap = term + gap, gap + growth
        return {"terms": terms, "asked": level - 1}

    return Kind(
        name="second_difference",
        phrasings=SECOND_NEXT,
        sizes=sizes,
        decode=decode,
        tell=_terms_told,
        instruction=NUMBER if level == 2 else TWO,
        verifier="math",
        solve=_solve_second,
    )


def _in_turn(level: int) -> Kind:
    def decode_two(choices: Sequence[int]) -> dict[str, JsonValue]:
        a, plus, times, multiply_first, n = choices
        ops: list[JsonValue] = [["+", 2 + plus], ["*", 2 + times]]
        return {"a": 1 + a, "ops": ops[::-1] if multiply_first else ops, "n": 4 + n}

    def decode_three(choices: Sequence[int]) -> dict[str, JsonValue]:
        a, plus, times, minus, n = choices
        ops: list[JsonValue] = [["+", 4 + plus], ["*", 2 + times], ["-", 2 + minus]]
        return {"a": 2 + a, "ops": ops, "n": 6 + n}

    def tell(givens: Givens) -> dict[str, str]:
        told = [f"{THIRD_PERSON[sign]} {number}" for sign, number in givens["ops"]]
        joined = f"{', '.join(told[:-1])} and {told[-1]}"
        return {
            "a": str(givens["a"]),
            "n": str(givens["n"]),
            "nth": _nth(givens["n"]),
            "ops": joined,
        }

    return Kind(
        name="in_turn",
        phrasings=IN_TURN,
        sizes=(30, 14, 2, 2, 3) if level == 2 else (20, 12, 2, 8, 4),
        decode=decode_two if level == 2 else decode_three,
        tell=tell,
        instruction=NUMBER,
        verifier="math",
        solve=_solve_in_turn,
    )


def _sum_of_two() -> Kind:
    def decode(choices: Sequence[int]) -> dict[str, JsonValue]:
        return {"a": 2 + choices[0], "b": 3 + choices[1]}

    return Kind(
        name="sum_of_two",
        phrasings=SUM_OF_TWO,
        sizes=(40, 60),
        decode=decode,
        tell=_numbers_told,
        instruction=THREE,
        verifier="math",
        solve=_solve_sum_of_two,
    )


def _woven() -> Kind:
    def decode(choices: Sequence[int]) -> dict[str, JsonValue]:
        rising, up, falling, down, falling_first, more = choices
        pairs = [
            [10 + rising + (3 + up) * place, 200 + falling - (3 + down) * place]
            for place in range(3 + more)
        ]
        terms: list[JsonValue] = [
            term for pair in pairs for term in (pair[::-1] if falling_first else pair)
        ]
        return {"terms": terms}

    return Kind(
        name="woven",
        phrasings=WOVEN,
        sizes=(80, 10, 100, 10, 2, 2),
        decode=decode,
        tell=_terms_told,
        instruction=TWO,
        verifier="math",
        solve=_solve_woven,
    )


SEQUENCES = Procedure(
    skill=Skill(
        name="sequences",
        levels=3,
        verifier="math",
        about="Find further terms of arithmetic, geometric, alternating and similar sequences.",
    ),
    misconceptions=(
        Misconception("takes_one_step_too_many", "To get to the n-th term, take n steps."),
        Misconception(
            "adds_instead_of_multiplying",
            "To multiply by a number again and again is to add it again and again.",
        ),
        Misconception(
            "ignores_the_minus_sign", "A step is always added, whether the numbers rise or fall."
        ),
        Misconception(
            "keeps_the_last_difference", "The next difference is the same as the last one."
        ),
        Misconception("forgets_to_alternate", "The first operation of the rule is the whole rule."),
        Misconception(
            "doubles_instead_of_summing", "The sum of the last two numbers is twice the last one."
        ),
        Misconception("ignores_the_weave", "A sequence always goes on from its last two numbers."),
    ),
    levels=(
        (_arithmetic_next(), _arithmetic_nth(), _geometric_nth()),
        (_second_next(2), _in_turn(2), _sum_of_two()),
        (_second_next(3), _in_turn(3), _woven()),
    ),
)

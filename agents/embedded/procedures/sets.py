"""Set operations: union, intersection, difference and symmetric difference, one after another.

Sets are drawn region by region of their Venn diagram and no region is empty, so that every
operation has something to do and no result is empty.
"""

from collections.abc import Sequence
from itertools import product
from math import comb, factorial

from pydantic import JsonValue

from agents.embedded.domain import Misconception
from agents.embedded.procedures.procedure import Givens, Kind, Procedure, listed, stated_as
from agents.embedded.procedures.sheet import Sheet
from agents.embedded.procedures.unranking import combination
from storage.records import Skill

POOL = range(10, 100)
"""Two digits each, so that no number is part of another."""
RESULT = stated_as("list", "Give the numbers in ascending order, with commas between them.")
OPERATIONS = ("union", "intersection", "difference", "symmetric")
WORDS = {
    "union": "the union of {0} and {1}",
    "intersection": "the intersection of {0} and {1}",
    "difference": "{0} without the elements of {1}",
    "symmetric": "the symmetric difference of {0} and {1}",
}
_VENN = {2: (3, 2, 2), 3: (7, 1, 3)}
"""By number of sets: regions of the diagram, the least in each, and how many hold one more."""
_TWO_SETS = (
    "Set A holds {a}. Set B holds {b}.",
    "Two lottery tickets show the numbers {a} (ticket A) and {b} (ticket B).",
    "The lockers of club A are {a}; those of club B are {b}.",
    "Bus line A stops at the stations {a}, bus line B at the stations {b}.",
    "Child A has collected the stickers {a}. Child B has the stickers {b}.",
    "Printer A is used by the offices {a}, printer B by the offices {b}.",
    "In exam A the seats {a} are taken; in exam B the seats {b} are.",
    "List A of a stock check names the shelves {a}, and list B the shelves {b}.",
)
_THREE_SETS = (
    "Set A holds {a}. Set B holds {b}. Set C holds {c}.",
    "Three lottery tickets show the numbers {a} (ticket A), {b} (ticket B) and {c} (ticket C).",
    "The lockers of club A are {a}; those of club B are {b}; those of club C are {c}.",
    "Bus line A stops at the stations {a}, bus line B at {b} and bus line C at {c}.",
    "Child A has collected the stickers {a}. Child B has {b}, and child C has {c}.",
    "Printer A is used by the offices {a}, printer B by {b}, and printer C by {c}.",
    "In exam A the seats {a} are taken; in exam B {b} are, and in exam C {c}.",
    "List A of a stock check names the shelves {a}, list B the shelves {b}, and list C {c}.",
)
_ASKED = {
    "union": (
        "Which numbers belong to A or B or both?",
        "Form the union of A and B.",
        "Which numbers occur in at least one of A and B?",
    ),
    "intersection": (
        "Which numbers belong to both A and B?",
        "Form the intersection of A and B.",
        "Which numbers do A and B have in common?",
    ),
    "difference": (
        "Which numbers belong to A but not to B?",
        "Form the difference A without B.",
        "Take from A every number that is also in B. Which numbers remain?",
    ),
    "symmetric": (
        "Which numbers belong to exactly one of A and B?",
        "Form the symmetric difference of A and B.",
        "Which numbers are in A or in B, but not in both?",
    ),
}
_TWO_STEPS = (
    "Let P be {step1}. Find {last}.",
    "First find P, which is {step1}. Then find {last}.",
    "Call it P: {step1}. Which numbers make up {last}?",
)
_THREE_STEPS = (
    "Let P be {step1}, and let Q be {step2}. Find {last}.",
    "First find P, which is {step1}. Then find Q, which is {step2}. Finally, find {last}.",
    "Call this P: {step1}. Call this Q: {step2}. Which numbers make up {last}?",
)


Step = tuple[str, str, str, str]
"""Name of the outcome, operation, and the names of the two sets it is applied to."""


def _combined(operation: str, left: Sequence[int], right: Sequence[int]) -> list[int]:
    shared = [number for number in left if number in right]
    only_left = [number for number in left if number not in right]
    only_right = [number for number in right if number not in left]
    if operation == "union":
        return sorted([*left, *only_right])
    if operation == "symmetric":
        return sorted([*only_left, *only_right])
    return sorted(shared if operation == "intersection" else only_left)


def _operate(sheet: Sheet, step: Step, left: list[int], right: list[int]) -> list[int]:
    _, operation, *names = step
    shared = _combined("intersection", left, right)
    sheet.write(f"{names[0]} and {names[1]} share {listed(shared)}.")
    right_way = _combined(operation, left, right)
    wrong = {}
    if operation == "union":
        wrong["confuses_union_and_intersection"] = shared
        wrong["keeps_duplicates"] = sorted([*left, *right])
    elif operation == "intersection":
        wrong["confuses_union_and_intersection"] = _combined("union", left, right)
    elif operation == "difference":
        wrong["subtracts_the_wrong_way"] = _combined("difference", right, left)
    else:
        wrong["keeps_what_is_shared"] = _combined("union", left, right)
    taken = sheet.either(right_way, **wrong)
    what = WORDS[operation].format(*names)
    sheet.write(f"{what[0].upper()}{what[1:]}: {listed(taken)}.")
    return taken


def _solve(givens: Givens, sheet: Sheet) -> str:
    found = {name: sorted(numbers) for name, numbers in givens["sets"].items()}
    steps = givens["steps"]
    taken: list[int] = []
    for place, step in enumerate(steps):
        if 0 < place == len(steps) - 1 and sheet.either(False, stops_one_step_early=True):
            break
        name, _, left, right = step
        taken = found[name] = _operate(sheet, step, found[left], found[right])
    sheet.write(f"The result is {listed(taken)}.")
    return listed(taken)


def _sizes(sets: int) -> tuple[int, int, int]:
    """Return how many choices there are of numbers, of larger regions, and of who goes where."""
    regions, least, larger = _VENN[sets]
    size = regions * least + larger
    ways = factorial(size) // (factorial(least) ** regions * (least + 1) ** larger)
    return comb(len(POOL), size), comb(regions, larger), ways


def _drawn(choices: Sequence[int], sets: int) -> dict[str, JsonValue]:
    """Return the sets of a choice of numbers, of larger regions, and of who goes where."""
    regions, least, larger = _VENN[sets]
    values, which, where = choices
    left = combination(values, POOL, regions * least + larger)
    large = combination(which, range(regions), larger)
    found: dict[str, list[int]] = {name: [] for name in "ABC"[:sets]}
    for region in range(regions):
        size = least + (region in large)
        where, rank = divmod(where, comb(len(left), size))
        taken = combination(rank, left, size)
        left = [number for number in left if number not in taken]
        for bit, name in enumerate(found):
            if (region + 1) >> bit & 1:
                found[name] += taken
    return {name: [*sorted(numbers)] for name, numbers in found.items()}


def _shown(numbers: Sequence[int], result: str) -> str:
    """Return a set in no order that gives the result away."""
    shown = sorted(numbers, key=lambda number: number * 61 % 101)
    if result in listed(shown) and "," in result:
        shown.reverse()
    return listed(shown)


def _tell(givens: Givens) -> dict[str, str]:
    result = _solve(givens, Sheet(()))
    words = {name.lower(): _shown(held, result) for name, held in givens["sets"].items()}
    told = [WORDS[operation].format(*names) for _, operation, *names in givens["steps"]]
    return {**words, "last": told[-1], **{f"step{at}": step for at, step in enumerate(told, 1)}}


def _useful_steps(level: int) -> tuple[tuple[Step, ...], ...]:
    """Return the chains of operations that neither come out empty nor give back a set they had."""
    venn = {"A": [1, 3, 5, 7], "B": [2, 3, 6, 7], "C": [4, 5, 6, 7]}
    useful = []
    for operations in product(OPERATIONS, repeat=level):
        operands = (("A", "B"), ("B", "C"), ("P", "Q")) if level == 3 else (("A", "B"), ("P", "C"))
        names = "PQR" if level == 3 else "PR"
        steps = tuple(
            (name, operation, *pair)
            for name, operation, pair in zip(names, operations, operands, strict=True)
        )
        found = dict(venn)
        for name, operation, left, right in steps:
            found[name] = _combined(operation, found[left], found[right])
        result = found.pop("R")
        if result and result not in found.values():
            useful.append(steps)
    return tuple(useful)


def _single(operation: str) -> Kind:
    def decode(choices: Sequence[int]) -> dict[str, JsonValue]:
        return {"sets": _drawn(choices, 2), "steps": [["R", operation, "A", "B"]]}

    return Kind(
        name=operation,
        phrasings=tuple(f"{sets} {asked}" for sets in _TWO_SETS for asked in _ASKED[operation]),
        sizes=_sizes(2),
        decode=decode,
        tell=_tell,
        instruction=RESULT,
        verifier="math",
        solve=_solve,
    )


def _chain(level: int) -> Kind:
    chains = _useful_steps(level)
    asked = _TWO_STEPS if level == 2 else _THREE_STEPS

    def decode(choices: Sequence[int]) -> dict[str, JsonValue]:
        steps: list[JsonValue] = [[*step] for step in chains[choices[0]]]
        return {"sets": _drawn(choices[1:], 3), "steps": steps}

    return Kind(
        name="chain",
        phrasings=tuple(f"{sets} {ask}" for sets in _THREE_SETS for ask in asked),
        sizes=(len(chains), *_sizes(3)),
        decode=decode,
        tell=_tell,
        instruction=RESULT,
        verifier="math",
        solve=_solve,
    )


SET_OPERATIONS = Procedure(
    skill=Skill(
        name="set_operations",
        after=("sorting",),
        levels=3,
        verifier="math",
        about="Form unions, intersections, differences and symmetric differences of sets.",
    ),
    misconceptions=(
        Misconception(
            "keeps_duplicates",
            "A union holds everything that either set lists, twice if both list it.",
        ),
        Misconception(
            "confuses_union_and_intersection",
            "The union is what two sets share, and the intersection is everything.",
        ),
        Misconception("subtracts_the_wrong_way", "A without B is what B has and A has not."),
        Misconception(
            "keeps_what_is_shared", "The symmetric difference is all that the two sets hold."
        ),
        Misconception(
            "stops_one_step_early", "The set that was found last but one is already the answer."
        ),
    ),
    levels=(tuple(map(_single, OPERATIONS)), (_chain(2),), (_chain(3),)),
)

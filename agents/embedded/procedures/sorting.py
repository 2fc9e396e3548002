"""Sorting: named methods carried out by hand for a few passes, and merging.

A list is drawn as a combination and an arrangement, and the first arrangements are left out, so
that the asked passes always change something.
"""

from collections.abc import Sequence
from math import comb, factorial

from pydantic import JsonValue

from agents.embedded.domain import Misconception
from agents.embedded.procedures.procedure import (
    Givens,
    Kind,
    Procedure,
    amount,
    listed,
    stated_as,
)
from agents.embedded.procedures.sheet import Sheet
from agents.embedded.procedures.sorting_stories import (
    BUBBLE,
    COUNT_SWAPS,
    INSERTION,
    MERGE,
    SELECTION,
)
from agents.embedded.procedures.unranking import arrangement, combination
from storage.records import Skill

POOL = range(10, 100)
LIST = stated_as("list", "Give the whole list, with commas between the numbers.")
SWAPS = stated_as("number of swaps")


def _solve_bubble(givens: Givens, sheet: Sheet) -> str:
    numbers = list(givens["numbers"])
    for number in range(1, givens["passes"] + 1):
        if _stops(sheet, number, givens["passes"]):
            break
        _bubble_pass(sheet, number, numbers)
    sheet.write(f"The list is {listed(numbers)}.")
    return listed(numbers)


def _solve_count_swaps(givens: Givens, sheet: Sheet) -> str:
    numbers = list(givens["numbers"])
    total = 0
    for number in range(1, givens["passes"] + 1):
        if _stops(sheet, number, givens["passes"]):
            break
        swaps = _bubble_pass(sheet, number, numbers)
        counted = sheet.either(swaps, counts_comparisons=len(numbers) - 1)
        total += counted
        sheet.write(f"Pass {number} counts {counted}: {amount(total, 'swap')} so far.")
    sheet.write(f"In all {amount(total, 'swap')}.")
    return str(total)


def _stops(sheet: Sheet, number: int, passes: int) -> bool:
    return passes > 1 and number == passes and sheet.either(False, stops_one_pass_early=True)


def _bubble_pass(sheet: Sheet, number: int, numbers: list[int]) -> int:
    """Compare neighbours from left to right; return the number of swaps."""
    swaps = 0
    last = len(numbers) - 1
    for at in range(last):
        left, right = numbers[at : at + 2]
        swap = sheet.either(
            left > right,
            skips_the_last_pair=left > right and at < last - 1,
            sorts_the_wrong_way=left < right,
        )
        if swap:
            numbers[at : at + 2] = right, left
            swaps += 1
            sheet.write(f"Pass {number}: swap {left} and {right}: {listed(numbers)}.")
    sheet.write(f"Pass {number} ends with {listed(numbers)}.")
    return swaps


def _solve_selection(givens: Givens, sheet: Sheet) -> str:
    numbers = list(givens["numbers"])
    for at in range(givens["passes"]):
        if _stops(sheet, at + 1, givens["passes"]):
            break
        rest = numbers[at:]
        found = sheet.either(min(rest), sorts_the_wrong_way=max(rest))
        place = numbers.index(found)
        swapped, moved = list(numbers), list(numbers)
        swapped[at], swapped[place] = numbers[place], numbers[at]
        moved.insert(at, moved.pop(place))
        word = "largest" if found != min(rest) else "smallest"
        numbers = sheet.either(swapped, shifts_instead_of_swapping=moved)
        sheet.write(
            f"Pass {at + 1}: {found} is the {word} from place {at + 1} on: {listed(numbers)}."
        )
    sheet.write(f"The list is {listed(numbers)}.")
    return listed(numbers)


def _solve_insertion(givens: Givens, sheet: Sheet) -> str:
    numbers = list(givens["numbers"])
    for at in range(1, givens["passes"] + 1):
        if _stops(sheet, at, givens["passes"]):
            break
        number = numbers[at]
        larger = [place for place in range(at) if numbers[place] > number]
        smaller = [place for place in range(at) if numbers[place] < number]
        places = sheet.either(larger, sorts_the_wrong_way=smaller)
        place = places[0] if places else at
        shifted, swapped = list(numbers), list(numbers)
        shifted.insert(place, shifted.pop(at))
        swapped[place], swapped[at] = numbers[at], numbers[place]
        numbers = sheet.either(shifted, swaps_instead_of_inserting=swapped)
        sheet.write(f"Pass {at}: {number} goes to place {place + 1}: {listed(numbers)}.")
    sheet.write(f"The list is {listed(numbers)}.")
    return listed(numbers)


def _solve_merge(givens: Givens, sheet: Sheet) -> str:
    first, *others = givens["lists"]
    for other in others:
        first = _merged(sheet, first, other)
    return listed(first)


def _merged(sheet: Sheet, first: Sequence[int], second: Sequence[int]) -> list[int]:
    """Take the smaller of the two front numbers until one list is used up."""
    left, right, merged = list(first), list(second), list[int]()
    sheet.write(f"Merge {listed(left)} with {listed(right)}.")
    while left and right:
        smaller_left = sheet.either(left[0] < right[0], sorts_the_wrong_way=left[0] > right[0])
        taken = (left if smaller_left else right).pop(0)
        merged.append(taken)
        sheet.write(f"Take {taken}: {listed(merged)}.")
    rest = left or right
    merged += sheet.either(rest, leaves_out_the_rest=[])
    sheet.write(f"One list is used up; with the rest of the other: {listed(merged)}.")
    return merged


def _passes_told(givens: Givens) -> dict[str, str]:
    passes = ("no pass", "one pass", "two passes", "three passes", "four passes", "five passes")
    return {"numbers": listed(givens["numbers"]), "passes": passes[givens["passes"]]}


def _bubble(size: int, passes: int) -> Kind:
    """Return the kind for which only the sorted list, rank 0, has nothing to swap."""
    return _row_kind("bubble", size, passes, 1)


def _selection(size: int, passes: int) -> Kind:
    """Return the kind whose lists do not begin with their smallest number."""
    return _row_kind("selection", size, passes, factorial(size - 1))


def _count_swaps(size: int, passes: int) -> Kind:
    return _row_kind("count_swaps", size, passes, 1)


def _row_kind(name: str, size: int, passes: int, least: int) -> Kind:
    """Return a kind that works on one list; arrangements below rank `least` are left out."""
    phrasings, instruction, solve = {
        "bubble": (BUBBLE, LIST, _solve_bubble),
        "selection": (SELECTION, LIST, _solve_selection),
        "count_swaps": (COUNT_SWAPS, SWAPS, _solve_count_swaps),
    }[name]

    def decode(choices: Sequence[int]) -> dict[str, JsonValue]:
        numbers = arrangement(least + choices[1], combination(choices[0], POOL, size))
        return {"numbers": [*numbers], "passes": passes}

    return Kind(
        name=name,
        phrasings=phrasings,
        sizes=(comb(len(POOL), size), factorial(size) - least),
        decode=decode,
        tell=_passes_told,
        instruction=instruction,
        verifier="math",
        solve=solve,
    )


def _insertion(size: int, passes: int) -> Kind:
    """Return the kind whose passes reach beyond a front part that is not sorted."""
    front = passes + 1

    def decode(choices: Sequence[int]) -> dict[str, JsonValue]:
        values, who, order, rest = choices
        numbers = combination(values, POOL, size)
        leading = combination(who, numbers, front)
        following = [number for number in numbers if number not in leading]
        row = arrangement(order + 1, leading) + arrangement(rest, following)
        return {"numbers": [*row], "passes": passes}

    return Kind(
        name="insertion",
        phrasings=INSERTION,
        sizes=(
            comb(len(POOL), size),
            comb(size, front),
            factorial(front) - 1,
            factorial(size - front),
        ),
        decode=decode,
        tell=_passes_told,
        instruction=LIST,
        verifier="math",
        solve=_solve_insertion,
    )


def _merge(lists: int, size: int) -> Kind:
    """Return the kind that merges two or three lists of the same length without common numbers."""

    def decode(choices: Sequence[int]) -> dict[str, JsonValue]:
        left = combination(choices[0], POOL, lists * size)
        found: list[JsonValue] = []
        for choice in choices[1:]:
            taken = combination(choice, left, size)
            found.append([*taken])
            left = [number for number in left if number not in taken]
        return {"lists": [*found, [*left]]}

    def tell(givens: Givens) -> dict[str, str]:
        return dict(zip("abc", map(listed, givens["lists"]), strict=False))

    return Kind(
        name="merge",
        phrasings=MERGE[lists - 2],
        sizes=(
            comb(len(POOL), lists * size),
            *(comb(size * more, size) for more in range(lists, 1, -1)),
        ),
        decode=decode,
        tell=tell,
        instruction=LIST,
        verifier="math",
        solve=_solve_merge,
    )


SORTING = Procedure(
    skill=Skill(
        name="sorting",
        levels=3,
        verifier="math",
        about="Carry out passes of bubble, selection and insertion sort by hand, and merge lists.",
    ),
    misconceptions=(
        Misconception("stops_one_pass_early", "The last pass has nothing left to do."),
        Misconception("sorts_the_wrong_way", "Sorting puts the largest number first."),
        Misconception("skips_the_last_pair", "A pass ends before the last number of the row."),
        Misconception(
            "shifts_instead_of_swapping",
            "The smallest number moves to the front and the others move up.",
        ),
        Misconception(
            "swaps_instead_of_inserting",
            "The number changes places with the one that stands where it belongs.",
        ),
        Misconception("leaves_out_the_rest", "Merging ends when one of the lists is used up."),
        Misconception("counts_comparisons", "Each comparison of two neighbours is a swap."),
    ),
    levels=(
        (_bubble(5, 1), _selection(5, 2), _merge(2, 4)),
        (_bubble(6, 2), _selection(6, 3), _insertion(6, 3)),
        (_count_swaps(6, 3), _insertion(8, 5), _merge(3, 4)),
    ),
)

"""Families of level 3 on numbers: how long something takes, and numbers with special digits."""

from typing import NamedTuple

from agents.embedded.functions.conditions import ORDERS
from agents.embedded.functions.family import (
    PHRASINGS,
    Argument,
    Family,
    Kata,
    Options,
    Parts,
    otherwise,
    story,
    told,
    whole,
)
from agents.embedded.functions.numbers_loops import ROWS, digit_condition
from agents.embedded.functions.page import Page


class Growth(NamedTuple):
    """Something that grows in steps."""

    amount: str
    """The parameter: how much there is at first."""
    unit: str
    step: str
    stories: tuple[str, str]


GROWTHS = {
    each.amount: each
    for each in (
        Growth("savings", "coins", "year", (
            "A savings bank pays interest once a year, and a grandmother adds a gift.",
            "Savings earn interest at the end of every year, and then something is paid in.",
        )),
        Growth("lilies", "lilies", "week", (
            "The lilies on a pond multiply, and a gardener plants some more every week.",
            "A pond is being overgrown by lilies.",
        )),
        Growth("followers", "followers", "month", (
            "A small bakery's page on the internet wins new followers every month.",
            "A puppet theatre counts its followers once a month.",
        )),
        Growth("bees", "bees", "day", (
            "A swarm of bees has moved into a new hive and grows.",
            "A beekeeper counts the bees of a young colony and adds some from another hive daily.",
        )),
        Growth("debt", "coins", "month", (
            "Somebody owes money, and interest and a fee are added every month.",
            "A debt that nobody pays back grows from month to month.",
        )),
        Growth("rabbits", "rabbits", "season", (
            "Rabbits on an island multiply, and a few more arrive on driftwood every season.",
            "A ranger follows how the rabbits of an island increase.",
        )),
        Growth("mould", "spots", "hour", (
            "Spots of mould spread over a forgotten loaf.",
            "In a laboratory spots of mould are counted on a dish every hour.",
        )),
        Growth("trees", "trees", "decade", (
            "A wood seeds itself, and foresters plant some trees in every decade.",
            "Foresters plan how many trees there will be, decade by decade.",
        )),
    )
}  # fmt: skip
_ENDS: Options = [["steps", None], ["steps", -1], ["amount", None], ["amount", 0]]


def _growth_kata(parts: Parts) -> Kata:
    growth, (asked, never) = GROWTHS[parts["growth"]], parts["asked"]
    step, unit = growth.step, growth.unit
    rule = told(
        parts,
        f"Every {step} brings one more for every {parts['by']} that are there at its beginning, "
        f"rounded down, and {parts['more']} on top.",
        f"Each {step} adds what is there divided by {parts['by']}, rounded down, and then "
        f"{parts['more']} {unit} more.",
    )
    limit = told(
        parts,
        f"If `goal` is not reached after {parts['limit']} {step}s, the answer is `{never!r}`.",
        f"Look no further than {parts['limit']} {step}s ahead: if that is not enough, return "
        f"`{never!r}`.",
    )
    wanted = {
        "steps": f"after how many {step}s there are at least `goal` {unit}",
        "amount": f"how many {unit} there are as soon as there are at least `goal`, counted at "
        f"the end of each {step}",
    }[asked]
    at_once = {
        "steps": "If there are enough from the beginning, that is 0.",
        "amount": "If there are enough from the beginning, that is the number at the beginning.",
    }[asked]
    more, limit_n = parts["more"], parts["limit"]
    return Kata(
        name=f"{step}s_until_goal" if asked == "steps" else f"{growth.amount}_at_goal",
        arguments=(
            Argument(growth.amount, "int", whole(0, 30), whole(2, 40)),
            Argument("goal", "int", whole(0, 20 + more * limit_n), whole(20, 30 + more * 3)),
        ),
        returns="int" if never is not None else "int | None",
        story=story(parts, growth.stories),
        wanted=wanted,
        notes=(rule, at_once, limit),
        edges=((0, more), (1, 100_000)),
    )


def _write_growth(parts: Parts, page: Page) -> None:
    growth, (asked, never) = GROWTHS[parts["growth"]], parts["asked"]
    amount, limit = growth.amount, parts["limit"]
    page.write("Begin the function", f"def {_growth_kata(parts).name}({amount}, goal):", 0)
    begin = "0" if asked != "steps" else page.either("0", counts_from_one="1")
    page.write(f"No {growth.step} has gone by", f"steps = {begin}")
    test = page.either("<", misreads_the_boundary="<=")
    page.write("Go on until the goal is reached", f"while {amount} {test} goal:")
    if page.either(True, forgets_to_give_up=False):
        page.write(f"Look whether {limit} have gone by", f"if steps == {limit}:", 2)
        nothing = page.either(repr(never), takes_zero_for_no_answer="0")
        page.write("Then it takes too long", f"return {nothing}", 3)
    added = f"{amount} // {parts['by']} + {parts['more']}"
    fraction = f"{amount} / {parts['by']} + {parts['more']}"
    if asked == "amount":
        added = page.either(added, keeps_the_fraction=fraction)
    page.write(f"Add what the {growth.step} brings", f"{amount} += {added}", 2)
    page.write(f"Count the {growth.step}", "steps += 1", 2)
    page.write("The goal is reached", f"return {'steps' if asked == 'steps' else amount}")


def _growth_value(parts: Parts, amount: int, goal: int) -> object:
    asked, never = parts["asked"]
    amounts = [amount]
    for _ in range(parts["limit"]):
        amounts.append(amounts[-1] + amounts[-1] // parts["by"] + parts["more"])
    enough = [step for step, each in enumerate(amounts) if each >= goal]
    if not enough:
        return never
    return enough[0] if asked == "steps" else amounts[enough[0]]


GROWTH = Family(
    name="growth",
    axes={
        "growth": list(GROWTHS),
        "by": [2, 3, 4, 5, 10],
        "more": [1, 2, 3, 5, 7],
        "limit": [4, 5, 6, 8],
        "asked": _ENDS,
        "phrasing": PHRASINGS,
    },
    kata=_growth_kata,
    write=_write_growth,
    value=_growth_value,
)


_MEASURES: dict[str, tuple[str, str]] = {
    "sum": ("the sum of its digits", "sum(digits)"),
    "largest": ("the largest of its digits", "max(digits)"),
    "last": ("its last digit", "digits[-1]"),
    "ends": ("the sum of its first and its last digit", "digits[0] + digits[-1]"),
    "span": ("the difference of its largest and its smallest digit", "max(digits) - min(digits)"),
}
_LIMITS: Options = [
    *([kind, limit] for kind in ORDERS for limit in (3, 4, 5, 6)),
    ["multiple", 3],
    ["multiple", 4],
    ["even"],
    ["odd"],
]
_LISTED: Options = [["list", []], ["count", 0], ["largest", None], ["largest", 0]]
_LISTED_WANTED = {
    "list": "the numbers of all {many}, in a list in rising order",
    "count": "how many {many} there are",
    "largest": "the largest number among the {many}",
}


def _special_kata(parts: Parts) -> Kata:
    row, (fold, empty) = ROWS[parts["row"]], parts["fold"]
    words, _ = _MEASURES[parts["measure"]]
    keep = digit_condition(parts)
    special = told(
        parts,
        f"A {row.one} is special if, of its number, {words} {keep.single()}.",
        f"What makes a {row.one} special is its number: {words} {keep.single()}.",
    )
    none = otherwise(parts, f"no {row.one} is special", empty)
    names = {
        "list": f"special_{row.many}",
        "count": f"count_special_{row.many}",
        "largest": f"last_special_{row.one}",
    }
    known = _LISTED_WANTED[fold].format(many=f"special {row.many} from `first` to `last`")
    return Kata(
        name=names[fold],
        arguments=(
            Argument("first", "int", whole(1, 60), whole(45, 75)),
            Argument("last", "int", whole(1, 130), whole(76, 99)),
        ),
        returns={"list": "list[int]"}.get(fold, "int" if empty is not None else "int | None"),
        story=story(parts, row.stories),
        wanted=known,
        notes=(
            special,
            "Both `first` and `last` are included, and both are at least 1.",
            f"`first` may be larger than `last`; then there is no {row.one} at all.",
            none,
        ),
        edges=((_special_end(parts) - 1, _special_end(parts)), (12, 11)),
    )


def _special_end(parts: Parts) -> int:
    """Return a number with the property that is no one-digit number."""
    return next(number for number in range(12, 1_000) if _is_special(parts, number))


def _write_special(parts: Parts, page: Page) -> None:
    fold, empty = parts["fold"]
    keep, (words, code) = digit_condition(parts), _MEASURES[parts["measure"]]
    page.write("Begin the function", f"def {_special_kata(parts).name}(first, last):", 0)
    nothing = page.either(repr(empty), takes_zero_for_no_answer="0")
    page.write("Nothing is found yet", f"found = {nothing}")
    end = page.either("last + 1", stops_one_short="last")
    page.write("Go over the numbers", f"for number in range(first, {end}):")
    digits = "[int(character) for character in str(number)]"
    page.write("Take the number to pieces", f"digits = {digits}", 2)
    page.write(f"Work out {words}", f"measure = {code}", 2)
    test = page.either(keep.written("measure"), **keep.mistaken("measure"))
    page.write(f"Look whether that {keep.single()}", f"if {test}:", 2)
    how = {"list": "found.append(number)", "count": "found += 1", "largest": "found = number"}
    page.write("Then take the number in", how[fold], 3)
    page.finish("found")


def _is_special(parts: Parts, number: int) -> bool:
    digits = []
    while number:
        digits.append(number % 10)
        number //= 10
    ordered = sorted(digits)
    measure = {
        "sum": sum(digits),
        "largest": ordered[-1],
        "last": digits[0],
        "ends": digits[0] + digits[-1],
        "span": ordered[-1] - ordered[0],
    }[parts["measure"]]
    return digit_condition(parts).test(measure)


def _special_value(parts: Parts, first: int, last: int) -> object:
    fold, empty = parts["fold"]
    found = [number for number in range(first, last + 1) if _is_special(parts, number)]
    if not found:
        return empty
    return {"list": found, "count": len(found), "largest": found[-1]}[fold]


SPECIAL = Family(
    name="special",
    axes={
        "row": list(ROWS),
        "measure": list(_MEASURES),
        "keep": _LIMITS,
        "fold": _LISTED,
        "phrasing": PHRASINGS,
    },
    kata=_special_kata,
    write=_write_special,
    value=_special_value,
)

"""Families of level 2 on numbers: the digits of one, and the multiples in a range."""

from math import prod
from typing import NamedTuple

from agents.embedded.functions.conditions import ORDERS, Condition, condition
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
from agents.embedded.functions.page import Page

DIGIT_STORIES: dict[str, tuple[str, str]] = {
    "number": (
        "A page of puzzles asks readers to take numbers to pieces.",
        "In a game somebody says a number, and the others look at its digits.",
    ),
    "balance": (
        "A cashier has a superstition about the digits in the balance of the till, which may be "
        "in the red.",
        "The balance of an account is a whole number of cents, below 0 if there are debts.",
    ),
    "reading": (
        "An instrument gives one reading, a whole number that may be below zero.",
        "The reading of a gauge is to be checked by its digits, whatever its sign.",
    ),
    "code": (
        "The code of an alarm is a whole number; on some models it has a minus in front.",
        "A parcel machine makes its check numbers out of the digits of a code, an integer.",
    ),
    "floor": (
        "In a puzzle game the floors of a tower are numbered up to the sky and down into the "
        "cellars, which are negative.",
        "A lift in a fairy tale goes to floor 90210 and to floor -4711, and it looks at digits.",
    ),
    "year": (
        "A historian numbers the years, and those before our era are negative.",
        "Someone who likes patterns in dates looks at the digits of a year; years before our era "
        "are negative.",
    ),
    "position": (
        "On a number line a frog stands at a position left (negative) or right of zero.",
        "A treasure map gives a position along a road, negative to the west of the well.",
    ),
    "draw": (
        "A tombola draws whole numbers, some of them with a minus, and prizes hang on digits.",
        "At a fair one draws a whole number, positive or negative, and its digits count.",
    ),
}
_DIGIT_KEEPS: Options = [
    *([kind, limit] for kind in ORDERS for limit in range(2, 8)),
    ["even"],
    ["odd"],
    ["multiple", 3],
]
_DIGIT_FOLDS: Options = [
    ["sum", 0],
    ["count", 0],
    ["product", 1],
    ["largest", None],
    ["largest", -1],
]
_DIGIT_WANTED = {
    "sum": "the sum of all {kept}",
    "count": "the number of {kept}",
    "product": "the product of all {kept}",
    "largest": "the largest of the {kept}",
}


def digit_condition(parts: Parts) -> Condition:
    """Return the condition that a function puts on digits or on what is made of them."""
    return condition(*parts["keep"])


def _digit_kata(parts: Parts) -> Kata:
    x = parts["about"]
    fold, empty = parts["fold"]
    near = digit_condition(parts).near
    kept = digit_condition(parts).plural(f"digits of `{x}`")
    sign = told(
        parts,
        "A minus is no digit and does not count.",
        "The sign makes no difference.",
        "Negative numbers are treated as if they were positive.",
    )
    again = "A digit that occurs several times counts each time."
    return Kata(
        name=f"{fold}_of_digits" if fold != "count" else "count_digits",
        arguments=(Argument(x, "int", whole(-99_999, 99_999), whole(-9_999_999, 99_999_999)),),
        returns="int" if empty is not None else "int | None",
        story=story(parts, DIGIT_STORIES[parts["about"]]),
        wanted=_DIGIT_WANTED[fold].format(kept=kept),
        notes=(sign, again, otherwise(parts, "there is no such digit", empty)),
        edges=((-2_345_678 if near is None else -int(f"{near}1{near}"),), (0,)),
    )


def _write_digits(parts: Parts, page: Page) -> None:
    kata, keep = _digit_kata(parts), digit_condition(parts)
    x, (fold, empty) = kata.arguments[0].name, parts["fold"]
    page.write("Begin the function", f"def {kata.name}({x}):", 0)
    nothing = page.either(repr(empty), takes_zero_for_no_answer="0")
    page.write("Nothing is found yet", f"found = {nothing}")
    signed = page.either(f"str(abs({x}))", forgets_negative_numbers=f"str({x})")
    page.write("Take one character after the other", f"for character in {signed}:")
    page.write("Read it as a digit", "digit = int(character)", 2)
    test = page.either(keep.written("digit"), **keep.mistaken("digit"))
    page.write(f"Look whether the digit {keep.single()}", f"if {test}:", 2)
    if fold == "largest":
        begin = "found is None" if empty is None else f"found == {empty}"
        larger = f"if {begin} or digit > found:"
        page.write("Look whether it is the largest yet", larger, 3)
        page.write("Then keep it", "found = digit", 4)
    else:
        how = {"sum": "found += digit", "count": "found += 1", "product": "found *= digit"}[fold]
        page.write("Then take it in", how, 3)
    page.finish("found")


def _digit_value(parts: Parts, given: int) -> object:
    digits: list[int] = []
    rest = given if given > 0 else -given
    while rest or not digits:
        rest, digit = divmod(rest, 10)
        digits.append(digit)
    kept = [digit for digit in digits if digit_condition(parts).test(digit)]
    fold, empty = parts["fold"]
    if not kept:
        return empty
    folded = {"sum": sum(kept), "count": len(kept), "product": prod(kept), "largest": max(kept)}
    return folded[fold]


DIGITS = Family(
    name="digits",
    axes={
        "about": list(DIGIT_STORIES),
        "keep": _DIGIT_KEEPS,
        "fold": _DIGIT_FOLDS,
        "phrasing": PHRASINGS,
    },
    kata=_digit_kata,
    write=_write_digits,
    value=_digit_value,
)


class Row(NamedTuple):
    """Things that are numbered, one after the other."""

    many: str
    one: str
    stories: tuple[str, str]


ROWS = {
    each.many: each
    for each in (
        Row("seats", "seat", (
            "In a theatre the seats of a row are numbered one after the other.",
            "A choir sits down on numbered seats, all of them between two given ones.",
        )),
        Row("pages", "page", (
            "A printer looks through the pages of a book between two page numbers.",
            "Certain pages of a notebook are to be stamped.",
        )),
        Row("houses", "house", (
            "In a long street the numbers of the houses follow one another on one side.",
            "A postman delivers to all houses from one number to another.",
        )),
        Row("tickets", "ticket", (
            "At a tombola somebody has bought a whole strip of tickets.",
            "Tickets are numbered, and one family holds all from one number to another.",
        )),
        Row("lockers", "locker", (
            "The lockers of a school stand in one row and are numbered.",
            "A caretaker walks along the lockers with a bunch of keys.",
        )),
        Row("years", "year", (
            "A village keeps feasts in certain years only.",
            "Some years are special in a legend, and a range of years is looked at.",
        )),
        Row("milestones", "milestone", (
            "Along an old road there is a milestone for every mile.",
            "Somebody hikes from one milestone to another and paints some of them.",
        )),
        Row("stairs", "stair", (
            "The stairs of a tower are numbered from the ground.",
            "Some stairs of a spiral staircase creak.",
        )),
    )
}  # fmt: skip
_PAIRS: Options = [
    [2, 3], [2, 5], [2, 7], [3, 4], [3, 5], [3, 7], [4, 5], [4, 6], [5, 6], [6, 8],
]  # fmt: skip
_LINKS: Options = ["or", "and", "without"]
_RANGE_FOLDS: Options = [
    ["count", 0],
    ["sum", 0],
    ["list", []],
    ["last", None],
    ["last", 0],
]
_RANGE_WANTED = {
    "count": "how many {many} there are, from {ends}, whose number is {rule}",
    "sum": "the sum of the numbers of all {many}, from {ends}, whose number is {rule}",
    "list": "the list of the numbers, rising, of all {many}, from {ends}, whose number is {rule}",
    "last": "the largest number of the {many}, from {ends}, whose number is {rule}",
}


def _range_kata(parts: Parts) -> Kata:
    row, (one, other) = ROWS[parts["row"]], parts["pair"]
    fold, empty = parts["fold"]
    rule = {
        "or": f"a multiple of {one} or of {other} (or of both)",
        "and": f"a multiple of {one} and also of {other}",
        "without": f"a multiple of {one} but not of {other}",
    }[parts["link"]]
    both = one * other  # a multiple of both, though perhaps not the least
    ending = one if parts["link"] == "without" else both
    names = {"count": "count_{}", "sum": "sum_of_{}", "list": "{}_to_mark", "last": "last_of_{}"}
    return Kata(
        name=names[fold].format(row.many),
        arguments=(
            Argument("first", "int", whole(0, 24), whole(1, 20)),
            Argument("last", "int", whole(0, 60), whole(2 * other, 50)),
        ),
        returns={"list": "list[int]"}.get(fold, "int" if empty is not None else "int | None"),
        story=story(parts, row.stories),
        wanted=_RANGE_WANTED[fold].format(
            many=row.many, rule=rule, ends="number `first` to number `last` (both included)"
        ),
        notes=(
            f"There may be no {row.one} at all: `first` may be larger than `last`.",
            otherwise(parts, f"there is no such {row.one}", empty),
        ),
        edges=((1, ending), (9, 8)),
    )


def _write_range(parts: Parts, page: Page) -> None:
    kata, (one, other) = _range_kata(parts), parts["pair"]
    fold, empty = parts["fold"]
    page.write("Begin the function", f"def {kata.name}(first, last):", 0)
    nothing = page.either(repr(empty), takes_zero_for_no_answer="0")
    page.write("Nothing is found yet", f"found = {nothing}")
    end = page.either("last + 1", stops_one_short="last")
    page.write("Go over the numbers", f"for number in range(first, {end}):")
    a, b = f"number % {one} == 0", f"number % {other} == 0"
    if parts["link"] == "without":
        b = f"number % {other} != 0"
    right, wrong = ("or", "and") if parts["link"] == "or" else ("and", "or")
    test = page.either(f"{a} {right} {b}", confuses_and_with_or=f"{a} {wrong} {b}")
    page.write("Look whether it is one of them", f"if {test}:", 2)
    how = {
        "count": "found += 1",
        "sum": "found += number",
        "list": "found.append(number)",
        "last": "found = number",
    }[fold]
    page.write("Then take it in", how, 3)
    page.finish("found")


def _range_value(parts: Parts, first: int, last: int) -> object:
    one, other = parts["pair"]
    numbers = range(first, last + 1)
    by_one = {n for n in numbers if not n % one}
    by_other = {n for n in numbers if not n % other}
    found = {"or": by_one | by_other, "and": by_one & by_other, "without": by_one - by_other}
    kept = sorted(found[parts["link"]])
    fold, empty = parts["fold"]
    if not kept:
        return empty
    return {"count": len(kept), "sum": sum(kept), "list": kept, "last": kept[-1]}[fold]


MULTIPLES = Family(
    name="multiples",
    axes={
        "row": list(ROWS),
        "pair": _PAIRS,
        "link": _LINKS,
        "fold": _RANGE_FOLDS,
        "phrasing": PHRASINGS,
    },
    kata=_range_kata,
    write=_write_range,
    value=_range_value,
)

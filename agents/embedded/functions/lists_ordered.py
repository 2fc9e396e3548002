"""Families of level 2 on lists: sort what is kept, trim the ends, compare neighbours."""

from itertools import pairwise

from agents.embedded.functions.amounts import ALL_SERIES, KEEPS, SERIES, keep_of, numbers
from agents.embedded.functions.conditions import ORDERS, Condition, condition
from agents.embedded.functions.family import (
    PHRASINGS,
    Argument,
    Family,
    Kata,
    Options,
    Parts,
    a,
    choice,
    listed,
    otherwise,
    story,
    untouched,
)
from agents.embedded.functions.page import Page

_CHANGES: Options = [["same", 0], ["times", 2], ["times", 3], ["plus", 5], ["plus", 10]]


def _changed(parts: Parts, one: str) -> str:
    """Return the code for what becomes of a kept number."""
    kind, by = parts["change"]
    return {"same": one, "times": f"{one} * {by}", "plus": f"{one} + {by}"}[kind]


def _sort_kata(parts: Parts) -> Kata:
    series, keep = SERIES[parts["series"]], keep_of(parts)
    many, one = series.many, series.one
    kind, by = parts["change"]
    near = series.low + 6 if keep.near is None else keep.near
    way = "largest" if parts["down"] else "smallest"
    each = {"same": "", "times": f", each multiplied by {by}", "plus": f", each raised by {by}"}
    repeated = (
        f"{a(one).capitalize()} that occurs several times stands only once in the new list."
        if parts["once"]
        else f"{a(one).capitalize()} that occurs several times stays in the new list as often."
    )
    return Kata(
        name=f"sorted_{many}",
        arguments=(numbers(series, keep.near),),
        returns="list[int]",
        story=story(parts, series.stories),
        wanted=f"a new list of the {keep.plural(many, series.unit)}{each[kind]}, the {way} first",
        notes=(repeated, untouched(parts, "list")),
        edges=(([near, near + 1, near, near - 1, near + 1],),),
        pure=True,
    )


def _write_sort(parts: Parts, page: Page) -> None:
    series, keep = SERIES[parts["series"]], keep_of(parts)
    many, one = series.many, series.one
    page.write("Begin the function", f"def sorted_{many}({many}):", 0)
    copy = page.either(f"list({many})", changes_its_argument=many)
    page.write("Take a list to sort", f"ordered = {copy}")
    up, down = "ordered.sort()", "ordered.sort(reverse=True)"
    right, wrong = (down, up) if parts["down"] else (up, down)
    page.write("Put it in order", page.either(right, sorts_the_wrong_way=wrong))
    page.write("Collect what is kept", "kept = []")
    page.write(f"Take one {one} after the other", f"for {one} in ordered:")
    test = page.either(keep.written(one), **keep.mistaken(one))
    page.write(f"Look whether the {one} {keep.single(series.unit)}", f"if {test}:", 2)
    new = _changed(parts, one)
    if parts["once"] and page.either(True, keeps_duplicates=False):
        page.write("Look whether it is new", f"if {new} not in kept:", 3)
        page.write("Then keep it", f"kept.append({new})", 4)
    else:
        page.write("Then keep it", f"kept.append({new})", 3)
    page.finish("kept")


def _sort_value(parts: Parts, given: list[int]) -> object:
    kind, by = parts["change"]
    kept = [each for each in given if keep_of(parts).test(each)]
    pool = set(kept) if parts["once"] else kept
    ordered = sorted(pool, key=lambda each: -each if parts["down"] else each)
    return [each * by if kind == "times" else each + by for each in ordered]


SORT = Family(
    name="sort",
    axes={
        "series": ALL_SERIES,
        "keep": KEEPS,
        "change": _CHANGES,
        "down": [False, True],
        "once": [False, True],
        "phrasing": PHRASINGS,
    },
    kata=_sort_kata,
    write=_write_sort,
    value=_sort_value,
)


_DROPS: Options = [[1, 1], [2, 2], [1, 0], [0, 1], [2, 0], [0, 2], [2, 1], [1, 2]]
"""How many of the lowest and of the highest are left out."""
_TRIMMED: Options = [
    ["mean", None],
    ["mean", 0.0],
    ["sum", None],
    ["sum", -1],
    ["span", None],
    ["span", -1],
]
_PUT_TOGETHER = {
    "mean": "the mean of the rest, as a float",
    "sum": "the sum of the rest",
    "span": "the difference between the largest and the smallest of the rest",
}


def _ends(low: int, high: int) -> str:
    """Return which ends are left out, as in "the lowest and the two highest"."""
    counts = ("", "the ", "the two ")
    ends = ((low, "lowest"), (high, "highest"))
    return " and ".join(f"{counts[count]}{word}" for count, word in ends if count)


def _trim_kata(parts: Parts) -> Kata:
    series = SERIES[parts["series"]]
    (low, high), (fold, empty) = parts["drop"], parts["fold"]
    least = low + high + parts["more"]
    number = "float" if fold == "mean" else "int"
    ends = _ends(low, high)
    few = f"the list has fewer than {least} {series.many}"
    equal = "Of equal ones at an end only as many are left out as there have to be."
    return Kata(
        name=f"{fold}_of_other_{series.many}",
        arguments=(numbers(series, series.low + 6, 0, least + 3),),
        returns=number if empty is not None else f"{number} | None",
        story=story(parts, series.stories),
        wanted=f"what comes out without {ends} of the {series.many}: {_PUT_TOGETHER[fold]}",
        notes=(equal, otherwise(parts, few, empty), untouched(parts, "list")),
        edges=(([series.low + 3 + n * n for n in range(least)][::-1],), ([series.low],)),
        pure=True,
    )


def _write_trim(parts: Parts, page: Page) -> None:
    series = SERIES[parts["series"]]
    (low, high), (fold, empty) = parts["drop"], parts["fold"]
    least, many = low + high + parts["more"], series.many
    page.write("Begin the function", f"def {fold}_of_other_{many}({many}):", 0)
    if page.either(True, forgets_the_empty_case=False):
        test = page.either("<", misreads_the_boundary="<=")
        page.write(f"Fewer than {least} are too few", f"if len({many}) {test} {least}:")
        nothing = page.either(repr(empty), takes_zero_for_no_answer="0")
        page.write("Then there is a value for that", f"return {nothing}", 2)
    copy = page.either(f"list({many})", changes_its_argument=many)
    page.write("Take a list to sort", f"ordered = {copy}")
    page.write("Put the lowest first", "ordered.sort()")
    end = f"len(ordered) - {high}" if high else "len(ordered)"
    page.write("Leave out the ends", f"rest = ordered[{low}:{end}]")
    if fold == "mean":
        mean = page.either("sum(rest) / len(rest)", drops_the_remainder="sum(rest) // len(rest)")
        page.write("Divide the sum by the number", f"return {mean}")
    elif fold == "sum":
        page.write("Add up the rest", "return sum(rest)")
    else:
        page.write("Take the smallest from the largest", "return rest[-1] - rest[0]")


def _trim_value(parts: Parts, given: list[int]) -> object:
    (low, high), (fold, empty) = parts["drop"], parts["fold"]
    if len(given) < low + high + parts["more"]:
        return empty
    rest = given[:]
    for find, times in ((min, low), (max, high)):
        for _ in range(times):
            rest.remove(find(rest))
    if fold == "mean":
        return sum(rest) / len(rest)
    return sum(rest) if fold == "sum" else max(rest) - min(rest)


TRIM = Family(
    name="trim",
    axes={
        "series": ALL_SERIES,
        "drop": _DROPS,
        "more": [1, 2, 3, 4],
        "fold": _TRIMMED,
        "phrasing": PHRASINGS,
    },
    kata=_trim_kata,
    write=_write_trim,
    value=_trim_value,
)


_RISES: Options = ["rises", "falls", "changes"]
_DONE = {"rises": "rises by", "falls": "falls by", "changes": "changes, up or down, by"}


def _step_of(parts: Parts) -> Condition:
    kind, limit = parts["keep"]
    return condition(kind, limit)


def _steps_kata(parts: Parts) -> Kata:
    series, keep = SERIES[parts["series"]], _step_of(parts)
    many, one, way = series.many, series.one, parts["way"]
    _, limit = parts["keep"]
    by = f"{_DONE[way]} {keep.by(series.unit)}"
    first = parts["fold"] == "place"
    wanted = {
        "count": f"how often the {one} {by} from one element of the list to the next",
        "place": f"where in the list the {one} for the first time {by} against the one before",
    }[parts["fold"]]
    few = f"A list with fewer than two {many} has no such step."
    place = otherwise(parts, "that never happens", parts["empty"] if first else 0)
    counted = f"What is returned is the index of the later of the two {many}, counted from 0."
    base = series.low + 9
    up = -limit if way == "falls" else limit
    near = choice(base, base + limit, base + limit + 1, base - 1, base + 2 * limit)
    shown = numbers(series, base)
    edge = [base, base, base + up]
    if parts["keep"][0] == "more_than":
        edge = [base, base + up, base + up, base + 2 * up + (1 if up > 0 else -1)]
    return Kata(
        name=f"count_{way}" if not first else f"place_where_it_{way}",
        arguments=(Argument(many, "list[int]", listed(near, 0, 7), shown.shown),),
        returns="int | None" if first and parts["empty"] is None else "int",
        story=story(parts, series.stories),
        wanted=wanted,
        notes=(counted, few, place) if first else (few, place),
        edges=((edge,), ([base],)),
    )


def _write_steps(parts: Parts, page: Page) -> None:
    series, keep, way = SERIES[parts["series"]], _step_of(parts), parts["way"]
    many = series.many
    first = parts["fold"] == "place"
    page.write("Begin the function", f"def {_steps_kata(parts).name}({many}):", 0)
    if not first:
        page.write("Nothing is found yet", "found = 0")
    places = page.either(f"1, len({many})", stops_one_short=f"1, len({many}) - 1")
    page.write("Go over all places but the first", f"for place in range({places}):")
    new, old = f"{many}[place]", f"{many}[place - 1]"
    right, wrong = (f"{old} - {new}", f"{new} - {old}")
    if way == "rises":
        right, wrong = wrong, right
    if way == "changes":
        right, wrong = f"abs({new} - {old})", f"{new} - {old}"
        change = page.either(right, forgets_negative_numbers=wrong)
    else:
        change = page.either(right, subtracts_the_wrong_way=wrong)
    page.write("See how far the two are apart", f"change = {change}", 2)
    test = page.either(keep.written("change"), **keep.mistaken("change"))
    page.write(f"Look whether that is {keep.core}", f"if {test}:", 2)
    if first:
        page.write("The first one decides", "return place", 3)
        page.finish(page.either(repr(parts["empty"]), takes_zero_for_no_answer="0"))
    else:
        page.write("Then count it", "found += 1", 3)
        page.finish("found")


def _steps_value(parts: Parts, given: list[int]) -> object:
    sign = {"rises": 1, "falls": -1, "changes": 0}[parts["way"]]
    found = []
    for place, (old, new) in enumerate(pairwise(given), 1):
        size = sign * (new - old) if sign else max(new - old, old - new)
        found += [place] if _step_of(parts).test(size) else []
    if parts["fold"] == "count":
        return len(found)
    return found[0] if found else parts["empty"]


_FAR: Options = [
    [kind, limit] for kind in ORDERS if kind in ("at_least", "more_than") for limit in range(1, 5)
]
STEPS = Family(
    name="steps",
    axes={
        "series": ALL_SERIES,
        "way": _RISES,
        "keep": _FAR,
        "fold": ["count"],
        "empty": [0],
        "phrasing": PHRASINGS,
    },
    kata=_steps_kata,
    write=_write_steps,
    value=_steps_value,
)
FIRST_STEP = Family(
    name="first_step",
    axes={**STEPS.axes, "fold": ["place"], "empty": [None, -1]},
    kata=_steps_kata,
    write=_write_steps,
    value=_steps_value,
)

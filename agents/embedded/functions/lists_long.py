"""Families of level 3 on lists: unbroken stretches, running totals within limits, windows."""

from itertools import groupby
from typing import NamedTuple

from agents.embedded.functions.amounts import (
    ALL_SERIES,
    KEEPS,
    SERIES,
    keep_of,
    numbers,
    telling_numbers,
)
from agents.embedded.functions.family import (
    PHRASINGS,
    Argument,
    Family,
    Kata,
    Options,
    Parts,
    listed,
    otherwise,
    story,
    told,
    untouched,
    whole,
)
from agents.embedded.functions.page import Page

_STRETCHES: Options = ["length", "first", "last"]
"""The length of the longest stretch; or the stretch, the first or the last of equally long ones."""


def _stretch_kata(parts: Parts) -> Kata:
    series, keep = SERIES[parts["series"]], keep_of(parts)
    many, asked = series.many, parts["asked"]
    out, met, other = telling_numbers(keep, series)
    stretch = f"the longest unbroken stretch of {keep.plural(many, series.unit)}"
    numbered = asked == "length"
    equal = told(
        parts,
        f"Of equally long stretches the {asked} one counts.",
        f"If several are equally long, the {asked} of them is meant.",
    )
    return Kata(
        name=f"length_of_stretch_of_{many}" if numbered else f"{asked}_stretch_of_{many}",
        arguments=(numbers(series, keep.near, 0, 8),),
        returns="int" if numbered else "list[int]",
        story=story(parts, series.stories),
        wanted=f"the length of {stretch}" if numbered else f"{stretch}, as a list",
        notes=(
            f"A stretch consists of neighbours in the list, and may be a single {series.one}.",
            otherwise(parts, f"there are no such {many}", 0 if numbered else []),
            *(() if numbered else (equal,)),
        ),
        edges=(([met, other, out, other, met],), ([],)),
    )


def _write_stretch(parts: Parts, page: Page) -> None:
    series, keep, asked = SERIES[parts["series"]], keep_of(parts), parts["asked"]
    many, one = series.many, series.one
    page.write("Begin the function", f"def {_stretch_kata(parts).name}({many}):", 0)
    page.write("No stretch is the best yet", "best = []")
    page.write("No stretch has begun", "stretch = []")
    page.write(f"Take one {one} after the other", f"for {one} in {many}:")
    test = page.either(keep.written(one), **keep.mistaken(one))
    page.write(f"Look whether the {one} {keep.single(series.unit)}", f"if {test}:", 2)
    page.write("Then the stretch goes on", f"stretch.append({one})", 3)
    page.write("Otherwise it is over", "else:", 2)
    right, wrong = (">=", ">") if asked == "last" else (">", ">=")
    longer = right if asked == "length" else page.either(right, keeps_the_wrong_of_equals=wrong)
    page.write("Compare it with the best", f"if len(stretch) {longer} len(best):", 3)
    page.write("It is the best so far", "best = stretch", 4)
    if page.either(True, forgets_to_start_again=False):
        page.write("Begin a new stretch", "stretch = []", 3)
    if page.either(True, forgets_the_last_group=False):
        page.write("The last stretch may be the best", f"if len(stretch) {longer} len(best):")
        page.write("Then it is", "best = stretch", 2)
    page.write("Return what was found", "return len(best)" if asked == "length" else "return best")


def _stretch_value(parts: Parts, given: list[int]) -> object:
    keep = keep_of(parts)
    groups = [list(group) for met, group in groupby(given, key=keep.test) if met]
    if parts["asked"] == "length":
        return max(map(len, groups), default=0)
    longest = [group for group in groups if len(group) == max(map(len, groups))]
    if not longest:
        return []
    return longest[-1] if parts["asked"] == "last" else longest[0]


STRETCH = Family(
    name="stretch",
    axes={"series": ALL_SERIES, "keep": KEEPS, "asked": _STRETCHES, "phrasing": PHRASINGS},
    kata=_stretch_kata,
    write=_write_stretch,
    value=_stretch_value,
)


class Vessel(NamedTuple):
    """Something that holds an amount, which goes up and down between two limits."""

    many: str
    """The name of the parameter: its changes."""
    level: str
    stories: tuple[str, str]


VESSELS = {
    each.many: each
    for each in (
        Vessel("flows", "water level", (
            "Rain runs into a tank, and a garden is watered from it.",
            "A cistern on the roof fills and empties; the list says by how much, hour by hour.",
        )),
        Vessel("charges", "charge", (
            "A battery is charged by the sun and emptied by a pump.",
            "The computer of an electric boat notes how its battery gains and loses.",
        )),
        Vessel("deliveries", "stock", (
            "Sacks of flour come into a storeroom and go out again; negative numbers go out.",
            "A bakery writes down the sacks that arrive and, with a minus, those that are used.",
        )),
        Vessel("arrivals", "number of visitors", (
            "A lighthouse counts who comes up the stairs and, as negative numbers, who goes down.",
            "The door of a small museum counts people in, and counts them out below zero.",
        )),
        Vessel("turns", "energy", (
            "In a computer game a hero wins and loses energy in every turn.",
            "A wizard's energy rises and falls with every spell.",
        )),
        Vessel("bookings", "savings", (
            "A child puts coins into a money box and shakes some out again.",
            "A piggy bank gains and loses coins; the list has one number for each day.",
        )),
        Vessel("gusts", "height", (
            "A kite is lifted by gusts and sinks in between; its string is not endless.",
            "Gusts carry a toy balloon up and down under a hall's roof.",
        )),
        Vessel("pushes", "position", (
            "A piece is pushed forwards and backwards along the squares of a board.",
            "On a rail a slider is pushed by so many notches; a negative number pushes it back.",
        )),
    )
}  # fmt: skip
_TRACES: Options = ["levels", "final", "lost"]
_TRACED = {
    "levels": "the list of the values that the {level} has after each change",
    "final": "the {level} after the last change",
    "lost": "how much is lost in all because the {level} cannot rise above its limit",
}


def _level_kata(parts: Parts) -> Kata:
    vessel, asked = VESSELS[parts["vessel"]], parts["asked"]
    begin, cap = parts["begin"], parts["begin"] + parts["room"]
    limits = told(
        parts,
        f"The {vessel.level} is {begin} at first, and each element of the list is added to it in "
        f"turn.",
        f"The {vessel.level} begins at {begin}; the elements of the list are added one by one.",
    )
    within = told(
        parts,
        f"It never rises above {cap} and never falls below 0: what goes beyond is lost at once, "
        f"before the next change.",
        f"After each change a {vessel.level} of more than {cap} becomes {cap}, and one of less "
        f"than 0 becomes 0.",
        f"After every single step it is brought back to {cap} if it is higher, and to 0 if it is "
        f"lower.",
    )
    empty = {"levels": [], "final": begin, "lost": 0}[asked]
    kind = listed(whole(-8, 8), 0, 7)
    return Kata(
        name={"levels": f"levels_after_{vessel.many}", "final": f"level_after_{vessel.many}"}.get(
            asked, f"lost_of_{vessel.many}"
        ),
        arguments=(Argument(vessel.many, "list[int]", kind, listed(whole(-9, 9), 4, 7)),),
        returns="list[int]" if asked == "levels" else "int",
        story=story(parts, vessel.stories),
        wanted=_TRACED[asked].format(level=vessel.level),
        notes=(limits, within, otherwise(parts, "there are no changes", empty)),
        edges=(([parts["room"] + 3, -4, -cap, cap + 2],), ([],)),
    )


def _write_level(parts: Parts, page: Page) -> None:
    vessel, asked = VESSELS[parts["vessel"]], parts["asked"]
    begin, cap = parts["begin"], parts["begin"] + parts["room"]
    page.write("Begin the function", f"def {_level_kata(parts).name}({vessel.many}):", 0)
    page.write(f"The {vessel.level} at first", f"level = {begin}")
    if asked != "final":
        page.write("Nothing is noted yet", "levels = []" if asked == "levels" else "lost = 0")
    page.write("Take one change after the other", f"for change in {vessel.many}:")
    added = page.either("level += change", overwrites_instead_of_adding="level = change")
    page.write("Add it", added, 2)
    if asked == "lost":
        page.write("Note what goes beyond the limit", f"lost += max(level - {cap}, 0)", 2)
    if page.either(True, forgets_the_upper_limit=False):
        page.write("Keep to the upper limit", f"level = min(level, {cap})", 2)
    if page.either(True, forgets_negative_numbers=False):
        page.write("Keep to the lower limit", "level = max(level, 0)", 2)
    if asked == "levels":
        page.write(f"Note the {vessel.level}", "levels.append(level)", 2)
    page.finish({"levels": "levels", "final": "level", "lost": "lost"}[asked])


def _level_value(parts: Parts, given: list[int]) -> object:
    begin, cap = parts["begin"], parts["begin"] + parts["room"]
    levels, lost = [begin], 0
    for change in given:
        free = levels[-1] + change
        lost += free - cap if free > cap else 0
        levels.append(sorted((0, free, cap))[1])
    return {"levels": levels[1:], "final": levels[-1], "lost": lost}[parts["asked"]]


LEVEL = Family(
    name="level",
    axes={
        "vessel": list(VESSELS),
        "begin": [1, 2, 3, 4, 5, 6],
        "room": [2, 3, 4, 5, 6, 7],
        "asked": _TRACES,
        "phrasing": PHRASINGS,
    },
    kata=_level_kata,
    write=_write_level,
    value=_level_value,
)


_WINDOWS: Options = [
    ["total", None, ""],
    ["total", 0, ""],
    ["window", [], "first"],
    ["window", [], "last"],
    ["place", None, "first"],
    ["place", -1, "last"],
]
"""What is asked of the best group, what is returned without any, and which of equal ones counts."""


def _window_kata(parts: Parts) -> Kata:
    series, size = SERIES[parts["series"]], parts["size"]
    asked, empty, which = parts["asked"]
    many, most = series.many, "largest" if parts["most"] else "smallest"
    rows = f"{size} neighbouring {many}"
    wanted = {
        "total": f"the {most} total that any {rows} have",
        "window": f"the {rows} with the {most} total, as a list",
        "place": f"the place, counted from 0, at which the {rows} with the {most} total begin",
    }[asked]
    equal = told(
        parts,
        f"If several totals are equal, the {which} such group counts.",
        f"Of several groups with that total take the {which} one.",
    )
    few = otherwise(parts, f"the list has fewer than {size} {many}", empty)
    kinds = {"total": "int", "window": "list[int]", "place": "int"}
    base = series.low + 4
    return Kata(
        name=f"{most}_{asked}_of_{many}",
        arguments=(numbers(series, base, 0, size + 4),),
        returns=kinds[asked] if empty is not None else f"{kinds[asked]} | None",
        story=story(parts, series.stories),
        wanted=wanted,
        notes=(*((equal,) if which else ()), few, untouched(parts, "list")),
        edges=(([*range(base, base + size), base],), ([base] * (size - 1),)),
        pure=True,
    )


def _write_window(parts: Parts, page: Page) -> None:
    size = parts["size"]
    asked, empty, which = parts["asked"]
    many = SERIES[parts["series"]].many
    page.write("Begin the function", f"def {_window_kata(parts).name}({many}):", 0)
    # Nothing adds up to 0 anyway, and nothing is an empty list.
    if empty not in (0, []) and page.either(True, forgets_the_empty_case=False):
        page.write(f"Fewer than {size} are too few", f"if len({many}) < {size}:")
        nothing = page.either(repr(empty), takes_zero_for_no_answer="0")
        page.write("Then there is a value for that", f"return {nothing}", 2)
    page.write("No group is the best yet", "best = []")
    if asked == "place":
        page.write("Nor is its place known", "place = 0")
    end = page.either(f"len({many}) - {size - 1}", stops_one_short=f"len({many}) - {size}")
    page.write("Go over all places where a group may begin", f"for start in range({end}):")
    page.write(f"Take the {size} from there on", f"group = {many}[start:start + {size}]", 2)
    sign = ">" if parts["most"] else "<"
    right, wrong = (f"{sign}=", sign) if which == "last" else (sign, f"{sign}=")
    if which:
        right = page.either(right, keeps_the_wrong_of_equals=wrong)
    better = f"if not best or sum(group) {right} sum(best):"
    page.write("Compare its total with the best", better, 2)
    page.write("It is the best so far", "best = group", 3)
    if asked == "place":
        page.write("Keep its place", "place = start", 3)
    page.finish({"total": "sum(best)", "window": "best", "place": "place"}[asked])


def _window_value(parts: Parts, given: list[int]) -> object:
    asked, empty, which = parts["asked"]
    groups = [given[at : at + parts["size"]] for at in range(len(given))]
    totals = [sum(group) for group in groups if len(group) == parts["size"]]
    if not totals:
        return empty
    best = max(totals) if parts["most"] else min(totals)
    places = [at for at, total in enumerate(totals) if total == best]
    place = places[-1] if which == "last" else places[0]
    return {"total": best, "window": groups[place], "place": place}[asked]


WINDOW = Family(
    name="window",
    axes={
        "series": ALL_SERIES,
        "size": [2, 3, 4, 5],
        "asked": _WINDOWS,
        "most": [True, False],
        "phrasing": PHRASINGS,
    },
    kata=_window_kata,
    write=_write_window,
    value=_window_value,
)

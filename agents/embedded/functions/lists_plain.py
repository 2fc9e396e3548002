"""Families of level 1 on lists: keep some numbers and fold them; find the place of one."""

from agents.embedded.functions.amounts import (
    ALL_SERIES,
    KEEPS,
    SERIES,
    keep_of,
    numbers,
)
from agents.embedded.functions.family import (
    PHRASINGS,
    Family,
    Kata,
    Options,
    Parts,
    a,
    otherwise,
    story,
    told,
)
from agents.embedded.functions.page import Page

_FOLDS: Options = [
    ["sum", 0],
    ["count", 0],
    ["largest", None],
    ["largest", -1],
    ["smallest", None],
    ["smallest", 0],
    ["mean", None],
]
"""How the kept numbers are put together, and what is returned where there are none."""
_WANTED = {
    "sum": "the sum of all {kept}",
    "count": "how many {kept} there are",
    "largest": "the largest of the {kept}",
    "smallest": "the smallest of the {kept}",
    "mean": "the mean of all {kept}, as a float",
}


def _fold_kata(parts: Parts) -> Kata:
    series, keep = SERIES[parts["series"]], keep_of(parts)
    fold, empty = parts["fold"]
    kept = keep.plural(series.many, series.unit)
    plain = {"sum": f"sum_of_{series.many}", "count": f"count_{series.many}"}
    near = series.low + 6 if keep.near is None else keep.near
    number = "float" if fold == "mean" else "int"
    again = f"{a(series.one).capitalize()} that stands in the list more than once counts each time."
    return Kata(
        name=plain.get(fold, f"{fold}_{series.one}"),
        arguments=(numbers(series, keep.near),),
        returns=number if empty is not None else f"{number} | None",
        story=story(parts, series.stories),
        wanted=_WANTED[fold].format(kept=kept),
        notes=(
            otherwise(parts, f"there are no such {series.many}", empty),
            *(() if fold in ("largest", "smallest") else (again,)),
        ),
        edges=(([near, near - 1],), ([],)),
    )


def _write_fold(parts: Parts, page: Page) -> None:
    series, keep = SERIES[parts["series"]], keep_of(parts)
    fold, empty = parts["fold"]
    name, many, one = _fold_kata(parts).name, series.many, series.one
    page.write("Begin the function", f"def {name}({many}):", 0)
    if fold in ("sum", "count"):
        page.write("Nothing is found yet", "found = 0")
        page.write(f"Take one {one} after the other", f"for {one} in {many}:")
        test = page.either(keep.written(one), **keep.mistaken(one))
        page.write(f"Look whether the {one} {keep.single(series.unit)}", f"if {test}:", 2)
        added = one if fold == "sum" else "1"
        page.write("Then add it" if fold == "sum" else "Then count it", f"found += {added}", 3)
        page.finish("found")
        return
    page.write("Collect what is kept", "kept = []")
    page.write(f"Take one {one} after the other", f"for {one} in {many}:")
    test = page.either(keep.written(one), **keep.mistaken(one))
    page.write(f"Look whether the {one} {keep.single(series.unit)}", f"if {test}:", 2)
    page.write("Then keep it", f"kept.append({one})", 3)
    if page.either(True, forgets_the_empty_case=False):
        page.write("Nothing may have been kept", "if not kept:")
        nothing = page.either(repr(empty), takes_zero_for_no_answer="0")
        page.write("Then there is a value for that", f"return {nothing}", 2)
    if fold == "mean":
        mean = page.either("sum(kept) / len(kept)", drops_the_remainder="sum(kept) // len(kept)")
        page.write("Divide the sum by the number", f"return {mean}")
    else:
        found = "max" if fold == "largest" else "min"
        page.write(f"Return the {fold}", f"return {found}(kept)")


def _fold_value(parts: Parts, given: list[int]) -> object:
    kept = [each for each in given if keep_of(parts).test(each)]
    fold, empty = parts["fold"]
    if fold == "count":
        return len(kept)
    if not kept:
        return empty
    ordered = sorted(kept)
    return {
        "sum": sum(kept),
        "largest": ordered[-1],
        "smallest": ordered[0],
        "mean": sum(kept) / len(kept),
    }[fold]


KEEP_AND_FOLD = Family(
    name="keep_and_fold",
    axes={"series": ALL_SERIES, "keep": KEEPS, "fold": _FOLDS, "phrasing": PHRASINGS},
    kata=_fold_kata,
    write=_write_fold,
    value=_fold_value,
)


_WHICH: Options = ["first", "last"]
_STARTS: Options = [[1, 0], [1, None], [1, -1], [0, -1], [0, None]]
"""The number of the first place, and what is returned where there is no place."""


def _place_kata(parts: Parts) -> Kata:
    series, keep = SERIES[parts["series"]], keep_of(parts)
    begin, empty = parts["start"]
    near = series.low + 6 if keep.near is None else keep.near
    one, which = series.one, parts["which"]
    counted = told(
        parts,
        f"Places are counted from {begin}.",
        f"The first {one} of the list has the place {begin}.",
        f"Count the places from {begin}.",
        f"The place of the first element is {begin}.",
    )
    return Kata(
        name=f"place_of_{which}_{one}",
        arguments=(numbers(series, keep.near),),
        returns="int" if empty is not None else "int | None",
        story=story(parts, series.stories),
        wanted=f"the place in the list of the {which} {one} that {keep.single(series.unit)}",
        notes=(counted, otherwise(parts, f"there is no such {one}", empty)),
        edges=(([near - 1, near, near + 1, near],), ([],)),
    )


def _write_place(parts: Parts, page: Page) -> None:
    series, keep = SERIES[parts["series"]], keep_of(parts)
    begin, empty = parts["start"]
    many, one = series.many, series.one
    first = parts["which"] == "first"
    page.write("Begin the function", f"def {_place_kata(parts).name}({many}):", 0)
    if not first:
        nothing = page.either(repr(empty), takes_zero_for_no_answer="0")
        page.write("No place is found yet", f"found = {nothing}")
    zero = f"enumerate({many})"
    pairs = zero if begin == 0 else page.either(f"enumerate({many}, 1)", counts_from_zero=zero)
    page.write(f"Take every {one} with its place", f"for place, {one} in {pairs}:")
    test = page.either(keep.written(one), **keep.mistaken(one))
    page.write(f"Look whether the {one} {keep.single(series.unit)}", f"if {test}:", 2)
    if first:
        page.write("The first one decides", "return place", 3)
        page.finish(page.either(repr(empty), takes_zero_for_no_answer="0"))
    else:
        page.write("A later one takes its turn", "found = place", 3)
        page.finish("found")


def _place_value(parts: Parts, given: list[int]) -> object:
    begin, empty = parts["start"]
    places = [begin + at for at in range(len(given)) if keep_of(parts).test(given[at])]
    if not places:
        return empty
    return places[0] if parts["which"] == "first" else places[-1]


PLACE = Family(
    name="place",
    axes={
        "series": ALL_SERIES,
        "keep": KEEPS,
        "which": _WHICH,
        "start": _STARTS,
        "phrasing": PHRASINGS,
    },
    kata=_place_kata,
    write=_write_place,
    value=_place_value,
)

"""Families of level 2 on tables: put entries together by name; put two tables together."""

from collections.abc import Callable

from agents.embedded.functions.family import (
    PHRASINGS,
    Family,
    Kata,
    Options,
    Parts,
    otherwise,
    story,
    told,
    untouched,
)
from agents.embedded.functions.ledgers import (
    ALL_LEDGERS,
    LEDGERS,
    LIMITS,
    entries,
    limit_of,
    meeting,
    table,
)
from agents.embedded.functions.page import Page

_FOLDS: Options = ["sum", "count", "largest", "smallest", "first", "last", "list"]
_WANTED = {
    "sum": "the sum of its {values}",
    "count": "the number of its entries",
    "largest": "the largest of its {values}",
    "smallest": "the smallest of its {values}",
    "first": "the first of its {values} in the list",
    "last": "the last of its {values} in the list",
    "list": "the list of its {values}, in their order",
}


def _group_kata(parts: Parts) -> Kata:
    ledger, keep, fold = LEDGERS[parts["ledger"]], limit_of(parts), parts["fold"]
    low, high = meeting(parts)
    only = told(
        parts,
        f"Only entries whose number {keep.single()} are taken; pass over all others.",
        f"An entry counts only if its number {keep.single()}.",
    )
    one, two, three = ledger.names[1], ledger.names[0], ledger.names[2]
    edge = [(one, low), (two, high), (one, high), (three, keep.near or 0), (two, low)]
    return Kata(
        name=f"{fold}_by_{ledger.key}",
        arguments=(entries(ledger),),
        returns="dict[str, list[int]]" if fold == "list" else "dict[str, int]",
        story=story(parts, ledger.diaries),
        wanted=f"a dict that has for each {ledger.key} "
        f"{_WANTED[fold].format(values=ledger.values)}",
        notes=(
            only,
            f"A {ledger.key} without such an entry is not in the dict.",
            otherwise(parts, "there are no such entries at all", {}),
        ),
        edges=((edge,), ([],)),
    )


def _write_group(parts: Parts, page: Page) -> None:
    ledger, keep, fold = LEDGERS[parts["ledger"]], limit_of(parts), parts["fold"]
    x, key = ledger.entries, ledger.key
    page.write("Begin the function", f"def {_group_kata(parts).name}({x}):", 0)
    page.write("Nothing is found yet", "found = {}")
    page.write("Take one entry after the other", f"for {key}, number in {x}:")
    test = page.either(keep.written("number"), **keep.mistaken("number"))
    page.write(f"Look whether the number {keep.single()}", f"if {test}:", 2)
    place = f"found[{key}]"
    if fold in ("sum", "count", "list"):
        right, wrong = {
            "sum": (f"{place} = found.get({key}, 0) + number", f"{place} = number"),
            "count": (f"{place} = found.get({key}, 0) + 1", f"{place} = 1"),
            "list": (f"found.setdefault({key}, []).append(number)", f"{place} = [number]"),
        }[fold]
        line = page.either(right, overwrites_instead_of_adding=wrong)
        page.write(f"Take it in with the others of the {key}", line, 3)
    elif fold == "last":
        first = f"found.setdefault({key}, number)"
        line = page.either(f"{place} = number", keeps_the_wrong_of_equals=first)
        page.write("A later one takes its turn", line, 3)
    else:
        sign = {"largest": f" or number > {place}", "smallest": f" or number < {place}"}
        if page.either(True, overwrites_instead_of_adding=False):
            test = f"if {key} not in found{sign.get(fold, '')}:"
            page.write("Look whether it is to be kept", test, 3)
            page.write("Then keep it", f"{place} = number", 4)
        else:
            page.write("Keep it", f"{place} = number", 3)
    page.finish("found")


def _group_value(parts: Parts, given: list[tuple[str, int]]) -> object:
    kept = [(key, number) for key, number in given if limit_of(parts).test(number)]
    groups = {key: [number for other, number in kept if other == key] for key, _ in kept}
    fold: Callable[[list[int]], object] = {
        "sum": lambda group: sum(group),
        "count": lambda group: len(group),
        "largest": lambda group: max(group),
        "smallest": lambda group: min(group),
        "first": lambda group: group[0],
        "last": lambda group: group[-1],
        "list": lambda group: group,
    }[str(parts["fold"])]
    return {key: fold(group) for key, group in groups.items()}


GROUP = Family(
    name="group",
    axes={"ledger": ALL_LEDGERS, "keep": LIMITS, "fold": _FOLDS, "phrasing": PHRASINGS},
    kata=_group_kata,
    write=_write_group,
    value=_group_value,
)


_MEETINGS: Options = ["sum", "larger", "smaller", "difference"]
_MET = {
    "sum": "the sum of its two numbers",
    "larger": "the larger of its two numbers",
    "smaller": "the smaller of its two numbers",
    "difference": "its number in the first dict less its number in the second",
}
_DROPPED: Options = [None, ["at_most", 0], ["at_least", 5], ["less_than", 2]]
_DROP_WORDS = {
    "None": "Every {key} of either dict stands in the new one, whatever its number.",
    "at_most": "In the end, leave out every {key} whose new number is 0 or less.",
    "at_least": "In the end, leave out every {key} whose new number is 5 or more.",
    "less_than": "In the end, leave out every {key} whose new number is less than 2.",
}
_DROP_CODE = {"at_most": ("> 0", ">= 0"), "at_least": ("< 5", "<= 5"), "less_than": (">= 2", "> 2")}


def _merge_kata(parts: Parts) -> Kata:
    ledger, how, other = LEDGERS[parts["ledger"]], parts["how"], parts["missing"]
    dropped = parts["drop"]
    rule = told(
        parts,
        f"Where a {ledger.key} stands in one of the dicts only, its number in the other is taken "
        f"to be {other}.",
        f"A {ledger.key} that one of the dicts does not have counts there as {other}.",
    )
    drop = _DROP_WORDS[dropped[0] if dropped else "None"].format(key=ledger.key)
    one, two, three, four, five, six = ledger.names[:6]
    limit = dropped[1] if dropped else 4
    second = {two: 4, four: 0, one: 3, five: 6, six: limit if how == "smaller" else 0}
    edge = ({one: 3, two: 5, three: 1, six: limit}, second)
    return Kata(
        name=f"{how}_of_{ledger.table}",
        arguments=(table(ledger, 2, "first"), table(ledger, 2, "second")),
        returns="dict[str, int]",
        story=f"{story(parts, ledger.stories)} Now there are two such dicts, `first` and `second`.",
        wanted=f"a new dict that has for each {ledger.key} {_MET[how]}",
        notes=(rule, drop, untouched(parts, "two dicts")),
        edges=(edge, ({}, {})),
        pure=True,
    )


def _write_merge(parts: Parts, page: Page) -> None:
    ledger, how, missing = LEDGERS[parts["ledger"]], parts["how"], parts["missing"]
    key = ledger.key
    page.write("Begin the function", f"def {how}_of_{ledger.table}(first, second):", 0)
    copy = page.either("dict(first)", changes_its_argument="first")
    page.write("Begin with the first dict", f"both = {copy}")
    page.write(f"Take every {key} of the second that is new", f"for {key} in second:")
    page.write("Look whether it is missing", f"if {key} not in both:", 2)
    default = page.either(str(missing), takes_zero_for_no_answer="0")
    page.write("Then it has the number for that", f"both[{key}] = {default}", 3)
    page.write("Now put the numbers together", f"for {key} in both:")
    right, missed = f"second.get({key}, {missing})", f"second[{key}]"
    number = page.either(right, forgets_the_missing_key=missed)
    code = {
        "sum": f"both[{key}] += {number}",
        "larger": f"both[{key}] = max(both[{key}], {number})",
        "smaller": f"both[{key}] = min(both[{key}], {number})",
        "difference": f"both[{key}] -= {number}",
    }[how]
    if how == "sum":
        code = page.either(code, overwrites_instead_of_adding=f"both[{key}] = {number}")
    if how == "difference":
        turned = f"both[{key}] = {number} - both[{key}]"
        code = page.either(code, subtracts_the_wrong_way=turned)
    page.write("Put its two numbers together", code, 2)
    if parts["drop"] is None:
        page.write("Return the new dict", "return both")
        return
    kept, wrong = _DROP_CODE[parts["drop"][0]]
    test = page.either(kept, misreads_the_boundary=wrong)
    rest = f"{{{key}: number for {key}, number in both.items() if number {test}}}"
    page.write("Leave out what is to be left out", f"return {rest}")


def _merge_value(parts: Parts, first: dict[str, int], second: dict[str, int]) -> object:
    missing: int = parts["missing"]
    both: dict[str, int] = {}
    for key in (*first, *(key for key in second if key not in first)):
        one, other = first.get(key, missing), second.get(key, missing)
        both[key] = {
            "sum": one + other,
            "larger": other if other > one else one,
            "smaller": one if other > one else other,
            "difference": one - other,
        }[parts["how"]]
    if parts["drop"] is None:
        return both
    left: dict[str, Callable[[int], bool]] = {
        "at_most": lambda n: n <= 0,
        "at_least": lambda n: n >= 5,
        "less_than": lambda n: n < 2,
    }
    return {key: both[key] for key in both if not left[parts["drop"][0]](both[key])}


MERGE = Family(
    name="merge",
    axes={
        "ledger": ALL_LEDGERS,
        "how": _MEETINGS,
        "missing": [0, 1, 2, 3],
        "drop": _DROPPED,
        "phrasing": PHRASINGS,
    },
    kata=_merge_kata,
    write=_write_merge,
    value=_merge_value,
)

"""Families of level 1 on tables: names by their numbers, the best name, and looking things up."""

from agents.embedded.functions.family import (
    PHRASINGS,
    Argument,
    Family,
    Kata,
    Options,
    Parts,
    choice,
    keyed,
    listed,
    otherwise,
    story,
    told,
    untouched,
    whole,
)
from agents.embedded.functions.ledgers import (
    ALL_LEDGERS,
    LEDGERS,
    LIMITS,
    limit_of,
    table,
    unit_of,
)
from agents.embedded.functions.page import Page

_ASKED: Options = ["list up", "list down", "count", "first", "total"]


def _names_kata(parts: Parts) -> Kata:
    ledger, keep, asked = LEDGERS[parts["ledger"]], limit_of(parts), parts["asked"]
    kept = f"{ledger.keys} whose {ledger.value} {keep.single(unit_of(ledger))}"
    wanted = {
        "list up": f"the list of all {kept}, in alphabetical order",
        "list down": f"the list of all {kept}, in alphabetical order turned round",
        "count": f"how many {kept} there are",
        "first": f"the first, in alphabetical order, of the {kept}",
        "total": f"what the {ledger.value} of all {kept} adds up to",
    }[asked]
    empty: object = {"count": 0, "first": None, "total": 0}.get(asked, [])
    returns = {"count": "int", "total": "int", "first": "str | None"}
    near = keep.near or 0
    one, two, three = ledger.names[2], ledger.names[1], ledger.names[4]
    names = {
        "count": f"count_{ledger.keys}",
        "first": f"first_{ledger.key}",
        "total": f"{parts['ledger']}_together",
    }
    return Kata(
        name=names.get(asked, f"chosen_{ledger.keys}"),
        arguments=(table(ledger, near),),
        returns=returns.get(asked, "list[str]"),
        story=story(parts, ledger.stories),
        wanted=wanted,
        notes=(
            otherwise(parts, f"there are no such {ledger.keys}", empty),
            untouched(parts, "dict"),
        ),
        edges=(({one: near, two: near + 1, three: near - 1},), ({},)),
        pure=True,
    )


def _write_names(parts: Parts, page: Page) -> None:
    ledger, keep, asked = LEDGERS[parts["ledger"]], limit_of(parts), parts["asked"]
    x, key = ledger.table, ledger.key
    page.write("Begin the function", f"def {_names_kata(parts).name}({x}):", 0)
    if asked != "first":
        nothing = "[]" if asked.startswith("list") else "0"
        page.write("Nothing is found yet", f"found = {nothing}")
    up, down = f"sorted({x})", f"sorted({x}, reverse=True)"
    keys = x
    if asked in ("list up", "first"):
        keys = page.either(up, sorts_the_wrong_way=down)
    if asked == "list down":
        keys = page.either(down, sorts_the_wrong_way=up)
    page.write(f"Take one {key} after the other", f"for {key} in {keys}:")
    number = f"{x}[{key}]"
    test = page.either(keep.written(number), **keep.mistaken(number))
    page.write(f"Look whether the {ledger.value} {keep.single(unit_of(ledger))}", f"if {test}:", 2)
    if asked == "first":
        page.write("The first one decides", f"return {key}", 3)
        page.finish(page.either("None", takes_zero_for_no_answer="0"))
        return
    how = {"count": "found += 1", "total": f"found += {number}"}
    page.write("Then take it in", how.get(asked, f"found.append({key})"), 3)
    page.finish("found")


def _names_value(parts: Parts, given: dict[str, int]) -> object:
    kept = [key for key, number in given.items() if limit_of(parts).test(number)]
    asked = parts["asked"]
    if asked == "first":
        return min(kept, default=None)
    if asked in ("count", "total"):
        return len(kept) if asked == "count" else sum(given[key] for key in kept)
    ordered = sorted(kept)
    return ordered if asked == "list up" else ordered[::-1]


NAMES = Family(
    name="names",
    axes={"ledger": ALL_LEDGERS, "keep": LIMITS, "asked": _ASKED, "phrasing": PHRASINGS},
    kata=_names_kata,
    write=_write_names,
    value=_names_value,
)


_GIVEN: Options = [["key", None], ["key", ""], ["key", "-"], ["pair", None]]
"""The name, or the name with its number, and what is returned where there is none."""


def _best_kata(parts: Parts) -> Kata:
    ledger, keep, (asked, empty) = LEDGERS[parts["ledger"]], limit_of(parts), parts["asked"]
    most, which = ("largest" if parts["most"] else "smallest"), parts["which"]
    equal = told(
        parts,
        f"If several {ledger.keys} share that {ledger.value}, it is the one that comes {which} in "
        f"the alphabet.",
        f"Of several such {ledger.keys} take the {which} in alphabetical order.",
    )
    pair = f", as a pair of the {ledger.key} and that number" if asked == "pair" else ""
    one, two, three = ledger.names[:3]
    near = keep.near or 0
    edge = {two: near, one: near, three: near - 1}
    plain = "tuple[str, int]" if asked == "pair" else "str"
    return Kata(
        name=f"{ledger.key}_with_{most}",
        arguments=(table(ledger, near),),
        returns=plain if empty is not None else f"{plain} | None",
        story=story(parts, ledger.stories),
        wanted=f"the {ledger.key} with the {most} {ledger.value}, looking only at {ledger.keys} "
        f"whose {ledger.value} {keep.single(unit_of(ledger))}{pair}",
        notes=(
            equal,
            otherwise(parts, f"there are no {ledger.keys} to look at", empty),
            untouched(parts, "dict"),
        ),
        edges=((edge,), ({},)),
        pure=True,
    )


def _write_best(parts: Parts, page: Page) -> None:
    ledger, keep, (asked, empty) = LEDGERS[parts["ledger"]], limit_of(parts), parts["asked"]
    x, key = ledger.table, ledger.key
    page.write("Begin the function", f"def {_best_kata(parts).name}({x}):", 0)
    test = page.either(keep.written(f"{x}[{key}]"), **keep.mistaken(f"{x}[{key}]"))
    kept = f"[{key} for {key} in sorted({x}) if {test}]"
    page.write("Take those that count, in alphabetical order", f"ordered = {kept}")
    if page.either(True, forgets_the_empty_case=False):
        page.write("There may be none", "if not ordered:")
        nothing = page.either(repr(empty), takes_zero_for_no_answer="0")
        page.write("Then there is a value for that", f"return {nothing}", 2)
    page.write("The first is the best yet", "best = ordered[0]")
    page.write("Compare the others with it", f"for {key} in ordered[1:]:")
    strict = ">" if parts["most"] else "<"
    right, wrong = (f"{strict}=", strict) if parts["which"] == "last" else (strict, f"{strict}=")
    sign = page.either(right, keeps_the_wrong_of_equals=wrong)
    numbers = (f"{x}[{key}]", f"{x}[best]")
    one, other = page.either(numbers, compares_the_keys=(key, "best"))
    page.write("Look whether it is better", f"if {one} {sign} {other}:", 2)
    page.write("Then it is the best yet", f"best = {key}", 3)
    page.finish("best" if asked == "key" else f"(best, {x}[best])")


def _best_value(parts: Parts, given: dict[str, int]) -> object:
    asked, empty = parts["asked"]
    kept = {key: number for key, number in given.items() if limit_of(parts).test(number)}
    if not kept:
        return empty
    best = (max if parts["most"] else min)(kept.values())
    tied = [key for key in kept if kept[key] == best]
    key = max(tied) if parts["which"] == "last" else min(tied)
    return key if asked == "key" else (key, best)


BEST_NAME = Family(
    name="best_name",
    axes={
        "ledger": ALL_LEDGERS,
        "keep": LIMITS,
        "most": [True, False],
        "which": ["first", "last"],
        "asked": _GIVEN,
        "phrasing": PHRASINGS,
    },
    kata=_best_kata,
    write=_write_best,
    value=_best_value,
)


_UNKNOWN: Options = [1, 2, 3, 4, 5]
_SHOPS: dict[str, tuple[str, str, tuple[str, ...], tuple[str, str]]] = {
    "prices": ("order", "dish", ("bread", "cheese", "olives", "rice", "salad", "soup"), (
        "An inn has a dict of prices and gets orders, which are lists of dishes.",
        "At a snack bar an order is a list of dishes, and a dict holds what each of them costs.",
    )),
    "tolls": ("route", "bridge", ("East", "High", "Mill", "New", "Old", "Rope"), (
        "Bridges cost a toll, and a route is the list of bridges that it crosses.",
        "A carter plans a route over toll bridges; the dict says what each bridge costs.",
    )),
    "minutes": ("plan", "chore", ("bath", "dishes", "dusting", "ironing", "laundry", "mopping"), (
        "A dict knows how many minutes each chore takes, and a plan is a list of chores.",
        "Flatmates plan their chores; how many minutes each takes stands in a dict.",
    )),
    "weights": ("cargo", "crate", ("anvil", "books", "clock", "drum", "easel", "flute"), (
        "The cargo of a boat is a list of crates by what is in them, and a dict knows the weights.",
        "A skipper looks up the weight of each crate of a cargo in a dict.",
    )),
    "points": ("finds", "shell", ("auger", "cockle", "cone", "limpet", "mussel", "whelk"), (
        "In a game on the beach shells are collected, and a dict says how many points each brings.",
        "Children collect shells; each kind brings points, which stand in a dict.",
    )),
    "letters": ("walk", "street", ("Ash", "Bay", "Elm", "Fir", "Ivy", "Oak"), (
        "A postman's walk is a list of streets, and a dict says how many letters each one gets.",
        "How many letters go to each street is known from a dict; a walk is a list of streets.",
    )),
    "miles": ("trip", "leg", ("canal", "coast", "forest", "heath", "pass", "river"), (
        "A trip is a list of legs, and a dict holds the miles of each leg.",
        "Hikers put a trip together from legs, whose miles stand in a dict.",
    )),
    "grams": ("recipe", "spice", ("anise", "cumin", "ginger", "mace", "nutmeg", "pepper"), (
        "A recipe is a list of spices, and a dict says how many grams of each go into a pot.",
        "A cook takes spices by a list and their grams from a dict.",
    )),
}  # fmt: skip


def _total_kata(parts: Parts) -> Kata:
    shop = parts["shop"]
    wish, one, names, stories = _SHOPS[shop]
    many, off, unknown = parts["many"], parts["off"], parts["unknown"]
    rule = told(
        parts,
        f"A {one} that is not in the dict counts as {unknown}.",
        f"For every {one} that the dict does not know, {unknown} is added.",
    )
    less = told(
        parts,
        f"If `{wish}` has at least {many} elements, {off} is taken off the sum in the end.",
        f"From {many} elements of `{wish}` on, the sum is lowered by {off}.",
    )
    hidden = keyed(choice(*names[:4]), whole(0, 9), 0, 4)
    shown = keyed(choice(*names[:4]), whole(1, 9), 3, 4)
    wishes = choice(*names[:5])
    return Kata(
        name=f"{shop}_of_{wish}",
        arguments=(
            Argument(shop, "dict[str, int]", hidden, shown),
            Argument(wish, "list[str]", listed(wishes, 0, many + 2), listed(wishes, 2, many + 1)),
        ),
        returns="int",
        story=story(parts, stories),
        wanted=f"the sum of the {shop} of everything in `{wish}`",
        notes=(f"A {one} that stands in `{wish}` twice counts twice.", rule, less),
        edges=(({names[0]: 4, names[1]: 7}, [names[1], names[5]] + [names[0]] * (many - 2)),),
    )


def _write_total(parts: Parts, page: Page) -> None:
    shop = parts["shop"]
    wish, one, *_ = _SHOPS[shop]
    page.write("Begin the function", f"def {shop}_of_{wish}({shop}, {wish}):", 0)
    page.write("Nothing is added yet", "total = 0")
    page.write(f"Take one {one} after the other", f"for {one} in {wish}:")
    found = page.either(
        f"{shop}.get({one}, {parts['unknown']})",
        forgets_the_missing_key=f"{shop}[{one}]",
        takes_zero_for_no_answer=f"{shop}.get({one}, 0)",
    )
    page.write("Look it up and add it", f"total += {found}", 2)
    sign = page.either(">=", misreads_the_boundary=">")
    page.write("Look whether there are many", f"if len({wish}) {sign} {parts['many']}:")
    page.write("Then take something off", f"total -= {parts['off']}", 2)
    page.write("That is the sum", "return total")


def _total_value(parts: Parts, known: dict[str, int], wishes: list[str]) -> object:
    numbers = [known[wish] if wish in known else parts["unknown"] for wish in wishes]
    return sum(numbers) - parts["off"] * (len(wishes) >= parts["many"])


LOOK_UP = Family(
    name="look_up",
    axes={
        "shop": list(_SHOPS),
        "unknown": _UNKNOWN,
        "many": [2, 3, 4, 5],
        "off": [1, 2, 3],
        "phrasing": PHRASINGS,
    },
    kata=_total_kata,
    write=_write_total,
    value=_total_value,
)

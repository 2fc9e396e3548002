"""A family of level 3 on tables: the balances that transfers between people leave."""

from collections.abc import Callable

from agents.embedded.functions.family import (
    PHRASINGS,
    Argument,
    Family,
    Kata,
    Options,
    Parts,
    choice,
    listed,
    otherwise,
    row,
    story,
    told,
    whole,
)
from agents.embedded.functions.page import Page

_MOVES: dict[str, tuple[str, str, tuple[str, ...], tuple[str, str]]] = {
    "loans": ("friend", "coins", ("Ada", "Ben", "Cleo", "Dan"), (
        "Friends hand coins to each other; every loan is a triple of giver, taker and coins.",
        "A list of loans says who gave how many coins to whom: giver, taker, coins.",
    )),
    "trades": ("player", "cards", ("Ida", "Jon", "Kim", "Lou"), (
        "Players of a card game hand over cards: each trade is a giver, a taker and a number.",
        "Each trade of cards is noted as a triple: who gives, who takes, and how many.",
    )),
    "moves": ("farm", "sheep", ("Dale", "Fell", "Moor", "Wold"), (
        "Sheep are driven from farm to farm; each drive is noted as from, to and how many.",
        "A shepherd's book has triples: the farm that sheep leave, the one they come to, and how "
        "many.",
    )),
    "pours": ("jug", "cups", ("clay", "glass", "pewter", "tin"), (
        "Water is poured from jug to jug; each time the two jugs and the cups are noted.",
        "A riddle tells how water is poured: out of which jug, into which jug, how many cups.",
    )),
    "rides": ("station", "bicycles", ("Dock", "Mall", "Park", "Zoo"), (
        "Rented bicycles are taken at one station and left at another, in groups.",
        "Each row of a list says from which station to which how many bicycles were ridden.",
    )),
    "sends": ("depot", "pallets", ("East", "North", "South", "West"), (
        "Depots send pallets to one another; a list holds sender, receiver and number.",
        "A carrier notes each transport: the depot it leaves, the depot it goes to, the pallets.",
    )),
    "shifts": ("shelf", "books", ("A", "B", "C", "D"), (
        "A librarian carries books from shelf to shelf and notes from, to and how many.",
        "Books change shelves; each row is the old shelf, the new one, and how many books.",
    )),
    "swaps": ("stall", "crates", ("bread", "fish", "fruit", "wine"), (
        "On a market stalls lend crates to each other; each time a triple is noted.",
        "Each row says which stall gave crates to which, and how many.",
    )),
}  # fmt: skip
_ASKED: Options = ["dict", "above", "below", "largest", "level"]


def _balance_kata(parts: Parts) -> Kata:
    one, unit, names, stories = _MOVES[parts["moves"]]
    asked, begin, gap = parts["asked"], parts["begin"], parts["gap"]
    limit = begin + gap
    line = told(
        parts,
        f"Every {one} that occurs at all has {begin} {unit} at first.",
        f"At the beginning each {one} that stands in the list has {begin} {unit}.",
    )
    wanted = {
        "dict": f"a dict of how many {unit} each {one} has in the end, without those that have "
        f"exactly {limit}",
        "above": f"the list, in alphabetical order, of each {one} that has more than {limit} "
        f"{unit} in the end",
        "below": f"the list, in alphabetical order, of each {one} that has fewer than {limit} "
        f"{unit} in the end",
        "largest": f"the largest number of {unit} that any {one} has in the end, but at least "
        f"{limit}",
        "level": f"the list, in alphabetical order, of each {one} that has exactly {limit} {unit} "
        f"in the end",
    }[asked]
    names_by = {
        "dict": f"{unit}_in_the_end",
        "above": f"with_more_{unit}",
        "below": f"with_fewer_{unit}",
        "largest": f"most_{unit}",
        "level": f"with_so_many_{unit}",
    }
    a, b, c, d = names
    empty: object = {"dict": {}, "largest": limit}.get(asked, [])
    aim = limit + {"below": -1, "level": 0}.get(asked, 1)
    edge = [_brought(b, aim - begin, d), _brought(a, aim - begin, d), _brought(c, gap, d)]
    return Kata(
        name=names_by[asked],
        arguments=(_rows(parts),),
        returns={"dict": "dict[str, int]", "largest": "int"}.get(asked, "list[str]"),
        story=story(parts, stories),
        wanted=wanted,
        notes=(
            line,
            f"Numbers below 0 are possible, and a {one} may give to itself, which changes nothing.",
            otherwise(parts, "the list is empty", empty),
        ),
        edges=((edge,), ([],)),
    )


def _rows(parts: Parts) -> Argument:
    """Return the parameter; hidden numbers are often just what leads to the limit."""
    *_, names, _ = _MOVES[parts["moves"]]
    apart = max(1, abs(parts["gap"]))
    close = row(choice(*names[:3]), choice(*names[:3]), choice(apart, apart, 1, 3))
    wide = row(choice(*names), choice(*names), whole(1, 6))
    kind = "list[tuple[str, str, int]]"
    return Argument(parts["moves"], kind, listed(close, 0, 5), listed(wide, 3, 5))


def _brought(name: str, change: int, other: str) -> tuple[str, str, int]:
    """Return the row that changes a number by so much, at another's cost."""
    if change == 0:
        return (name, name, 1)
    return (other, name, change) if change > 0 else (name, other, -change)


def _write_balance(parts: Parts, page: Page) -> None:
    one, unit, *_ = _MOVES[parts["moves"]]
    asked, begin = parts["asked"], parts["begin"]
    limit = begin + parts["gap"]
    page.write("Begin the function", f"def {_balance_kata(parts).name}({parts['moves']}):", 0)
    page.write(f"No {unit} are counted yet", "counts = {}")
    rows = parts["moves"]
    page.write("Take one row after the other", f"for giver, taker, number in {rows}:")
    signs = page.either(("-", "+"), subtracts_the_wrong_way=("+", "-"))
    default = page.either(str(begin), takes_zero_for_no_answer="0")
    gives = f"counts.get(giver, {default}) {signs[0]} number"
    page.write("One has less", f"counts[giver] = {gives}", 2)
    takes = page.either(
        f"counts.get(taker, {default}) {signs[1]} number",
        overwrites_instead_of_adding=f"{default} {signs[1]} number",
    )
    page.write("The other has more", f"counts[taker] = {takes}", 2)
    if asked == "dict":
        kept = f"{{{one}: counts[{one}] for {one} in counts if counts[{one}] != {limit}}}"
        page.finish(kept)
        return
    if asked == "largest":
        page.finish(f"max([{limit}, *counts.values()])")
        return
    right, wrong = {"above": (">", ">="), "below": ("<", "<="), "level": ("==", "==")}[asked]
    sign = page.either(right, misreads_the_boundary=wrong)
    names = f"[{one} for {one} in counts if counts[{one}] {sign} {limit}]"
    page.write("Choose those that are asked for", f"names = {names}")
    order = page.either("sorted(names)", forgets_to_sort="names")
    page.write("Return them in order", f"return {order}")


def _balance_value(parts: Parts, given: list[tuple[str, str, int]]) -> object:
    asked, begin = parts["asked"], parts["begin"]
    limit = begin + parts["gap"]
    names = sorted({name for giver, taker, _ in given for name in (giver, taker)})
    counts = {
        name: begin
        + sum(number for _, taker, number in given if taker == name)
        - sum(number for giver, _, number in given if giver == name)
        for name in names
    }
    if asked == "dict":
        return {name: counts[name] for name in names if counts[name] != limit}
    if asked == "largest":
        return max([limit, *counts.values()])
    met: dict[str, Callable[[int], bool]] = {
        "above": lambda count: count > limit,
        "below": lambda count: count < limit,
        "level": lambda count: count == limit,
    }
    return [name for name in names if met[asked](counts[name])]


BALANCE = Family(
    name="balance",
    axes={
        "moves": list(_MOVES),
        "asked": _ASKED,
        "begin": [2, 3, 5, 8],
        "gap": [-2, -1, 0, 1, 2],
        "phrasing": PHRASINGS,
    },
    kata=_balance_kata,
    write=_write_balance,
    value=_balance_value,
)

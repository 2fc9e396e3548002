"""Families of level 3 on tables: rankings, the best of each group, and balances of transfers."""

from typing import NamedTuple

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
    untouched,
    whole,
)
from agents.embedded.functions.ledgers import (
    ALL_LEDGERS,
    LEDGERS,
    LIMITS,
    entries,
    limit_of,
    meeting,
)
from agents.embedded.functions.page import Page

_SHOWN: Options = ["names", "pairs"]


def _rank_kata(parts: Parts) -> Kata:
    ledger, keep, many = LEDGERS[parts["ledger"]], limit_of(parts), parts["many"]
    way = "largest" if parts["down"] else "smallest"
    equal = told(
        parts,
        f"Where sums are equal, {ledger.keys} stand in alphabetical order.",
        f"The alphabet decides between {ledger.keys} with the same sum.",
    )
    few = told(
        parts,
        f"If there are fewer than {many}, all of them are in the list, which may be empty.",
        f"The list may have fewer than {many} elements, or none, if there are no more.",
    )
    only = f"Entries whose number {keep.single()} count; all others are passed over."
    one, two, three, four = ledger.names[:4]
    _, met = meeting(parts)
    edge = [(three, met), (two, met), (four, keep.near or 0), (three, met), (two, met), (one, met)]
    shown = parts["shown"]
    return Kata(
        name=f"{'top' if parts['down'] else 'bottom'}_{many}_{ledger.keys}",
        arguments=(entries(ledger),),
        returns="list[str]" if shown == "names" else "list[tuple[str, int]]",
        story=story(parts, ledger.diaries),
        wanted=f"a list of the {many} {ledger.keys} whose numbers have the {way} sums, the {way} "
        f"sum first" + ("" if shown == "names" else f", each as a pair of {ledger.key} and sum"),
        notes=(only, equal, few, untouched(parts, "list")),
        edges=((edge,), ([],)),
        pure=True,
    )


def _write_rank(parts: Parts, page: Page) -> None:
    ledger, keep, many = LEDGERS[parts["ledger"]], limit_of(parts), parts["many"]
    x, key = ledger.entries, ledger.key
    page.write("Begin the function", f"def {_rank_kata(parts).name}({x}):", 0)
    page.write("Nothing is added up yet", "sums = {}")
    page.write("Take one entry after the other", f"for {key}, number in {x}:")
    test = page.either(keep.written("number"), **keep.mistaken("number"))
    page.write(f"Look whether the number {keep.single()}", f"if {test}:", 2)
    added = page.either(f"sums.get({key}, 0) + number", overwrites_instead_of_adding="number")
    page.write(f"Add it to the sum of the {key}", f"sums[{key}] = {added}", 3)
    right, wrong = (f"-sums[{key}]", f"sums[{key}]")
    if not parts["down"]:
        right, wrong = wrong, right
    first = page.either(right, sorts_the_wrong_way=wrong)
    order = page.either(f"({first}, {key})", forgets_to_break_ties=first)
    page.write("Put them in order", f"ordered = sorted(sums, key=lambda {key}: {order})")
    end = page.either(str(many), stops_one_short=str(many - 1))
    page.write(f"Take the first {many}", f"best = ordered[:{end}]")
    names = parts["shown"] == "names"
    shown = "best" if names else f"[({key}, sums[{key}]) for {key} in best]"
    page.write("Return what was asked for", f"return {shown}")


def _rank_value(parts: Parts, given: list[tuple[str, int]]) -> object:
    kept = [(key, number) for key, number in given if limit_of(parts).test(number)]
    sums = [(key, sum(n for other, n in kept if other == key)) for key in {key for key, _ in kept}]
    ordered = sorted(sums)
    ordered.sort(key=lambda pair: pair[1], reverse=parts["down"])
    best = ordered[: parts["many"]]
    return [key for key, _ in best] if parts["shown"] == "names" else best


RANK = Family(
    name="rank",
    axes={
        "ledger": ALL_LEDGERS,
        "keep": LIMITS,
        "many": [2, 3],
        "down": [True, False],
        "shown": _SHOWN,
        "phrasing": PHRASINGS,
    },
    kata=_rank_kata,
    write=_write_rank,
    value=_rank_value,
)


class Contest(NamedTuple):
    """Entries of a name, a group, and a number."""

    entries: str
    """The parameter."""
    one: str
    group: str
    groups: str
    number: str
    names: tuple[str, ...]
    classes: tuple[str, ...]
    stories: tuple[str, str]


_PEOPLE = ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gina")
CONTESTS = {
    each.entries: each
    for each in (
        Contest("runs", "runner", "club", "clubs", "number of laps", _PEOPLE,
            ("Comets", "Hares", "Otters"), (
                "At a charity run every entry is a runner, a club and a number of laps.",
                "A list holds, for each start at a run, the runner, the club and the laps.",
            )),
        Contest("pumpkins", "grower", "village", "villages", "weight in kilograms", _PEOPLE,
            ("Brook", "Ford", "Hill"), (
                "Pumpkins are weighed; each entry is the grower, the village and the weight.",
                "A pumpkin show notes for every pumpkin who grew it, in which village, and the "
                "weight.",
            )),
        Contest("kites", "pilot", "team", "teams", "height in metres", _PEOPLE,
            ("Blue", "Red", "White"), (
                "A day of kites is written down as triples: pilot, team and the height reached.",
                "Each flight of a kite is noted with its pilot, the team and the height.",
            )),
        Contest("offers", "shop", "kind", "kinds", "price in euros", (
            "Abel", "Bruns", "Conrad", "Dahl", "Ernst", "Falk"),
            ("lamp", "rug", "stool"), (
                "Offers are triples: the shop, the kind of thing, and the price.",
                "Somebody collects offers and notes shop, kind of thing, and price.",
            )),
        Contest("songs", "singer", "style", "styles", "length in minutes", _PEOPLE,
            ("blues", "folk", "jazz"), (
                "An archive lists songs with their singer, their style and their length.",
                "Every song of a night is noted as a triple: singer, style, minutes.",
            )),
        Contest("loans", "reader", "branch", "branches", "number of books", _PEOPLE,
            ("North", "Port", "West"), (
                "A library with several branches notes each loan: reader, branch, number of books.",
                "Each loan of a library is a triple of the reader, the branch and how many books.",
            )),
        Contest("rides", "driver", "line", "lines", "number of passengers", _PEOPLE,
            ("A", "B", "C"), (
                "A bus company notes each ride with its driver, its line and its passengers.",
                "The rides of a day are triples: driver, line, and number of passengers.",
            )),
        Contest("cakes", "baker", "class", "classes", "number of points", _PEOPLE,
            ("fruit", "nut", "plain"), (
                "At a baking contest each cake is noted with its baker, its class and its points.",
                "Cakes are judged by class; the list has baker, class and points of each.",
            )),
    )
}  # fmt: skip
_TOLD: Options = ["names", "pairs"]


def _winner_kata(parts: Parts) -> Kata:
    contest, keep = CONTESTS[parts["contest"]], limit_of(parts)
    most, which = ("largest" if parts["most"] else "smallest"), parts["which"]
    one, group, number = contest.one, contest.group, contest.number
    equal = told(
        parts,
        f"If several entries of a {group} have that {number}, the {which} of them counts.",
        f"Of equal entries in a {group} take the {which} of the list.",
    )
    only = f"Look only at entries whose {number} {keep.single()}."
    triple = row(choice(*contest.names[:4]), choice(*contest.classes[:2]), whole(0, 6))
    wide = row(choice(*contest.names), choice(*contest.classes), whole(0, 8))
    worse, best = meeting(parts) if parts["most"] else meeting(parts)[::-1]
    (a, b, c, d), (x, y, z) = contest.names[:4], contest.classes[:3]
    edge = [(c, x, best), (b, x, best), (a, x, worse), (d, y, worse), (a, z, keep.near or 0)]
    pairs = parts["told"] == "pairs"
    what = f"the pair of {one} and number from" if pairs else f"the {one} of"
    return Kata(
        name=f"{one}_by_{group}",
        arguments=(
            Argument(
                contest.entries,
                "list[tuple[str, str, int]]",
                listed(triple, 0, 7),
                listed(wide, 5, 6),
            ),
        ),
        returns="dict[str, tuple[str, int]]" if pairs else "dict[str, str]",
        story=story(parts, contest.stories),
        wanted=f"a dict that has for each {group} {what} the entry with the {most} {number}",
        notes=(
            only,
            equal,
            otherwise(parts, "there are no entries to look at", {}),
        ),
        edges=((edge,), ([],)),
    )


def _write_winner(parts: Parts, page: Page) -> None:
    contest, keep = CONTESTS[parts["contest"]], limit_of(parts)
    x, one, group = contest.entries, contest.one, contest.group
    group = {"class": "kind"}.get(group, group)  # "class" is a word of Python
    page.write("Begin the function", f"def {_winner_kata(parts).name}({x}):", 0)
    page.write("Nobody is the best yet", "best = {}")
    page.write("Take one entry after the other", f"for {one}, {group}, number in {x}:")
    test = page.either(keep.written("number"), **keep.mistaken("number"))
    page.write(f"Look whether the number {keep.single()}", f"if {test}:", 2)
    strict = ">" if parts["most"] else "<"
    right, wrong = (strict, f"{strict}=")
    if parts["which"] == "last":
        right, wrong = wrong, right
    sign = page.either(right, keeps_the_wrong_of_equals=wrong)
    better = f"{group} not in best or number {sign} best[{group}][1]"
    if page.either(True, overwrites_instead_of_adding=False):
        page.write("Look whether it is better", f"if {better}:", 3)
        page.write("Then it is the best yet", f"best[{group}] = ({one}, number)", 4)
    else:
        page.write("It is the best yet", f"best[{group}] = ({one}, number)", 3)
    names = f"{{{group}: best[{group}][0] for {group} in best}}"
    page.finish("best" if parts["told"] == "pairs" else names)


def _winner_value(parts: Parts, given: list[tuple[str, str, int]]) -> object:
    kept = [entry for entry in given if limit_of(parts).test(entry[2])]
    found = {}
    for group in dict.fromkeys(entry[1] for entry in kept):
        mine = [(name, number) for name, other, number in kept if other == group]
        numbers = [number for _, number in mine]
        best = max(numbers) if parts["most"] else min(numbers)
        tied = [pair for pair in mine if pair[1] == best]
        name = tied[-1 if parts["which"] == "last" else 0][0]
        found[group] = (name, best) if parts["told"] == "pairs" else name
    return found


WINNER = Family(
    name="winner",
    axes={
        "contest": list(CONTESTS),
        "keep": LIMITS,
        "most": [True, False],
        "which": ["first", "last"],
        "told": _TOLD,
        "phrasing": PHRASINGS,
    },
    kata=_winner_kata,
    write=_write_winner,
    value=_winner_value,
)

"""Tables: numbers by name, and lists of entries, with the words that belong to them.

What a newcomer gets wrong: the names of a ledger are few, so that the same one comes up again and
again in a hidden list of entries.
"""

from collections.abc import Callable
from typing import NamedTuple

from agents.embedded.functions.conditions import Condition, condition
from agents.embedded.functions.family import (
    Argument,
    Options,
    Parts,
    Spec,
    choice,
    keyed,
    listed,
    row,
    whole,
)


class Ledger(NamedTuple):
    """Numbers by name."""

    table: str
    """The parameter, where it is a dict."""
    entries: str
    """The parameter, where it is a list of pairs."""
    key: str
    keys: str
    value: str
    values: str
    unit: str
    names: tuple[str, ...]
    stories: tuple[str, str]
    """For the dict."""
    diaries: tuple[str, str]
    """For the list of pairs."""


LEDGERS = {
    each.table: each
    for each in (
        Ledger("stock", "sales", "fruit", "fruits", "amount", "amounts", "kilograms",
            ("apples", "cherries", "figs", "grapes", "lemons", "pears", "plums"),
            (
                "A greengrocer keeps the stock in a dict: how many kilograms there are of each "
                "fruit.",
                "A dict tells how many kilograms of each fruit are left.",
            ), (
                "A greengrocer writes down every sale: the fruit and the kilograms.",
                "At the market stall each sale is a pair of a fruit and an amount.",
            )),
        Ledger("goals", "matches", "player", "players", "number of goals", "goals", "goals",
            ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gina"),
            (
                "The coach of a handball team has a dict with the goals of each player.",
                "Who has shot how many goals stands in a dict.",
            ), (
                "After every match the coach notes pairs of a player and that player's goals.",
                "The log of a season holds one pair for each player in each match: name and goals.",
            )),
        Ledger("villages", "counts", "village", "villages", "population", "numbers", "people",
            ("Abbey", "Brook", "Ford", "Glen", "Hill", "Marsh", "Wood"),
            (
                "A valley has small villages, and a dict knows the population of each.",
                "A dict holds how many people live in each village of a valley.",
            ), (
                "Volunteers count people house by house and note the village and their number.",
                "A census of a valley is a list of pairs: a village, and the people in one house.",
            )),
        Ledger("depths", "soundings", "lake", "lakes", "depth", "depths", "metres",
            ("Aller", "Bled", "Como", "Inari", "Loch Ard", "Orta", "Vener"),
            (
                "An atlas gives the depth of each lake in a dict.",
                "How deep some lakes are, in metres, stands in a dict by their names.",
            ), (
                "A boat sounds one lake after another, often several times, and notes the depths.",
                "A survey is a list of pairs of a lake and a depth that was measured there.",
            )),
        Ledger("savings", "payments", "child", "children", "amount", "amounts", "coins",
            ("Ali", "Bea", "Cem", "Dora", "Emil", "Fay", "Gus"),
            (
                "A money box has a compartment for each child; a dict says how many coins are in "
                "it.",
                "A dict holds how many coins each child of a family has saved.",
            ), (
                "Whenever a child pays coins into the family's box, a pair is written down.",
                "A family keeps a list of payments: which child, and how many coins.",
            )),
        Ledger("heights", "measures", "plant", "plants", "height", "heights", "centimetres",
            ("basil", "cress", "dill", "fennel", "mint", "sage", "thyme"),
            (
                "A school garden knows the height of every plant on the window sill.",
                "In an experiment the height of each plant is kept in a dict.",
            ), (
                "Pupils measure the plants on the window sill again and again.",
                "An experiment yields pairs: the plant, and how much it has grown since last time.",
            )),
        Ledger("pages", "readings", "book", "books", "number of pages", "numbers", "pages",
            ("Atlas", "Bestiary", "Cookbook", "Diary", "Emma", "Fables", "Gospels"),
            (
                "A reader keeps a dict that says how many pages of each book are still unread.",
                "A dict says for each book how many pages somebody has read.",
            ), (
                "A reading diary has one pair for each evening: the book and the pages read.",
                "Every evening somebody notes which book was read and how many pages.",
            )),
        Ledger("votes", "ballots", "colour", "colours", "number of votes", "numbers", "votes",
            ("blue", "cyan", "green", "lilac", "ochre", "red", "white"),
            (
                "A village votes on the colour of its town hall; a dict holds the votes.",
                "How many votes each colour got is known from a dict.",
            ), (
                "Every street hands in pairs of a colour and the votes for it.",
                "The votes for a new colour of the town hall come in street by street, as pairs.",
            )),
        Ledger("parcels", "rounds", "courier", "couriers", "load", "loads", "parcels",
            ("Amy", "Bo", "Carl", "Dee", "Ed", "Flo", "Gil"),
            (
                "A delivery service has a dict of how many parcels each courier carries.",
                "Each courier has a bag of parcels, and a dict says how many are in it.",
            ), (
                "For every round a delivery service notes the courier and the parcels delivered.",
                "A list of rounds holds pairs: a courier, and the parcels of one round.",
            )),
        Ledger("repairs", "visits", "machine", "machines", "number of repairs", "numbers",
            "repairs",
            ("crane", "drill", "forge", "lathe", "mill", "press", "saw"),
            (
                "A workshop counts in a dict how many repairs each machine needed.",
                "A dict says how often each machine had to be repaired.",
            ), (
                "Whenever a mechanic comes, the machine and the number of repairs are noted.",
                "A mechanic's book has a pair for each visit: the machine and its repairs.",
            )),
    )
}  # fmt: skip
ALL_LEDGERS: Options = list(LEDGERS)
LIMITS: Options = [
    [kind, limit]
    for kind in ("at_least", "more_than", "at_most", "less_than")
    for limit in (2, 3, 4, 5)
]
"""Conditions on the numbers of a ledger."""
_LEAST, _MOST = 0, 7


def limit_of(parts: Parts) -> Condition:
    """Return the condition that a function puts on the numbers."""
    return condition(*parts["keep"])


def meeting(parts: Parts) -> tuple[int, int]:
    """Return two neighbouring numbers that meet that condition, the smaller first."""
    keep = limit_of(parts)
    first = min((number for number in range(10) if keep.test(number)), key=_far_from(keep))
    return (first - 1, first) if keep.test(first - 1) else (first, first + 1)


def _far_from(keep: Condition) -> Callable[[int], int]:
    return lambda number: abs(number - (keep.near or 0))


def unit_of(ledger: Ledger) -> str:
    """Return the unit that a condition on the value names; a number of things needs none."""
    return "" if ledger.value.startswith("number") else ledger.unit


def names_of(ledger: Ledger, many: int = 7) -> Spec:
    """Return the specification of a name; the last of the list is not always used."""
    return choice(*ledger.names[:many])


def table(ledger: Ledger, near: int, name: str = "") -> Argument:
    """Return the parameter that holds the numbers by name; the hidden ones lie near a limit."""
    hidden = keyed(names_of(ledger, 5), whole(max(_LEAST, near - 2), near + 2), 0, 5)
    shown = keyed(names_of(ledger), whole(_LEAST, _MOST), 4, 5)
    return Argument(name or ledger.table, "dict[str, int]", hidden, shown)


def entries(ledger: Ledger) -> Argument:
    """Return the parameter that holds the entries."""

    def spec(many: int, least: int, most: int) -> Spec:
        return listed(row(names_of(ledger, many), whole(_LEAST, _MOST)), least, most)

    return Argument(ledger.entries, "list[tuple[str, int]]", spec(3, 0, 8), spec(4, 5, 6))

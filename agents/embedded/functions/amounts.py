"""Lists of whole numbers: what they are, who keeps them, and which conditions make sense.

To add, drop or reorder one gives every later index another question, so the domain's version must
be raised.
"""

from typing import NamedTuple

from agents.embedded.functions.conditions import ODD_ONES, ORDERS, Condition, condition
from agents.embedded.functions.family import Argument, Options, Parts, listed, whole

WIDTH = 24
"""How far the largest number of a list may lie above the smallest."""
_PLACES = 8
KEEPS: Options = [
    *([kind, place] for kind in ORDERS for place in range(_PLACES)),
    *(["between", place, width] for place in range(4) for width in (3, 6)),
    *ODD_ONES,
]
"""All conditions; a limit is given as its place on the scale of the list."""
BOUNDED: Options = KEEPS[: -len(ODD_ONES)]
"""The conditions that compare with limits."""


class Series(NamedTuple):
    """A list of whole numbers."""

    many: str
    """What they are, in the plural: the name of the parameter."""
    one: str
    unit: str
    low: int
    """The least that makes sense."""
    stories: tuple[str, str]
    """Who keeps them."""


SERIES = {
    each.many: each
    for each in (
        Series("temperatures", "temperature", "degrees", -9, (
            "A weather station notes the temperature once an hour, in whole degrees.",
            "Every morning a gardener reads the thermometer; frost makes the number negative.",
        )),
        Series("prices", "price", "euros", 1, (
            "A stall at the flea market has written down what its things cost, in whole euros.",
            "A second-hand bookshop keeps its prices in a list, in whole euros.",
        )),
        Series("delays", "delay", "minutes", -8, (
            "A railway records how late its trains are; a train that came early has a negative "
            "delay.",
            "An airport keeps the delays of a day, in minutes; what landed early counts below 0.",
        )),
        Series("depths", "depth", "metres", 0, (
            "A diver logs how deep each dive went, in whole metres.",
            "A survey boat sounds the bottom of a lake every few minutes, in whole metres.",
        )),
        Series("ages", "age", "years", 2, (
            "A youth club knows the ages of all its members.",
            "The register of a school of music lists how old the pupils are.",
        )),
        Series("balances", "balance", "euros", -9, (
            "A bank looks at the accounts of a family; debts are negative.",
            "A club keeps an account for every member, and whoever owes money stands below 0.",
        )),
        Series("altitudes", "altitude", "metres", -6, (
            "A cyclist crosses the polders, where much of the land lies below the level of the "
            "sea.",
            "Along a dike somebody measures the height of the ground, in metres above the sea.",
        )),
        Series("marks", "mark", "points", 0, (
            "A teacher has marked the tests of a class.",
            "A jury gives points to the cakes of a village fair.",
        )),
        Series("distances", "distance", "kilometres", 1, (
            "A running diary holds the distance of every run, in whole kilometres.",
            "A postman writes down how far he cycled on each day.",
        )),
        Series("loads", "load", "kilograms", 3, (
            "A courier weighs every parcel before it goes onto the bicycle.",
            "The scales at a quarry's little railway print the load of each wagon.",
        )),
        Series("waits", "wait", "minutes", 0, (
            "A surgery measures how long its patients sit in the waiting room.",
            "At the ferry somebody notes how long each car had to queue.",
        )),
        Series("tides", "tide", "centimetres", -9, (
            "A gauge in the harbour writes down the level of the water, above or below its mark.",
            "A lock keeper notes the tides of a week as centimetres above the zero of the staff.",
        )),
        Series("catches", "catch", "fish", 0, (
            "The skipper of a small boat keeps a list of how many fish each day brought.",
            "An angling club counts what its members caught.",
        )),
        Series("profits", "profit", "euros", -9, (
            "A lemonade stand writes down what was left at the end of each day; a bad day is "
            "negative.",
            "A market gardener sums up the profit or the loss of every week.",
        )),
        Series("lengths", "length", "metres", 2, (
            "A ropemaker has a shelf of rope ends and knows how long each of them is.",
            "A timber yard lists the lengths of its planks.",
        )),
        Series("moves", "move", "squares", -7, (
            "In a board game a piece moves forwards, or backwards where the number is negative.",
            "A robot's log holds its moves along a row of squares; backwards is negative.",
        )),
    )
}  # fmt: skip
ALL_SERIES: Options = tuple(SERIES)


def keep_of(parts: Parts) -> Condition:
    """Return the condition of a function, its limit on the scale of the series."""
    kind, *bounds = parts["keep"]
    if kind == "multiple" or not bounds:
        return condition(kind, *bounds)
    limit = SERIES[parts["series"]].low + 4 + 2 * bounds[0]
    return condition(kind, limit, *bounds[1:])


def telling_numbers(keep: Condition, series: Series) -> tuple[int, int, int]:
    """Return a number that does not meet a condition, and two that do, close to its boundary."""
    around = series.low + 6 if keep.near is None else keep.near
    nearest = sorted(range(around - 9, around + 10), key=lambda number: abs(number - around))
    out = next(number for number in nearest if not keep.test(number))
    met, other = [number for number in nearest if keep.test(number)][:2]
    return out, met, other


def numbers(series: Series, near: int | None, least: int = 0, most: int = 6) -> Argument:
    """Return the parameter that holds a series.

    Args:
        series: Which.
        near: A boundary, close to which the hidden numbers lie. None: there is none.
        least: The shortest list among the hidden.
        most: The longest.
    """
    around = series.low + 6 if near is None else near
    hidden = listed(whole(max(series.low, around - 4), around + 4), least, most)
    shown = listed(whole(series.low, series.low + WIDTH), 4, 7)
    return Argument(series.many, "list[int]", hidden, shown)

"""All that may be asked of one row: conditions with literals from the data, and their English.

What a newcomer gets wrong: the words must decide the operator. "More than 3" is `>`, "at least 3"
is `>=`, and a boundary is always a value that stands in the data, so that mistaking one for the
other shows.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from agents.embedded.shop.database import OneShop, shop
from agents.embedded.shop.queries import Column, Condition, Operator

_COMPARED: tuple[tuple[Operator, str], ...] = (
    (">", "more than"),
    (">=", "at least"),
    ("<", "less than"),
    ("<=", "at most"),
)
_DATED: tuple[tuple[Operator, str], ...] = (
    (">", "after"),
    (">=", "on or after"),
    ("<", "before"),
    ("<=", "on or before"),
)
_CHANNELS = {"web": "on the web", "phone": "by phone", "store": "in the store"}


class Predicate(NamedTuple):
    """A condition on one table's row."""

    table: str
    column: str
    op: Operator
    values: tuple[int | float | str, ...]
    words: str
    """A verb phrase in the plural, as in "live in Lyon"."""

    def condition(self, qualified: bool) -> Condition:
        """Return the condition, with the table's name before the column's if asked."""
        expr = f"{self.table}.{self.column}" if qualified else self.column
        return Condition(left=Column(expr=expr), op=self.op, values=self.values)


@lru_cache(maxsize=64)
def predicates(number: int, table: str) -> tuple[Predicate, ...]:
    """Return every predicate on a table of a shop; no two have the same words."""
    make = {
        "customers": _of_customers,
        "products": _of_products,
        "orders": _of_orders,
        "payments": _of_payments,
    }[table]
    return tuple(make(shop(number)))


def amount(value: float | int) -> str:
    """Return a number as a person writes it: two decimals if it has any."""
    return str(int(value)) if value == int(value) else f"{value:.2f}"


def tidy(value: float | int) -> float | int:
    """Return a whole number as an integer."""
    return int(value) if value == int(value) else value


def _of_customers(here: OneShop) -> Iterator[Predicate]:
    cities = sorted({str(value) for value in here.values("customers", "city")})
    yield from _choices("customers", "city", {city: f"in {city}" for city in cities}, "live")
    yield from _dates(here, "customers", "joined_on", "joined")
    yield Predicate("customers", "email", "IS NULL", (), "have no email")
    yield Predicate("customers", "email", "IS NOT NULL", (), "have an email")


def _of_products(here: OneShop) -> Iterator[Predicate]:
    categories = sorted({str(value) for value in here.values("products", "category")})
    kinds = {category: f"in the category '{category}'" for category in categories}
    yield from _choices("products", "category", kinds, "are")
    yield from _numbers(here, "products", "price", "cost", " euros")
    yield from _numbers(here, "products", "stock", "have a stock of", "")


def _of_orders(here: OneShop) -> Iterator[Predicate]:
    yield from _choices("orders", "channel", _CHANNELS, "were placed")
    yield from _numbers(here, "orders", "quantity", "have a quantity of", "")
    yield from _dates(here, "orders", "ordered_on", "were placed")
    for year in ("2023", "2024"):
        days = (f"{year}-01-01", f"{year}-12-31")
        yield Predicate("orders", "ordered_on", "BETWEEN", days, f"were placed in {year}")
    yield Predicate("orders", "shipped_on", "IS NULL", (), "have not been shipped")
    yield Predicate("orders", "shipped_on", "IS NOT NULL", (), "have been shipped")


def _of_payments(here: OneShop) -> Iterator[Predicate]:
    methods = {method: f"by {method}" for method in ("card", "cash", "transfer")}
    yield from _choices("payments", "method", methods, "were made")
    yield from _numbers(here, "payments", "amount", "amount to", " euros")
    yield from _dates(here, "payments", "paid_on", "were received")
    yield Predicate("payments", "paid_on", "IS NULL", (), "are pending")
    yield Predicate("payments", "paid_on", "IS NOT NULL", (), "are not pending")


def _choices(table: str, column: str, words: dict[str, str], verb: str) -> Iterator[Predicate]:
    no = {"live": "do not live", "are": "are not"}.get(verb, verb.replace("were", "were not"))
    for value, phrase in words.items():
        yield Predicate(table, column, "=", (value,), f"{verb} {phrase}")
        yield Predicate(table, column, "<>", (value,), f"{no} {phrase}")
    for pair in combinations(words, 2):
        phrases = " or ".join(words[value] for value in pair)
        yield Predicate(table, column, "IN", pair, f"{verb} {phrases}")


def _numbers(here: OneShop, table: str, column: str, verb: str, unit: str) -> Iterator[Predicate]:
    for value in _inner(here, table, column):
        if isinstance(value, int | float):
            for op, words in _COMPARED:
                phrase = f"{verb} {words} {amount(value)}{unit}"
                yield Predicate(table, column, op, (tidy(value),), phrase)


def _dates(here: OneShop, table: str, column: str, verb: str) -> Iterator[Predicate]:
    for value in _inner(here, table, column):
        for op, words in _DATED:
            yield Predicate(table, column, op, (str(value),), f"{verb} {words} {value}")


def _inner(here: OneShop, table: str, column: str) -> list[int | float | str]:
    """Return up to twelve different values from the middle of a column, in order."""
    found = sorted({value for value in here.values(table, column) if value is not None}, key=_size)
    middle = found[len(found) // 5 : len(found) - len(found) // 5] or found
    return middle[:: max(1, len(middle) // 12)][:12]


def _size(value: int | float | str) -> tuple[float, str]:
    return (0.0, value) if isinstance(value, str) else (float(value), "")

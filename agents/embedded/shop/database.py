"""The sixteen shops: four small tables each, made from the shop's number alone.

What a newcomer gets wrong: NULL means something here. An order without `shipped_on` has not been
shipped, a payment without `paid_on` is pending, and some customers gave no email address. Some
customers never ordered, some products were never ordered, and some orders have no payment.
"""

import random
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from agents.embedded.shop.catalogue import CITIES, FIRST_NAMES, GOODS, LAST_NAMES, SHOPS
from storage.ids import derive_seed

Value = int | float | str | None
Row = tuple[Value, ...]

COLUMNS: dict[str, tuple[str, ...]] = {
    "customers": ("id", "name", "city", "email", "joined_on"),
    "products": ("id", "name", "category", "price", "stock"),
    "orders": (
        "id",
        "customer_id",
        "product_id",
        "quantity",
        "channel",
        "ordered_on",
        "shipped_on",
    ),
    "payments": ("id", "order_id", "amount", "method", "paid_on"),
}
"""The columns of each table, in order."""

SCHEMA = """\
CREATE TABLE customers (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, city TEXT NOT NULL, email TEXT,
  joined_on TEXT NOT NULL);
CREATE TABLE products (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, category TEXT NOT NULL, price REAL NOT NULL,
  stock INTEGER NOT NULL);
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers(id),
  product_id INTEGER NOT NULL REFERENCES products(id), quantity INTEGER NOT NULL,
  channel TEXT NOT NULL, ordered_on TEXT NOT NULL, shipped_on TEXT);
CREATE TABLE payments (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders(id), amount REAL NOT NULL,
  method TEXT NOT NULL, paid_on TEXT);
"""

_CUSTOMERS, _ORDERS, _SPLIT, _UNPAID = 15, 40, 6, 6
_EDITION = 2
"""Chosen so that every frame finds its fillings in every shop."""
_FIRST_DAY = date(2023, 1, 2)


class OneShop(NamedTuple):
    """One shop with everything in it."""

    number: int
    name: str
    """As in "the bookshop Linden"."""
    tables: dict[str, tuple[Row, ...]]
    script: str
    """SQL that builds its database."""

    def values(self, table: str, column: str) -> tuple[Value, ...]:
        """Return the column of a table without its NULLs, in the order of the rows."""
        place = COLUMNS[table].index(column)
        return tuple(row[place] for row in self.tables[table] if row[place] is not None)


@lru_cache(maxsize=len(SHOPS))
def shop(number: int) -> OneShop:
    """Return the shop of a number from 0."""
    draw = random.Random(derive_seed("shop", _EDITION, number))
    goods = GOODS[number % len(GOODS)]
    tables: dict[str, tuple[Row, ...]] = {
        "customers": _customers(draw),
        "products": _products(draw, number % len(GOODS)),
    }
    tables["orders"] = _orders(draw)
    tables["payments"] = _payments(draw, tables["orders"], tables["products"])
    script = SCHEMA + "".join(_insert(table, rows) for table, rows in tables.items())
    return OneShop(number, f"the {goods.kind} {SHOPS[number]}", tables, script)


def literal(value: Value) -> str:
    """Return a value as SQL writes it."""
    if value is None:
        return "NULL"
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)


def _customers(draw: random.Random) -> tuple[Row, ...]:
    firsts, lasts = draw.sample(FIRST_NAMES, _CUSTOMERS), draw.sample(LAST_NAMES, _CUSTOMERS)
    cities = draw.sample(CITIES, 5)
    cities = draw.sample(cities, 5) + cities + cities[:3] + cities[:2]
    silent = draw.sample(range(_CUSTOMERS), 5)
    rows: list[Row] = []
    for place, (first, last) in enumerate(zip(firsts, lasts, strict=True)):
        email = None if place in silent else f"{first}.{last}@example.org".lower()
        joined = _FIRST_DAY - timedelta(days=draw.randint(1, 1000))
        rows.append((place + 1, f"{first} {last}", cities[place], email, joined.isoformat()))
    return tuple(rows)


def _products(draw: random.Random, kind: int) -> tuple[Row, ...]:
    goods = GOODS[kind]
    listed = [(name, category) for category, names in goods.products.items() for name in names]
    prices = draw.sample(range(goods.prices[0], goods.prices[1] + 1), len(listed))
    draw.shuffle(listed)
    return tuple(
        (place, name, category, price / 2, draw.choice((0, 0, *range(1, 41))))
        for place, ((name, category), price) in enumerate(zip(listed, prices, strict=True), 1)
    )


def _orders(draw: random.Random) -> tuple[Row, ...]:
    buyers = draw.sample(range(1, _CUSTOMERS + 1), _CUSTOMERS - 3)
    bought = draw.sample(range(1, 13), 10)
    days = sorted(draw.sample(range(730), _ORDERS))
    rows: list[Row] = []
    for number, day in enumerate(days, 1):
        ordered = _FIRST_DAY + timedelta(days=day)
        open_still = draw.randrange(5) == 0 or number > _ORDERS - 3
        shipped = None if open_still else (ordered + timedelta(days=draw.randint(1, 9))).isoformat()
        channel = draw.choice(("web", "web", "web", "phone", "phone", "store"))
        quantity = draw.choice((1, 1, 2, 2, 3, 3, 4, 5, 6, 8))
        head = (number, draw.choice(buyers), draw.choice(bought), quantity)
        rows.append((*head, channel, ordered.isoformat(), shipped))
    return tuple(rows)


def _payments(
    draw: random.Random, orders: tuple[Row, ...], products: tuple[Row, ...]
) -> tuple[Row, ...]:
    """Pay most orders at once, some in two halves, and some not at all."""
    numbers = draw.sample(range(_ORDERS), _SPLIT + _UNPAID)
    halved, unpaid = set(numbers[:_SPLIT]), set(numbers[_SPLIT:])
    rows: list[Row] = []
    for place, order in enumerate(orders):
        parts = 0 if place in unpaid else 2 if place in halved else 1
        price, quantity = products[_whole(order[2]) - 1][3], _whole(order[3])
        day = date.fromisoformat(str(order[5]))
        for _ in range(parts):
            day += timedelta(days=draw.randint(0, 20))
            paid = None if draw.randrange(6) == 0 else day.isoformat()
            method = draw.choice(("card", "card", "card", "transfer", "transfer", "cash"))
            amount = float(str(price)) * quantity / parts
            rows.append((len(rows) + 1, order[0], amount, method, paid))
    return tuple(rows)


def _whole(value: Value) -> int:
    return int(str(value))


def _insert(table: str, rows: tuple[Row, ...]) -> str:
    lines = ",\n".join("(" + ",".join(map(literal, row)) + ")" for row in rows)
    return f"INSERT INTO {table} VALUES\n{lines};\n"

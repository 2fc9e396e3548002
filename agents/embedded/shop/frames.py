"""A frame is a question with holes: which conditions, which direction, how many rows.

What a newcomer gets wrong: a frame says how many holes of which kind there are, never what fills
them. What fills them is drawn for each shop in `draws`, and only what makes a fair question there.
"""

from typing import Literal, NamedTuple

from agents.embedded.shop.queries import Column, Join, Operator

Kind = Literal["rows", "total", "groups", "every"]
"""Rows; one row of aggregates; a row for each group; a row for every row, by a left join."""

TEXT = frozenset({"name", "city", "email", "category", "channel", "method"})
DATES = frozenset({"joined_on", "ordered_on", "shipped_on", "paid_on"})

CUSTOMER = Join(table="customers", on=("orders.customer_id", "customers.id"))
PRODUCT = Join(table="products", on=("orders.product_id", "products.id"))
ORDER = Join(table="orders", on=("payments.order_id", "orders.id"))


class Show(NamedTuple):
    """One column of the result."""

    column: Column
    words: str


class Inner(NamedTuple):
    """A subquery in the condition on a row."""

    left: str
    op: Operator
    column: Column
    table: str
    words: str
    """A verb phrase; "{rest}" stands for the inner conditions, "{n}" for the least count."""
    conditions: int = 1
    group: str | None = None
    """Group by this column, and ask for at least so many rows in a group."""


class Frame(NamedTuple):
    """A question with holes."""

    kind: Kind
    table: str
    shows: tuple[Show, ...]
    keys: tuple[Show, ...] = ()
    """What to sort by; the first in either direction. Empty: the order is free."""
    joins: tuple[Join, ...] = ()
    conditions: tuple[tuple[str, int], ...] = ()
    """How many conditions on each table."""
    limits: tuple[int | None, ...] = (None,)
    group: tuple[str, ...] = ()
    each: str = ""
    """What a group stands for, as in "city"."""
    having: Show | None = None
    inner: Inner | None = None

    @property
    def directions(self) -> tuple[bool, ...]:
        """Return whether the first key may go up (False) and down (True)."""
        return (False, True) if self.keys else (False,)

    @property
    def busy(self) -> frozenset[str]:
        """Return the columns that it shows, sorts, groups or computes with."""
        used = [show.column.expr for show in (*self.shows, *self.keys)] + list(self.group)
        names = {part.split(".")[-1] for expr in used for part in expr.split(" * ")}
        return frozenset(names)

    @property
    def partner(self) -> tuple[str, str]:
        """Return table and column that a left join looks into."""
        table, column = (self.joins[0].on or ("", ""))[1].split(".")
        return table, column


def plain(table: str, name: str, *, joined: bool = False) -> Show:
    """Return a column as it is; in a join it says whose it is."""
    if not joined:
        return Show(Column(expr=name), name)
    return Show(Column(expr=f"{table}.{name}"), f"the {table.removesuffix('s')}'s {name}")


def count(words: str) -> Show:
    """Return the number of rows."""
    return Show(Column(expr="*", aggregate="COUNT"), words)

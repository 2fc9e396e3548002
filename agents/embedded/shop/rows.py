"""A shop's rows as a Python reader sees them: joined along the foreign keys, tested one by one.

What a newcomer gets wrong: this is not a second database. It knows just enough to say whether a
question would be fair; what is right is decided by the verifier, which runs SQL.
"""

import operator
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from agents.embedded.shop.database import COLUMNS, Row, Value, shop
from agents.embedded.shop.predicates import Predicate
from agents.embedded.shop.queries import Column
from agents.verifiers.sql.databases import build, open_image
from agents.verifiers.sql.variant import thin_out

Wide = dict[str, Row]
"""A row of a table and the rows that it refers to, by table."""

_PARENTS = {
    "customers": (),
    "products": (),
    "orders": (("customers", "customer_id"), ("products", "product_id")),
    "payments": (("orders", "order_id"),),
}
_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class World:
    """One database of a shop: the shop itself, or what the verifier leaves of it."""

    wide: dict[str, tuple[Wide, ...]]
    """The rows of each table, in order."""
    _passed: dict[tuple[str, Predicate], int] = field(default_factory=dict)
    _columns: dict[tuple[str, str], tuple[Value, ...]] = field(default_factory=dict)

    def meeting(self, table: str, predicates: Iterable[Predicate]) -> int:
        """Return which rows of a table meet all these, as bits; bit 0 is the first row."""
        mask = (1 << len(self.wide[table])) - 1
        for predicate in predicates:
            if (table, predicate) not in self._passed:
                found = (holds(predicate, row) for row in self.wide[table])
                self._passed[table, predicate] = sum(is_so << n for n, is_so in enumerate(found))
            mask &= self._passed[table, predicate]
        return mask

    def column(self, table: str, column: str) -> tuple[Value, ...]:
        """Return a column of a table, NULLs as well, in the order of the rows."""
        if (table, column) not in self._columns:
            found = tuple(cell(row, table, column) for row in self.wide[table])
            self._columns[table, column] = found
        return self._columns[table, column]

    def rows(self, table: str, mask: int) -> list[Wide]:
        """Return the rows of a table whose bits are set."""
        return [row for place, row in enumerate(self.wide[table]) if mask >> place & 1]


@lru_cache(maxsize=32)
def worlds(number: int) -> tuple[World, World]:
    """Return the shop and the variant that the verifier will thin it out to."""
    here = shop(number)
    with closing(open_image(thin_out(build(here.script)).content)) as variant:
        thin = {
            table: tuple(variant.execute(f"SELECT * FROM {table} ORDER BY id"))
            for table in here.tables
        }
    return _world(here.tables), _world(thin)


def holds(predicate: Predicate, row: Wide) -> bool:
    """Say whether a row meets a predicate; NULL meets none but the test for NULL."""
    found = cell(row, predicate.table, predicate.column)
    values = predicate.values
    if predicate.op == "IS NULL" or found is None:
        return predicate.op == "IS NULL" and found is None
    if predicate.op == "IS NOT NULL":
        return True
    if predicate.op == "IN":
        return found in values
    if predicate.op == "BETWEEN":
        return str(values[0]) <= str(found) <= str(values[1])
    return _TESTS[predicate.op](found, values[0])


def cell(row: Wide, table: str, column: str) -> Value:
    """Return one cell of a joined row."""
    return row[table][COLUMNS[table].index(column)]


def measure(column: Column, rows: Sequence[Wide], table: str) -> float:
    """Return what a COUNT, SUM or AVG over rows of a table is."""
    if column.expr == "*":
        return len(rows)
    found = [value for row in rows if (value := cell(row, table, column.expr)) is not None]
    if column.aggregate == "COUNT":
        return len(set(found)) if column.distinct else len(found)
    total = sum(float(value) for value in found)
    return total / len(found) if column.aggregate == "AVG" and found else total


def _world(tables: dict[str, tuple[Row, ...]]) -> World:
    wide: dict[str, tuple[Wide, ...]] = {}
    for table, rows in tables.items():
        wide[table] = tuple(_widened(table, row, wide) for row in rows)
    return World(wide)


def _widened(table: str, row: Row, wide: dict[str, tuple[Wide, ...]]) -> Wide:
    found: Wide = {}
    for parent, column in _PARENTS[table]:
        key = row[COLUMNS[table].index(column)]
        found |= next(up for up in wide[parent] if up[parent][0] == key)
    return found | {table: row}

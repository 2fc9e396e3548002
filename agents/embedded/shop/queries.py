"""A query as a value: its clauses, and the one line of SQL that they make.

What a newcomer gets wrong: a clause that a novice leaves out is still here, marked `skipped`, so
that the working has a line for it and the first wrong step has a number.
"""

from typing import Literal

from pydantic import JsonValue

from agents.embedded.shop.database import literal
from storage.records import Record

Aggregate = Literal["COUNT", "SUM", "AVG", "MIN", "MAX"]
Operator = Literal[
    "=", "<>", "<", "<=", ">", ">=", "BETWEEN", "IN", "NOT IN", "IS NULL", "IS NOT NULL"
]


class Column(Record):
    """A column, or an aggregate over one."""

    expr: str
    """A column, "*", or an arithmetic expression."""
    aggregate: Aggregate | None = None
    distinct: bool = False

    @property
    def sql(self) -> str:
        """Return it as SQL."""
        if self.aggregate is None:
            return self.expr
        return f"{self.aggregate}({'DISTINCT ' if self.distinct else ''}{self.expr})"


class Condition(Record):
    """What a row, or a group, must meet."""

    left: Column
    op: Operator
    values: tuple[int | float | str | None, ...] = ()
    """Empty for a test of NULL or a subquery, two for BETWEEN, one or more for IN, else one."""
    query: "Query | None" = None
    """The subquery on the right side."""
    skipped: bool = False

    @property
    def sql(self) -> str:
        """Return it as SQL."""
        right = ""
        if self.query is not None:
            right = f" ({self.query.sql})"
        elif self.op == "BETWEEN":
            right = " " + " AND ".join(map(literal, self.values))
        elif self.op in ("IN", "NOT IN"):
            right = " (" + ", ".join(map(literal, self.values)) + ")"
        elif self.values:
            right = " " + literal(self.values[0])
        return f"{self.left.sql} {self.op}{right}"


class Join(Record):
    """A table that is put beside the rows so far."""

    table: str
    left: bool = False
    on: tuple[str, str] | None
    """The two columns that must be equal. None: forgotten."""

    @property
    def sql(self) -> str:
        """Return it as SQL."""
        how = "LEFT JOIN" if self.left else "JOIN"
        return f"{how} {self.table}" + (f" ON {self.on[0]} = {self.on[1]}" if self.on else "")


class Order(Record):
    """One key to sort by."""

    by: Column
    descending: bool = False

    @property
    def sql(self) -> str:
        """Return it as SQL."""
        return self.by.sql + (" DESC" if self.descending else "")


class Query(Record):
    """A SELECT statement."""

    columns: tuple[Column, ...]
    table: str
    joins: tuple[Join, ...] = ()
    where: tuple[Condition, ...] = ()
    group: tuple[str, ...] = ()
    having: tuple[Condition, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int | None = None

    @property
    def sql(self) -> str:
        """Return it as one line of SQL."""
        parts = ["SELECT " + ", ".join(column.sql for column in self.columns), f"FROM {self.table}"]
        parts += [join.sql for join in self.joins]
        for word, conditions in (("WHERE", self.where), ("HAVING", self.having)):
            if word == "HAVING" and self.group:
                parts.append("GROUP BY " + ", ".join(self.group))
            if kept := [condition.sql for condition in conditions if not condition.skipped]:
                parts.append(f"{word} " + " AND ".join(kept))
        if self.order:
            parts.append("ORDER BY " + ", ".join(key.sql for key in self.order))
        if self.limit is not None:
            parts.append(f"LIMIT {self.limit}")
        return " ".join(parts)

    def dump(self) -> JsonValue:
        """Return it as JSON without what is left at its default."""
        dumped: JsonValue = self.model_dump(mode="json", exclude_defaults=True)
        return dumped

"""Write down how a query is made, a clause a line.

What a newcomer gets wrong: a clause that is left out keeps its line, which says so. Right and
wrong workings of a task therefore have the same number of lines, and the first that differs is the
first wrong step.
"""

from agents.embedded.shop.queries import Column, Condition, Join, Order, Query

_OPERATORS = {
    "=": "is",
    "<>": "is not",
    "<": "is less than",
    "<=": "is at most",
    ">": "is more than",
    ">=": "is at least",
    "BETWEEN": "lies between",
    "IN": "is among",
    "NOT IN": "is not among",
    "IS NULL": "is NULL",
    "IS NOT NULL": "is not NULL",
}
_DATED = {
    "<": "comes before",
    "<=": "comes no later than",
    ">": "comes after",
    ">=": "comes no earlier than",
}
_AGGREGATES = {
    "SUM": "the sum of {}",
    "AVG": "the average of {}",
    "MIN": "the smallest {}",
    "MAX": "the largest {}",
}


def lines(query: Query) -> list[str]:
    """Return one line for each clause, in the order in which a query is thought out."""
    found = []
    for condition in query.where:
        if condition.query is not None:
            found += [f"In the subquery: {line}" for line in lines(condition.query)]
    found.append(f"Take the table {query.table}: FROM {query.table}")
    found += map(_join, query.joins)
    found += _conditions("WHERE", "rows", query.where)
    if query.group:
        columns = ", ".join(query.group)
        found.append(f"Make one group for each {columns}: GROUP BY {columns}")
    found += _conditions("HAVING", "groups", query.having)
    shown = ", ".join(column.sql for column in query.columns)
    found.append(f"Show {', then '.join(map(_said, query.columns))}: SELECT {shown}")
    if query.order:
        keys = ", ".join(key.sql for key in query.order)
        found.append(f"Sort by {', then by '.join(map(_key, query.order))}: ORDER BY {keys}")
    if query.limit is not None:
        found.append(f"Stop after {query.limit} rows: LIMIT {query.limit}")
    return found


def _join(join: Join) -> str:
    if join.on is None:
        return f"Put every row of {join.table} beside each row: {join.sql}"
    if join.left:
        return f"Put its rows of {join.table} beside each row, or NULLs if it has none: {join.sql}"
    return f"Put its row of {join.table} beside each row: {join.sql}"


def _conditions(word: str, kept: str, conditions: tuple[Condition, ...]) -> list[str]:
    found = []
    for condition in conditions:
        if condition.skipped:
            found.append(f"Leave out the condition on {condition.left.sql}; all {kept} may stay")
            continue
        found.append(f"Keep the {kept} where {_test(condition)}: {word} {condition.sql}")
        word = "AND"
    return found


def _test(condition: Condition) -> str:
    dated = len(condition.values) == 1 and isinstance(condition.values[0], str)
    operators = _OPERATORS | _DATED if dated else _OPERATORS
    said = f"{_said(condition.left)} {operators[condition.op]}"
    if condition.query is not None:
        return f"{said} what the subquery gives"
    values = ["NULL" if value is None else str(value) for value in condition.values]
    joined = (" and " if condition.op == "BETWEEN" else ", ").join(values)
    return f"{said} {joined}".rstrip()


def _said(column: Column) -> str:
    if column.aggregate is None:
        return column.expr
    if column.aggregate != "COUNT":
        return _AGGREGATES[column.aggregate].format(column.expr)
    if column.expr == "*":
        return "the number of rows"
    different = "different values" if column.distinct else "values"
    return f"the number of {different} of {column.expr}"


def _key(key: Order) -> str:
    return f"{_said(key.by)}, {'downward' if key.descending else 'upward'}"

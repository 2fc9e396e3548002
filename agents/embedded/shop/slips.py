"""Spoil a query, each function in one way: what acting on a misconception does to its clauses.

What a newcomer gets wrong: a function changes what it can find and leaves the rest. Where it does
not fit, it returns the query as it was.
"""

from collections.abc import Callable

from agents.embedded.shop.queries import Column, Condition, Join, Operator, Query

Act = Callable[[Query], Query]

_BOUNDARY: dict[str, Operator] = {">": ">=", ">=": ">", "<": "<=", "<=": "<"}
_NULL_TESTS: dict[str, Operator] = {"IS NULL": "=", "IS NOT NULL": "<>"}


def ignore_a_condition(query: Query) -> Query:
    """Leave out the last condition that is no subquery."""
    for place in reversed(range(len(query.where))):
        condition = query.where[place]
        if condition.query is None and not condition.skipped:
            left_out = condition.model_copy(update={"skipped": True})
            return _with_condition(query, "where", place, left_out)
    return query


def ignore_the_inner_condition(query: Query) -> Query:
    """Leave out the last condition of the subquery."""
    return _inside(query, ignore_a_condition)


def misread_the_boundary(query: Query) -> Query:
    """Take "at least" for "more than" and the other way round, once."""
    changed = _first_condition(query, _BOUNDARY, lambda c, op: c.model_copy(update={"op": op}))
    return changed if changed != query else _inside(query, misread_the_boundary)


def compare_with_null(query: Query) -> Query:
    """Write = NULL for IS NULL."""
    changed = _first_condition(
        query, _NULL_TESTS, lambda c, op: c.model_copy(update={"op": op, "values": (None,)})
    )
    return changed if changed != query else _inside(query, compare_with_null)


def sort_the_wrong_way(query: Query) -> Query:
    """Turn the first key around."""
    if not query.order:
        return query
    first, *others = query.order
    turned = first.model_copy(update={"descending": not first.descending})
    return query.model_copy(update={"order": (turned, *others)})


def stop_one_row_late(query: Query) -> Query:
    """Count the rows of LIMIT from 0."""
    return query if query.limit is None else query.model_copy(update={"limit": query.limit + 1})


def confuse_avg_and_sum(query: Query) -> Query:
    """Write AVG for SUM and SUM for AVG."""
    names = {"AVG": "SUM", "SUM": "AVG"}
    changed = _columns(query, lambda c: {"aggregate": names.get(c.aggregate or "", c.aggregate)})
    return changed if changed != query else _inside(query, confuse_avg_and_sum)


def confuse_min_and_max(query: Query) -> Query:
    """Write MIN for MAX and MAX for MIN."""
    names = {"MIN": "MAX", "MAX": "MIN"}
    return _columns(query, lambda c: {"aggregate": names.get(c.aggregate or "", c.aggregate)})


def forget_distinct(query: Query) -> Query:
    """Count rows where different values are asked for."""
    return _columns(query, lambda _: {"distinct": False})


def count_every_row(query: Query) -> Query:
    """Write COUNT(*) for the COUNT of a column."""
    return _columns(
        query,
        lambda c: {"expr": "*"} if c.aggregate == "COUNT" and not c.distinct else {},
    )


def group_by_the_id(query: Query) -> Query:
    """Make a group of every single row."""
    if not query.group:
        return query
    left = next((join.table for join in query.joins if join.left), None)
    wrong = f"{left or query.table}.id" if query.joins else "id"
    return query.model_copy(update={"group": (wrong,)})


def put_having_into_where(query: Query) -> Query:
    """Test a group before there are groups."""
    if not query.having:
        return _inside(query, put_having_into_where)
    return query.model_copy(update={"where": (*query.where, *query.having), "having": ()})


def forget_the_join_condition(query: Query) -> Query:
    """Put every row beside every row."""
    return _first_join(query, lambda _: {"on": None, "left": False})


def join_on_the_ids(query: Query) -> Query:
    """Compare id with id, whatever they are the ids of."""
    if not query.joins or query.joins[0].on is None:
        return query
    tables = [side.split(".")[0] for side in query.joins[0].on]
    return _first_join(query, lambda _: {"on": (f"{tables[0]}.id", f"{tables[1]}.id")})


def take_join_for_left_join(query: Query) -> Query:
    """Join so that rows without a partner are lost."""
    return _first_join(query, lambda _: {"left": False})


def forget_the_not(query: Query) -> Query:
    """Take those that are inside for those that are not."""
    turned: dict[str, Operator] = {"NOT IN": "IN"}
    return _first_condition(query, turned, lambda c, op: c.model_copy(update={"op": op}))


def _first_condition(
    query: Query,
    operators: dict[str, Operator],
    change: Callable[[Condition, Operator], Condition],
) -> Query:
    """Change the first condition with one of these operators, of WHERE and then of HAVING."""
    for clause in ("where", "having"):
        conditions: tuple[Condition, ...] = getattr(query, clause)
        for place, condition in enumerate(conditions):
            compares = condition.query is None or condition.op == "NOT IN"
            if condition.op in operators and compares and not condition.skipped:
                changed = change(condition, operators[condition.op])
                return _with_condition(query, clause, place, changed)
    return query


def _with_condition(query: Query, clause: str, place: int, condition: Condition) -> Query:
    conditions: tuple[Condition, ...] = getattr(query, clause)
    changed = (*conditions[:place], condition, *conditions[place + 1 :])
    return query.model_copy(update={clause: changed})


def _columns(query: Query, change: Callable[[Column], dict[str, str | bool | None]]) -> Query:
    """Change a column wherever it stands: shown, in HAVING, and in ORDER BY."""

    def changed(column: Column) -> Column:
        return column.model_copy(update=change(column))

    having = (c.model_copy(update={"left": changed(c.left)}) for c in query.having)
    order = (key.model_copy(update={"by": changed(key.by)}) for key in query.order)
    return query.model_copy(
        update={
            "columns": tuple(map(changed, query.columns)),
            "having": tuple(having),
            "order": tuple(order),
        }
    )


def _first_join(query: Query, change: Callable[[Join], dict[str, object]]) -> Query:
    if not query.joins:
        return query
    first, *others = query.joins
    changed = first.model_copy(update=change(first))
    return query.model_copy(update={"joins": (changed, *others)})


def _inside(query: Query, change: Callable[[Query], Query]) -> Query:
    """Change the subquery."""
    for place, condition in enumerate(query.where):
        if condition.query is not None:
            changed = condition.model_copy(update={"query": change(condition.query)})
            return _with_condition(query, "where", place, changed)
    return query

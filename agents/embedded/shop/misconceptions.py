"""What a novice gets wrong about SQL: the beliefs, and the change that each makes to a query.

What a newcomer gets wrong: a misconception may find nothing to act on, and may even give the right
rows by luck. The verifier says which, never this module.
"""

from dataclasses import dataclass

from agents.embedded.domain import Misconception
from agents.embedded.shop import slips


@dataclass(frozen=True, slots=True)
class Acting(Misconception):
    """A misconception, the skills in whose lessons it shows itself, and what it does there."""

    skills: tuple[str, ...]
    act: slips.Act
    """Returns the query as it was where there is nothing to act on."""


MISCONCEPTIONS: tuple[Acting, ...] = (
    Acting(
        "puts_having_into_where",
        "WHERE can test anything, a count as well.",
        ("sql_group",),
        slips.put_having_into_where,
    ),
    Acting(
        "ignores_a_condition",
        "One of the conditions says enough.",
        ("sql_select", "sql_aggregate", "sql_group", "sql_join", "sql_subquery"),
        slips.ignore_a_condition,
    ),
    Acting(
        "ignores_the_inner_condition",
        "A subquery may look at its whole table.",
        ("sql_subquery",),
        slips.ignore_the_inner_condition,
    ),
    Acting(
        "misreads_the_boundary",
        '"At least" and "more than" are the same.',
        ("sql_select", "sql_aggregate", "sql_subquery"),
        slips.misread_the_boundary,
    ),
    Acting(
        "compares_with_null",
        "NULL is a value, so = finds it.",
        ("sql_select", "sql_aggregate"),
        slips.compare_with_null,
    ),
    Acting(
        "sorts_the_wrong_way",
        "ORDER BY puts first what I think of first.",
        ("sql_select", "sql_group", "sql_join", "sql_subquery"),
        slips.sort_the_wrong_way,
    ),
    Acting(
        "stops_one_row_late",
        "LIMIT counts from 0.",
        ("sql_select",),
        slips.stop_one_row_late,
    ),
    Acting(
        "confuses_avg_and_sum",
        "AVG and SUM both put the values together.",
        ("sql_aggregate", "sql_group", "sql_join", "sql_subquery"),
        slips.confuse_avg_and_sum,
    ),
    Acting(
        "confuses_min_and_max",
        "MIN gives the outermost value.",
        ("sql_aggregate",),
        slips.confuse_min_and_max,
    ),
    Acting(
        "forgets_distinct",
        "COUNT counts each value once anyway.",
        ("sql_aggregate", "sql_group", "sql_join"),
        slips.forget_distinct,
    ),
    Acting(
        "counts_every_row",
        "COUNT(*) is the way to count.",
        ("sql_aggregate", "sql_group", "sql_join"),
        slips.count_every_row,
    ),
    Acting(
        "groups_by_the_wrong_column",
        "GROUP BY takes the id of the table.",
        ("sql_group", "sql_join"),
        slips.group_by_the_id,
    ),
    Acting(
        "joins_on_the_wrong_key",
        "Two tables are joined by their ids.",
        ("sql_join",),
        slips.join_on_the_ids,
    ),
    Acting(
        "forgets_the_join_condition",
        "JOIN knows which rows belong together.",
        ("sql_join",),
        slips.forget_the_join_condition,
    ),
    Acting(
        "takes_join_for_left_join",
        "JOIN keeps all rows of the first table.",
        ("sql_join",),
        slips.take_join_for_left_join,
    ),
    Acting(
        "forgets_the_not",
        "IN finds those that the question is about.",
        ("sql_subquery",),
        slips.forget_the_not,
    ),
)
"""All of them in the order in which they act; the one that moves a clause comes first."""

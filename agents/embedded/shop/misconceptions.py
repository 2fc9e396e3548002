"""What a novice gets wrong about SQL: the beliefs, and the change that each makes to a query.

What a newcomer gets wrong: a misconception may find nothing to act on, and may even give the right
rows by luck. The verifier says which, never this module.
"""

from collections.abc import Callable
from typing import NamedTuple

from agents.embedded.domain import Misconception
from agents.embedded.shop import slips
from agents.embedded.shop.queries import Query


class Slippery(NamedTuple):
    """A misconception, the skills it belongs to, and what it does to a right query."""

    what: Misconception
    skills: frozenset[str]
    change: Callable[[Query], Query]
    """Returns the query as it was where there is nothing to act on."""


def _slippery(
    name: str, skills: str, change: Callable[[Query], Query], belief: str, advice: str
) -> Slippery:
    names = frozenset(f"sql_{skill}" for skill in skills.split())
    return Slippery(Misconception(name, belief, advice), names, change)


MISCONCEPTIONS = (
    _slippery(
        "puts_having_into_where",
        "group",
        slips.put_having_into_where,
        "WHERE can test anything, a count as well.",
        "WHERE sees single rows, before there are groups. Which clause sees the groups?",
    ),
    _slippery(
        "ignores_a_where_clause",
        "select aggregate group join subquery",
        slips.ignore_a_condition,
        "One of the conditions says enough.",
        "Read the question once more and count its conditions; each needs its place in WHERE.",
    ),
    _slippery(
        "ignores_the_inner_condition",
        "subquery",
        slips.ignore_the_inner_condition,
        "A subquery may look at its whole table.",
        "Which rows is the subquery about? Say so inside its parentheses.",
    ),
    _slippery(
        "misreads_the_boundary",
        "select aggregate subquery",
        slips.misread_the_boundary,
        '"At least" and "more than" are the same.',
        "Does a row that lies exactly on the boundary belong to the rows asked for?",
    ),
    _slippery(
        "compares_with_null",
        "select aggregate",
        slips.compare_with_null,
        "NULL is a value, so = finds it.",
        "A comparison with NULL is never true. There is a test made for it.",
    ),
    _slippery(
        "sorts_the_wrong_way",
        "select group join subquery",
        slips.sort_the_wrong_way,
        "ORDER BY puts first what I think of first.",
        "Check which way ORDER BY runs when nothing is said, and which way is asked for.",
    ),
    _slippery(
        "off_by_one_limit",
        "select",
        slips.stop_one_late,
        "LIMIT counts from 0.",
        "Count the rows that the query gives and compare with how many are asked for.",
    ),
    _slippery(
        "confuses_avg_and_sum",
        "aggregate group join subquery",
        slips.confuse_avg_and_sum,
        "AVG and SUM both put the values together.",
        "Is a total asked for, or what one row has in the middle?",
    ),
    _slippery(
        "confuses_min_and_max",
        "aggregate",
        slips.confuse_min_and_max,
        "MIN gives the outermost value.",
        "Which end is asked for: the smallest or earliest, or the largest or latest?",
    ),
    _slippery(
        "counts_rows_instead_of_distinct",
        "aggregate group join",
        slips.forget_distinct,
        "COUNT counts each value once anyway.",
        "The same value may stand in many rows. How often does COUNT count it?",
    ),
    _slippery(
        "counts_every_row",
        "aggregate group join",
        slips.count_every_row,
        "COUNT(*) is the way to count.",
        "Some of the rows have NULL where it matters. Should they be counted?",
    ),
    _slippery(
        "groups_by_the_wrong_column",
        "group join",
        slips.group_by_the_id,
        "GROUP BY takes the id of the table.",
        "What is there to be one row for? That is what GROUP BY must name.",
    ),
    _slippery(
        "joins_on_the_wrong_key",
        "join",
        slips.join_on_the_ids,
        "Two tables are joined by their ids.",
        "Look at REFERENCES in the tables: which column points to which?",
    ),
    _slippery(
        "forgets_the_join_condition",
        "join",
        slips.forget_the_join_condition,
        "JOIN knows which rows belong together.",
        "How many rows does your join give? JOIN needs to be told which rows belong together.",
    ),
    _slippery(
        "uses_inner_instead_of_left_join",
        "join",
        slips.drop_the_left,
        "JOIN keeps all rows of the first table.",
        "What becomes of a row that has no partner in the other table?",
    ),
    _slippery(
        "forgets_the_not",
        "subquery",
        slips.forget_the_not,
        "IN finds those that the question is about.",
        "Does the question ask for those that the subquery finds, or for the others?",
    ),
)
"""All of them in the order in which they act; the one that moves a clause comes first."""

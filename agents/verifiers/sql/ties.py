"""Tell whether the rows of a query, or their order, hang on how SQLite happens to store a table.

What a newcomer gets wrong: ORDER BY price leaves the order of two rows of one price open, and with
a LIMIT even which of them comes. So the query is run twice, with its columns as last keys, once
upwards and once downwards: what the keys decide is the same both times.
"""

from agents.verifiers.sql.databases import Image
from agents.verifiers.sql.query import Refused, Rows, run
from agents.verifiers.sql.rows import difference
from agents.verifiers.sql.tokens import Token, tokens

_CLOSING = ("LIMIT", "OFFSET", ";")


def tied(image: Image, sql: str, *, ordered: bool) -> bool:
    """Return whether another way of storing the rows could give other rows, or another order.

    Args:
        image: The database.
        sql: A query that runs on it.
        ordered: Whether the order of the rows counts.
    """
    outer = _outermost(sql)
    limited = any(token.is_word("LIMIT") for token in outer)
    rows = run(image, sql)
    if len(rows.cells) == 0 or not (ordered or limited):
        return False
    keyed = any(token.is_word("ORDER") for token in outer)
    if not keyed:
        return limited or len(set(rows.cells)) > 1
    up, down = (_kept(image, sql, outer, rows, way) for way in ("ASC", "DESC"))
    return up is None or down is None or bool(difference(up, down, ordered=ordered))


def _kept(image: Image, sql: str, outer: list[Token], rows: Rows, way: str) -> Rows | None:
    """Return the rows with all columns as last keys. None: such a query does not run."""
    place = next(n for n, token in enumerate(outer) if token.is_word("ORDER"))
    end = next((t.at for t in outer[place:] if t.source.upper() in _CLOSING), len(sql))
    keys = "".join(f", {column} {way}" for column in range(1, rows.width + 1))
    try:
        return run(image, f"{sql[:end].rstrip()}{keys} {sql[end:]}")
    except Refused:
        return None


def _outermost(sql: str) -> list[Token]:
    """Return the tokens that stand in no parentheses."""
    depth, found = 0, []
    for token in tokens(sql):
        depth += (token.source == "(") - (token.source == ")")
        if depth == 0:
            found.append(token)
    return found

"""Change a query a little: the slips of somebody who knows SQL."""

from collections.abc import Iterator

from agents.verifiers.sql.tokens import Token, tokens

_WORDS = {
    "SUM": "AVG",
    "AVG": "SUM",
    "MIN": "MAX",
    "MAX": "MIN",
    "DISTINCT": "",
    "DESC": "ASC",
    "ASC": "DESC",
    "LEFT": "INNER",
    "AND": "OR",
    "OR": "AND",
    "NOT": "",
    "UNION": "INTERSECT",
}
_SIGNS = {">": ">=", "<": "<=", ">=": ">", "<=": "<", "=": "<>", "<>": "=", "!=": "="}
_AFTER_WHERE = ("GROUP", "ORDER", "LIMIT", "HAVING", "UNION", "INTERSECT", "EXCEPT", "WINDOW", ";")


def small_slips(sql: str) -> Iterator[str]:
    """Yield queries with one change, the likelier first; some give the same rows or do not run."""
    found = tokens(sql)
    for place, token in enumerate(found):
        if token.is_word("WHERE"):
            yield sql[: token.at] + sql[_end_of_clause(found, place, len(sql)) :]
        elif token.is_word("AND"):
            yield sql[: token.at] + sql[_end_of_clause(found, place + 1, len(sql), ("AND", "OR")) :]
    for token in found:
        if (other := _other(token)) is not None:
            yield sql[: token.at] + other + sql[token.end :]
    for end in _ends_of_rising_keys(found):
        yield f"{sql[:end]} DESC{sql[end:]}"


def great_slips(sql: str) -> Iterator[str]:
    """Yield queries of which at least one surely runs and gives other rows."""
    inner = sql.strip().rstrip(";")
    yield f"SELECT * FROM (\n{inner}\n) WHERE 0"
    yield f"SELECT * FROM (\n{inner}\n) UNION ALL SELECT * FROM (\n{inner}\n)"
    yield f"SELECT *, 1 FROM (\n{inner}\n)"
    yield "SELECT 1, 2"
    yield "SELECT 1"


def _end_of_clause(found: list[Token], place: int, end: int, also: tuple[str, ...] = ()) -> int:
    depth = 0
    for token in found[place:]:
        depth += (token.source == "(") - (token.source == ")")
        if depth < 0 or (depth == 0 and token.source.upper() in _AFTER_WHERE + also):
            return token.at
    return end


def _ends_of_rising_keys(found: list[Token]) -> Iterator[int]:
    """Yield where each key of an ORDER BY ends that does not say its direction."""
    for place, token in enumerate(found):
        if not token.is_word("ORDER"):
            continue
        depth, last = 0, None
        for key in found[place + 2 :]:
            ends = key.source in (",", ")", ";") or key.is_word("LIMIT", "OFFSET")
            if depth == 0 and ends:
                if last and not last.is_word("ASC", "DESC"):
                    yield last.end
                last = None
                if key.source != ",":
                    break
            else:
                depth += (key.source == "(") - (key.source == ")")
                last = key
        if last and not last.is_word("ASC", "DESC"):
            yield last.end


def _other(token: Token) -> str | None:
    if token.kind == "number" and token.source.isdecimal():
        return str(int(token.source[:30]) + 1)
    if token.kind == "text":
        return "'~'"
    if token.kind == "word":
        return _WORDS.get(token.source.upper())
    return _SIGNS.get(token.source) if token.kind == "sign" else None

"""Change grounded claims a little, so that something that they cite is not there."""

import json
from collections.abc import Iterator

from agents.verifiers.grounded.claims import Claims


def near_misses(claims: Claims) -> Iterator[str]:
    """Yield answers, nearest first: a word of a quote changed, a cell, a number, or nothing cited.

    At least the last one never holds.
    """
    plain = claims.model_dump(by_alias=True)
    for number, quote in enumerate(claims.quotes):
        words = quote.split()
        for place, word in enumerate(words[:50]):
            changed = " ".join([*words[:place], f"{word}x", *words[place + 1 :]])
            yield _with(plain, "quotes", number, changed)
    for number, row in enumerate(claims.rows):
        for name, value in row.columns.items():
            other = f"{value}x" if value is None or isinstance(value, str) else value + 1
            columns = {**row.columns, name: other}
            yield _with(plain, "rows", number, {**plain["rows"][number], "columns": columns})
    for number, cited in enumerate(claims.numbers):
        yield _with(plain, "numbers", number, {"value": f"{cited.value}1", "from": cited.source})
    yield json.dumps({"answer": claims.answer})


def with_answer(claims: Claims, answer: str) -> str:
    """Return the claims as JSON with another last word."""
    plain = claims.model_dump(by_alias=True) | {"answer": answer}
    return json.dumps(plain, ensure_ascii=False, default=float)


def _with(plain: dict[str, list[object]], part: str, number: int, changed: object) -> str:
    """Return the claims as JSON with one entry of a list changed."""
    entries = plain[part]
    entries = [*entries[:number], changed, *entries[number + 1 :]]
    return json.dumps({**plain, part: entries}, ensure_ascii=False, default=float)

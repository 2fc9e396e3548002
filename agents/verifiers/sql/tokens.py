"""Read SQL as tokens, without understanding it: enough to bound it and to change it.

What a newcomer gets wrong: SQLite's own limits do not bound the time it takes to *prepare* a query.
A chain of common table expressions, each of which names the one before twice, doubles with every
link, and nothing can interrupt it. `growth` bounds that before SQLite sees the text.
"""

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from math import prod
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
    (?P<space>  \s+ | --[^\n]* | /\*.*?(?:\*/|\Z) )
  | (?P<text>   '(?:[^']|'')*' )
  | (?P<quoted> "(?:[^"]|"")*" | `(?:[^`]|``)*` | \[[^\]]*\] )
  | (?P<number> \d+(?:\.\d+)?(?:[eE][+-]?\d+)? )
  | (?P<word>   [^\W\d][\w$]* )
  | (?P<sign>   <> | <= | >= | != | == | \|\| | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_WORDS = """
    ALL AND AS BETWEEN CASE COLLATE DISTINCT ELSE ESCAPE EXISTS FROM GROUP HAVING IN IS JOIN LIMIT
    NOT NULL ON OR ORDER SELECT SET THEN UNION USING VALUES WHEN WHERE
"""
_RESERVED = frozenset(_WORDS.split())
"""Words that SQLite never takes for a name unless they are quoted."""


class Token(NamedTuple):
    """One token of SQL; `at` is where it starts in the source."""

    kind: str
    """"text", "quoted", "number", "word" or "sign"."""
    source: str
    at: int

    @property
    def end(self) -> int:
        """Return where the source goes on after it."""
        return self.at + len(self.source)

    def is_word(self, *words: str) -> bool:
        """Say whether it is one of these unquoted words, given in capitals."""
        return self.kind == "word" and self.source.upper() in words


def tokens(sql: str) -> list[Token]:
    """Return the tokens of a source in order, without white space and comments."""
    return [
        Token(found.lastgroup or "sign", found.group(), found.start())
        for found in _TOKEN.finditer(sql)
        if found.lastgroup != "space"
    ]


def growth(sql: str, views: Mapping[str, str]) -> int:
    """Return an upper bound on how often SQLite copies one part of a query while it prepares it.

    Every SELECT may copy what it names as often as it names it, so the bound is the product, over
    all SELECTs, of how often each repeats the name that it repeats most.

    Args:
        sql: The query.
        views: SQL of every view of the database, by its name in lower case.
    """
    counts = [*_names_by_select(sql)]
    waiting = [name for count in counts for name in count]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in views and name not in seen:
            seen.add(name)
            inner = _names_by_select(views[name])
            counts += inner
            waiting += [name for count in inner for name in count]
    return prod(max(count.values(), default=1) for count in counts)


@lru_cache(maxsize=256)
def _names_by_select(sql: str) -> tuple[Counter[str], ...]:
    """Count the names in each SELECT of a source; the first entry is what stands before any.

    Kept, because one query is run on many databases.
    """
    found = tokens(sql)
    counts: list[Counter[str]] = [Counter()]
    open_selects = [0]
    for place, token in enumerate(found):
        after = found[place + 1].source if place + 1 < len(found) else ""
        if token.source == "(":
            open_selects.append(open_selects[-1])
        elif token.source == ")" and len(open_selects) > 1:
            open_selects.pop()
        elif token.is_word("SELECT"):
            counts.append(Counter())
            open_selects[-1] = len(counts) - 1
        elif _is_a_reference(token, found[place - 1] if place else None, after):
            counts[open_selects[-1]][token.source.strip("'\"`[]").lower()] += 1
    return tuple(counts)


def _is_a_reference(token: Token, before: Token | None, after: str) -> bool:
    """Say whether a token may name a column or a table; SQLite takes even 'text' for a name."""
    if token.kind not in ("word", "quoted", "text") or token.is_word(*_RESERVED):
        return False
    defines = before is not None and before.is_word("AS")
    return not defines and after not in (".", "(")

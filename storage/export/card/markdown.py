"""Stored text in a page of Markdown: it never becomes a heading, a link, HTML or a table's edge.

What a newcomer gets wrong: whatever is put into a page is escaped unless it is a `Safe`, which only
this package makes.
"""

import re
from collections.abc import Iterable, Sequence

from storage.report.clean import one_line

LONGEST = 80
"""Characters of a stored name that are shown."""
_PLAIN = re.compile(r"[A-Za-z0-9][\w./:@+=%-]*", re.ASCII)
"""Names that can stand as code: no backtick, no bar, nothing but what names are made of."""
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "@": "&#64;"}
_ESCAPED = re.compile(r"[\\`*_{}\[\]()#!~$+=^-]|[&<>|@]|:(?=/)|(?<=www)\.", re.IGNORECASE)


class Safe(str):
    """Markdown that is meant as it stands."""

    __slots__ = ()


def escaped(value: object) -> Safe:
    """Return a value as text on one line in which nothing is markup; numbers with separators."""
    if isinstance(value, Safe):
        return value
    if isinstance(value, bool):
        return Safe("yes" if value else "no")
    if isinstance(value, int):
        return Safe(f"{value:,}")
    if isinstance(value, float):
        return Safe(f"{value:.2f}")
    text = one_line("" if value is None else str(value), LONGEST)
    return Safe(_ESCAPED.sub(lambda found: _ENTITIES.get(found[0], "\\" + found[0]), text))


def name(value: object) -> Safe:
    """Return a name as code if it is a plain one, else escaped; a nameless thing as a dash."""
    text = one_line("" if value is None else str(value), LONGEST)
    if _PLAIN.fullmatch(text):
        return Safe(f"`{text}`")
    return escaped(text) if text else Safe("-")


def share(part: float, whole: float) -> Safe:
    """Return a part of a whole as a percentage, and a dash where there is no whole."""
    if not whole:
        return Safe("-")
    percent = 100 * part / whole
    if 0 < percent < 1 or 99 < percent < 100:
        return Safe(f"{percent:.1f} %")
    return Safe(f"{percent:.0f} %")


def dollars(cost: float | None) -> Safe:
    """Return US dollars, to the cent where they are many. None: a price is not known."""
    if cost is None:
        return Safe("not known")
    return Safe(f"${cost:,.2f}" if cost == 0 or cost >= 10 else f"${cost:.4f}")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Safe:
    """Return a table, or nothing where there is no row.

    Args:
        columns: Their titles, of our own writing; one that begins with > is set to the right.
        rows: A cell for each column.
    """
    lines = ["| " + " | ".join(str(escaped(cell)) for cell in row) + " |" for row in rows]
    if not lines:
        return Safe("")
    titles = "| " + " | ".join(column.removeprefix(">") for column in columns) + " |"
    marks = "|" + "|".join(" ---: " if column[:1] == ">" else " --- " for column in columns) + "|"
    return Safe("\n".join([titles, marks, *lines]))


def listed(words: Sequence[object]) -> Safe:
    """Return words as a sentence lists them: a, b and c."""
    texts = [str(escaped(word)) for word in words]
    if len(texts) < 2:
        return Safe("".join(texts))
    return Safe(f"{', '.join(texts[:-1])} and {texts[-1]}")


def counted(number: int, thing: str) -> Safe:
    """Return a number of things, in the singular if it is one; `thing` is of our own writing."""
    return Safe(f"{number:,} {thing}{'' if number == 1 else 's'}")


def shortened(rows: Sequence[Sequence[object]], most: int = 30) -> list[Sequence[object]]:
    """Return the first rows of a table, and in place of the others a row that counts them."""
    if len(rows) <= most + 1:
        return list(rows)
    last = [Safe(f"*{len(rows) - most:,} more*"), *[""] * (len(rows[0]) - 1)]
    return [*rows[:most], last]

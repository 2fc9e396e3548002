"""Put a filled frame into English, and into the query that answers it.

What a newcomer gets wrong: the words and the query are made from the same frame and the same
filling, so change both or neither. A reader must be able to write a query that gives the same
rows: the words name the columns in order, say how to sort, and break every tie.
"""

from typing import NamedTuple

from agents.embedded.shop.database import SCHEMA, OneShop
from agents.embedded.shop.draws import Filling
from agents.embedded.shop.frames import DATES, TEXT, Frame, Show
from agents.embedded.shop.predicates import amount
from agents.embedded.shop.queries import Column, Condition, Operator, Order, Query

PHRASINGS = 3
"""How many ways there are to ask the same."""
INSTRUCTION = (
    "Write one SQLite query that answers this. State it on the last line, in the form: "
    "Answer: <one SQL query on one line>"
)

_NOTES = (
    "Dates are text (YYYY-MM-DD); prices and amounts are in euros. An order has not been shipped "
    "if shipped_on is NULL, a payment is pending if paid_on is NULL, a customer has no email if "
    "email is NULL. A channel is 'web', 'phone' or 'store'; a method is 'card', 'cash' or "
    "'transfer'."
)
_LINKS = {
    "orders": "for orders that",
    "customers": "from customers who",
    "products": "for products that",
}
"""How another table's conditions follow."""


class Choice(NamedTuple):
    """What is free in a filled frame."""

    descending: bool
    """Of the first key to sort by."""
    limit: int | None
    phrasing: int
    """From 0 to `PHRASINGS` - 1."""


def question(here: OneShop, frame: Frame, filling: Filling, choice: Choice) -> str:
    """Return the whole question, the database's tables first."""
    asked = {"rows": _rows, "total": _total, "groups": _groups, "every": _every}[frame.kind]
    text = asked(frame, filling, choice.phrasing) + _sorting(frame, choice)
    return f"The database of {here.name} has these tables:\n\n{SCHEMA}\n{_NOTES}\n\n{text}"


def query(frame: Frame, filling: Filling, choice: Choice) -> Query:
    """Return the query that answers the question."""
    keys = [
        Order(by=key.column, descending=choice.descending and place == 0)
        for place, key in enumerate(frame.keys)
    ]
    return Query(
        columns=tuple(show.column for show in frame.shows),
        table=frame.table,
        joins=frame.joins,
        where=tuple(_where(frame, filling)),
        group=frame.group,
        having=_having(frame.having, filling),
        order=tuple(keys),
        limit=choice.limit,
    )


def _where(frame: Frame, filling: Filling) -> list[Condition]:
    found = [predicate.condition(bool(frame.joins)) for predicate in filling.outer]
    if (inner := frame.inner) is None:
        return found
    least = Show(Column(expr="*", aggregate="COUNT"), "")
    nested = Query(
        columns=(inner.column,),
        table=inner.table,
        where=tuple(predicate.condition(qualified=False) for predicate in filling.inner),
        group=(inner.group,) if inner.group else (),
        having=_having(least if inner.group else None, filling),
    )
    return [*found, Condition(left=Column(expr=inner.left), op=inner.op, query=nested)]


def _having(show: Show | None, filling: Filling) -> tuple[Condition, ...]:
    if show is None or filling.least is None:
        return ()
    op: Operator = ">" if filling.strict else ">="
    return (Condition(left=show.column, op=op, values=(filling.least,)),)


def _rows(frame: Frame, filling: Filling, phrasing: int) -> str:
    columns = _listed(frame.shows)
    if phrasing == 0 and not frame.joins:
        return f"Which {frame.table} {_all(_phrases(frame, filling))}? Give {columns}."
    if phrasing == 0:
        return f"Find the {_subject(frame, filling)}. Give {columns}."
    if phrasing == 1:
        return f"For all {_subject(frame, filling)}, list {columns}."
    return f"Show {columns} for each of the {_subject(frame, filling)}."


def _total(frame: Frame, filling: Filling, phrasing: int) -> str:
    subject, wanted = _subject(frame, filling), _listed(frame.shows)
    in_one_row = " in one row" if len(frame.shows) > 1 else ""
    if phrasing == 0:
        return f"Look at the {subject}. Compute {wanted}{in_one_row}."
    if phrasing == 1:
        verb = "are" if len(frame.shows) > 1 else "is"
        return f"Considering only the {subject}, what {verb} {wanted}? Answer with one row."
    return f"Report {wanted}{in_one_row}, counting only the {subject}."


def _groups(frame: Frame, filling: Filling, phrasing: int) -> str:
    subject, wanted = _subject(frame, filling), _listed(frame.shows)
    if phrasing == 0:
        asked = f"Take the {subject}. For each {frame.each} among them, give {wanted}."
    elif phrasing == 1:
        asked = f"Per {frame.each}, report {wanted}, counting only the {subject}."
    else:
        asked = f"List {wanted} for every {frame.each} that occurs among the {subject}."
    if frame.having is None or filling.least is None:
        return asked
    compared = "more than" if filling.strict else "at least"
    rule = f"{frame.having.words} is {compared} {amount(filling.least)}"
    return f"{asked} Keep a {frame.each} only if {rule}."


def _every(frame: Frame, filling: Filling, phrasing: int) -> str:
    subject, (name, number) = _subject(frame, filling), frame.shows
    other, own = frame.each, "their" if frame.table == "customers" else "its"
    counted = number.words if other in number.words else f"{number.words} in {own} {other}"
    if phrasing == 0:
        return (
            f"Take all {subject}, with or without {other}. For each, give {name.words} and "
            f"{counted} (0 if there are none)."
        )
    if phrasing == 1:
        return (
            f"Give {name.words} and {counted} for every one of the {subject}; "
            f"those without any {other} count 0."
        )
    return (
        f"How do the {subject} compare? Show {name.words} and {counted}, also for those that "
        f"have no {other} at all (as 0)."
    )


def _sorting(frame: Frame, choice: Choice) -> str:
    if frame.kind == "total":
        return ""
    if not frame.keys:
        return " The rows may come in any order."
    keys = [_key(key, choice.descending and n == 0) for n, key in enumerate(frame.keys)]
    text = f" Sort by {', then by '.join(keys)}."
    return text if choice.limit is None else f"{text} Give only the first {choice.limit} rows."


def _key(key: Show, descending: bool) -> str:
    words, name = key.words.split(" (")[0], key.column.expr.split(".")[-1]
    if key.column.aggregate is None and name in TEXT:
        return f"{words} ({'Z to A' if descending else 'A to Z'})"
    if name in DATES and key.column.aggregate in (None, "MIN", "MAX"):
        return f"{words} ({'latest' if descending else 'earliest'} first)"
    return f"{words} ({'largest' if descending else 'smallest'} first)"


def _subject(frame: Frame, filling: Filling) -> str:
    """Return what the question is about, as in "orders that were placed by phone"."""
    who = "who" if frame.table == "customers" else "that"
    own = _phrases(frame, filling)
    text = f"{frame.table} {who} {_all(own)}" if own else frame.table
    links = [
        f"{link} {_all(words)}"
        for table, link in _LINKS.items()
        if (words := [p.words for p in filling.outer if p.table == table != frame.table])
    ]
    if not links:
        return text
    return f"{text}, {', '.join(links)}" if own else f"{text} {' and '.join(links)}"


def _phrases(frame: Frame, filling: Filling) -> list[str]:
    """Return the verb phrases about the table that the question is about."""
    phrases = [predicate.words for predicate in filling.outer if predicate.table == frame.table]
    if frame.inner is not None:
        rest = _all([predicate.words for predicate in filling.inner])
        phrases.append(frame.inner.words.format(rest=rest, n=filling.least))
    return phrases


def _all(phrases: list[str]) -> str:
    *first, last = phrases
    return ", ".join(first) + f" and {last}" if first else last


def _listed(shows: tuple[Show, ...]) -> str:
    return _all([show.words for show in shows])

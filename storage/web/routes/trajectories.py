"""The table of trajectories: what a filter finds, page by page, and the same as a file.

What a newcomer gets wrong: every state of the table is its address, so there is nothing to
remember; a link that is sent to somebody shows them the same, as far as the database still has it.
"""

from collections.abc import Callable, Generator
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from storage.errors import Unknown
from storage.index.asked import END, SORTS, Filters
from storage.index.finding import Found, find, offered
from storage.report.why import why_listed
from storage.web.answering import Download, page, wants_json
from storage.web.desk import Desk
from storage.web.filtered import csv_lines, json_lines, tasks

PAGE = 50
"""Rows of a page."""
_CHOICES = (
    "run",
    "status",
    "rung",
    "skill",
    "level",
    "language",
    "model",
    "reason",
    "why",
    "people",
)
"""The filters that are chosen from a list, in order."""
_FIRST = ("status", "skill", "rung")
"""Those that are not folded away."""
_WORDS = {"why": "asks for a person", "people": "judged by people", "-": "none"}
"""What a filter or a value is called on the page, where its name does not say it."""
_COLUMNS = (
    ("status", "", "", ""),
    ("n", "newest", "oldest", "number"),
    ("skill", "", "", ""),
    ("level", "hardest", "easiest", "number"),
    ("language", "", "", ""),
    ("task", "", "", ""),
    ("reward", "best", "worst", "number"),
    ("model", "", "", ""),
    ("why", "", "", ""),
)
"""Each column's head, its orders downwards and upwards if it has any, and its class."""
_SORTS = {
    "newest": "the newest first", "oldest": "the oldest first", "best": "the highest reward first",
    "worst": "the lowest reward first", "hardest": "the highest level first",
    "easiest": "the lowest level first", "need": "what most needs a person first",
}  # fmt: skip


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the table."""

    def table(request: Request) -> Response:
        index, filters = desk.index(), asked(request)
        if "" in request.query_params.values() and not wants_json(request):
            # A form sends its empty fields as well; a link that is shared need not have them.
            return RedirectResponse(f"/trajectories{_link(filters, after=filters.after)}", 303)
        found = find(index, filters, limit=PAGE)
        desk.seat.look_at(row.id for row in found.rows)
        with desk.reader() as reader:
            begins = tasks(reader, [row.id for row in found.rows])
        plain = {
            "filters": {key: value for key, value in asdict(filters).items() if value},
            "rows": [asdict(row) | {"task": begins.get(row.id)} for row in found.rows],
            "count": found.count,
            "counted_to": found.counted_to,
            "unread": found.unread,
            "next": _next(filters, found),
            "previous": _previous(filters, found),
        }
        values = {
            "nav": "trajectories",
            "choices": _choices(filters, offered(index, filters.run or None)),
            "text": filters.text,
            "columns": [_column(filters, *column) for column in _COLUMNS],
            "rows": [
                (row, begins.get(row.id, ""), why_listed(row.status, row.reason, row.rung))
                for row in found.rows
            ],
            "count": _count(found, filters),
            "pages": _pages(filters, found),
            "search": _link(filters, after=None, before=None),
            "loosen": _loosen(filters),
            "more": found.more,
        }
        return page(request, "trajectories.html", values, plain)

    return [
        Route("/trajectories", table),
        Route("/trajectories.jsonl", _as_file(desk, json_lines, "application/x-ndjson")),
        Route("/trajectories.csv", _as_file(desk, csv_lines, "text/csv")),
    ]


def _as_file(
    desk: Desk, lines: Callable[[Desk, Filters], Generator[bytes, None, None]], kind: str
) -> Callable[[Request], Response]:
    """Return an endpoint that gives what a filter finds away as a file."""

    def download(request: Request) -> Response:
        filters = asked(request)
        find(desk.index(), filters, limit=1)  # so that what is wrong is said before it begins
        ending = kind.partition("/")[2].replace("x-ndjson", "jsonl")
        return Download(lines(desk, filters), f"trajectories.{ending}", kind)

    return download


def asked(request: Request) -> Filters:
    """Return the filters of a request.

    Raises:
        Unknown: a parameter stands there twice, or means nothing.
    """
    given = request.query_params.multi_items()
    names = [name for name, _ in given]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise Unknown(f"the filter {twice[:40]!r}: stands there twice; leave one out")
    return Filters.of(dict(given))


def _link(filters: Filters, **changes: str | None) -> str:
    query = filters.query(**changes)
    return f"?{query}" if query else ""


def _next(filters: Filters, found: Found) -> str | None:
    return _link(filters, after=found.last, before=None) if found.more else None


def _previous(filters: Filters, found: Found) -> str | None:
    return _link(filters, before=found.first, after=None) if found.fewer and found.first else None


def _pages(filters: Filters, found: Found) -> list[dict[str, str | None]]:
    """Return the ways to other pages; one that leads nowhere has no address."""
    first = _link(filters, after=None, before=None) or "?"
    last = _link(filters, before=END, after=None)
    ways = (
        ("first", first if found.fewer else None, "", ""),
        ("previous", _previous(filters, found), "prev", "p"),
        ("next", _next(filters, found), "next", "n"),
        ("last", last if found.more else None, "", ""),
    )
    return [{"name": n, "href": href, "rel": rel, "key": key} for n, href, rel, key in ways]


def _column(filters: Filters, word: str, down: str, up: str, look: str) -> dict[str, str]:
    order = {down: "descending", up: "ascending"}.get(filters.sort, "") if down else ""
    href = _link(filters, sort=up if filters.sort == down else down) if down else ""
    return {"word": word, "href": (href or "?") if down else "", "order": order, "look": look}


def _choices(filters: Filters, known: dict[str, list[tuple[str, int]]]) -> list[dict[str, object]]:
    choices = [_choice(filters, name, known.get(name, [])) for name in _CHOICES]
    orders = [
        {"value": sort, "word": _SORTS[sort], "count": None, "chosen": filters.sort == sort}
        for sort in SORTS
    ]
    order = {"name": "sort", "word": "order", "empty": None, "options": orders}
    return [*choices, order | {"first": True, "chosen": False}]


def _choice(filters: Filters, name: str, known: list[tuple[str, int]]) -> dict[str, object]:
    chosen = getattr(filters, name)
    values = [*known]
    if chosen and all(value != chosen for value, _ in known):
        values.append((chosen, 0))  # so that a choice that finds nothing is still to be seen
    options = [
        {"value": value, "word": _word(name, value), "count": count, "chosen": value == chosen}
        for value, count in values
    ]
    word, first = _WORDS.get(name, name), name in _FIRST
    return {
        "name": name, "word": word, "empty": "any", "options": options, "first": first,
        "chosen": bool(chosen),
    }  # fmt: skip


def _word(name: str, value: str) -> str:
    return value[:10] if name == "run" else _WORDS.get(value, value)


def _count(found: Found, filters: Filters) -> str:
    many = f"{found.count:,}"
    said = f"{many} match" if found.counted_to is None else f"At least {many} match"
    if found.count == 1:
        said = "1 matches"
    if not filters.chosen() and not filters.text:
        said = f"{many} in all"
    unread = f"; {found.unread:,} are still to be read for texts" if found.unread else ""
    return f"{said}{unread}."


def _loosen(filters: Filters) -> list[dict[str, str]]:
    """Return for each filter that is set the link without it."""
    ways = [
        {"word": f"any {_WORDS.get(name, name)}, not only {_word(name, value)}", "name": name}
        for name, value in filters.chosen().items()
    ]
    if filters.text:
        ways.append({"word": f"without the text {filters.text}", "name": "text"})
    return [way | {"href": _link(filters, **{way["name"]: None}) or "?"} for way in ways]

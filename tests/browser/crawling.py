"""Finds the pages of a server by following their links, without a browser."""

import re
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

_ID = re.compile(r"^(?:[a-z]?[0-9a-f]{10,}|\d+|(sha256(%3A|:)[0-9a-f]+))$", re.IGNORECASE)


@dataclass
class Crawled:
    """An answer of the server."""

    path: str
    """With its query."""
    kind: str
    """The path with a star for every id, and the names in its query."""
    status: int
    media: str
    text: str


def crawl(address: str, *starts: str, most: int = 14, asked: int = 2) -> list[Crawled]:
    """Return the pages that can be reached, in order of discovery.

    Args:
        address: Of the server.
        starts: Paths to begin with.
        most: Of each kind.
        asked: Of each kind that has a query.
    """
    waiting, known = list(starts), set(starts)
    found: list[Crawled] = []
    seen: Counter[str] = Counter()
    while waiting:
        path = waiting.pop(0)
        kind = kind_of(path)
        if seen[kind] >= (asked if "?" in kind else most):
            continue
        seen[kind] += 1
        status, media, text = fetch(address + path)
        found.append(Crawled(path, kind, status, media, text))
        if media == "text/html":
            for link in _Links.of(text):
                whole = urldefrag(urljoin(address + path, link)).url
                if whole.startswith(f"{address}/") and (own := whole[len(address) :]) not in known:
                    known.add(own)
                    waiting.append(own)
    return found


def kind_of(path: str) -> str:
    """Return what kind of page a path is of."""
    parts = urlsplit(path)
    steps = "/".join("*" if _ID.match(step) else step for step in parts.path.split("/"))
    if steps.count("/") > 1 and len(steps) > 60:
        steps = steps[:60]
    names = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)})
    return f"{steps}?{'&'.join(names)}" if names else steps


def fetch(url: str, **headers: str) -> tuple[int, str, str]:
    """Return status, media type and text of an answer."""
    asked = urllib.request.Request(url, headers={"Accept": "text/html"} | headers)
    try:
        with urllib.request.urlopen(asked, timeout=30) as got:
            return got.status, got.headers.get_content_type(), got.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get_content_type(), error.read().decode()


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    @classmethod
    def of(cls, text: str) -> list[str]:
        parser = cls()
        parser.feed(text)
        return parser.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.found.append(value)

"""Texts of others as a page shows them: set, in their exact form, and as far as there is room.

What a newcomer gets wrong: a page must not grow with what a model wrote. Each text has its first
part on the page, the page as a whole has an end, and what is not on it is one address away.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from storage.report.html.code import OF_VERIFIERS, program
from storage.report.html.prose import LONGEST, as_written, prose
from storage.report.html.unseen import marked

EXACT = 100_000
"""Characters of a text that are shown in its exact form; the rest is elsewhere."""
MOST_SET = 100_000
"""Characters that are set on one page; further ones are shown as they were written."""
MOST_SHOWN = 3_000_000
"""Characters of HTML that one page has for the texts of others."""

Manner = Literal["prose", "exact"] | str
"""How a text is read: as markdown, in its exact form, or as a program of the named language."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """One text on a page."""

    shown: Markup
    exact: Markup | None
    """The exact form, where `shown` is another. None: it is the same."""
    length: int
    rest: int
    """How many characters are not on this page."""
    address: str | None
    """Where the whole text is. None: nowhere but in the database."""


class Room:
    """What one page has room for.

    Args:
        address: Returns where the whole text of a name is. None: there are no other pages.
    """

    def __init__(self, address: Callable[[str], str] | None = None) -> None:
        self._address = address
        self._to_set = MOST_SET
        self._left = MOST_SHOWN
        self.texts: dict[str, str] = {}
        """Every text that was asked for, by its name."""

    def quoted(
        self, name: str, text: str, manner: Manner = "prose", wrong_line: int | None = None
    ) -> Quoted:
        """Return a text as this page shows it.

        Args:
            name: Of the text, among those of the page.
            text: The whole.
            manner: How it is read.
            wrong_line: The line in which its first wrong step begins, from 0.
        """
        self.texts[name] = text
        address = self._address(name) if self._address else None
        if self._left <= 0:
            return Quoted(Markup(""), None, len(text), len(text), address)
        first, exact = text[:LONGEST], as_written(text[:EXACT], wrong_line)
        shown = exact
        if manner != "exact" and len(first) <= self._to_set:
            self._to_set -= len(first)
            shown = _set(first, manner, wrong_line)
        same = shown is exact or (len(text) <= LONGEST and _is_exact(shown, text, manner))
        self._left -= len(shown) + (0 if same else len(exact))
        rest = max(0, len(text) - EXACT)
        return Quoted(shown, None if same else exact, len(text), rest, address)


class Listing(Room):
    """Knows the texts of a page, and shows none of them."""

    def quoted(
        self, name: str, text: str, manner: Manner = "prose", wrong_line: int | None = None
    ) -> Quoted:
        """Take note of a text."""
        self.texts[name] = text
        return Quoted(Markup(""), None, len(text), 0, None)


def manner_of(text: str, verifier: str) -> Manner:
    """Return how an attempt or a reference is read, by what checks it."""
    language = OF_VERIFIERS.get(verifier)
    fenced = "```" in text or "~~~" in text
    return language if language and not fenced else "prose"


def _is_exact(shown: Markup, text: str, manner: Manner) -> bool:
    """Return whether a text that was set reads in every character as it was written."""
    plainly = Markup('<div class="prose" dir="auto"><p dir="auto">{}</p></div>')
    return manner != "prose" or shown == plainly.format(marked(text))


def _set(text: str, manner: Manner, wrong_line: int | None) -> Markup:
    if manner == "prose":
        return prose(text, wrong_line)
    if wrong_line is not None:
        return as_written(text, wrong_line)
    return program(text, manner)

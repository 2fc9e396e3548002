"""Makes stored text safe to show: it was written by models and strangers.

What a newcomer gets wrong: a terminal obeys what it is sent. An escape sequence can rewrite what
stands above it, and a bidirectional mark can make a wrong answer read as a right one.
"""

import re

from rich.text import Text

from storage.report.unseen import stripped

# Colours, cursor moves and erasing. Of longer sequences only the control characters go, so that
# nobody can hide a text inside one.
_ESCAPES = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]")


def clean(text: str) -> str:
    """Return text without escape sequences, controls, and invisible or bidirectional marks."""
    return stripped(_ESCAPES.sub("", text))


def one_line(text: str, limit: int = 200) -> str:
    """Return clean text on one line of at most `limit` characters."""
    line = " ".join(clean(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def shown(text: str, style: str = "") -> Text:
    """Return clean text as a renderable in which nothing is markup."""
    return Text(clean(text), style=style, overflow="fold")

"""Differences between two texts, marked."""

from collections.abc import Sequence

from markupsafe import Markup

from storage.report.differences import Piece
from storage.report.html.unseen import marked

_TAGS = {"before": "del", "after": "ins"}


def told(pieces: Sequence[Piece]) -> Markup:
    """Return differences as HTML, in the exact form of the texts, unseen characters marked."""
    parts = [
        Markup(f"<{tag}>{marked(piece.text)}</{tag}>")
        if (tag := _TAGS.get(piece.kind))
        else marked(piece.text)
        for piece in pieces
    ]
    return Markup('<pre class="as-written differences">{}</pre>').format(Markup("").join(parts))

"""Text as HTML in which unseen characters are marks."""

from markupsafe import Markup, escape

from storage.report.unseen import pieces


def marked(text: str) -> Markup:
    """Return a text as HTML: escaped, and every unseen character as a mark with its name."""
    if text.isascii() and text.isprintable():
        return escape(text)
    # Marks and names are of our own vocabulary: U+202E, "right-to-left override".
    return Markup(
        "".join(
            f'<span class="made-seen" title="{name}">{piece}</span>' if name else str(escape(piece))
            for piece, name in pieces(text)
        )
    )

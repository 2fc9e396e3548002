"""Put texts into a check's evidence, which is one line that a person reads.

What a newcomer gets wrong: an answer is whatever a model wrote, so it may be long and hold line
breaks or control characters.
"""


def cut(text: str, limit: int = 80) -> str:
    """Return a text of at most `limit` characters, with "..." at its end if it was cut."""
    return text if len(text) <= limit else text[: limit - 3] + "..."


def shown(text: str, limit: int = 80) -> str:
    """Return a text cut, in quotes, on one line."""
    return repr(cut(text, limit))

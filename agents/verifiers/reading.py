"""Read text that nobody trusts: bounded, in one encoding of accents, and aware of what a word is.

What a newcomer gets wrong: normalising takes quadratic time on a long run of combining marks, so
such a text is refused before it is normalised. And a text may hold characters that nobody sees.
"""

import unicodedata

MARKS = 30
"""The longest run of combining marks that is read; Unicode's own "stream-safe" limit (UAX 15)."""


class Unreadable(Exception):
    """The text is beyond a limit; says which in a few words."""


def normal(text: str, most: int) -> str:
    """Return the text NFC-normalised.

    Raises:
        Unreadable: it has more than `most` characters, or `MARKS` combining marks in a row.
    """
    if len(text) > most:
        raise Unreadable(f"longer than {most} characters")
    if text.isascii():
        return text
    marks = {character for character in set(text) if is_mark(character)}
    in_a_row = 0
    for character in text if marks else "":
        in_a_row = in_a_row + 1 if character in marks else 0
        if in_a_row > MARKS:
            raise Unreadable(f"more than {MARKS} combining marks in a row")
    return unicodedata.normalize("NFC", text)


def folded(text: str, most: int) -> str:
    """Return the text as `normal` does, trimmed, with one space for each run of white space.

    Raises:
        Unreadable: see `normal`.
    """
    return " ".join(normal(text, most).split())


def is_mark(character: str) -> bool:
    """Return whether a character only changes the one before it, as an accent does."""
    return unicodedata.category(character).startswith("M")


def is_inner(character: str) -> bool:
    """Return whether a character can stand within a word: a letter, digit, mark or underscore."""
    return character.isalnum() or character == "_" or is_mark(character)

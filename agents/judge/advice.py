"""Keep a judge's critique from giving the reference away.

What a newcomer gets wrong: a prompt that asks for it is no guarantee. The student revises with the
critique, and a revision that copies the answer out of it would be stored as the student's own.
"""

import re
import unicodedata

from agents.verifiers.math import Value, value_of
from storage.records import Attempt, Lesson

NEUTRAL = "Your attempt is not right as it stands. Work the task again and check what you rely on."
"""Given in the place of a critique that cannot be given."""
PHRASE = 8
"""So many words in a row of the reference are no chance, unless the student has them already."""
_LETTER = re.compile(r"\(?([A-Z])\)?[.)]?")
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
"""Scripts that put no space between words; there a letter counts as a word."""
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+(?:[.,][0-9]+)*")
_NUMBER = re.compile(r"(?<![\w.,])[-\N{MINUS SIGN}]?[0-9][0-9,.]*(?:/[0-9]+)?(?![\w])")


def gives_away(critique: str, lesson: Lesson, attempt: Attempt) -> bool:
    """Return whether a critique states the lesson's reference, or a long part of it.

    What the student has already, because the task or the attempt says it, is nothing to give away;
    but a reference that can be chosen from the task is given away by naming it.
    """
    reference = lesson.reference.strip()
    if not reference or not critique:
        return False
    if letter := _LETTER.fullmatch(reference):
        return re.search(rf"(?<!\w){letter[1]}(?!\w)", critique) is not None
    if value := value_of(reference):
        known = _values(f"{lesson.task.text}\n{attempt.text}")
        return value in _values(critique) - known
    words = _words(reference)
    length = min(len(words), PHRASE)
    had = _runs(_words(attempt.text), length)
    if len(words) > PHRASE:
        had |= _runs(_words(lesson.task.text), length)
    return bool(_runs(words, length) & _runs(_words(critique), length) - had)


def _runs(words: list[str], length: int) -> set[tuple[str, ...]]:
    """Return all that stands so many words in a row."""
    starts = range(len(words) - length + 1) if length else ()
    return {tuple(words[i : i + length]) for i in starts}


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFC", text).casefold())


def _values(text: str) -> set[Value | None]:
    """Return the values of the numbers in a text."""
    return {value_of(found.rstrip(".,")) for found in _NUMBER.findall(text)} - {None}

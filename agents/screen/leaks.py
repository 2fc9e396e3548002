"""Whether what a student sees gives the reference away.

What a newcomer gets wrong: a short number or word stands in many a story for a good reason, and so
does one of the choices that a question offers. A reference that is encoded, or spelt backwards, is
not looked for: there it is usually the task, and a teacher's slip does not look like that. Time is
linear in the texts, whatever they are.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice

from agents.screen.drawn import is_drawn
from agents.verifiers.evidence import shown
from agents.verifiers.reading import Unreadable, normal
from storage.records import ANSWER_INSTRUCTION, ANSWER_PATTERN, WHOLE_REPLY, Lesson

SHORT = 4
"""A text of fewer characters, or a number of at most so many digits, stands in many a story."""
PHRASE = 8
"""So many words in a row that also stand in the question are no chance."""
LOOKED_AT = 1_000_000
"""Characters of one text; that a longer one is not looked at is a finding."""

_WORD = re.compile(
    # Scripts that put no space between words are read letter by letter.
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
    r"|[0-9]+(?:\.[0-9]+)*"
    r"|[^\W0-9\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+"
    r"|[-+/^=<%]"
)
_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3})")
_SENTENCE_END = re.compile(r"(?<=[.?!])\s")
_EVERYBODYS = (ANSWER_INSTRUCTION, ANSWER_PATTERN, WHOLE_REPLY)
"""What stands in the lessons of everybody, and says nothing of the one."""
_MARK = "\x00"


def leaks(lesson: Lesson) -> list[str]:
    """Return where a student sees the reference, or a good part of it."""
    if is_drawn(lesson):
        return []
    try:
        return [*_of_reference(lesson), *_of_phrases(lesson)][:1]
    except Unreadable as error:
        return [f"task: it cannot be read for leaks: a text is {error}"]


def _of_reference(lesson: Lesson) -> Iterator[str]:
    reference = _words(lesson.reference)
    if not _is_telling(reference):
        return
    task = lesson.task
    places = {
        "question": task.question,
        "instruction": task.instruction,
        "answer_pattern": task.answer_pattern,
        "givens": json.dumps(task.givens, ensure_ascii=False),
        "skill": lesson.skill.replace("_", " "),
    }
    for name, text in places.items():
        if text not in _EVERYBODYS and _gives_away(text, reference):
            yield f"{name}: it gives the reference away: {shown(lesson.reference)}"


def _of_phrases(lesson: Lesson) -> Iterator[str]:
    """Return where words of the reference or of its steps stand in a row."""
    given = set(_phrases(_words(str(lesson.data.get("prelude", "")))))
    texts = (lesson.reference, *lesson.steps)
    kept = {phrase for text in texts for phrase in _phrases(_words(text))} - given
    for phrase in _phrases(_words(lesson.task.text)) if kept else ():
        if phrase in kept:
            words = shown(" ".join(phrase))
            yield f"question: it holds words of the reference or its steps: {words}"


def _is_telling(reference: list[str]) -> bool:
    """Return whether a reference that a student sees is likely to be seen by mistake."""
    if all(word[0].isdecimal() or not word[0].isalnum() for word in reference):
        return sum(character.isdigit() for word in reference for character in word) > SHORT
    return sum(map(len, reference)) >= SHORT


def _gives_away(text: str, reference: list[str]) -> bool:
    """Return whether the reference stands in a text, and not only in a choice."""
    sentences = [_WORD.findall(sentence) for sentence in _SENTENCE_END.split(_plain(text))]
    whole = [word for sentence in sentences for word in sentence]
    return any(_holds(words, reference) and "or" not in words for words in (*sentences, whole))


def _holds(words: list[str], wanted: list[str]) -> bool:
    """Return whether words stand among others, whole and in a row."""
    whole = _MARK + _MARK.join(words) + _MARK
    return bool(wanted) and _MARK + _MARK.join(wanted) + _MARK in whole


def _words(text: str) -> list[str]:
    return _WORD.findall(_plain(text))


def _plain(text: str) -> str:
    """Return a text blind to case, thousands separators, width, and characters that nobody sees.

    Raises:
        Unreadable: it is too long, or has too many combining marks in a row.
    """
    if not text.isascii():
        unseen = {ord(c): None for c in set(text) if unicodedata.category(c) == "Cf"}
        text = unicodedata.normalize("NFKC", normal(text.translate(unseen), LOOKED_AT))
    # One letter may have become eighteen, so the length is looked at once more.
    return _THOUSANDS.sub("", normal(text, LOOKED_AT).casefold())


def _phrases(words: list[str]) -> Iterable[tuple[str, ...]]:
    return zip(*(islice(words, start, None) for start in range(PHRASE)), strict=False)

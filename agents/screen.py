"""The lesson screen: what a program can say against a lesson before a student sees it.

What a newcomer gets wrong: the verifier must accept the reference in the form in which a student
has to state it, and must also refuse a changed one; a verifier that accepts everything accepts the
reference too. Duplicates are not looked for here: that takes the records of other episodes.
"""

import re
import unicodedata
from dataclasses import dataclass

from agents.parsing import extract_answer
from agents.verifiers import JUDGE, call_verifier, changed_reference
from agents.verifiers.evidence import shown
from storage.records import ANSWER_PATTERN, Lesson

SHORT = 4
"""A text of fewer characters, or a number of at most so many digits, stands in many a story."""
PHRASE = 8
"""So many words in a row that also stand in the question are no chance."""
LOOKED_AT = 20_000
"""Characters at the beginning of a text in which a leak is looked for."""


@dataclass(frozen=True, slots=True)
class Screening:
    """What was found."""

    refused: tuple[str, ...]
    """Why the lesson is not to be used, one sentence each; empty: it may be."""
    warnings: tuple[str, ...]
    """What is stored with the lesson and does not keep it from being used."""


async def screen(lesson: Lesson, *, strict: bool) -> Screening:
    """Return what a program can say against a lesson.

    Args:
        lesson: Any teacher's.
        strict: False: only a verifier that does not accept its own reference refuses; all else is
            a warning.
    """
    doubts = [*_empty(lesson), *_leaks(lesson)]
    broken: list[str] = []
    if lesson.verifier != JUDGE:
        broken = await _not_accepted(lesson)
        if not broken:
            doubts += await _not_refused(lesson)
    if strict:
        return Screening((*broken, *doubts), ())
    return Screening(tuple(broken), tuple(doubts))


def _empty(lesson: Lesson) -> list[str]:
    fields = {"question": lesson.task.question, "reference": lesson.reference}
    return [f"{name}: it is empty" for name, text in fields.items() if not text.strip()]


async def _not_accepted(lesson: Lesson) -> list[str]:
    """Return that the verifier does not accept the reference as a student would state it."""
    stated: str | None = lesson.reference
    if lesson.task.answer_pattern == ANSWER_PATTERN:
        stated = extract_answer(f"Answer: {lesson.reference}", ANSWER_PATTERN)
    if stated is None:
        return ["reference: it cannot be stated in the form that the task asks for"]
    check = await call_verifier(
        lesson.verifier, answer=stated, reference=lesson.reference, data=lesson.data
    )
    if check.finding == "passed":
        return []
    return [f"reference: the verifier {lesson.verifier!r} does not accept it: {check.evidence}"]


async def _not_refused(lesson: Lesson) -> list[str]:
    changed = changed_reference(lesson.verifier, lesson.reference, lesson.data)
    if changed is None:
        return [f"verifier: {lesson.verifier!r} makes no changed reference to refuse"]
    check = await call_verifier(
        lesson.verifier, answer=changed, reference=lesson.reference, data=lesson.data
    )
    if check.finding == "failed":
        return []
    return [f"verifier: {lesson.verifier!r} does not refuse {shown(changed)}: {check.evidence}"]


def _leaks(lesson: Lesson) -> list[str]:
    """Return where the question gives the reference away.

    Embedded lessons are drawn by a program that never does so, and some of them ask to pick the
    answer out of the question.
    """
    if lesson.made_by.startswith("embedded/"):
        return []
    question, reference = _normal(lesson.task.question), _normal(lesson.reference)
    if _is_telling(reference) and _is_given_away(question, reference):
        return [f"question: it gives the reference away: {shown(lesson.reference)}"]
    held = set(_phrases(question))
    for text in (reference, *map(_normal, lesson.steps)):
        for phrase in _phrases(text):
            if phrase in held:
                words = shown(" ".join(phrase))
                return [f"question: it holds words of the reference or its steps: {words}"]
    return []


def _is_telling(reference: str) -> bool:
    """Return whether a reference that stands in a question is likely to be there by mistake."""
    if re.fullmatch(r"\W*[0-9]+\W*", reference):
        return sum(character.isdigit() for character in reference) > SHORT
    return len(reference) >= SHORT


def _is_given_away(question: str, reference: str) -> bool:
    """Return whether the reference stands in the question, and not only in a choice."""
    whole = re.compile(rf"(?<![0-9a-z.]){re.escape(reference)}(?![0-9a-z]|[.][0-9])")
    if not whole.search(question):
        return False
    sentences = [s for s in re.split(r"(?<=[.?!]) ", question) if whole.search(s)]
    return any(" or " not in sentence for sentence in sentences or [question])


def _normal(text: str) -> str:
    """Return a text blind to case, white space, thousands separators and a last full stop."""
    plain = " ".join(unicodedata.normalize("NFC", text[:LOOKED_AT]).casefold().split())
    return re.sub(r"(?<=[0-9]),(?=[0-9]{3})", "", plain).removesuffix(".")


def _phrases(text: str) -> list[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    return [tuple(words[i : i + PHRASE]) for i in range(len(words) - PHRASE + 1)]

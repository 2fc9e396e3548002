"""What a verifier must refuse: what is nearly the reference, and what took no thought.

What a newcomer gets wrong: a right guess is no good trajectory. So a lesson is doubtful as well if
the first number of its question happens to be its answer.
"""

import asyncio
import re
from collections.abc import Iterable

from agents.errors import VerifierError
from agents.screen.drawn import is_drawn
from agents.verifiers import call_verifier, doubts, mutants, trivial_answers
from agents.verifiers.evidence import cut, shown
from storage.records import Lesson

MOST = 40
"""Of a verifier's near misses, and of its trivial answers, so many are tried."""

_NUMBER = re.compile(r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?")


async def refusals(lesson: Lesson) -> list[str]:
    """Return what the verifier does not refuse and has to, and what it has against the reference.

    Args:
        lesson: One whose verifier accepts its reference.
    """
    name, found = lesson.verifier, []
    try:
        near = await mutants(name, lesson.reference, lesson.data)
        found += await _not_refused(lesson, near, "nearly the reference")
    except VerifierError as error:
        found.append(f"verifier: {name!r} makes no near miss of the reference to refuse: {error}")
    try:
        found += await _not_refused(lesson, await _guesses(lesson), "which takes no thought")
        found += [
            f"reference: {each}" for each in await doubts(name, lesson.reference, lesson.data)
        ]
    except VerifierError as error:
        found.append(f"verifier: {name!r} cannot look at the lesson: {error}")
    return found


async def _not_refused(lesson: Lesson, answers: Iterable[str], what: str) -> list[str]:
    """Return the first of these answers that is not refused; one is enough to doubt a lesson."""
    wanted = list(dict.fromkeys(answers))[:MOST]
    checks = await asyncio.gather(
        *(
            call_verifier(
                lesson.verifier, answer=answer, reference=lesson.reference, data=lesson.data
            )
            for answer in wanted
        )
    )
    for answer, check in zip(wanted, checks, strict=True):
        if check.finding != "failed":
            said = f"verifier: {lesson.verifier!r} does not refuse {shown(answer)}, {what}"
            return [f"{said}: {cut(check.evidence, 200)}"]
    return []


async def _guesses(lesson: Lesson) -> tuple[str, ...]:
    """Return answers without thought: the verifier's own, else nothing, 0 and the first number.

    In one or two of a hundred embedded lessons the first number of the question is right. They are
    left as they are: domains draw their numbers, so the guess is right no more often than chance
    has it, and without those lessons the answer would surely be another number.
    """
    first = _NUMBER.search(lesson.task.question)
    of_all = ("0", *([first[0]] if first else []))
    own = await trivial_answers(lesson.verifier, lesson.task.question, lesson.data)
    guesses = ("", *of_all) if own is None else own
    return tuple(g for g in guesses if g not in of_all) if is_drawn(lesson) else guesses

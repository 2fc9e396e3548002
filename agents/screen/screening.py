"""What a program can say against a lesson before a student sees it.

What a newcomer gets wrong: the verifier must accept the reference in the form in which a student
has to state it, and must also refuse what is nearly right or took no thought; a verifier that
accepts everything accepts the reference too. Duplicates are not looked for here: that takes the
records of other episodes.
"""

from dataclasses import dataclass
from typing import Protocol

from agents.screen.leaks import leaks
from agents.screen.refusals import refusals
from agents.screen.statement import not_accepted, not_stated
from agents.verifiers import JUDGE, with_draw
from storage.records import Lesson


class Overlap(Protocol):
    """What benchmarks ask, see `storage.overlap`."""

    def where(self, text: str) -> str | None:
        """Return which words a text shares with a benchmark, and where; None: too few."""
        ...


@dataclass(frozen=True, slots=True)
class Screening:
    """What was found."""

    refused: tuple[str, ...]
    """Why the lesson is not to be used, one sentence each; empty: it may be."""
    warnings: tuple[str, ...]
    """What is stored with the lesson and does not keep it from being used."""


async def screen(lesson: Lesson, *, strict: bool, benchmarks: Overlap | None = None) -> Screening:
    """Return what a program can say against a lesson.

    Args:
        lesson: Any teacher's.
        strict: False: only a verifier that does not accept its own reference refuses; all else is
            a warning.
        benchmarks: What the question must not repeat. None: it is not looked for.
    """
    doubts = [*_empty(lesson), *leaks(lesson), *_contaminated(lesson, benchmarks)]
    broken: list[str] = []
    if lesson.verifier != JUDGE:
        drawn = dict(with_draw(lesson.verifier, lesson.data, lesson.id, "screen"))
        ready = lesson.model_copy(update={"data": drawn})
        broken = await not_accepted(ready)
        if not broken:
            doubts += [*await not_stated(ready), *await refusals(ready)]
    if strict:
        return Screening((*broken, *doubts), ())
    return Screening(tuple(broken), tuple(doubts))


def _empty(lesson: Lesson) -> list[str]:
    fields = {"question": lesson.task.question, "reference": lesson.reference}
    return [f"{name}: it is empty" for name, text in fields.items() if not text.strip()]


def _contaminated(lesson: Lesson, benchmarks: Overlap | None) -> list[str]:
    where = benchmarks.where(lesson.task.question) if benchmarks else None
    return [f"contaminated: {where}"] if where else []

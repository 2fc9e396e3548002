"""The judge: a model that grades an attempt by a rubric, where no program can decide.

It commits to its own answers before it reads the attempt, and what it accepts it must refuse once
the reference is a false one. What a newcomer gets wrong: a reply that cannot be read is an
abstention, which leaves the attempt unscored, and never a grade of 0.

Turns of a call site: 0 the grading, 1 its repair; 4 the grading against a false reference, 5 its
repair; 10, 12, 14, ... the judge's own answers.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from agents.asking import messages, repair
from agents.chat.channel import Channel
from agents.chat.model import Journal
from agents.errors import InvalidReply
from agents.parsing import delimiter
from agents.rubric import Rubric, default_rubric
from agents.verifiers.math import MathVerifier, value_of
from prompts import Prompt, load
from storage.records import Attempt, CallSite, Grade, Lesson, Status, Task

INPUTS = ("task", "reference", "own_answers", "criteria", "attempt", "shape", "mark")
"""What a judge's prompt may ask for."""
GRADING = 0
FALSE_REFERENCE = 4
OWN_ANSWERS = 10


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a judge says about one attempt."""

    status: Status
    """"accepted", "rejected", or "unscored": the judge abstained."""
    reward: float | None
    grades: tuple[Grade, ...]
    """One for each criterion; the last one, of weight 0, says why the judge abstained."""
    critique: str = ""


class Judge:
    """Grades attempts by a rubric.

    Args:
        channel: The way to the model.
        rubric: None: the default one.
        own_answers: How often it solves the task itself before it looks.
        false_reference: Grade what was accepted again, against a deliberately false reference, and
            abstain if it is accepted again.
        prompt: What asks for the grading. None: `critic.judge`.

    Raises:
        PromptError: the prompt asks for something that a judge is not given.
    """

    def __init__(
        self,
        channel: Channel,
        rubric: Rubric | None = None,
        *,
        own_answers: int = 3,
        false_reference: bool = True,
        prompt: Prompt | None = None,
    ) -> None:
        self.name = f"chat/{channel.model.name}"
        self._channel = channel
        self._rubric = rubric or default_rubric()
        self._form = self._rubric.form()
        self._own_answers = own_answers
        self._false_reference = false_reference
        self._prompt = (prompt or load("critic.judge")).fit(offered=INPUTS, needed=("attempt",))

    async def judge(
        self, lesson: Lesson, attempt: Attempt, site: CallSite, journal: Journal | None
    ) -> Judgement:
        """Grade an attempt, or abstain.

        Raises:
            EndpointError: the endpoint gave no answer.
        """
        own = await self._solve(lesson.task, site, journal)
        try:
            judgement = await self._grade(lesson, own, attempt, _turn(site, GRADING), journal)
            if judgement.status != "accepted" or not self._false_reference or not lesson.reference:
                return judgement
            false = lesson.model_copy(update={"reference": false_reference(lesson.reference)})
            again = await self._grade(false, own, attempt, _turn(site, FALSE_REFERENCE), journal)
        except InvalidReply:
            return _abstained("the judge's reply could not be read, not even after a repair turn")
        if again.status == "accepted":
            return _abstained("accepted again, against a false reference", judgement.grades)
        return judgement

    async def _solve(self, task: Task, site: CallSite, journal: Journal | None) -> list[str]:
        """Return the judge's own answers, in order; they know nothing of the attempt."""
        prompt = load("critic.solve")
        asked = messages(prompt, task=task.text, mark=delimiter(site.seed, task.text))
        replies = await asyncio.gather(
            *(
                self._channel.ask(
                    asked, _turn(site, OWN_ANSWERS + 2 * i), journal, prompt=prompt.tag
                )
                for i in range(self._own_answers)
            ),
            return_exceptions=True,
        )
        # All are awaited before one may raise: an answer on its way is paid for and must be kept.
        for reply in replies:
            if isinstance(reply, BaseException):
                raise reply
        return [r.text for r in replies if not isinstance(r, BaseException) and r.text.strip()]

    async def _grade(
        self,
        lesson: Lesson,
        own: Sequence[str],
        attempt: Attempt,
        site: CallSite,
        journal: Journal | None,
    ) -> Judgement:
        texts = (lesson.task.text, lesson.reference, *own, attempt.text)
        asked = messages(
            self._prompt,
            task=lesson.task.text,
            reference=lesson.reference,
            own_answers=own,
            criteria=self._rubric.criteria,
            attempt=attempt.text,
            shape=self._rubric.shape(),
            mark=delimiter(site.seed, "\n".join(texts)),
        )
        grading = await self._channel.ask_for(
            self._form, asked, site, journal, repair=repair, prompt=self._prompt.tag
        )
        grades = self._rubric.grades(grading)
        accepted = self._rubric.accepts(grades)
        return Judgement(
            status="accepted" if accepted else "rejected",
            reward=self._rubric.reward(grades),
            grades=grades,
            critique="" if accepted else str(getattr(grading, "critique", "")),
        )


def false_reference(reference: str) -> str:
    """Return a reference that is false if the given one is true: another value, or a denial."""
    if value_of(reference):
        return MathVerifier().changed(reference, {})
    opposites = {"yes": "no", "no": "yes", "true": "false", "false": "true"}
    bare = reference.strip().removesuffix(".").lower()
    return opposites.get(bare, f"It is not the case that: {reference}")


def _turn(site: CallSite, turn: int) -> CallSite:
    return site.model_copy(update={"turn": turn})


def _abstained(why: str, grades: tuple[Grade, ...] = ()) -> Judgement:
    note = Grade(criterion="abstained", weight=0.0, grade=None, reason=why)
    return Judgement(status="unscored", reward=None, grades=(*grades, note))

"""The judge: a model that grades an attempt by a rubric, where no program can decide.

It commits to its own answers before it reads the attempt, quotes the attempt for all that it says
is met, and what it accepts it must refuse once the reference is a false one. What a newcomer gets
wrong: a reply that cannot be read, or a quote that does not stand in the attempt, is an abstention,
which leaves the attempt unscored, and never a grade of 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from agents.asking import messages, repair
from agents.chat.channel import Channel
from agents.chat.model import Journal
from agents.errors import InvalidReply
from agents.judge.advice import NEUTRAL, gives_away
from agents.judge.judgement import CRITIQUE, Agreement, Judgement, abstained, note
from agents.judge.material import as_data
from agents.judge.own_answers import contradict
from agents.judge.quotes import Quoted
from agents.judge.reading import last_own
from agents.judge.step_label import first_wrong_step
from agents.judge.turns import FALSE_REFERENCE, FIRST_WRONG_STEP, GRADING, OWN_ANSWERS, VOTE, turn
from agents.parsing import delimiter
from agents.rubric import Rubric, default_rubric
from agents.together import all_of
from agents.verifiers.math import MathVerifier, value_of
from agents.verifiers.reading import Unreadable
from prompts import Prompt, load
from storage.records import Attempt, CallSite, Grade, Lesson, Task

INPUTS = ("task", "reference", "own_answers", "criteria", "attempt", "shape", "mark")
"""What a judge's prompt may ask for."""


@dataclass(frozen=True, slots=True)
class _Case:
    """What one attempt is judged by."""

    lesson: Lesson
    attempt: Attempt
    own: Sequence[str]
    """The judge's own answers."""
    quoted: Quoted


class Judge:
    """Grades attempts by a rubric.

    Args:
        channel: The way to the model.
        rubric: None: the default one.
        own_answers: How often it solves the task itself before it looks.
        false_reference: Grade what was accepted again, against a deliberately false reference, and
            abstain if it would be accepted again.
        agreement: How many of its own answers must be the same, where there is no reference and
            answers can be compared, for it to judge at all.
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
        agreement: Agreement = "unanimous",
        prompt: Prompt | None = None,
    ) -> None:
        self.name = f"chat/{channel.model.name}"
        self._channel = channel
        self._rubric = rubric or default_rubric()
        self._form = self._rubric.form()
        self._own_answers = own_answers
        self._false_reference = false_reference
        self._agreement = agreement
        self._prompt = (prompt or load("critic.judge")).fit(offered=INPUTS, needed=("attempt",))

    async def judge(
        self, lesson: Lesson, attempt: Attempt, site: CallSite, journal: Journal | None
    ) -> Judgement:
        """Grade an attempt once, or abstain.

        Raises:
            EndpointError: the endpoint gave no answer.
        """
        (judgement,) = await self.votes(lesson, attempt, site, journal)
        return judgement

    async def votes(
        self,
        lesson: Lesson,
        attempt: Attempt,
        site: CallSite,
        journal: Journal | None,
        count: int = 1,
    ) -> list[Judgement]:
        """Grade an attempt so many times, each for itself; own answers are asked for once.

        Raises:
            EndpointError: the endpoint gave no answer.
        """
        try:
            quoted = Quoted(attempt.text)
        except Unreadable as error:
            return [abstained(f"no quote could be checked: the attempt is {error}")] * count
        own = await self._solve(lesson.task, site, journal)
        if not lesson.reference.strip() and contradict(own, self._agreement):
            return [abstained("the judge's own answers contradict each other")] * count
        case = _Case(lesson, attempt, own, quoted)
        asked = (self._vote(case, turn(site, VOTE * vote), journal) for vote in range(count))
        return await all_of(asked)

    async def first_wrong_step(
        self, lesson: Lesson, attempt: Attempt, site: CallSite, journal: Journal | None
    ) -> int | None:
        """Return the number of an attempt's first wrong step, from 1. None: the judge cannot tell.

        Raises:
            EndpointError: the endpoint gave no answer.
        """
        asking = turn(site, FIRST_WRONG_STEP)
        return await first_wrong_step(self._channel, lesson, attempt, asking, journal)

    async def _solve(self, task: Task, site: CallSite, journal: Journal | None) -> list[str]:
        """Return the judge's own answers, in order; they know nothing of the attempt."""
        prompt, data = load("critic.solve"), as_data(task.text)
        asked = messages(prompt, task=data, mark=delimiter(site.seed, data))
        turns = (turn(site, OWN_ANSWERS + 2 * i) for i in range(self._own_answers))
        replies = await all_of(
            self._channel.ask(asked, each, journal, prompt=prompt.tag) for each in turns
        )
        return [reply.text for reply in replies if reply.text.strip()]

    async def _vote(self, case: _Case, site: CallSite, journal: Journal | None) -> Judgement:
        """Grade once, and once more against a false reference if that comes out well."""
        try:
            grading = await self._grade(case, case.lesson.reference, turn(site, GRADING), journal)
            judgement = self._judgement(grading, case)
            reference = case.lesson.reference.strip()
            if judgement.status != "accepted" or not self._false_reference or not reference:
                return judgement
            false = false_reference(reference)
            again = await self._grade(case, false, turn(site, FALSE_REFERENCE), journal)
        except InvalidReply:
            return abstained("the judge's reply could not be read, not even after a repair turn")
        if self._favours(again):
            return abstained("accepted again, against a false reference", judgement.grades)
        return judgement

    async def _grade(
        self, case: _Case, reference: str, site: CallSite, journal: Journal | None
    ) -> BaseModel:
        """Return a grading, which is of the rubric's form."""
        texts = (case.lesson.task.text, reference, *case.own, case.attempt.text)
        task, shown, *own, attempt = map(as_data, texts)
        asked = messages(
            self._prompt,
            task=task,
            reference=shown if reference.strip() else "",
            own_answers=own,
            criteria=self._rubric.criteria,
            attempt=attempt,
            shape=self._rubric.shape(),
            mark=delimiter(site.seed, "\n".join((task, shown, *own, attempt))),
        )
        return await self._channel.ask_for(
            self._form,
            asked,
            site,
            journal,
            repair=repair,
            prompt=self._prompt.tag,
            read=lambda form, reply: last_own(form, reply, texts, self._favours),
        )

    def _favours(self, grading: BaseModel) -> bool:
        """Return whether a grading would accept if all its quotes were believed."""
        return self._rubric.accepts(self._rubric.grades(grading, lambda quote: True))

    def _judgement(self, grading: BaseModel, case: _Case) -> Judgement:
        """Return what a grading comes to; a criterion whose quote is not found has no grade."""
        grades = self._rubric.grades(grading, case.quoted.holds)
        status = self._rubric.status(grades)
        if status == "unscored":
            lost = ", ".join(grade.criterion for grade in grades if grade.grade is None)
            return abstained(f"said to be met, but the quote is not in the attempt: {lost}", grades)
        notes: tuple[Grade, ...] = ()
        critique = "" if status == "accepted" else str(getattr(grading, "critique", ""))
        if gives_away(critique, case.lesson, case.attempt):
            critique = NEUTRAL
            notes = (note(CRITIQUE, "left out: it gives the reference away"),)
        reward = self._rubric.least_reward(grades)
        return Judgement(status=status, reward=reward, grades=(*grades, *notes), critique=critique)


def false_reference(reference: str) -> str:
    """Return a reference that is false if the given one is true: another value, or a denial."""
    if value_of(reference):
        return MathVerifier().changed(reference, {})
    opposites = {"yes": "no", "no": "yes", "true": "false", "false": "true"}
    bare = reference.strip().removesuffix(".").lower()
    return opposites.get(bare, f"It is not the case that: {reference}")

"""The teacher: turns an assignment into a lesson.

What a newcomer gets wrong: a chat teacher writes the reference before the question, and a library's
lessons are not written at all; row n of the file is the lesson of assignment n. The teacher of the
embedded lessons is in `agents.embedded`.
"""

from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, StringConstraints

from agents.asking import messages, repair
from agents.chat.channel import Channel
from agents.chat.model import Journal
from agents.errors import DraftError, InvalidReply
from agents.lesson_prompt import INPUTS, lesson_inputs
from agents.verifiers import JUDGE
from prompts import Prompt, load
from storage.ids import lesson_id
from storage.records import (
    ANSWER_INSTRUCTION,
    WHOLE_REPLY,
    Assignment,
    CallSite,
    ExpertSeed,
    Lesson,
    Skill,
    Task,
)


class Teacher(Protocol):
    """Writes lessons."""

    name: str
    """Stored as `Lesson.made_by`, with a version where the same assignment may come out
    otherwise."""

    def capacity(self, skill: str, level: int) -> int | None:
        """Return how many different lessons a skill and level have; None: no bound is known."""
        ...

    async def write_lesson(
        self,
        assignment: Assignment,
        site: CallSite,
        journal: Journal | None,
        refusals: tuple[str, ...] = (),
    ) -> Lesson:
        """Write the lesson; `refusals` says why earlier drafts were refused, oldest first.

        Raises:
            DraftError: no lesson came of it; the message says why, for the next try.
            EndpointError: see `agents.errors`.
        """
        ...


class LibraryTeacher:
    """Hands out the lessons of a file as they stand, one for each assignment, in file order."""

    name = "library"

    def __init__(self, lessons: tuple[Lesson, ...]) -> None:
        self._lessons = lessons

    def __len__(self) -> int:
        """Return how many lessons there are; a run ends when they do."""
        return len(self._lessons)

    def capacity(self, skill: str, level: int) -> int | None:
        """Return None: rows are taken in order, whatever their skill; see `len`."""
        return None

    async def write_lesson(
        self,
        assignment: Assignment,
        site: CallSite,
        journal: Journal | None,
        refusals: tuple[str, ...] = (),
    ) -> Lesson:
        """Return the row of the assignment; a refusal changes nothing, for there is only one.

        Raises:
            DraftError: the file has no such row.
        """
        if assignment.n >= len(self._lessons):
            raise DraftError(f"row {assignment.n}: the library has {len(self._lessons)} rows")
        return self._lessons[assignment.n]


class LessonDraft(BaseModel):
    """What a model is asked for; the reference comes first, so that the question follows it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reference: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    question: Annotated[str, StringConstraints(strip_whitespace=True, min_length=4)]


class ChatTeacher:
    """A model that writes lessons.

    Args:
        channel: The way to the model.
        skills: All that may be assigned.
        expert_seeds: All that an assignment may name.
        prompt: What asks for a lesson. None: `teacher.write_lesson`.

    Raises:
        PromptError: the prompt asks for something that a teacher is not given.
    """

    def __init__(
        self,
        channel: Channel,
        skills: tuple[Skill, ...],
        expert_seeds: tuple[ExpertSeed, ...] = (),
        prompt: Prompt | None = None,
    ) -> None:
        self.name = f"chat/{channel.model.name}"
        self._channel = channel
        self._skills = {skill.name: skill for skill in skills}
        self._expert_seeds = {seed.id: seed for seed in expert_seeds}
        self._prompt = (prompt or load("teacher.write_lesson")).fit(offered=INPUTS)

    def capacity(self, skill: str, level: int) -> int | None:
        """Return None: nobody knows how many lessons a model can write."""
        return None

    async def write_lesson(
        self,
        assignment: Assignment,
        site: CallSite,
        journal: Journal | None,
        refusals: tuple[str, ...] = (),
    ) -> Lesson:
        """Ask the model for a draft and make the lesson of it; `site.idx` counts the drafts.

        Raises:
            DraftError: skill or expert seed are unknown, or the reply is no draft.
            EndpointError: the endpoint gave no answer.
        """
        skill = self._skills.get(assignment.skill)
        if skill is None:
            known = ", ".join(self._skills)
            raise DraftError(f"{assignment.skill!r}: not a skill of this teacher; it has {known}")
        expert_seed = self._expert_seed(assignment)
        asked = messages(self._prompt, **lesson_inputs(assignment, skill, expert_seed, refusals))
        try:
            draft = await self._channel.ask_for(
                LessonDraft, asked, site, journal, repair=repair, prompt=self._prompt.tag
            )
        except InvalidReply as error:
            raise DraftError(str(error)) from error
        lesson = Lesson(
            id="",
            skill=skill.name,
            level=assignment.level,
            language=assignment.language,
            task=_task(draft.question, skill.verifier),
            reference=draft.reference,
            verifier=skill.verifier,
            expert_seed=assignment.expert_seed,
            made_by=self.name,
        )
        return lesson.model_copy(update={"id": lesson_id(lesson)})

    def _expert_seed(self, assignment: Assignment) -> ExpertSeed | None:
        if assignment.expert_seed is None:
            return None
        try:
            return self._expert_seeds[assignment.expert_seed]
        except KeyError as error:
            raise DraftError(f"{assignment.expert_seed!r}: no expert seed has this id") from error


def _task(question: str, verifier: str) -> Task:
    """Return the task; where a judge reads the whole attempt, no form of answer is asked for."""
    if verifier == JUDGE:
        return Task(question=question, answer_pattern=WHOLE_REPLY)
    return Task(question=question, instruction=ANSWER_INSTRUCTION)

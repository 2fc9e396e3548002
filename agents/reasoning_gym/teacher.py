"""The teacher of reasoning-gym's data sets: each is a skill, each item a lesson.

What a newcomer gets wrong: the package is never imported here, and of an item only the question and
the answer are seen. A replay needs neither the package nor this teacher: it hands out the lessons
that are stored.
"""

from agents.chat.model import Journal
from agents.errors import DraftError
from agents.reasoning_gym.data_sets import DATA_SETS, VERIFIER, DataSet, capacity
from agents.reasoning_gym.draws import Draws
from agents.reasoning_gym.generator import Generator, Item
from agents.reasoning_gym.questions import lesson_data
from agents.teacher import LibraryTeacher
from storage.ids import lesson_id
from storage.records import (
    ANSWER_INSTRUCTION,
    ANSWER_PATTERN,
    Assignment,
    CallSite,
    Lesson,
    Task,
)

ROWS_INSTRUCTION = (
    "State your final answer at the end, one row on each line, between a line <answer> and a line "
    "</answer>."
)
ROWS_PATTERN = r"<answer>((?:[^<]|<(?!/?answer>))*+)</answer>"
"""What stands between the two marks; takes linear time, for nothing in it is tried twice."""


class ReasoningGymTeacher:
    """Writes lessons from items, without replacement.

    Args:
        version: The package's; stands in the lessons.
        seed: The run's; it decides which items are drawn.
        generator: None: one of its own, whose process starts with the first lesson.
    """

    def __init__(self, version: str, seed: int = 0, generator: Generator | None = None) -> None:
        self.name = f"reasoning_gym@{version}"
        self._draws = Draws(seed, generator or Generator())

    def capacity(self, skill: str, level: int) -> int | None:
        """Return how many different lessons there are; 0: not taught. None: thousands."""
        return capacity(skill, level)

    async def write_lesson(
        self,
        assignment: Assignment,
        site: CallSite,
        journal: Journal | None,
        refusals: tuple[str, ...] = (),
    ) -> Lesson:
        """Write the lesson whose turn it is; a refusal changes nothing, for there is only one.

        Raises:
            DraftError: there is no such skill or level, or its items are used up.
        """
        skill, level = assignment.skill, assignment.level
        if capacity(skill, level) == 0:
            raise DraftError(f"{skill!r}: no data set that is taught has this name and level")
        found = await self._draws.item(skill, level, assignment.ordinal)
        lesson = Lesson(
            id="",
            skill=skill,
            level=level,
            language="en",
            task=_task(DATA_SETS[skill], found),
            reference=found.answer,
            verifier=VERIFIER,
            data=lesson_data(skill, found.question),
            made_by=f"{self.name}/{skill}",
        )
        return lesson.model_copy(update={"id": lesson_id(lesson)})


class StoredTeacher(LibraryTeacher):
    """Hands out a run's stored lessons, for a replay; it has as many as the data sets do."""

    def capacity(self, skill: str, level: int) -> int | None:
        """Return how many different lessons there are; 0: not taught. None: thousands."""
        return capacity(skill, level)


def _task(data_set: DataSet, found: Item) -> Task:
    asked = ROWS_INSTRUCTION if data_set.rows else ANSWER_INSTRUCTION
    return Task(
        question=found.question.strip("\n"),
        instruction=f"{data_set.note} {asked}".strip(),
        answer_pattern=ROWS_PATTERN if data_set.rows else ANSWER_PATTERN,
    )

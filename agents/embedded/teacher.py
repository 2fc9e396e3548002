"""The embedded teacher: draws lessons from the domains, without replacement, with no model."""

from collections.abc import Iterable

from agents.chat.model import Journal
from agents.embedded.domain import Domain
from agents.embedded.permutation import shuffled
from agents.errors import DraftError
from storage.ids import lesson_id
from storage.records import Assignment, CallSite, Lesson, Skill


class EmbeddedTeacher:
    """Writes the lessons of the embedded domains.

    Args:
        domains: One for each part of the curriculum; no skill stands in two.
        seed: The run's seed; it decides the order in which a level's lessons are drawn.
    """

    name = "embedded"

    def __init__(self, domains: Iterable[Domain], seed: int = 0) -> None:
        self._taught = {
            skill.name: (domain, skill) for domain in domains for skill in domain.skills
        }
        self._seed = seed

    @property
    def skills(self) -> tuple[Skill, ...]:
        """All skills that it can teach, in the domains' order."""
        return tuple(skill for _, skill in self._taught.values())

    def capacity(self, skill: str, level: int) -> int:
        """Return how many different lessons there are; 0 for a skill or level it does not teach."""
        domain, known = self._taught.get(skill, (None, None))
        if domain is None or known is None or level > known.levels:
            return 0
        return domain.capacity(skill, level)

    async def write_lesson(
        self,
        assignment: Assignment,
        site: CallSite,
        journal: Journal | None,
        refusals: tuple[str, ...] = (),
    ) -> Lesson:
        """Write the lesson whose turn it is; a refusal changes nothing, for there is only one.

        Raises:
            DraftError: no domain has this skill, or not at this level.
        """
        skill, level = assignment.skill, assignment.level
        if skill not in self._taught:
            raise DraftError(f"{skill!r}: no embedded domain has it; there are {[*self._taught]}")
        size = self.capacity(skill, level)
        if size < 1:
            raise DraftError(f"{skill!r}: has no level {level}")
        domain, _ = self._taught[skill]
        draft = domain.draft(
            skill, level, shuffled(assignment.ordinal, size, self._seed, skill, level)
        )
        work = domain.work(draft.task, ())
        lesson = Lesson(
            id="",
            skill=skill,
            level=level,
            language="en",
            task=draft.task,
            reference=work.answer,
            steps=work.steps,
            verifier=draft.verifier,
            data=draft.data,
            made_by=f"embedded/{domain.name}@{domain.version}",
        )
        return lesson.model_copy(update={"id": lesson_id(lesson)})

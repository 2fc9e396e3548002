"""The domain `shop`: questions about the database of a small shop, answered by one SQL query.

What a newcomer gets wrong: an index is taken apart digit by digit (frame, shop, filling, phrasing,
direction, limit), and every digit shows in the words, so different indices are different
questions.
"""

from collections.abc import Collection

from pydantic import JsonValue

from agents.embedded.domain import Draft, Misconception, Work
from agents.embedded.shop.catalogue import SHOPS
from agents.embedded.shop.course import LEVELS, filled, frames, questions
from agents.embedded.shop.database import shop
from agents.embedded.shop.draws import DRAWS
from agents.embedded.shop.misconceptions import MISCONCEPTIONS
from agents.embedded.shop.queries import Query
from agents.embedded.shop.questions import INSTRUCTION, PHRASINGS, Choice, query, question
from agents.embedded.shop.working import lines
from storage.records import Skill, Slip, Task

_SKILLS = (
    Skill(
        name="sql_select",
        levels=LEVELS,
        verifier="sql",
        about="Choose columns and rows of one table; sort them, break ties, stop early; mind NULL.",
    ),
    Skill(
        name="sql_aggregate",
        after=("sql_select",),
        levels=LEVELS,
        verifier="sql",
        about="Count, add up, average and compare the rows of one table that meet conditions.",
    ),
    Skill(
        name="sql_group",
        after=("sql_aggregate",),
        levels=LEVELS,
        verifier="sql",
        about="Aggregate the rows of each group, sort the groups, and keep some with HAVING.",
    ),
    Skill(
        name="sql_join",
        after=("sql_select",),
        levels=LEVELS,
        verifier="sql",
        about="Join two or three tables, also so that rows without a partner stay.",
    ),
    Skill(
        name="sql_subquery",
        after=("sql_group", "sql_join"),
        levels=LEVELS,
        verifier="sql",
        about="Ask for rows by what a second query finds: membership, an average, a count.",
    ),
)


class Shop:
    """Draws and works questions about sixteen small shops."""

    name = "shop"
    version = 1
    skills: tuple[Skill, ...] = _SKILLS

    def capacity(self, skill: str, level: int) -> int:
        """Return how many different questions there are.

        Raises:
            ValueError: there is no such skill or level.
        """
        return sum(map(questions, frames(skill, level)))

    def draft(self, skill: str, level: int, index: int) -> Draft:
        """Return the task of an index.

        Raises:
            ValueError: there is no such skill, level or index.
        """
        if not 0 <= index < self.capacity(skill, level):
            raise ValueError(f"{skill} level {level} has no task {index}")
        place, rest = 0, index
        while rest >= questions(frames(skill, level)[place]):
            rest -= questions(frames(skill, level)[place])
            place += 1
        frame = frames(skill, level)[place]
        rest, number = divmod(rest, len(SHOPS))
        rest, n = divmod(rest, DRAWS)
        rest, phrasing = divmod(rest, PHRASINGS)
        down, limit = divmod(rest, len(frame.limits))
        choice = Choice(frame.directions[down], frame.limits[limit], phrasing)
        filling = filled(number, skill, level, place)[n]
        task = Task(
            question=question(shop(number), frame, filling, choice),
            instruction=INSTRUCTION,
            givens={
                "domain": self.name,
                "skill": skill,
                "level": level,
                "shop": number,
                "query": query(frame, filling, choice).dump(),
            },
        )
        data: dict[str, JsonValue] = {"script": shop(number).script, "ordered": bool(frame.keys)}
        return Draft(task, "sql", data)

    def misconceptions(self, skill: str) -> tuple[Misconception, ...]:
        """Return what a novice may get wrong about a skill."""
        return tuple(each for each in MISCONCEPTIONS if skill in each.skills)

    def work(self, task: Task, active: Collection[str]) -> Work:
        """Write the query clause by clause, with these misconceptions active.

        Raises:
            ValueError: the task is not one of this domain.
        """
        if task.givens is None or task.givens.get("domain") != self.name:
            raise ValueError("the task is not one of this domain")
        now = Query.model_validate(task.givens["query"])
        skill, steps, slips = task.givens["skill"], lines(now), []
        for misconception in MISCONCEPTIONS:
            if misconception.name in active and skill in misconception.skills:
                spoiled = misconception.act(now)
                other = lines(spoiled)
                if other != steps:
                    slips.append(Slip(misconception=misconception.name, step=_first(steps, other)))
                    now, steps = spoiled, other
        return Work(tuple(steps), now.sql, tuple(sorted(slips, key=lambda slip: slip.step)))


def _first(right: list[str], wrong: list[str]) -> int:
    """Return the number, from 1, of the first line that differs."""
    pairs = zip(right, wrong, strict=True)
    return next(number for number, (one, other) in enumerate(pairs, 1) if one != other)

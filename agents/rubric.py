"""What a judge looks for: weighted criteria, each met or not, and from when on they suffice.

What a newcomer gets wrong: the reward is the weighted share of what is met, but a required
criterion that is not met rejects the attempt whatever the reward. And a criterion that is said to
be met without a true quote has no grade: it was not shown, and not refused either.
"""

import json
import math
from collections.abc import Callable
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator

from storage.records import Grade, Record, Status, Unit

NOTES = frozenset({"abstained", "agreed", "critique", "refused"})
"""What a verdict's grades are called that are of no criterion."""


class Criterion(Record):
    """One thing that an attempt is judged by."""

    name: str = Field(pattern="^[a-z][a-z_]*$")
    weight: Unit
    about: str
    """When it is met, in words for a judge."""
    required: bool = False
    """True: an attempt that does not meet it is rejected."""


class Found(BaseModel):
    """What a judge says about one criterion: what it saw, then why, so that the finding follows."""

    model_config = ConfigDict(extra="forbid", strict=True)

    quote: str
    """Words of the attempt; may be empty where the criterion is not met."""
    reason: str
    met: bool


class Rubric(Record):
    """Weighted criteria and the reward from which an attempt is accepted."""

    criteria: tuple[Criterion, ...] = Field(min_length=1)
    threshold: Unit
    """Least reward of an accepted attempt."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        names = [criterion.name for criterion in self.criteria]
        if len(set(names)) < len(names):
            raise ValueError(f"criteria {names}: a name stands twice; rename one")
        for name in names:
            if name in NOTES or hasattr(BaseModel, name):
                raise ValueError(f"criterion {name!r}: the name is taken; rename it")
        total = math.fsum(criterion.weight for criterion in self.criteria)
        if not math.isclose(total, 1.0, abs_tol=1e-9):
            raise ValueError(f"criteria {names}: the weights sum to {total}; make it 1")
        return self

    @property
    def plain(self) -> list[tuple[str, float, str]]:
        """Its criteria as a person is asked for them: names, weights, and when each is met."""
        return [(each.name, each.weight, each.about) for each in self.criteria]

    def form(self) -> type[BaseModel]:
        """Return the form of a judge's reply: a `Found` for each criterion, then a critique."""
        fields: dict[str, Any] = {criterion.name: (Found, ...) for criterion in self.criteria}
        config = ConfigDict(extra="forbid", strict=True)
        return create_model("Grading", __config__=config, **fields, critique=(str, ...))

    def shape(self) -> str:
        """Return the form as a line of JSON-like text, for a judge that is only prompted."""
        found = {"quote": "words of the attempt", "reason": "why", "met": "?"}
        shape = {criterion.name: found for criterion in self.criteria}
        text = json.dumps({**shape, "critique": "what to look at again"})
        return text.replace('"?"', "true or false")

    def grades(self, grading: BaseModel, stands: Callable[[str], bool]) -> tuple[Grade, ...]:
        """Return the grades that a reply of this rubric's form states, in the rubric's order.

        Args:
            grading: The reply.
            stands: Whether a quote stands in the attempt; asked only where a criterion is met.

        Returns:
            1.0 for what is met, 0.0 for what is not, None for what is said to be met with a quote
            that does not stand there.
        """
        found = ((each, getattr(grading, each.name)) for each in self.criteria)
        return tuple(
            Grade(
                criterion=criterion.name,
                weight=criterion.weight,
                grade=_grade(said, stands),
                reason=_reason(said),
            )
            for criterion, said in found
        )

    def reward(self, grades: tuple[Grade, ...]) -> float | None:
        """Return the weighted sum of the grades, in [0, 1]. None: one of them was not given."""
        known = [(grade.weight, grade.grade) for grade in grades if grade.grade is not None]
        if len(known) < len(self.criteria):
            return None
        return min(1.0, round(math.fsum(weight * grade for weight, grade in known), 9))

    def least_reward(self, grades: tuple[Grade, ...]) -> float | None:
        """Return the reward if nothing is met that was not shown."""
        return self.reward(_with(grades, 0.0))

    def accepts(self, grades: tuple[Grade, ...]) -> bool:
        """Return whether the reward suffices and every required criterion is wholly met."""
        reward = self.reward(grades)
        required = {criterion.name for criterion in self.criteria if criterion.required}
        missed = [g for g in grades if g.criterion in required and g.grade != 1.0]
        return reward is not None and reward >= self.threshold and not missed

    def status(self, grades: tuple[Grade, ...]) -> Status:
        """Return what grades come to; "unscored" where grades that are missing could tip it."""
        if self.accepts(grades):
            return "accepted"
        return "unscored" if self.accepts(_with(grades, 1.0)) else "rejected"


def _with(grades: tuple[Grade, ...], missing: float) -> tuple[Grade, ...]:
    """Return grades with a number in the place of those that were not given."""
    return tuple(
        grade if grade.grade is not None else grade.model_copy(update={"grade": missing})
        for grade in grades
    )


def _grade(said: Found, stands: Callable[[str], bool]) -> float | None:
    if not said.met:
        return 0.0
    return 1.0 if stands(said.quote) else None


def _reason(said: Found) -> str:
    return f'{said.reason} Quoted: "{said.quote}"' if said.quote else said.reason


def default_rubric() -> Rubric:
    """Return the rubric that is used unless an app brings its own."""
    return Rubric(
        criteria=(
            Criterion(
                name="correct",
                weight=0.6,
                required=True,
                about="What the attempt answers is right: it agrees with the reference, if there is"
                " one, and says nothing false.",
            ),
            Criterion(
                name="complete",
                weight=0.25,
                about="The attempt answers all that the task asks for, with the reasons it needs.",
            ),
            Criterion(
                name="clear",
                weight=0.15,
                about="A reader can follow the attempt from beginning to end.",
            ),
        ),
        threshold=0.6,
    )

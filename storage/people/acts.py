"""What people did: each verdict that a person gave, and each that a person withdrew.

An act holds the whole verdict and is never changed. What a newcomer gets wrong: an act refers to
no row of attempts or verdicts, for an episode may be taken out and landed again; the verdict that
stands by it is of the attempt that has the same digest, and of no other.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from pydantic import ValidationError

from storage import ids, rows
from storage.canonical import canonical
from storage.errors import NotTaken
from storage.queries import Reader
from storage.records import Count, Grade, Level, Record, Unit, Verdict

Word = Literal["accepted", "rejected", "unscored"]
"""What a person may say of an attempt; "unscored": cannot tell."""
REASONS: dict[Word, str | None] = {
    "accepted": None,
    "rejected": "wrong",
    "unscored": "undecided",
}
"""The reason of a person's verdict, by its status."""
Ask = Callable[..., Iterable[sqlite3.Row]]
"""Asks a query: SQL, then its values."""


class Said(Record):
    """What a person says about one attempt."""

    status: Word
    note: str = ""
    """For other people; it is part of the act, and not of the verdict."""
    critique: str = ""
    """Advice to the student; it stands in exports in the place of a machine's."""
    grades: tuple[Grade, ...] = ()
    """One for each criterion that the person graded."""
    first_wrong_step: Level | None = None
    """None: the person names none."""

    @classmethod
    def of(cls, **fields: object) -> "Said":
        """Return what was said, of fields as a form or a program has them.

        Raises:
            NotTaken: they say nothing that there is a place for.
        """
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise NotTaken(f"{where}: {first['msg']}; nothing was written") from error


class Act(Record):
    """One thing that a person did."""

    id: Count
    """In the order in which things were done, from 1."""
    token: str
    """Whoever sends one twice has done one thing."""
    act: Literal["gave", "withdrew"]
    run_id: str
    trajectory_id: str
    attempt_id: str
    attempt_digest: str
    """Of the attempt as it was when the person saw it."""
    verdict_id: str
    ordinal: Count
    """Of the verdict, see `storage.rows.verdict_rows`; from 1, and never used twice."""
    person: str
    at: str
    """UTC, ISO 8601."""
    note: str
    blind: bool
    """Whether the person had not seen what others said of the attempt, as far as is known."""
    audit_id: str | None
    """The audit that asked for it. None: none did."""
    status: Word
    reward: Unit | None
    """None: the person could not score it."""
    reason: str | None
    """None: it is accepted."""
    grades: tuple[Grade, ...]
    critique: str
    first_wrong_step: Level | None
    """None: the person names none."""
    digest: str = ""
    """Of all the rest but the id."""

    @property
    def content_digest(self) -> str:
        """What the digest has to be."""
        return ids.digest(self.model_dump(mode="json", exclude={"id", "digest"}))

    @property
    def verdict(self) -> Verdict:
        """The verdict that was given or withdrawn."""
        return Verdict(
            id=self.verdict_id,
            attempt_id=self.attempt_id,
            status=self.status,
            reward=self.reward,
            rung="person",
            reason=self.reason,
            grades=self.grades,
            critique=self.critique,
            first_wrong_step=self.first_wrong_step,
            first_wrong_step_rung=None if self.first_wrong_step is None else "person",
        )


def act_row(act: Act) -> rows.Row:
    """Return the row of an act that is still to be numbered."""
    row = act.model_dump(exclude={"id", "grades", "blind"})
    return row | {"grades": canonical(act.grades), "blind": int(act.blind)}


def act_of(row: sqlite3.Row) -> Act:
    """Return the act of a row."""
    nested = rows.parsed(row, "grades")
    plain = {column: row[column] for column in Act.model_fields if column not in nested}
    return Act(**plain | {"blind": bool(row["blind"])}, **nested)


def acts_in(ask: Ask, trajectory_id: str) -> tuple[Act, ...]:
    """Return what people did with an episode, oldest first; `ask` asks the database.

    Raises:
        Corrupt: a row holds no act any more.
    """
    return tuple(rows.read("acts", act_of, row) for row in ask(_OF_TRAJECTORY, trajectory_id))


def acts_of(reader: Reader, trajectory_id: str) -> tuple[Act, ...]:
    """Return what people did with an episode, oldest first, also where it is withdrawn.

    Args:
        reader: Open.
        trajectory_id: The whole id; the episode itself may be out of its run for now.

    Raises:
        Corrupt: a row holds no act any more.
    """
    return acts_in(reader.rows, trajectory_id)


def standing(acts: Iterable[Act]) -> list[Act]:
    """Return the acts that gave a verdict which was not withdrawn later, oldest first.

    Args:
        acts: Oldest first.
    """
    given: dict[str, Act] = {}
    for act in acts:
        if act.act == "gave":
            given[act.verdict_id] = act
        else:
            given.pop(act.verdict_id, None)
    return list(given.values())


def in_force(acts: Iterable[Act], digests: Mapping[str, str]) -> list[Act]:
    """Return the standing acts on attempts that are there as the person saw them, oldest first.

    Args:
        acts: Of one episode, oldest first.
        digests: Of its attempts, by id.
    """
    return [act for act in standing(acts) if digests.get(act.attempt_id) == act.attempt_digest]


_OF_TRAJECTORY = "SELECT * FROM acts WHERE trajectory_id = ? ORDER BY id"

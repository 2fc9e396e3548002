"""What is told of an attempt once a person has judged it: what the machine and others said.

What a newcomer gets wrong: of the attempt's siblings nothing is told here either, because the next
that is asked for may be one of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from storage.people.acts import Act, standing
from storage.people.need import Why, needed, tries_of
from storage.records import Attempt, Trajectory, Verdict
from storage.report.why import why_verdict


@dataclass(frozen=True, slots=True)
class Told:
    """What others said of an attempt, beside what one person says."""

    own: Act
    machine: tuple[tuple[Verdict, str], ...]
    """Each with a sentence on why, oldest first."""
    others: tuple[Act, ...]
    """What other people said last, each of them once, oldest first."""
    agree: bool | None
    """Whether the person says what the machine said. None: no machine decided."""

    def plain(self) -> dict[str, JsonValue]:
        """Return it as plain data."""
        shown = {
            "person",
            "at",
            "status",
            "reward",
            "note",
            "critique",
            "first_wrong_step",
            "blind",
        }
        return {
            "own": self.own.model_dump(mode="json", exclude={"token"}),
            "machine": [
                verdict.model_dump(mode="json") | {"why": why} for verdict, why in self.machine
            ],
            "others": [act.model_dump(mode="json", include=shown) for act in self.others],
            "agree": self.agree,
        }


def told_of(trajectory: Trajectory, attempt: Attempt, acts: Sequence[Act], person: str) -> Told:
    """Return what is told to a person whose verdict on an attempt stands.

    Args:
        trajectory: The attempt's.
        attempt: What was judged.
        acts: What people did with the trajectory, oldest first.
        person: Who asks.
    """
    given = [act for act in standing(acts) if act.attempt_id == attempt.id]
    own = [act for act in given if act.person == person]
    of_it = [verdict for verdict in trajectory.verdicts if verdict.attempt_id == attempt.id]
    machine = [verdict for verdict in of_it if verdict.rung != "person"]
    decided = bool(machine) and machine[-1].rung is not None
    return Told(
        own=own[-1],
        machine=tuple((verdict, why_verdict(verdict, attempt.error)) for verdict in machine),
        others=tuple({act.person: act for act in given if act.person != person}.values()),
        agree=machine[-1].status == own[-1].status if decided else None,
    )


def spoken(acts: Iterable[Act], person: str | None) -> dict[str, list[str]]:
    """Return by attempt the ids of a person's verdicts that stand, oldest first."""
    found: dict[str, list[str]] = {}
    for act in standing(acts):
        if act.person == person:
            found.setdefault(act.attempt_id, []).append(act.verdict_id)
    return found


def asked_because(
    trajectory: Trajectory, attempt: Attempt, acts: Sequence[Act], person: str
) -> Why | None:
    """Return why an attempt was worth a person's minute before this person judged its trajectory.

    None: it was not, or another attempt of the trajectory was.
    """
    said = {act.verdict_id: act.person for act in standing(acts)}
    others = tuple(v for v in trajectory.verdicts if said.get(v.id) != person)
    need = needed(tries_of(trajectory.model_copy(update={"verdicts": others}), said))
    return need.why if need is not None and need.attempt_id == attempt.id else None

"""Attempts drawn uniformly from those that a run accepted, for people to judge: an audit.

What it comes to says how pure the run is, whatever the queue would have asked. What a newcomer gets
wrong: a verdict counts for an audit only if it was given for it, so that what somebody looked at
because it was doubtful does not count as drawn.
"""

import itertools
import random
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from storage import rows
from storage.database import connect_to_read
from storage.errors import Corrupt, Lacking, Missing, NotTaken
from storage.ids import derive_seed
from storage.people.acts import Act, act_of, standing
from storage.people.checking import audit_id
from storage.people.giving import People, now
from storage.queries import Reader

MOST = 100_000
"""Of how many attempts an audit is at most; no person judges more."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What was drawn, and what has come of it so far."""

    id: str
    run_id: str
    seed: int
    population: int
    """How many accepted attempts the run had when it was drawn."""
    drawn_at: str
    """UTC, ISO 8601."""
    size: int
    """How many were drawn."""
    accepted: int
    """How many of them people judged and accepted; of several people the last word counts."""
    rejected: int
    unscored: int
    """How many of them people looked at and could not tell."""
    gone: int
    """How many have no verdict yet and are in the run no more, so that nobody can judge them."""

    @property
    def judged(self) -> int:
        """How many have a verdict that was given for this audit."""
        return self.accepted + self.rejected + self.unscored

    @property
    def left(self) -> int:
        """How many are still to be judged."""
        return self.size - self.judged - self.gone


def draw(people: People, reader: Reader, run_id: str, size: int, seed: int) -> Audit:
    """Draw an audit and store it; the same draw of the same attempts is the same audit.

    Args:
        people: Where it is stored.
        reader: Open.
        run_id: The run's id, or the beginning of it.
        size: How many attempts; all of them if there are not so many.
        seed: The same seed draws the same from the same accepted attempts.

    Raises:
        NotTaken: the size or the seed is no such number.
        Missing: there is no such run.
        Lacking: the run has no accepted attempt.
        StorageError: the database cannot be written.
    """
    if not (1 <= size <= MOST and 0 <= seed < 2**63):
        raise NotTaken(
            f"size {size}, seed {seed}: an audit has 1 to {MOST} attempts and a seed >= 0"
        )
    run_id = reader.run(run_id).id
    with Reader(people.path, connect_to_read(people.path)) as still:
        list(still.rows("BEGIN"))  # so that all of it is of one moment, while a run writes
        population, drawn = _drawn(still, run_id, size, seed)
    own = audit_id(run_id, seed, population, drawn)
    with people.writing() as connection:
        row = {
            "id": own, "run_id": run_id, "seed": seed, "population": population, "drawn_at": now(),
        }  # fmt: skip
        if rows.insert(connection, "audits", row, "ON CONFLICT (id) DO NOTHING"):
            for place, attempt in enumerate(drawn):
                one = {"audit_id": own, "place": place, "attempt_id": attempt}
                rows.insert(connection, "audited", one)
    return audit_of(reader, own)


def audits(reader: Reader, run_id: str | None = None) -> tuple[Audit, ...]:
    """Return the audits of a run, or of all, the one that was drawn last first."""
    found = reader.rows("SELECT id, run_id FROM audits ORDER BY drawn_at DESC, rowid DESC")
    return tuple(audit_of(reader, row[0]) for row in list(found) if run_id in (None, row[1]))


def unfinished(reader: Reader, run_id: str, size: int, seed: int) -> Audit | None:
    """Return the last audit of a run that was drawn so and is still to be judged. None: none is.

    To draw anew would be another audit, for what was judged meanwhile changes what stands as
    accepted.

    Args:
        reader: Open.
        run_id: The whole id.
        size: As it was asked for; an audit is smaller if there were not so many.
        seed: What it was drawn with.
    """
    for audit in audits(reader, run_id):
        if audit.seed == seed and audit.size == min(size, audit.population) and audit.left:
            return audit
    return None


def audit_of(reader: Reader, ref: str) -> Audit:
    """Return an audit as it stands.

    Args:
        reader: Open.
        ref: Its id, or the beginning of it.

    Raises:
        Missing: no audit is called so, or several are.
    """
    row = _row(reader, ref)
    said = _said(reader, row["id"])
    counts = Counter(act.status for act in said.values())
    gone = [row[0] for row in reader.rows(_GONE, row["id"])]
    [(size,)] = reader.rows("SELECT count(*) FROM audited WHERE audit_id = ?", row["id"])
    return Audit(
        **dict(row),
        size=size,
        accepted=counts["accepted"],
        rejected=counts["rejected"],
        unscored=counts["unscored"],
        gone=sum(attempt not in said for attempt in gone),
    )


def next_of_audit(reader: Reader, ref: str, skip: Collection[str] = ()) -> str | None:
    """Return the id of the first attempt of an audit that nobody has judged for it.

    Args:
        reader: Open.
        ref: The audit's id, or the beginning of it.
        skip: Attempts that are passed over.

    Returns:
        None if all were judged, skipped, or are in the run no more.

    Raises:
        Missing: no audit is called so, or several are.
    """
    own = _row(reader, ref)["id"]
    said = _said(reader, own)
    for row in reader.rows(_THERE, own):
        if row[0] not in said and row[0] not in skip:
            return str(row[0])
    return None


def _row(reader: Reader, ref: str) -> "rows.Stored":
    found = list(
        reader.rows("SELECT * FROM audits WHERE id >= ? AND id < ? LIMIT 3", ref, ref + "~")
    )
    exact = [row for row in found if row["id"] == ref] or found
    if not ref or len(exact) != 1:
        known = [row[0] for row in reader.rows("SELECT id FROM audits ORDER BY drawn_at DESC")]
        hint = f"the latest is {known[0]!r}" if known else "`review --audit N` draws one"
        several = "fits several audits" if len(exact) > 1 else "there is no such audit"
        raise Missing(f"{ref!r}: {several}; {hint}")
    return exact[0]


def _said(reader: Reader, own: str) -> dict[str, Act]:
    """Return by attempt the last verdict that stands and was given for an audit."""
    found = reader.rows(_ACTS, own)
    stand = standing(rows.read("acts", act_of, row) for row in found)
    return {act.attempt_id: act for act in stand}


def _drawn(reader: Reader, run_id: str, size: int, seed: int) -> tuple[int, list[str]]:
    """Return how many accepted attempts a run has, and the ids of those that are drawn, in order.

    Each number below the population is an accepted attempt, counted on from episode to episode; so
    no more is kept in memory than is drawn.
    """
    [(population,)] = reader.rows(_POPULATION, run_id)
    if not population:
        raise Lacking(f"run {run_id}: has no accepted attempt, so there is nothing to draw from")
    dice = random.Random(derive_seed(seed, "audit", run_id))
    numbers = dice.sample(range(population), min(size, population))
    places = dict(_places(reader, run_id, sorted(numbers)))
    if len(places) < len(numbers):
        raise Corrupt(f"run {run_id}: its sums do not hold; `verify` names what was changed")
    return population, [_attempt(reader, *places[number]) for number in numbers]


def _places(
    reader: Reader, run_id: str, numbers: list[int]
) -> Iterator[tuple[int, tuple[str, int]]]:
    """Yield each number with its episode, and which of its accepted attempts it is, from 0."""
    wanted = iter(numbers)
    number = next(wanted, None)
    before = 0
    for trajectory_id, count in reader.rows(_ACCEPTED, run_id):
        while number is not None and number < before + count:
            yield number, (trajectory_id, number - before)
            number = next(wanted, None)
        if number is None:
            return
        before += count


def _attempt(reader: Reader, trajectory_id: str, place: int) -> str:
    """Return the id of one of an episode's accepted attempts, counted from 0 in their order."""
    for row in itertools.islice(reader.rows(_OF_EPISODE, trajectory_id), place, None):
        return str(row[0])
    raise Corrupt(f"trajectories {trajectory_id!r}: has other attempts than it says; see `verify`")


_POPULATION = "SELECT coalesce(sum(accepted_attempts), 0) FROM place_sums WHERE run_id = ?"
_ACCEPTED = """SELECT id, accepted_attempts FROM trajectories
    WHERE run_id = ? AND accepted_attempts > 0 ORDER BY n"""
_OF_EPISODE = """SELECT a.id FROM attempts a JOIN verdicts v ON v.attempt_id = a.id
    WHERE a.trajectory_id = ? AND v.status = 'accepted' AND NOT EXISTS (
        SELECT 1 FROM verdicts w WHERE w.attempt_id = v.attempt_id AND w.ordinal > v.ordinal)
    ORDER BY a.revision, a.idx"""
_ACTS = """SELECT acts.* FROM acts JOIN audited USING (audit_id, attempt_id)
    WHERE audit_id = ? ORDER BY acts.id"""
_THERE = """SELECT d.attempt_id FROM audited d CROSS JOIN attempts a ON a.id = d.attempt_id
    WHERE d.audit_id = ? ORDER BY d.place"""
_GONE = """SELECT attempt_id FROM audited WHERE audit_id = ?
    AND NOT EXISTS (SELECT 1 FROM attempts WHERE id = attempt_id)"""

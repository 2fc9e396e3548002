"""How a run goes, for a page that shows it meanwhile: what it is doing, how fast, what goes wrong.

What a newcomer gets wrong: whether a run is being worked on is told from its lock alone; a database
in which nothing moves may belong to a run that waits for a slow model.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from storage.hold import is_held, was_left
from storage.pulses import Pulse, pulses_of
from storage.queries import Reader
from storage.records import Run
from storage.report.clean import one_line

State = Literal["running", "ended", "interrupted", "unfinished"]
STATES: dict[State, str] = {
    "running": "A process is working on it.",
    "ended": "There is nothing more to do.",
    "interrupted": "Whoever worked on it was killed or cut off; the same command goes on with it.",
    "unfinished": "Nobody is working on it; the same command goes on with it.",
}
"""What each state means, in a sentence."""
MOST_POINTS = 200
"""How many pulses a plot is made of."""
_LATELY_S = 60.0
"""Over how many seconds the present rate is taken."""
_LAST_ERRORS = 5_000
"""Among how many of the last errors those of a run are looked for."""
_MOST_SKILLS = 60
_MOST_LEVELS = 12


@dataclass(frozen=True, slots=True)
class Cause:
    """Why calls were not answered."""

    kind: str
    times: int
    message: str
    """What was said the last time."""


@dataclass(frozen=True, slots=True)
class Yield:
    """What came of one skill at one level."""

    skill: str
    level: int
    accepted: int
    ended: int
    """How many of its trajectories ended."""

    @property
    def share(self) -> float | None:
        """How many of those that ended are accepted, in [0, 1]. None: none has ended."""
        return self.accepted / self.ended if self.ended else None


@dataclass(frozen=True, slots=True)
class Going:
    """How a run goes."""

    state: State
    pulses: tuple[Pulse, ...]
    """Evenly chosen, oldest first, the last one included."""
    rate: float | None
    """Episodes a second, lately. None: it is not running, or nothing is known."""
    left_s: float | None
    """Seconds to its end. None: not known, or it is not running."""
    causes: tuple[Cause, ...]
    """The most frequent first."""
    causes_of: int
    """How many errors they are of: the last ones."""

    @property
    def last(self) -> Pulse | None:
        """The latest pulse. None: there is none."""
        return self.pulses[-1] if self.pulses else None


def going(reader: Reader, run: Run, database: Path) -> Going:
    """Return how a run goes, as of now."""
    pulses = tuple(pulses_of(reader.rows, run.id, most=MOST_POINTS))
    last = pulses[-1] if pulses else None
    state = state_of(database, run, last.in_flight if last else 0)
    done = sum(reader.counts(run.id).values())
    rate = _rate(reader, run.id, last) if state == "running" else None
    causes = _causes(reader, run.id)
    return Going(
        state=state,
        pulses=pulses,
        rate=rate,
        left_s=_left(run, done, rate, last) if state == "running" else None,
        causes=causes,
        causes_of=sum(cause.times for cause in causes),
    )


def state_of(database: Path, run: Run, in_flight: int) -> State:
    """Return what a run is doing.

    Args:
        database: Where it is stored; its lock stands beside it.
        run: As it is stored.
        in_flight: How many calls were in flight at its latest pulse; 0 without one.
    """
    if is_held(database, run.id):
        return "running"
    if run.ended is not None:
        return "ended"
    # A copy of a database has no lock beside it, but its last pulse was no farewell.
    cut_off = was_left(database, run.id) or in_flight > 0
    return "interrupted" if cut_off else "unfinished"


def yields(
    reader: Reader, run_id: str
) -> tuple[list[str], list[int], dict[tuple[str, int], Yield]]:
    """Return skills and levels, and what came of each pair that was asked for.

    Of very many skills those that were asked for most, and of very many levels the first.
    """
    rows = reader.rows(_PLACES, run_id=run_id, most=_MOST_SKILLS)
    found = {(row["skill"], row["level"]): Yield(**dict(row)) for row in rows}
    skills, levels = {skill for skill, _ in found}, {level for _, level in found}
    return sorted(skills), sorted(levels)[:_MOST_LEVELS], found


def moments(pulses: Sequence[Pulse]) -> list[float]:
    """Return when pulses were, in seconds since the first; one that says no time is as the last."""
    found: list[float] = []
    for pulse in pulses:
        at = _moment(pulse.at)
        found.append(max(at.timestamp() if at else 0.0, found[-1] if found else 0.0))
    return [each - found[0] for each in found]


def _rate(reader: Reader, run_id: str, last: Pulse | None) -> float | None:
    """Return how many episodes ended a second, in the time before the last pulse."""
    at = _moment(last.at) if last else None
    if at is None:
        return None
    since = (at - timedelta(seconds=_LATELY_S)).isoformat(timespec="milliseconds")
    recent = pulses_of(reader.rows, run_id, since=since)
    seconds = moments(recent)[-1]
    return (recent[-1].ended - recent[0].ended) / seconds if seconds else None


def _left(run: Run, done: int, rate: float | None, last: Pulse | None) -> float | None:
    """Return the seconds to the end: as was forecast, or at the present rate."""
    if last is not None and last.forecast_s is not None:
        return last.forecast_s
    return max(run.episodes - done, 0) / rate if rate else None


def _causes(reader: Reader, run_id: str) -> tuple[Cause, ...]:
    rows = reader.rows(_CAUSES, run_id=run_id, last=_LAST_ERRORS)
    return tuple(Cause(row["kind"], row["times"], one_line(row["message"])) for row in rows)


def _moment(at: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


_PLACES = """SELECT skill, level, accepted, accepted + rejected + unscored + failed AS ended
    FROM place_sums WHERE run_id = :run_id AND skill IN (
        SELECT skill FROM place_sums WHERE run_id = :run_id GROUP BY skill
        ORDER BY sum(assigned) DESC, skill LIMIT :most) ORDER BY skill, level"""
# The errors of all runs are looked at from the last one on, and no further than so many.
_CAUSES = """SELECT kind, count(*) AS times, message, max(e.id) FROM (
        SELECT * FROM call_errors ORDER BY id DESC LIMIT :last) AS e
    JOIN assignments USING (trajectory_id) WHERE run_id = :run_id
    GROUP BY kind ORDER BY times DESC, kind"""

"""A run as it stands at one moment: what whoever follows it is shown.

What a newcomer gets wrong: whether somebody works on a run is told by its lock and by nothing else.
A run that is not held and has not ended was killed or interrupted, and is shown as that.
"""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Literal

from storage.errors import Missing
from storage.hold import is_held
from storage.pulses import Pulse, pulses_of
from storage.queries import Reader, Summary
from storage.records import Run
from storage.report.why import why
from storage.tallies import Tallies

State = Literal["running", "ended", "unfinished"]
"""Unfinished: it has not ended, and nobody works on it."""

NEWEST: Final = 8
"""How many of the newest trajectories are kept in sight."""
_LATELY_S: Final = 60.0
"""How far back a rate looks."""
_FRESH_S: Final = 20.0
"""How old a pulse may be and still say what is in flight."""
_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look at a run saw."""

    run: Run
    state: State
    sums: Tallies
    pulse: Pulse | None
    """The newest. None: the run has none, as those that were made before there were any."""
    fresh: bool
    """Whether the pulse is of now."""
    rate: float | None
    """Episodes a second over the last minute. None: nobody works on the run, or not yet known."""
    left_s: float | None
    """Seconds to its end. None: not known, or nobody works on it."""
    errors: dict[str, int]
    """Tries that were not answered, by kind, the most frequent first."""
    newest: tuple[tuple[Summary, str], ...]
    """The trajectories that landed or changed last, newest first, each with why it stands so."""

    @property
    def accepted_share(self) -> float | None:
        """The share of the episodes that are accepted. None: none has ended."""
        return self.sums.accepted / self.sums.episodes if self.sums.episodes else None


@dataclass(slots=True)
class Watch:
    """Looks at one run again and again, and reads each time only what is new.

    Args:
        reader: Open.
        run_id: The whole id.
    """

    reader: Reader
    run_id: str
    _errors: Counter[str] = field(default_factory=Counter)
    _last_error: int = 0
    _newest: deque[tuple[Summary, str]] = field(default_factory=lambda: deque(maxlen=NEWEST))
    _last_change: int | None = None

    def look(self, now: datetime | None = None) -> Seen:
        """Return how the run stands.

        Raises:
            Missing: the run was taken back meanwhile, because nothing came of it.
            StorageError: the database cannot be read.
        """
        now = now or datetime.now(UTC)
        # In this order, so that a run which ends in between is not called unfinished.
        held = is_held(self.reader.path, self.run_id)
        run = self.reader.run(self.run_id)
        sums = self.reader.tallies(self.run_id)
        state: State = "ended" if run.ended else "running" if held else "unfinished"
        pulses = pulses_of(self.reader.rows, self.run_id, since=_moment(now, _LATELY_S))
        pulse = pulses[-1] if pulses else self._last_pulse()
        age_s = _seconds(pulse.at, now) if pulse else _FRESH_S
        rate = _rate(pulses, sums.episodes, now) if state == "running" else None
        return Seen(
            run=run,
            state=state,
            sums=sums,
            pulse=pulse,
            fresh=state == "running" and age_s < _FRESH_S,
            rate=rate,
            left_s=_left(run, sums, pulse, age_s, rate) if state == "running" else None,
            errors=self._count_errors(),
            newest=self._look_for_newest(),
        )

    def _last_pulse(self) -> Pulse | None:
        found = pulses_of(self.reader.rows, self.run_id, most=1)
        return found[-1] if found else None

    def _count_errors(self) -> dict[str, int]:
        for row in self.reader.rows(_ERRORS, self._last_error, self.run_id):
            self._errors[row["kind"]] += row["times"]
            self._last_error = max(self._last_error, row["last"])
        return dict(self._errors.most_common())

    def _look_for_newest(self) -> tuple[tuple[Summary, str], ...]:
        if self._last_change is None:
            [(last,)] = self.reader.rows("SELECT coalesce(max(id), 0) FROM changes")
            found = [
                each.id for each in self.reader.trajectories(self.run_id, limit=NEWEST, newest=True)
            ][::-1]
        else:
            rows = list(self.reader.rows(_CHANGED, self._last_change, _PAGE))
            last = max((row["id"] for row in rows), default=self._last_change)
            found = [row["trajectory_id"] for row in rows if row["run_id"] == self.run_id][::-1]
        self._last_change = last
        for trajectory_id in dict.fromkeys(found[-NEWEST:]):
            self._take(trajectory_id)
        return tuple(reversed(self._newest))

    def _take(self, trajectory_id: str) -> None:
        for old in [each for each in self._newest if each[0].id == trajectory_id]:
            self._newest.remove(old)
        try:
            trajectory = self.reader.trajectory(trajectory_id)
        except Missing:
            return  # it was reopened meanwhile, to be done again
        asked = trajectory.assignment
        summary = Summary(
            id=trajectory.id,
            n=asked.n,
            skill=asked.skill,
            level=asked.level,
            language=asked.language,
            status=trajectory.status,
            reward=trajectory.reward,
            reason=trajectory.reason,
            error=trajectory.error,
            attempts=len(trajectory.attempts),
        )
        self._newest.append((summary, why(trajectory)))


def _moment(now: datetime, back_s: float) -> str:
    return datetime.fromtimestamp(now.timestamp() - back_s, UTC).isoformat(timespec="milliseconds")


def _seconds(at: str, now: datetime) -> float:
    """Return how long ago a moment was; one that cannot be read was long ago."""
    try:
        return (now - datetime.fromisoformat(at)).total_seconds()
    except (ValueError, TypeError):
        return _LATELY_S


def _rate(pulses: Sequence[Pulse], ended: int, now: datetime) -> float | None:
    """Return episodes a second since the oldest of these pulses."""
    if not pulses or (apart_s := _seconds(pulses[0].at, now)) < 1:
        return None
    return max(ended - pulses[0].ended, 0) / apart_s


def _left(
    run: Run, sums: Tallies, pulse: Pulse | None, age_s: float, rate: float | None
) -> float | None:
    """Return the seconds to the end: as forecast, else at the rate of the last minute."""
    if pulse is not None and pulse.forecast_s is not None and age_s < _FRESH_S:
        return max(pulse.forecast_s - age_s, 0.0)
    accept = run.config.get("accept")
    missing, pace = run.episodes - sums.episodes, rate
    if isinstance(accept, int) and rate and sums.episodes:
        pace = rate * sums.accepted / sums.episodes
        missing = min(accept - sums.accepted, missing)
    return max(missing, 0) / pace if pace else None


_ERRORS = """SELECT kind, count(*) AS times, max(e.id) AS last FROM call_errors e
    JOIN assignments a USING (trajectory_id) WHERE e.id > ? AND a.run_id = ? GROUP BY kind"""
_CHANGED = """SELECT c.id, c.trajectory_id, t.run_id FROM changes c
    JOIN trajectories t ON t.id = c.trajectory_id WHERE c.id > ? ORDER BY c.id DESC LIMIT ?"""

"""What a whole run will come to, from the episodes that have ended so far.

Pure: no clock, no file. What a newcomer gets wrong: the episodes that end first are the short ones,
so a mean over whatever has ended is too low. Only the unbroken prefix counts, in which every
episode stands whatever it took. And of each episode only sums are kept, so memory does not grow.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil, sqrt
from typing import Final

from agents.chat.meter import Spent
from graphs.prospect import share_bounds
from storage.records import Status
from storage.standing import Standing

SURE: Final = 2.0
"""Standard deviations to each side of an estimate: 19 of 20 runs end within."""
QUANTITIES: Final = ("calls", "tokens", "cost_usd", "seconds")
MEANINGFUL: Final = 20
"""Episodes of the prefix before which a forecast says nothing."""
MARKS: Final = (0.02, 0.05, 0.10, 0.25, 0.50)
"""Shares of the run at which its forecast is told."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number that is not known yet."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a whole run will come to, in all its sittings."""

    ended: int
    """The length of the prefix from which it was made."""
    episodes: Estimate
    """How many are made, those that `accept` then leaves out included."""
    calls: Estimate
    tokens: Estimate
    cost_usd: Estimate | None
    """None: not every call has a known price."""
    wall_s: Estimate
    """Seconds of this sitting, from its beginning to the run's end."""
    stops: tuple[str, int] | None
    """The limit that will stop the run before its end, and about which episode. None: none will."""


@dataclass(slots=True)
class _Sums:
    """Mean and spread of one quantity over episodes, by Welford's method."""

    n: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def add(self, value: float) -> None:
        self.n += 1
        apart = value - self.mean
        self.mean += apart / self.n
        self.squares += apart * (value - self.mean)

    @property
    def spread(self) -> float:
        """Standard deviation; as large as the mean while it cannot be known."""
        return sqrt(self.squares / (self.n - 1)) if self.n > 1 else abs(self.mean)


@dataclass(slots=True)
class Forecaster:
    """Takes in episodes as they end, in any order.

    Args:
        episodes: How many the run has, or with `accept` tries at most.
        accept: How many are to be accepted. None: it does not matter.
        ahead: How many episodes may be begun beyond the last one that has ended.
        earlier: What earlier sittings paid.
        limits: What the run may come to, by the meter's names.
    """

    episodes: int
    accept: int | None = None
    ahead: int = 0
    earlier: Spent = field(default_factory=Spent)
    limits: Mapping[str, float] = field(default_factory=dict)
    prefix: int = 0
    """How many episodes have ended with none open before them."""
    _accepted: int = 0
    _waiting: dict[int, tuple[bool, Spent | None]] = field(default_factory=dict)
    """What ended with an open one before it."""
    _before: int = 0
    """How many landed in earlier sittings."""
    _unsure: int = 0
    """Below this index an earlier sitting may have paid for an episode that has not ended."""
    _sums: dict[str, _Sums] = field(default_factory=lambda: {q: _Sums() for q in QUANTITIES})
    _unpriced: bool = False
    _told: float = 0.0

    def go_on(self, standing: Standing) -> None:
        """Begin where a run stands; episodes behind its prefix are taken in by `landed`."""
        self.prefix, self._accepted = standing.ended, standing.accepted
        self._before, self._unsure = standing.landed, standing.assigned

    def landed(self, n: int, status: Status) -> None:
        """Take in an episode behind the prefix that landed in an earlier sitting."""
        if n >= self.prefix:
            self._waiting[n] = status == "accepted", None
            self._advance()

    def end(self, n: int, spent: Spent, *, accepted: bool) -> None:
        """Take in an episode that has ended, with what it paid in this sitting."""
        self._waiting[n] = accepted, spent
        self._advance()

    @property
    def count(self) -> int:
        """How many episodes have ended."""
        return self.prefix + len(self._waiting)

    @property
    def due(self) -> bool:
        """Whether the forecast is to be told now; true once for each mark that is passed."""
        if self.prefix < max(MEANINGFUL, self._unsure) or not self._known:
            return False
        share = self.prefix / self._expected().value
        passed = max((mark for mark in MARKS if mark <= share), default=0.0)
        # The first one does not wait for its mark, if that is earlier than what is meaningful.
        if passed <= self._told:
            return False
        self._told = passed
        return share < 1

    def forecast(self, elapsed_s: float, busy: float) -> Forecast | None:
        """Return what the whole run will come to. None: nothing has ended yet.

        Args:
            elapsed_s: Seconds since the beginning of this sitting.
            busy: Calls in flight in the mean of this sitting.
        """
        if not self._done:
            return None
        expected = self._expected()
        calls, tokens, cost = (self._whole(each, expected) for each in QUANTITIES[:3])
        left = max(expected.value - self._done, 0.0)
        half = SURE * self._sums["seconds"].spread * _doubt(left, self._known)
        work = self._sums["seconds"].mean * (expected.value - self._before)
        # What is done beyond the prefix is no longer left, so it is the work that is compared.
        rest, pace = max(work - busy * elapsed_s, 0.0), max(busy, 1e-9)
        wall_s = Estimate(
            elapsed_s + rest / pace,
            elapsed_s + max(rest - half, 0.0) / pace,
            elapsed_s + (rest + half) / pace,
        )
        return Forecast(
            ended=self.prefix,
            episodes=expected,
            calls=calls,
            tokens=tokens,
            cost_usd=None if self._unpriced or self.earlier.unpriced else cost,
            wall_s=wall_s,
            stops=min(self._stops(expected), key=lambda stop: stop[1], default=None),
        )

    def _advance(self) -> None:
        while self.prefix in self._waiting:
            accepted, spent = self._waiting.pop(self.prefix)
            self.prefix += 1
            self._accepted += accepted
            if spent is not None:
                self._unpriced = self._unpriced or spent.unpriced > 0
                for name, sums in self._sums.items():
                    sums.add(getattr(spent, name))

    @property
    def _known(self) -> int:
        """Of how many episodes it is known what each of them paid."""
        return self._sums["calls"].n

    @property
    def _done(self) -> int:
        """How many episodes are paid for with what earlier sittings and the prefix came to."""
        return self._known + self._before

    def _expected(self) -> Estimate:
        """Return how many episodes the run will have made."""
        if self.accept is None or not self.prefix:
            return Estimate(self.episodes, self.episodes, self.episodes)
        low, high = share_bounds(self._accepted, self.prefix, SURE)
        shares = (self._accepted / self.prefix, high, low)
        return Estimate(*(self._until(share, self.accept) for share in shares))

    def _until(self, share: float, accept: int) -> float:
        """Return how many episodes are made until enough are accepted of this share."""
        missing = max(accept - self._accepted, 0)
        needed = self.prefix + ceil(missing / share) + self.ahead if share else self.episodes
        return float(min(needed, self.episodes))

    def _mean(self, name: str) -> float:
        sums, earlier = self._sums[name], float(getattr(self.earlier, name))
        return (earlier + sums.mean * sums.n) / self._done

    def _whole(self, name: str, expected: Estimate) -> Estimate:
        mean, so_far = self._mean(name), self._mean(name) * self._done
        left = max(expected.value - self._done, 0.0)
        half = SURE * self._sums[name].spread * _doubt(left, self._known)
        return Estimate(
            mean * max(expected.value, self._done),
            max(mean * expected.low - half, so_far),
            mean * max(expected.high, self._done) + half,
        )

    def _stops(self, expected: Estimate) -> Iterator[tuple[str, int]]:
        """Yield the limits that are reached before the end, and at about which episode."""
        named = {"max_calls": "calls", "max_tokens": "tokens", "max_cost": "cost_usd"}
        for limit, value in self.limits.items():
            mean = self._mean(named[limit])
            if mean * expected.value > value:
                yield limit, int(value / mean)


def _doubt(left: float, known: int) -> float:
    """Return by what a spread is multiplied for a sum over episodes to come.

    The sum varies, and so does the mean that is expected of it: L s^2 + L^2 s^2 / m.
    """
    return sqrt(left * (1 + left / max(known, 1)))

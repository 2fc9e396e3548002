"""One endpoint's places for calls: who may send now, and who waits for whom.

First come, first served. How many places there are is `pace`'s to say. What a newcomer gets wrong:
a call that hangs would keep a place empty until it times out, and with one in a hundred hanging for
fifty times as long as the others take, a third of all places are. So a call that is far overdue
lends its place to the next one; it goes on, and when it ends it gives nothing back.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from types import TracebackType
from typing import Final

from agents.chat.pace import Pace
from agents.errors import EndpointDown

LEAST_OVERDUE_S: Final = 1.0
OVERDUE_MEANS: Final = 4.0
OVERDUE_SPREADS: Final = 8.0
_SAMPLES: Final = 32
"""How many answers the usual latency looks back, in the sense of a moving average."""
_LEAST_SAMPLES: Final = 8
_TOLD_AFTER_S: Final = 0.5
"""Until then the refusals of what was out as well are in, and the limit is what it will be."""
_NEVER: Final = float("inf")


class Gate:
    """The places of one endpoint, shared by all that ask it."""

    def __init__(
        self, ceiling: int, *, slowed: Callable[[int, float], None] = lambda limit, pause_s: None
    ) -> None:
        """Prepare; nothing needs an event loop before the first call.

        Args:
            ceiling: Most calls at once, from 1, when all is well.
            slowed: Called once for each overload, with the new limit and the seconds of the pause.
        """
        self._pace = Pace(ceiling)
        self._usual = _Usual()
        self._slowed = slowed
        self._held: OrderedDict[_Place, None] = OrderedDict()
        self._lent: set[_Place] = set()
        self._waiters: OrderedDict[_Place, asyncio.Future[None]] = OrderedDict()
        self._resting: deque[float] = deque()
        self._away = 0
        self._answered_sent_at = -_NEVER
        self._tell_at = _NEVER
        self._pause_s = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.changed: Callable[[], None] = lambda: None
        """Called when more calls are stuck than before; for whoever opens episodes to set."""

    @property
    def limit(self) -> int:
        """Most calls at once now, without those that are overdue."""
        return self._pace.limit

    @property
    def in_use(self) -> int:
        """Calls on the wire, overdue ones included."""
        return len(self._held) + len(self._lent)

    @property
    def waiting(self) -> int:
        """Calls that wait for a place."""
        return len(self._waiters)

    @property
    def overdue(self) -> int:
        """Calls on the wire that have lent their place."""
        return len(self._lent)

    @property
    def stuck(self) -> int:
        """Calls that take no place and still keep their episodes: overdue, or to be sent again."""
        return len(self._lent) + self._away

    def place(self) -> "_Place":
        """Return what surrounds one call: `async with gate.place():`.

        It waits for a place, and learns from how the block ends: without an exception the call was
        answered; an `EndpointDown` of overload says that it was refused; all else says nothing.
        """
        return _Place(self)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Surround the wait before a call is sent again, in which it needs no place."""
        self._away += 1
        self.changed()
        try:
            yield
        finally:
            self._away -= 1

    def _enter(self, place: "_Place") -> "asyncio.Future[None] | None":
        """Give a place at once, or return what it is to wait for."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:  # the timer died with the loop before
            self._loop, self._timer = loop, None
        now = loop.time()
        if not self._waiters and self._room(now):
            self._give(place, now)
            if self._timer is None:
                self._arm(now)
            return None
        waiter = self._waiters[place] = loop.create_future()
        self._admit(now)
        return waiter

    def _desert(self, place: "_Place") -> None:
        """Let go of one that was cancelled while it waited, perhaps with a place just given."""
        if self._waiters.pop(place, None) is None and place.sent_at is not None:
            self._leave(place, None, answered=False)

    def _leave(self, place: "_Place", error: BaseException | None, *, answered: bool) -> None:
        """Take a place back and learn from the end of its call."""
        now = self._loop.time() if self._loop else 0.0
        lent = place in self._lent
        if lent:
            self._lent.remove(place)
        else:
            del self._held[place]
        if answered:
            self._answered(place, now)
        elif isinstance(error, EndpointDown) and error.of_overload:
            self._refused(place, error.retry_after_s, now, lent=lent)
        if self._lent:  # what was heard may show that others are overdue as well
            self._lend(now)
        if self._waiters:
            self._admit(now)
        elif self._timer is None:
            self._arm(now)

    def _answered(self, place: "_Place", now: float) -> None:
        sent_at = place.sent_at or 0.0
        self._answered_sent_at = max(self._answered_sent_at, sent_at)
        self._usual.add(now - sent_at)
        self._pace.answered(place.era, now)

    def _refused(
        self, place: "_Place", retry_after_s: float | None, now: float, *, lent: bool
    ) -> None:
        current = place.era == self._pace.era
        if self._pace.refused(place.era, retry_after_s, now, len(self._held)):
            self._resting.clear()
            self._pause_s = self._pace.resumes_at - now
            self._tell_at = now + _TOLD_AFTER_S
        elif current and self._pace.wary and not lent:
            # A refusal takes no time. Were its place free at once, the one call too many would be
            # followed by a hundred in its place until the others are answered.
            self._resting.append(now + self._usual.mean)

    def _room(self, now: float) -> bool:
        while self._resting and self._resting[0] <= now:
            self._resting.popleft()
        taken = len(self._held) + len(self._resting)
        return taken < self._pace.limit and now >= self._pace.resumes_at

    def _give(self, place: "_Place", now: float) -> None:
        place.sent_at, place.era = now, self._pace.era
        self._held[place] = None
        if len(self._held) + len(self._resting) >= self._pace.limit:
            self._pace.filled()

    def _admit(self, now: float) -> None:
        """Give what places there are to those that have waited longest."""
        while self._waiters and self._room(now):
            place, waiter = self._waiters.popitem(last=False)
            if not waiter.done():  # else it was cancelled, and does not know it yet
                self._give(place, now)
                waiter.set_result(None)
        self._arm(now)

    def _lend(self, now: float) -> None:
        """Let calls that are far overdue lend their places."""
        lent = False
        while now >= self._overdue_at():
            oldest, _ = self._held.popitem(last=False)
            self._lent.add(oldest)
            lent = True
        if lent:
            self._admit(now)
            self.changed()

    def _overdue_at(self) -> float:
        """Return when the oldest call may lend its place, if nothing is heard until then."""
        if not self._held or len(self._lent) >= self._pace.limit:
            return _NEVER
        sent_at = next(iter(self._held)).sent_at or 0.0
        # One may lend on suspicion. More may once a call was answered that was sent later; else the
        # endpoint as a whole is slow, and twice as many calls would not make it quicker.
        if self._lent and sent_at >= self._answered_sent_at:
            return _NEVER
        return max(sent_at + self._usual.overdue_s, self._pace.resumes_at)

    def _arm(self, now: float) -> None:
        """Have the loop come back when something is due by time alone."""
        due = min(self._overdue_at(), self._tell_at)
        if self._waiters:
            if now < self._pace.resumes_at:
                due = min(due, self._pace.resumes_at)
            elif self._resting:
                due = min(due, self._resting[0])
        if due == _NEVER or self._loop is None:
            return
        if self._timer is not None:
            if self._timer.when() <= due:
                return
            self._timer.cancel()
        # In no episode's context: it works for all of them.
        self._timer = self._loop.call_at(due, self._tick, context=Context())

    def _tick(self) -> None:
        self._timer = None
        now = self._loop.time() if self._loop else 0.0
        if now >= self._tell_at:
            self._tell_at = _NEVER
            self._slowed(self._pace.limit, self._pause_s)
        self._lend(now)
        self._admit(now)


class _Place:
    """One call's place, from before it has it until its call has ended."""

    __slots__ = ("_gate", "era", "sent_at")

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self.sent_at: float | None = None
        """When it was given, by the loop's clock. None: not yet."""
        self.era = 0

    async def __aenter__(self) -> None:
        waiter = self._gate._enter(self)
        if waiter is not None:
            try:
                await waiter
            except asyncio.CancelledError:
                self._gate._desert(self)
                raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._gate._leave(self, error, answered=error is None)


class _Usual:
    """How long an answer usually takes: a mean and a spread that follow the latest, as in TCP."""

    __slots__ = ("_count", "_spread", "mean")

    def __init__(self) -> None:
        self.mean = 0.0
        """Seconds; 0 before the first answer."""
        self._spread = 0.0
        self._count = 0

    def add(self, latency_s: float) -> None:
        """Learn from an answer."""
        self._count = min(self._count + 1, _SAMPLES)
        off = latency_s - self.mean
        self.mean += off / self._count
        if self._count > 1:
            self._spread += (abs(off) - self._spread) / (self._count - 1)

    @property
    def overdue_s(self) -> float:
        """After how many seconds a call is far overdue; infinite before a few were answered."""
        if self._count < _LEAST_SAMPLES:
            return _NEVER
        longest = max(OVERDUE_MEANS * self.mean, self.mean + OVERDUE_SPREADS * self._spread)
        return max(LEAST_OVERDUE_S, longest)

"""How many calls at once an endpoint bears: learnt from what it refuses, with no clock of its own.

It tells overload from bad luck by the share that is refused, never by one refusal: an endpoint that
says 429 to one call in twenty, whatever its load, keeps its limit. What a newcomer gets wrong: a
refusal speaks of the load at which its call was sent. So a call remembers the era in which it was
sent, which ends whenever the limit moves, and what is heard of an earlier era is not judged again.
"""

from dataclasses import dataclass, field
from typing import Final

TOLERATED: Final = 0.25
"""Share of refused calls that is taken for chance."""
LEAST_JUDGED: Final = 20
"""Fewest calls among which a share means something. Where one in twenty is refused by chance, six
of twenty are hardly ever, but three of eight once in two hundred times."""
NEAR: Final = 7 / 8
"""From this share of a limit that failed on, it grows one by one."""
PAUSE_S: Final = 0.5
"""Seconds without a call after an overload, doubled for each that follows without a quiet window
between, if the endpoint does not say how long it wants to be left alone."""
LONGEST_PAUSE_S: Final = 60.0
MEMORY_S: Final = 10.0
"""Seconds for which a limit that failed is remembered, doubled each time that it fails again."""
LONGEST_MEMORY_S: Final = 320.0
MOST_PATIENCE: Final = 16
"""Most quiet windows before a step up, where steps up were refused before."""


@dataclass(slots=True)
class Pace:
    """The limit of one endpoint. All times are of the caller's clock, in seconds."""

    ceiling: int
    """The limit never exceeds it, and begins there."""
    limit: int = field(init=False)
    """Most calls at once, from 1."""
    era: int = field(init=False, default=0)
    resumes_at: float = field(init=False, default=0.0)
    """Until then no call is to be sent."""
    overloaded: bool = field(init=False, default=False)
    """Since more was refused than chance explains, and until a window was quiet again."""
    _counted: int = field(init=False, default=0)
    _refused: int = field(init=False, default=0)
    _filled: bool = field(init=False, default=False)
    _asked_until: float = field(init=False, default=0.0)
    _failed: int = field(init=False, default=0)
    _mark: int | None = field(init=False, default=None)
    _memory_s: float = field(init=False, default=MEMORY_S)
    _forgets_at: float = field(init=False, default=0.0)
    _pause_s: float = field(init=False, default=PAUSE_S)
    _patience: int = field(init=False, default=1)
    _waited: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.limit = self.ceiling

    @property
    def wary(self) -> bool:
        """Whether it is below its ceiling, or there again while a failure is remembered."""
        return self.limit < self.ceiling or self._mark is not None

    def filled(self) -> None:
        """Hear that as many calls are out as may be; a limit that nobody needs does not grow."""
        self._filled = True

    def answered(self, era: int, now: float) -> None:
        """Hear that a call was answered that was sent in this era."""
        if era == self.era:
            self._counted += 1
            self._look(now)

    def refused(self, era: int, retry_after_s: float | None, now: float, out: int) -> bool:
        """Hear that a call was refused for overload.

        Args:
            era: In which it was sent.
            retry_after_s: How long the endpoint wants to be left alone. None: it did not say.
            now: The time.
            out: How many calls it has let in and not answered yet.

        Returns:
            Whether this was the one too many, so that an overload begins.
        """
        asked_until = now + min(retry_after_s or 0.0, LONGEST_PAUSE_S)
        if era != self.era:
            if self.overloaded:
                # It was out when the overload was seen and counted as let in, but it was not.
                self._cut(self.limit - 1)
                self.resumes_at = max(self.resumes_at, asked_until)
            return False
        self._counted += 1
        self._refused += 1
        self._asked_until = max(self._asked_until, asked_until)
        if self._refused <= TOLERATED * max(self.limit, LEAST_JUDGED):
            self._look(now)
            return False
        self._overload(now, out)
        return True

    def _overload(self, now: float, out: int) -> None:
        """Cut the limit to what was let in, and leave the endpoint alone for a while."""
        if not self.overloaded:
            self._failed, self._pause_s = 0, PAUSE_S
            if self._mark is None and now > self._forgets_at + self._memory_s:
                self._memory_s = MEMORY_S
        self._failed = max(self._failed, self.limit)
        self._cut(min(out, self.limit - 1))
        self.resumes_at = max(self._asked_until, now + self._pause_s)
        self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
        self._forgets_at = self.resumes_at + self._memory_s
        if not self.overloaded:
            self._memory_s = min(2 * self._memory_s, LONGEST_MEMORY_S)
        self.overloaded = True
        self._patience, self._waited = 1, 0
        self.era += 1
        self._begin_window()

    def _cut(self, limit: int) -> None:
        self.limit = max(1, limit)
        # Where nearly nothing was let in it was down, which says nothing of what it bears.
        self._mark = self.limit if 8 * self.limit > self._failed else self._failed

    def _look(self, now: float) -> None:
        """End the window once it has as many calls as the limit, and few of them were refused."""
        careful = self._mark is not None and self.limit >= self._near
        enough = max(self.limit, LEAST_JUDGED) if careful else self.limit
        if self._counted < enough or self._refused > TOLERATED * self._counted:
            return
        self.overloaded = False
        if self._mark is not None and now >= self._forgets_at:
            self._mark = None
        grown = min(self._next(), self.ceiling) if self._filled else self.limit
        if grown != self.limit:
            self.limit = grown
            self.era += 1
        self._begin_window()

    def _next(self) -> int:
        """Return the limit after a quiet window: twice as much, but a step where it once failed."""
        if self._mark is None:
            return 2 * self.limit
        if self.limit < self._near:
            return min(2 * self.limit, self._near)
        if self._refused:
            self._patience, self._waited = min(2 * self._patience, MOST_PATIENCE), 0
            return max(self.limit - 1, self._near)
        self._waited += 1
        if self._waited < self._patience:
            return self.limit
        self._waited = 0
        return self.limit + 1

    @property
    def _near(self) -> int:
        """Where it begins to be careful; 1 if it remembers nothing."""
        return max(1, round(NEAR * (self._mark or 0)))

    def _begin_window(self) -> None:
        self._counted = self._refused = 0
        self._asked_until = 0.0
        self._filled = False

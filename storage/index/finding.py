"""Pages of the table, what they are found by, and all of a filtered set in order.

What a newcomer gets wrong: a page is found by the place where the one before it ended, never by
counting rows that are passed over, so the last page is as quick as the first.
"""

from dataclasses import dataclass

from storage.records import Rung, Status


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the table."""

    id: str
    run_id: str
    n: int
    skill: str
    level: int
    language: str
    status: Status
    rung: Rung | None
    """Who decided: of the attempts with the trajectory's status the last. None: nobody."""
    reward: float | None
    """None: nobody scored it."""
    reason: str | None
    """None: it is accepted."""
    model: str | None
    """The student's, of the first attempt. None: nobody tried."""
    attempts: int
    people: int
    """How many verdicts of people stand on its attempts."""
    why: str | None
    """Why a person should look. None: nobody need."""
    wanted: str | None
    """The id of the attempt to look at. None: nobody need."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of the table."""

    rows: tuple[Listed, ...]
    first: str
    """The place of the first row, for `before`; empty: there is no row."""
    last: str
    """The place to go on after. Of a text it may lie beyond the last row, see `more`."""
    more: bool
    """Whether there may be rows after this page. A page of a text may end early, even empty, when
    its time is up; then the next goes on where it stopped looking."""
    fewer: bool
    """Whether there may be rows before this page."""
    count: int
    """How many trajectories the filters let pass, on all pages."""
    counted_to: int | None
    """None: `count` is exact. Else counting stopped there: there are so many at least."""
    unread: int
    """Of a text: how many trajectories are not searched yet, for the index is being made."""

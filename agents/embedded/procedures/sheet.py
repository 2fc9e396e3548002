"""The sheet on which a task is worked: lines, and which misconception made which line wrong.

What a newcomer gets wrong: `either` belongs right before the `write` of the line that it changes,
because the slip is noted at the next line that is written.
"""

from collections.abc import Collection
from typing import TypeVar

from agents.embedded.domain import Work
from storage.records import Slip

T = TypeVar("T")


class Sheet:
    """Collects the steps and slips of one working."""

    def __init__(self, active: Collection[str]) -> None:
        self._active = active
        self._steps: list[str] = []
        self._noted: list[str] = []
        self._slips: dict[str, int] = {}

    def either(self, right: T, /, **wrong: T) -> T:
        """Return what the novice takes: the right thing, or what a misconception makes of it.

        The keywords are names of misconceptions. The first active one that changes anything acts.
        """
        for name, value in wrong.items():
            if name in self._active and value != right:
                self._noted.append(name)
                return value
        return right

    def write(self, line: str) -> None:
        """Write the next step; what was taken wrongly since the last one is noted here."""
        self._steps.append(line)
        for name in self._noted:
            self._slips.setdefault(name, len(self._steps))
        self._noted.clear()

    def work(self, answer: str) -> Work:
        """Return the sheet as a task worked through."""
        slips = tuple(Slip(misconception=name, step=at) for name, at in self._slips.items())
        return Work(steps=tuple(self._steps), answer=answer, slips=slips)

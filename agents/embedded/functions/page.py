"""The page on which a program is written: its lines, each with what it does.

What a newcomer gets wrong: the right program and the wrong ones come out of the same writing, and
nothing here is ever run. `either` belongs right before the `write` of the line that it changes.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import TypeVar

from agents.embedded.domain import Work
from agents.embedded.procedures.sheet import Sheet

T = TypeVar("T")


class Page:
    """Collects the lines of one program, and the steps that explain them."""

    def __init__(self, active: Collection[str]) -> None:
        self._sheet = Sheet(active)
        self._lines: list[str] = []

    def either(self, right: T, /, **wrong: T) -> T:
        """Return what the novice writes: the right thing, or what a misconception makes of it."""
        return self._sheet.either(right, **wrong)

    def write(self, why: str, code: str, depth: int = 1) -> None:
        """Write the next line.

        Args:
            why: What the line is for, a few words.
            code: The line without its indentation.
            depth: How many levels it is indented.
        """
        self._sheet.write(f"{why}: `{code}`")
        self._lines.append("    " * depth + code)

    def finish(self, code: str) -> None:
        """Write the `return` right behind a loop, or too early, within it."""
        early, late = ("At the end of the loop's body", 2), ("When the loop is done", 1)
        when, depth = self.either(late, returns_inside_the_loop=early)
        self.write(f"{when}, return what was found", f"return {code}", depth)

    def work(self) -> Work:
        """Return the program with its steps, in the form that the tasks ask for."""
        source = "\n".join(self._lines)
        return replace(self._sheet.work(source), stated=f"```python\n{source}\n```")

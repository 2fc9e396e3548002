"""Find the steps that an attempt has written down, and lay them beside worked ones.

What a newcomer gets wrong: laying beside holds only where a right step has one wording, as in the
embedded lessons. In prose written by a model, another wording is not a wrong step.
"""

import re

from agents.parsing import LOOKED_AT, compiled

_NUMBERED = re.compile(r"[ \t]*([0-9]{1,4})[.)][ \t]+(.*)")
_HEADED = re.compile(
    r"[#*]{0,6}[ \t]*(?:step[ \t]+)?([0-9]{1,4})[.):]\*{0,2}(?:[ \t]+(.*))?", re.IGNORECASE
)
"""The same, and "Step 1: ..." or "**Step 1.** ...", whose text may begin on the next line."""
_FENCE = ("```", "~~~")


def numbered_steps(text: str) -> tuple[str, ...]:
    """Return the lines numbered 1, 2, 3, ... as "1. ..." or "1) ...", in order, without numbers."""
    steps: list[str] = []
    for line in text.splitlines():
        match = _NUMBERED.fullmatch(line)
        if match and int(match[1]) == len(steps) + 1:
            steps.append(_folded(match[2]))
    return tuple(steps)


def written_steps(text: str, answer_pattern: str) -> tuple[str, ...]:
    """Return the steps that an attempt has written before the line in which its answer begins.

    Args:
        text: The whole attempt.
        answer_pattern: The task's.

    Returns:
        The lines numbered 1, 2, 3, ..., as "1. ...", "1) ..." or "Step 1: ...", each with the lines
        that follow it; if there are none, every line that is not blank. The place in this tuple,
        counted from 1, is a step's number. Lines within a code fence are no steps. Empty where no
        answer is found, and for an attempt of more than 200,000 characters.
    """
    lines = _plain_lines(_before_answer(text, answer_pattern))
    steps: list[list[str]] = []
    for line in lines:
        match = _HEADED.fullmatch(line.strip())
        if match and int(match[1]) == len(steps) + 1:
            steps.append([_folded(match[2] or "")])
        elif steps:
            steps[-1].append(_folded(line))
    if steps:
        return tuple("\n".join(step) for step in steps)
    return tuple(_folded(line) for line in lines)


def first_wrong_step(right: tuple[str, ...], written: tuple[str, ...]) -> int | None:
    """Return the number of the first step that is not as it should be, from 1.

    Args:
        right: The worked steps, first step first.
        written: The attempt's steps, first step first; see `numbered_steps`.

    Returns:
        The first number at which the two differ. A step that is missing is wrong where it should
        stand, and one too many is wrong where it stands. None: no steps were written or wanted, or
        all are right.
    """
    if not right or not written:
        return None
    for number, (wanted, found) in enumerate(zip(right, written, strict=False), start=1):
        if _folded(wanted) != _folded(found):
            return number
    return None if len(right) == len(written) else min(len(right), len(written)) + 1


def _before_answer(text: str, answer_pattern: str) -> str:
    """Return what stands before the line in which the answer begins; empty: there is no answer."""
    start = 0
    for match in compiled(answer_pattern).finditer(text if len(text) <= LOOKED_AT else ""):
        start = match.start()
    return text[: text.rfind("\n", 0, start) + 1]


def _plain_lines(text: str) -> list[str]:
    """Return the lines that are neither blank nor within a code fence."""
    found, fenced = [], False
    for line in text.splitlines():
        if line.lstrip().startswith(_FENCE):
            fenced = not fenced
        elif line.strip() and not fenced:
            found.append(line)
    return found


def _folded(step: str) -> str:
    return " ".join(step.split())

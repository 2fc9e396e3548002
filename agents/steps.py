"""Find the first wrong step of an attempt by laying it beside a worked solution.

What a newcomer gets wrong: this holds only where a right step has one wording, as in the embedded
lessons. In prose written by a model, another wording is not a wrong step.
"""

import re

_NUMBERED = re.compile(r"[ \t]*([0-9]{1,4})[.)][ \t]+(.*)")


def numbered_steps(text: str) -> tuple[str, ...]:
    """Return the lines numbered 1, 2, 3, ... as "1. ..." or "1) ...", in order, without numbers."""
    steps: list[str] = []
    for line in text.splitlines():
        match = _NUMBERED.fullmatch(line)
        if match and int(match[1]) == len(steps) + 1:
            steps.append(_folded(match[2]))
    return tuple(steps)


def first_wrong_step(right: tuple[str, ...], written: tuple[str, ...]) -> int | None:
    """Return the number of the first step that is not as it should be, from 1.

    Args:
        right: The worked solution, first step first.
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


def _folded(step: str) -> str:
    return " ".join(step.split())

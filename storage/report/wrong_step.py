"""Where in an attempt its first wrong step stands.

What a newcomer gets wrong: a step has a number, and an attempt has lines. Steps are the lines that
are numbered 1, 2, 3, ...; only where there are none is every line a step, and which ones count is
known to whoever found them.
"""

import re
from collections.abc import Sequence

_NUMBERED = re.compile(
    r"[#*]{0,6}\s*(?:step\s+)?([0-9]{1,4})[.):](?:\*{0,2})(?:\s|$)", re.IGNORECASE
)


def line_of_step(text: str, number: int, steps: Sequence[str] = ()) -> int | None:
    """Return the line in which a step begins, from 0. None: it does not stand there.

    Args:
        text: The attempt.
        number: The step's, from 1.
        steps: The attempt's steps, for one whose lines have no numbers.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    found = 0
    for place, line in enumerate(lines):
        match = _NUMBERED.match(line.strip())
        if match and int(match[1]) == found + 1:
            found += 1
            if found == number:
                return place
    if found or number > len(steps):
        return None
    wanted = _folded(steps[number - 1].partition("\n")[0])
    places = [place for place, line in enumerate(lines) if _folded(line) == wanted]
    # Equal lines may be several steps: it is the one before which as many of them stand.
    earlier = sum(_folded(step) == wanted for step in steps[: number - 1])
    return places[earlier] if earlier < len(places) else None


def _folded(line: str) -> str:
    return " ".join(line.split())

"""Try an answer to a cryptarithm: each letter stands for a digit of its own, and the sum is right.

What a newcomer gets wrong: most of these puzzles have more than one solution, so an answer is added
up rather than compared.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from pydantic import JsonValue

from agents.errors import VerifierError

_PAIR = re.compile(r"([A-Z])[ ]?=[ ]?([0-9])")
_WORD = re.compile(r"[A-Z]{1,20}")
MAX_ADDENDS = 100
FORM = "A=1,B=2"


def wrong(answer: str, puzzle: JsonValue) -> str:
    """Return why an assignment of digits to letters does not solve a puzzle; empty: it does.

    Args:
        answer: Such as "A=1,B=2".
        puzzle: `addends`, a list of words in capitals, and their `total`, another.

    Raises:
        VerifierError: the puzzle is none.
    """
    addends, total = _read(puzzle)
    digits = _digits(answer)
    if digits is None:
        return f"it does not give each letter one digit, as in {FORM}"
    if set(digits) != set("".join((*addends, total))):
        return "its letters are not those of the puzzle"
    if len(set(digits.values())) < len(digits):
        return "two letters have one digit"
    if any(digits[word[0]] == "0" for word in (*addends, total)):
        return "a word begins with 0"
    values = [int("".join(digits[letter] for letter in word)) for word in (*addends, total)]
    if sum(values[:-1]) != values[-1]:
        return f"the words add up to {sum(values[:-1])}, not {values[-1]}"
    return ""


def near(reference: str, puzzle: JsonValue) -> Iterator[str]:
    """Give assignments in which two letters change places, one has another digit, or none."""
    digits = _digits(reference) or {}
    letters = sorted(digits)
    for one, other in pairwise(letters):
        yield _written(digits | {one: digits[other], other: digits[one]})
    for letter in letters:
        yield _written(digits | {letter: str((int(digits[letter]) + 1) % 10)})
    yield _written({letter: digits[letter] for letter in letters[1:]})


def _digits(answer: str) -> dict[str, str] | None:
    pairs = [_PAIR.fullmatch(part.strip()) for part in answer.split(",")]
    digits = {pair[1]: pair[2] for pair in pairs if pair}
    return digits if len(digits) == len(pairs) else None


def _written(digits: dict[str, str]) -> str:
    return ",".join(f"{letter}={digit}" for letter, digit in digits.items())


def _read(puzzle: JsonValue) -> tuple[list[str], str]:
    if isinstance(puzzle, dict):
        addends, total = puzzle.get("addends"), puzzle.get("total")
        if isinstance(addends, list) and 2 <= len(addends) <= MAX_ADDENDS:
            words = [word for word in (*addends, total) if isinstance(word, str)]
            if len(words) == len(addends) + 1 and all(map(_WORD.fullmatch, words)):
                return words[:-1], words[-1]
    raise VerifierError("cryptarithm: puzzle must be {'addends': [words], 'total': word}")

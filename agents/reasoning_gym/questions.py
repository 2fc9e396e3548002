"""What of a data set's questions can be used, and the puzzles that some of them hold.

What a newcomer gets wrong: this reads the question, which the student sees too, and never what the
generator says about it, which holds the answer.
"""

import re

from pydantic import JsonValue

from agents.errors import VerifierError
from agents.verifiers.reasoning_gym import ReasoningGymVerifier
from agents.verifiers.reasoning_gym.data_sets import COMPARISONS

_COMPARES = ReasoningGymVerifier()
MAX_QUESTION, MAX_REFERENCE = 5_000, 2_000
"""Characters; longer ones are not asked."""
_COPIED = 8
"""A reference of so many characters that stands in its question takes no more than copying."""
_FLAWS = (
    ("leg_counting", "starfish"),  # they have arms; the data set says five legs
    ("emoji_mystery", "\N{VARIATION SELECTOR-16}"),  # an emoji of two characters is read wrongly
    ("string_manipulation", "remove the middle character"),  # which is it in a text of even length?
)
"""What in the questions of a data set leaves the answer open, or makes the reference wrong."""


def lesson_data(data_set: str, question: str) -> dict[str, JsonValue]:
    """Return what the verifier needs beside the reference."""
    data: dict[str, JsonValue] = {"data_set": data_set}
    if COMPARISONS[data_set].needs_puzzle:
        data["puzzle"] = _PUZZLES[data_set](question)
    return data


def is_usable(data_set: str, question: str, reference: str) -> bool:
    """Return whether a task has one meaning, an answer that it asks for, and takes some thought.

    A reference that does not solve its own puzzle, such as "No solution", is none.
    """
    if _is_flawed(data_set, question, reference):
        return False
    comparison = COMPARISONS[data_set]
    try:
        data = lesson_data(data_set, question)
        guesses = _COMPARES.trivial(question, data)
        return all(comparison.fault(guess, reference, data.get("puzzle")) for guess in guesses)
    except (VerifierError, LookupError, ValueError):  # also: the question holds no such puzzle
        return False


def _is_flawed(data_set: str, question: str, reference: str) -> bool:
    if len(question) > MAX_QUESTION or len(reference) > MAX_REFERENCE:
        return True
    if data_set == "simple_geometry":
        return not re.fullmatch(r"[1-9][0-9]?|1[0-7][0-9]", reference)  # it is to be convex
    if data_set == "caesar_cipher" and not reference.isascii():
        return True  # letters with accents are encrypted as others
    if any(data_set == flawed and mark in question for flawed, mark in _FLAWS):
        return True
    is_copied = len(reference) >= _COPIED and reference.strip() in question
    return is_copied and not COMPARISONS[data_set].needs_puzzle


def _cryptarithm(question: str) -> JsonValue:
    lines = question.partition("cryptarithm:")[2].partition("Each letter")[0].splitlines()
    words = [line.strip(" +") for line in lines if re.search("[A-Z]", line)]
    return {"addends": list(words[:-1]), "total": words[-1]}


def _jugs(question: str) -> JsonValue:
    told = question.partition("litres of water:")[2]
    capacities = [int(litres) for litres in re.findall(r"[A-Z]:([0-9]+)", told)]
    [target] = re.findall(r"target is: ([0-9]+) litres", told)
    return {"capacities": list(capacities), "target": int(target)}


def _shortest_path(question: str) -> JsonValue:
    grid = question.partition("in the following grid:")[2]
    return {"rows": ["".join(line.split()) for line in grid.splitlines() if line.strip()]}


_PUZZLES = {"cryptarithm": _cryptarithm, "jugs": _jugs, "shortest_path": _shortest_path}

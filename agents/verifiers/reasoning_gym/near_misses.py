"""Near misses of references, by the form of the answer.

What a newcomer gets wrong: a near miss may state the value of the reference all the same, such as
two equal rows that change places; whoever asks for near misses leaves those out.
"""

import json
from collections.abc import Iterator, Sequence
from typing import TypeVar

from agents.verifiers.reasoning_gym import readings

T = TypeVar("T")


def of_integer(text: str) -> Iterator[str]:
    """Give the integers beside, the opposite one, and the one with a digit more or fewer."""
    value = readings.integer(text)
    if value is None:
        return
    for near in (value + 1, value - 1, -value, value * 10, value + 10, abs(value) // 10):
        yield str(near)


def of_fraction(text: str) -> Iterator[str]:
    """Give fractions close by, and the same one in other than lowest terms."""
    value = readings.fraction(text)
    if value is None:
        return
    top, bottom = value.as_integer_ratio()
    yield f"{top + 1}/{bottom}"
    yield f"{bottom - top}/{bottom}"
    yield f"{bottom}/{top or 1}"
    yield f"{2 * top}/{2 * bottom}"


def of_text(text: str) -> Iterator[str]:
    """Give the text with a letter more or fewer, two parts exchanged, or other capitals."""
    folded = " ".join(text.split())
    yield f"{folded}x"
    yield folded[:-1]
    yield from (" ".join(near) for near in _of_sequence(folded.split()))
    yield from ("".join(near) for near in _of_sequence(list(folded)))
    yield folded.swapcase()


def of_truth(text: str) -> Iterator[str]:
    """Give the other one of True and False, both, and a word beside it."""
    yield str(not readings.truth(text))
    yield "True or False"
    yield f"not {text}"


def of_words(text: str) -> Iterator[str]:
    """Give the list with two words exchanged, one lost, or one that stands twice."""
    for near in _of_sequence([part.strip() for part in text.split(",")]):
        yield ", ".join(near)


def of_numbers(text: str) -> Iterator[str]:
    """Give the list with two numbers exchanged, one lost, added or changed."""
    found = [str(value) for value in readings.numbers(text) or ()]
    for near in (*_of_sequence(found), [*found, "0"]):
        yield json.dumps(near)
    if found:
        yield json.dumps([*found[:-1], f"{found[-1]}1" if "." in found[-1] else f"{found[-1]}.1"])


def of_grid(text: str) -> Iterator[str]:
    """Give the grid with one cell or one row that is wrong, or turned over."""
    rows = [list(row) for row in readings.signed_grid(text) or ()]
    if not rows:
        return
    last = rows[-1][-1]
    for other in ("0", "1"):
        if other != last:
            yield _written([*rows[:-1], [*rows[-1][:-1], other]])
    for near in _of_sequence(rows):
        yield _written(near)
    yield _written([row[::-1] for row in rows])
    if all(len(row) == len(rows[0]) for row in rows):
        yield _written([list(column) for column in zip(*rows, strict=True)])


def of_groups(text: str) -> Iterator[str]:
    """Give the lists with one lost, one that stands twice, two joined, or a word misplaced."""
    found = [list(each) for each in readings.partitions(text) or ()]
    for near in _of_sequence(found):
        yield json.dumps(near)
    if len(found) > 1:
        yield json.dumps([found[0] + found[1], *found[2:]])
        yield json.dumps([found[0][:-1], [*found[1], found[0][-1]], *found[2:]])
    for near_first in _of_sequence(found[0]) if found else ():
        yield json.dumps([near_first, *found[1:]])


def _of_sequence(parts: Sequence[T]) -> Iterator[list[T]]:
    """Give sequences: two unlike neighbours exchanged, the last lost, the last twice."""
    whole = list(parts)
    for n in range(len(whole) - 1):
        if whole[n] != whole[n + 1]:
            yield [*whole[:n], whole[n + 1], whole[n], *whole[n + 2 :]]
            break
    if whole:
        yield whole[:-1]
        yield [*whole, whole[-1]]


def _written(rows: list[list[str]]) -> str:
    return "\n".join(" ".join(row) for row in rows)

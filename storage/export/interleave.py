"""The order of KTO's rows: shuffled, both labels evenly mixed, kin far apart.

The trainer reads rows in file order and estimates how far the model has moved by giving each prompt
the completion of its neighbour in the batch. So rows of one lesson must not stand together, and a
batch must hold both labels. What a newcomer gets wrong: the shuffle is within windows, so that
memory stays flat; the order of windows is that of the episodes.
"""

import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice

from storage.export.making import Made

WINDOW = 8_192
"""Rows that are mixed at a time."""
APART = 8
"""Rows of one lesson stand at least so far apart, where the window has other lessons enough."""


def interleave(rows: Iterable[Made], window: int = WINDOW) -> Iterator[Made]:
    """Yield all rows in an order that a trainer can read in batches; the same for the same rows."""
    rows = iter(rows)
    while some := list(islice(rows, window)):
        yield from _mixed(some)


def _mixed(rows: list[Made]) -> Iterator[Made]:
    """Yield the rows of a window: by turns of each lesson, labels in the window's proportion."""
    drawn = sorted(rows, key=lambda row: hashlib.sha256(str(row.example["id"]).encode()).digest())
    turns: dict[object, int] = {}
    ordered: list[tuple[int, Made]] = []
    for row in drawn:
        lesson = row.example["lesson_id"]
        turns[lesson] = turns.get(lesson, 0) + 1
        ordered.append((turns[lesson], row))
    ordered.sort(key=lambda each: each[0])  # stable: within a turn the order stays drawn
    yes = [row for _, row in ordered if row.example["label"]]
    yield from _dealt(yes, [row for _, row in ordered if not row.example["label"]])


def _dealt(yes: list[Made], no: list[Made]) -> Iterator[Made]:
    """Yield from both lists in proportion, passing over rows whose lesson has just been."""
    total, given = len(yes) + len(no), 0
    wanted = len(yes)
    recent: list[object] = []
    for place in range(total):
        due = (place + 1) * wanted > given * total + total // 2 and bool(yes)
        pool = yes if due or not no else no
        given += pool is yes
        row = _next(pool, recent)
        recent = [*recent[-APART + 1 :], row.example["lesson_id"]]
        yield row


def _next(pool: list[Made], recent: list[object]) -> Made:
    """Take the first row whose lesson has not just been; the first if all have."""
    for place, row in enumerate(islice(pool, 64)):
        if row.example["lesson_id"] not in recent:
            return pool.pop(place)
    return pool.pop(0)

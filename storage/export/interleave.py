"""The order of KTO's rows: shuffled, both labels evenly mixed, kin far apart.

The trainer reads rows in file order and estimates how far the model has moved by giving each prompt
the completion of its neighbour in the batch. So rows of one lesson must not stand together, and a
batch must hold both labels. What a newcomer gets wrong: the shuffle is within windows, so that
memory stays flat; the order of windows is that of the episodes.
"""

import hashlib
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from itertools import islice

from storage.export.making import Made

WINDOW = 8_192
"""Rows that are mixed at a time."""
MOST = 50_000_000
"""Characters in a window at most, where rows are long."""
APART = 8
"""Rows of one lesson stand at least so far apart, where the window has other lessons enough."""
_SLACK = 1.5
"""By how many rows at most a label comes early or late so that kin stand apart."""
_AHEAD = 64
"""How many rows are looked at for one of another lesson."""


def interleave(rows: Iterable[Made], window: int = WINDOW) -> Iterator[Made]:
    """Yield all rows in an order that a trainer can read in batches; the same for the same rows."""
    rows = iter(rows)
    recent: deque[object] = deque(maxlen=APART - 1)
    while some := _window(rows, window):
        ordered = _spread(some)
        yes = [row for row in ordered if row.example["label"]]
        yield from _dealt(yes, [row for row in ordered if not row.example["label"]], recent)


def _window(rows: Iterator[Made], most: int) -> list[Made]:
    """Take the next rows, as many as may be mixed at a time."""
    some: list[Made] = []
    size = 0
    for row in islice(rows, most):
        some.append(row)
        size += sum(_size(row.example.get(column)) for column in ("prompt", "completion"))
        if size >= MOST:
            break
    return some


def _size(messages: object) -> int:
    found = messages if isinstance(messages, list) else ()
    return sum(len(str(each["content"])) for each in found)


def _spread(rows: list[Made]) -> list[Made]:
    """Return the rows of a window in a drawn order, those of a lesson evenly over the whole."""
    counts = Counter(row.example["lesson_id"] for row in rows)
    turns: Counter[object] = Counter()
    places: list[tuple[float, Made]] = []
    for row in sorted(rows, key=lambda row: _drawn(row.example["id"])):
        lesson = row.example["lesson_id"]
        places.append(((turns[lesson] + _drawn(lesson)) / counts[lesson], row))
        turns[lesson] += 1
    places.sort(key=lambda each: each[0])  # stable: what is in one place stays in a drawn order
    return [row for _, row in places]


def _drawn(name: object) -> float:
    """Return a number in [0, 1) for a name."""
    return int.from_bytes(hashlib.sha256(str(name).encode()).digest()[:6], "big") / 2**48


def _dealt(yes: list[Made], no: list[Made], recent: deque[object]) -> Iterator[Made]:
    """Yield from both lists in proportion; a row whose lesson has just been waits for its turn."""
    total, wanted, given = len(yes) + len(no), len(yes), 0
    for place in range(total):
        due = (place + 1) * wanted > given * total + total // 2
        first, second = (yes, no) if (due and yes) or not no else (no, yes)
        instead = given + (second is yes)
        even = abs(instead * total - (place + 1) * wanted) <= _SLACK * total
        row = _apart(first, recent) or (even and _apart(second, recent)) or first.pop(0)
        given += bool(row.example["label"])
        recent.append(row.example["lesson_id"])
        yield row


def _apart(pool: list[Made], recent: deque[object]) -> Made | None:
    """Take the first row whose lesson has not just been. None: there is none near the front."""
    for place, row in enumerate(islice(pool, _AHEAD)):
        if row.example["lesson_id"] not in recent:
            return pool.pop(place)
    return None

"""A span as plain data: what a tracing program is told of one thing that was done.

Nothing here knows OpenTelemetry's packages. Ids are derived from ours, so the same thing is the
same span however often it is sent. What a newcomer gets wrong: a tracing program keeps what it is
told as it is, so no text may become anything but the value of an attribute.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from storage.canonical import canonical
from storage.report.clean import one_line

Value = str | bool | int | float | tuple[str, ...]
Attributes = dict[str, Value]

_OURS = re.compile(r"[a-z]([0-9a-f]{32})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened within a span."""

    name: str
    at_ns: int
    attributes: Attributes = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Which span it is, and of which trace."""

    trace_id: str
    """32 hexadecimal digits."""
    span_id: str
    """16 hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Span:
    """One thing that was done, from when to when."""

    place: Place
    parent: Place | None
    name: str
    start_ns: int
    """Nanoseconds since 1970; the same below."""
    end_ns: int
    attributes: Attributes
    kind: Literal["internal", "client"] = "internal"
    """"client": it asked another program."""
    events: tuple[Event, ...] = ()
    links: tuple[Place, ...] = ()
    """Spans of other traces that it belongs to."""
    error: str | None = None
    """What went wrong; empty if that is not to be told. None: nothing did."""

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        told = [self.attributes, *(event.attributes for event in self.events)]
        return 200 + sum(_size(name, value) for each in told for name, value in each.items())


def trace_of(our_id: str) -> str:
    """Return the id of a trace for one of our ids: its 32 digits, without the letter."""
    found = _OURS.fullmatch(our_id)
    if found and int(found[1], 16):
        return found[1]
    return hashlib.sha256(our_id.encode()).hexdigest()[:32]


def span_of(our_id: str, *within: str | int) -> str:
    """Return the id of a span: the first 16 digits of ours; with `within`, of a digest of both."""
    found = None if within else _OURS.fullmatch(our_id)
    if found and int(found[1][:16], 16):
        return found[1][:16]
    return hashlib.sha256(canonical([our_id, *within]).encode()).hexdigest()[:16]


def nanoseconds(moment: str) -> int:
    """Return a moment of ISO 8601 in nanoseconds since 1970; 0 if it cannot be read."""
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return 0
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max((at - _EPOCH) // timedelta(microseconds=1), 0) * 1000


def name_of(*words: str) -> str:
    """Return the name of a span on one line."""
    return one_line(" ".join(words), _LONGEST_NAME)


def told(values: Mapping[str, object]) -> Attributes:
    """Return values as attributes: those that are None are left out, what has parts is JSON."""
    return {name: _value(each) for name, each in values.items() if each is not None}


def as_json(value: object) -> str:
    """Return a value as JSON that a person can read."""
    return _whole(json.dumps(value, ensure_ascii=False, default=str))


def _value(value: object) -> Value:
    if isinstance(value, str):
        return _whole(value)
    if isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        # No attribute holds a longer one.
        return value if -(2**63) <= value < 2**63 else str(value)
    if isinstance(value, tuple) and all(isinstance(each, str) for each in value):
        return tuple(_whole(each) for each in value)
    return as_json(value)


def _whole(text: str) -> str:
    """Return a text without halves of characters, which no encoding has."""
    return text.encode("utf-8", "replace").decode()


def _size(name: str, value: Value) -> int:
    if isinstance(value, str):
        return len(name) + len(value) + 12
    return len(name) + (sum(map(len, value)) if isinstance(value, tuple) else 8) + 12

"""Spans as lines of a file, each a whole message of OTLP's JSON: any collector can read it later.

Written without OpenTelemetry's packages. What a newcomer gets wrong: in this JSON ids are
hexadecimal, names are in camel case, and whole numbers are strings.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from storage import __version__
from storage.errors import DiskError, NotWritable
from storage.traces.span import Attributes, Event, Place, Span, Value

Json = dict[str, Any]
SERVICE = "lyceum"
"""What makes the spans, where the environment names no other."""
_KINDS = {"internal": 1, "client": 3}
_FAILED = 2


@contextmanager
def lines(path: Path) -> Iterator[Callable[[Sequence[Span]], None]]:
    """Lend a function that adds spans to a new file, as one line.

    Raises:
        NotWritable: there is such a file, or none can be made.
        DiskError: the disk is full or failing.
    """
    try:
        file = path.open("x", encoding="utf-8")
    except FileExistsError as error:
        raise NotWritable(f"{str(path)!r}: exists already; name a new file") from error
    except OSError as error:
        raise NotWritable(
            f"{str(path)!r}: cannot be made ({error.strerror}); name another file"
        ) from error

    def add(spans: Sequence[Span]) -> None:
        try:
            file.write(json.dumps(message(spans), ensure_ascii=False) + "\n")
            file.flush()
        except OSError as error:
            raise DiskError(f"{str(path)!r}: {error.strerror}; free some space") from error

    with file:
        yield add


def message(spans: Sequence[Span]) -> Json:
    """Return spans as one request to a collector."""
    scope = {"scope": {"name": SERVICE, "version": __version__}, "spans": [*map(_span, spans)]}
    resource = {"attributes": _attributes({"service.name": SERVICE})}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [scope]}]}


def _span(span: Span) -> Json:
    found: Json = _place(span.place) | {
        "name": span.name,
        "kind": _KINDS[span.kind],
        "startTimeUnixNano": str(span.start_ns),
        "endTimeUnixNano": str(span.end_ns),
        "attributes": _attributes(span.attributes),
        "events": [_event(event) for event in span.events],
        "links": [_place(place) for place in span.links],
    }
    if span.parent is not None:
        found["parentSpanId"] = span.parent.span_id
    if span.error is not None:
        found["status"] = {"code": _FAILED, "message": span.error}
    return found


def _place(place: Place) -> Json:
    return {"traceId": place.trace_id, "spanId": place.span_id}


def _event(event: Event) -> Json:
    at = str(event.at_ns)
    return {"timeUnixNano": at, "name": event.name, "attributes": _attributes(event.attributes)}


def _attributes(attributes: Attributes) -> list[Json]:
    return [{"key": name, "value": _value(value)} for name, value in attributes.items()]


def _value(value: Value) -> Json:
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    return {"arrayValue": {"values": [_value(each) for each in value]}}

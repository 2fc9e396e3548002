"""Spans to a collector, by OpenTelemetry's own exporter: OTLP over HTTP.

Only `trace` loads this module, for the packages are an extra. What a newcomer gets wrong: there is
no tracer, no provider and no thread of theirs here; spans are handed over one batch after another,
and whatever the environment says of addresses, headers and certificates is theirs to read.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import Event as SdkEvent
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from storage import __version__
from storage.errors import NotSent, Unknown
from storage.report.clean import one_line
from storage.traces.lines import SERVICE
from storage.traces.span import Place, Span

PATH: Final = "/v1/traces"
"""Where a collector takes traces, below its address."""
_KINDS: Final = {"internal": SpanKind.INTERNAL, "client": SpanKind.CLIENT}
_BUSY: Final = frozenset({429, 502, 503, 504})
_AGAIN: Final = "nothing is lost, the same command sends it again"


@contextmanager
def collector(to: str | None) -> Iterator[Callable[[Sequence[Span]], None]]:
    """Lend a function that sends spans.

    Args:
        to: The collector's address. None: as the variables of OpenTelemetry say.

    Raises:
        Unknown: the address is none.
        NotSent: the collector is not there or refuses; no header and no key is in the message.
    """
    endpoint = None if to is None else _address(to)
    session = _Session()
    with _quiet():
        exporter = OTLPSpanExporter(endpoint=endpoint, session=session)
        try:
            making = _Making()

            def send(spans: Sequence[Span]) -> None:
                sent = exporter.export([making.span(span) for span in spans])
                if sent is not SpanExportResult.SUCCESS:
                    why = f"{session.where!r}: {session.why()}; {_AGAIN}"
                    raise NotSent(why, passing=session.passing)
                if refused := session.refused():
                    raise NotSent(f"{session.where!r}: {refused}")

            yield send
        finally:
            exporter.shutdown()  # type: ignore[no-untyped-call]


def _address(to: str) -> str:
    """Return the whole address of a collector."""
    try:
        parts = urlsplit(to)
        right = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1) > 0
    except ValueError:
        right = False
    if not right:
        raise Unknown(f"--to {one_line(to)!r}: write it as http://host:port")
    if parts.username or parts.password:
        raise Unknown("--to: without a user and a key; OTEL_EXPORTER_OTLP_HEADERS has those")
    path = parts.path.rstrip("/")
    return parts._replace(path=path if path.endswith(PATH) else path + PATH).geturl()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep their warnings, of which the error tells what matters, from standard error."""
    logger = logging.getLogger("opentelemetry")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)


class _Session(requests.Session):
    """Remembers what the collector said last, which the exporter only logs."""

    def __init__(self) -> None:
        super().__init__()
        self.where = "the collector"
        self._status = 0
        self._said = b""
        self._failed = ""

    def request(self, method: str, url: str, **more: Any) -> requests.Response:  # type: ignore[override]  # noqa: ANN401
        """Send one request."""
        self.where = _shown(url)
        self._status, self._said, self._failed = 0, b"", ""
        try:
            reply = super().request(method, url, **more)
        except requests.RequestException as error:
            self._failed = _WHY.get(type(error).__name__, type(error).__name__)
            raise
        self._status, self._said = reply.status_code, reply.content
        return reply

    @property
    def passing(self) -> bool:
        """Whether what the last request came to may be otherwise soon."""
        return self._status in _BUSY or (not self._status and self._failed != _WHY["SSLError"])

    def why(self) -> str:
        """Return why the last request came to nothing."""
        if self._status in (401, 403):
            return f"refuses (status {self._status}); is the key right? OTEL_EXPORTER_OTLP_HEADERS"
        if self._status:
            hint = "; is it the address of a collector?" if self._status == 404 else ""
            return f"refuses (status {self._status}){hint}"
        return self._failed or "does not take it"

    def refused(self) -> str:
        """Return what the collector said of spans that it left out; empty: it took them all."""
        try:
            partial = ExportTraceServiceResponse.FromString(self._said).partial_success
        except DecodeError:
            return ""  # it speaks no protobuf, and said that it took them
        if not partial.rejected_spans:
            return ""
        said = one_line(partial.error_message, 200) or "it does not say why"
        return f"left out {partial.rejected_spans} spans: {said}"


_WHY: Final = {
    "ConnectionError": "cannot be reached; is it running?",
    "ConnectTimeout": "cannot be reached in time",
    "ReadTimeout": "does not answer in time",
    "SSLError": "shows no certificate that is trusted",
    "ProxyError": "cannot be reached through the proxy",
}


def _shown(url: str) -> str:
    """Return an address without who asks and with what key."""
    parts = urlsplit(url)
    netloc = parts.netloc.rpartition("@")[2]
    return one_line(parts._replace(netloc=netloc, query="", fragment="").geturl())


class _Making:
    """Makes spans of theirs of ours."""

    def __init__(self) -> None:
        named = Resource({"service.name": SERVICE, "openinference.project.name": SERVICE})
        self._resource = named.merge(OTELResourceDetector().detect())
        self._scope = InstrumentationScope(SERVICE, __version__)

    def span(self, span: Span) -> ReadableSpan:
        """Return one span."""
        status = Status() if span.error is None else Status(StatusCode.ERROR, span.error)
        return ReadableSpan(
            name=span.name,
            context=_context(span.place),
            parent=None if span.parent is None else _context(span.parent),
            resource=self._resource,
            attributes=span.attributes,
            events=[SdkEvent(event.name, event.attributes, event.at_ns) for event in span.events],
            links=[Link(_context(place)) for place in span.links],
            kind=_KINDS[span.kind],
            status=status,
            start_time=span.start_ns,
            end_time=span.end_ns,
            instrumentation_scope=self._scope,
        )


def _context(place: Place) -> SpanContext:
    return SpanContext(
        trace_id=int(place.trace_id, 16),
        span_id=int(place.span_id, 16),
        is_remote=False,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )

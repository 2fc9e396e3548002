"""Sends a run as spans: what has landed, and if asked for, what lands until the run has ended.

What a newcomer gets wrong: everything can be sent again, for the same thing has the same id. So
nothing is written down about what was sent, and one that failed begins anew.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from storage.errors import NotInstalled, NotSent, Unknown
from storage.hold import is_held
from storage.queries import Reader
from storage.records import Run
from storage.traces.episode import spans_of
from storage.traces.landings import Landings
from storage.traces.lines import lines
from storage.traces.manner import Manner
from storage.traces.span import Span, nanoseconds
from storage.traces.tracing import Tracing
from storage.traces.whole_run import run_span

MOST_SPANS: Final = 512
"""How many spans are sent at once at most."""
MOST_BYTES: Final = 1_000_000
"""About how large they are together at most; one that is larger goes alone."""
LOOK_S: Final = 2.0
"""Seconds between two looks at what has landed, and before what was not taken is sent again."""
PATIENCE_S: Final = 600.0
"""How long a run that is followed waits for a collector which has taken something before."""

Deliver = Callable[[Sequence[Span]], None]


@dataclass(slots=True)
class Sent:
    """What was sent of a run."""

    run_id: str
    episodes: int = 0
    """How many; one that has changed since counts again."""
    spans: int = 0
    requests: int = 0
    waiting: bool = False
    """Whether the collector is not there just now."""
    interrupted: bool = False
    """Whether Ctrl-C ended the following."""

    @property
    def told(self) -> str:
        """What was sent, in a line for a person."""
        waiting = ", waiting for the collector" if self.waiting else ""
        return f"{self.episodes} episodes in {self.spans} spans{waiting}"


def send(
    path: Path,
    ref: str | None,
    options: Tracing,
    tell: Callable[[Sent], None] = lambda sent: None,
    *,
    look_s: float = LOOK_S,
) -> Sent:
    """Send a run to a collector or into a file.

    Args:
        path: The database.
        ref: The run's id, or the beginning of it. None: the latest.
        options: Where it goes, and what is told.
        tell: Called with what was sent so far, after every request.
        look_s: Seconds between two looks, if the run is followed.

    Raises:
        NotSent: the collector is not there or refuses. Nothing is lost, it can be sent again.
        NotInstalled: it needs the extra `otel`.
        StorageError: there is no such database or run, or the file cannot be written.
    """
    if options.to is not None and options.file is not None:
        raise Unknown("--to and --file exclude each other; send it twice")
    with Reader.open(path) as reader:
        run = reader.run(ref) if ref else reader.latest_run()
        manner = Manner(run.id, text=not options.no_text, one_trace=options.one_trace)
        with _way(options) as deliver, closing(Landings(reader, run.id)) as landings:
            out = _Out(deliver, Sent(run.id), tell, look_s if options.follow else None)
            for _ in _looks(reader, run, out.sent, look_s if options.follow else None):
                for landed in landings.new(again=options.follow):
                    out.add(spans_of(landed, manner))
                    out.sent.episodes += 1
                out.flush()
            last = max(nanoseconds(landings.last_at), 0)
            now = reader.run(run.id)
            out.add([run_span(manner, now, reader.tallies(run.id), last)])
            out.flush()
            return out.sent


def _looks(reader: Reader, run: Run, sent: Sent, look_s: float | None) -> Iterator[None]:
    """Yield once for each look: one if nothing is followed, else until nobody works on the run."""
    while True:
        # Asked before the look, so that the last one sees what landed last.
        held = look_s is not None and is_held(reader.path, run.id)
        yield
        if not held or look_s is None:
            return
        try:
            time.sleep(look_s)
        except KeyboardInterrupt:
            sent.interrupted = True
            return


def _way(options: Tracing) -> AbstractContextManager[Deliver]:
    if options.file is not None:
        return lines(options.file)
    try:
        from storage.traces.collector import collector  # noqa: PLC0415 - of an extra
    except ModuleNotFoundError as error:
        raise NotInstalled(
            f'trace: the package {error.name} is not installed; pip install "lyceum[otel]"'
        ) from error
    return collector(options.to)


@dataclass(slots=True)
class _Out:
    """Gathers spans until they are worth a request."""

    deliver: Deliver
    sent: Sent
    tell: Callable[[Sent], None]
    again_s: float | None
    """Seconds before what was not taken is sent again. None: it is not."""
    _waiting: list[Span] = field(default_factory=list)
    _bytes: int = 0

    def add(self, spans: Sequence[Span]) -> None:
        """Take spans, and send what waits if these would make it too much."""
        for span in spans:
            full = len(self._waiting) >= MOST_SPANS or self._bytes + span.size > MOST_BYTES
            if self._waiting and full:
                self.flush()
            self._waiting.append(span)
            self._bytes += span.size

    def flush(self) -> None:
        """Send what waits."""
        if not self._waiting:
            return
        self._deliver()
        self.sent.spans += len(self._waiting)
        self.sent.requests += 1
        self._waiting, self._bytes = [], 0
        self.tell(self.sent)

    def _deliver(self) -> None:
        """Hand over what waits, with patience if the collector was there before."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                self.deliver(self._waiting)
            except NotSent as error:
                patient = self.again_s is not None and self.sent.requests and error.passing
                if not patient or time.monotonic() > deadline:
                    raise
                self.sent.waiting = True
                self.tell(self.sent)
                time.sleep(self.again_s or 0.0)
            else:
                self.sent.waiting = False
                return

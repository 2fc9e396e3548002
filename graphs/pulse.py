"""The pulse of a sitting: how it goes, written when it begins, every few seconds, and at its end.

Nothing that is made depends on it. What a newcomer gets wrong: a pulse that cannot be written is
let go, for the next one says the same; but what no writing survives, a disk that fails or a
database that is damaged, ends the sitting from here as it does from everywhere else.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Protocol, Self

import structlog

from graphs import events
from graphs.forecast import Forecast
from storage.errors import Corrupt, DiskError, StorageError

log = structlog.get_logger()

EVERY_S: Final = 5.0
"""Seconds between two pulses."""
_FOR_ALL = (Corrupt, DiskError)
"""What nothing else could be written after, either."""


class Pulses(Protocol):
    """Where pulses go."""

    async def pulse(
        self,
        run_id: str,
        at: str,
        *,
        in_flight: int,
        open_episodes: int,
        forecast_usd: float | None,
        forecast_s: float | None,
    ) -> None:
        """Write down how a run goes, beside its sums; one of the same moment is ignored."""
        ...


@dataclass(slots=True)
class Pulse:
    """Writes pulses for as long as its block lasts.

    Args:
        pulses: Where they go.
        run_id: Of the run.
        in_flight: Says how many requests are on the wire.
        open_episodes: Says how many episodes are open.
        forecast: Says what the run will come to, with the seconds of this sitting so far.
        fail: Told what ends the sitting.
        every_s: See `EVERY_S`.
    """

    pulses: Pulses
    run_id: str
    in_flight: Callable[[], int]
    open_episodes: Callable[[], int]
    forecast: Callable[[], tuple[Forecast | None, float]]
    fail: Callable[[StorageError], None]
    every_s: float = EVERY_S
    _task: "asyncio.Task[None] | None" = field(default=None, init=False)

    async def __aenter__(self) -> Self:
        await self._beat()
        self._task = asyncio.create_task(self._go_on(), name="pulse")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        # After a second interruption nobody waits any more, and a failing disk was told already.
        if not isinstance(error, StorageError | asyncio.CancelledError):
            await self._beat()

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(self.every_s)
            try:
                await self._beat()
            except _FOR_ALL as error:
                self.fail(error)
                return

    async def _beat(self) -> None:
        cost, left = self._expected()
        try:
            await self.pulses.pulse(
                self.run_id,
                datetime.now(UTC).isoformat(timespec="milliseconds"),
                in_flight=self.in_flight(),
                open_episodes=self.open_episodes(),
                forecast_usd=cost,
                forecast_s=left,
            )
        except _FOR_ALL:
            raise
        except StorageError as error:
            log.debug(events.PULSE_MISSED, run_id=self.run_id, error=type(error).__name__)

    def _expected(self) -> tuple[float | None, float | None]:
        """Return what the run will cost, and the seconds to its end; None: not known."""
        forecast, elapsed_s = self.forecast()
        if forecast is None or not forecast.calls.value:
            return None, None
        cost = forecast.cost_usd
        left = max(forecast.wall_s.value - elapsed_s, 0.0)
        return None if cost is None else round(cost.value, 9), round(left, 3)

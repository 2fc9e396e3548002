"""One sitting at a run: begin it or go on with it, do what is left, and say how it ended.

What a newcomer gets wrong: an endpoint that never answered means that the config is wrong, and then
nothing of the run is left behind; one that dies in the middle leaves all that is done.
"""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from agents.errors import EndpointError, EndpointRefused
from graphs import events
from graphs.batch import Batch, Ending, Ledger
from graphs.config import Config
from graphs.episode import make_graph
from graphs.errors import ConfigError
from graphs.faculty import Faculty
from graphs.outlook import Outlook
from graphs.pulse import Pulse, Pulses
from graphs.wiring import Wired
from storage import __version__
from storage.errors import Corrupt, StorageError
from storage.records import Run, Trajectory
from storage.standing import Standing

log = structlog.get_logger()


class Archive(Ledger, Pulses, Protocol):
    """The writing side of the database, as a session needs it."""

    async def begin(self, run: Run) -> None:
        """Write a run down, or what has changed of it."""
        ...

    async def end(self, run_id: str, reason: str, episodes: int) -> None:
        """Say why a run has no more to do, and how many episodes it came to."""
        ...

    async def standing(self, run_id: str, lag: int, accept: int | None) -> Standing:
        """Return where a run stands, at most to the end of a prefix with `accept` accepted."""
        ...

    async def discard(self, run_id: str) -> bool:
        """Remove a run in which nothing was made or answered; return whether it was removed."""
        ...


@dataclass(frozen=True, slots=True)
class Session:
    """What a sitting is held with.

    Args:
        name: Where the config came from, for messages.
        config: The whole.
        run: As it is to stand while it goes on.
        wired: The faculty with its journal, the plan and the meter.
        archive: Where everything goes.
    """

    name: str
    config: Config
    run: Run
    wired: Wired
    archive: Archive

    async def hold(
        self, watch: Callable[[Trajectory], None], tell: Callable[[str], None] | None = None
    ) -> Ending:
        """Do what is left of the run.

        Args:
            watch: Called with every trajectory that lands.
            tell: Called with what the run is forecast to come to, whenever that has changed.

        Returns:
            Why it came to its end.

        Raises:
            ConfigError: an endpoint refuses the key, the model or every request, or never answered.
            Corrupt: the database is damaged.
            asyncio.CancelledError: interrupted twice; what landed stays.
        """
        made_by = versions(self.wired.faculty)
        await self.archive.begin(self.run.model_copy(update={"versions": made_by}))
        standing = await self._standing()
        ahead = self.wired.flow.usual
        outlook = Outlook.of(self.run, self.config, self.wired.meter, standing, ahead, tell)
        log.debug(events.RUN_STARTED, run_id=self.run.id, landed=standing.landed)
        try:
            ending = await self._done(standing, watch, outlook)
        except Corrupt:
            raise  # to go on would not help
        except StorageError as error:
            ending = Ending("stopped", 0, f"{error}; what has ended is stored")
        except EndpointRefused as error:
            if not error.before_any_answer:
                ending = Ending("stopped", 0, str(error))
            else:
                raise await self._misconfigured(error) from error
        if ending.outage is not None and ending.outage.before_any_answer:
            raise await self._misconfigured(ending.outage) from ending.outage
        ending = replace(ending, message=outlook.said(ending.message))
        if ending.kind in ("complete", "exhausted", "hopeless"):
            await self.archive.end(self.run.id, ending.message or "complete", ending.episodes)
        log.info(events.RUN_FINISHED, run_id=self.run.id, ending=ending.kind)
        return ending

    async def _standing(self) -> Standing:
        """Return where the run stands, and let the plan come to there."""
        standing = await self.archive.standing(self.run.id, self.config.window, self.config.accept)
        self.wired.plan.restore(standing)
        return standing

    async def _done(
        self, standing: Standing, watch: Callable[[Trajectory], None], outlook: Outlook
    ) -> Ending:
        """Do what is left of the run, and again if people rejected meanwhile what was accepted."""
        while True:
            batch = self._batch(standing, watch, outlook)
            with _interruptible(batch):
                async with self._pulse(batch, outlook):
                    ending = await batch.run()
            if not self.config.accept or ending.kind != "complete":
                return ending
            standing = await self._standing()
            if standing.accepted >= self.config.accept or standing.ended >= self.run.episodes:
                return ending

    def _batch(
        self, standing: Standing, watch: Callable[[Trajectory], None], outlook: Outlook
    ) -> Batch:
        def landed(trajectory: Trajectory) -> None:
            outlook.landed(trajectory)
            watch(trajectory)

        return Batch(
            run_id=self.run.id,
            graph=make_graph(),
            faculty=replace(self.wired.faculty, sink=self.archive),
            plan=self.wired.plan,
            ledger=self.archive,
            episodes=self.run.episodes,
            accept=self.config.accept,
            lag=self.config.window,
            open_limit=self.wired.flow.usual,
            flow=self.wired.flow,
            standing=standing,
            recall=outlook.forecaster.landed,
            watch=landed,
        )

    def _pulse(self, batch: Batch, outlook: Outlook) -> Pulse:
        return Pulse(
            pulses=self.archive,
            run_id=self.run.id,
            in_flight=lambda: self.wired.meter.in_flight,
            open_episodes=lambda: batch.open_episodes,
            forecast=outlook.forecast,
            fail=batch.fail,
        )

    async def _misconfigured(self, error: EndpointError) -> ConfigError:
        """Take the run back if nothing came of it, and say which key of the config is wrong."""
        await self.archive.discard(self.run.id)
        role = f"[{error.role}] " if error.role else ""
        return ConfigError(f"{self.name}: {role}{error}")


def versions(faculty: Faculty) -> dict[str, str]:
    """Return what makes a run's data, by role: the name of each, and the version of it all."""
    return {
        "lyceum": __version__,
        "teacher": faculty.teacher.name,
        "student": faculty.student.name,
        "critic": faculty.critic.name,
    }


@contextmanager
def _interruptible(batch: Batch) -> Iterator[None]:
    """Stop gently at the first Ctrl-C or SIGTERM, and at once at the second."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def interrupt() -> None:
        if batch.stopping and task is not None:
            task.cancel()
        batch.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupt)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

"""Many episodes: assigned in index order, open side by side, ended in any order, stored each alone.

What a newcomer gets wrong: assignment n may know the outcomes of episodes 0 ... n - lag and nothing
later, however many have ended by then; so the dataset does not depend on who was faster. Whatever
is landed already is not done again, which is all there is to resuming.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, Protocol

import structlog
from structlog.contextvars import bound_contextvars

from agents.errors import AgentError, BudgetExceeded, EndpointError, EndpointRefused
from graphs import events
from graphs.episode import EpisodeGraph, supersteps
from graphs.faculty import Faculty, Sink
from graphs.plan import Plan
from graphs.prospect import hopeless
from storage.errors import StorageError
from storage.ids import outcome, trajectory_id
from storage.records import Assignment, Outcome, Status, Trajectory

log = structlog.get_logger()

ONE_REQUEST = (400, 413, 422)
"""Statuses that may speak of one request only, also when nothing else was answered yet."""
DECIDED = ("complete", "hopeless")
"""Endings that the unbroken prefix decides; nothing of the run stands behind it."""
OUTAGES = 3
"""How many outages in a row, with no episode ended between them, stop the run."""


class Ledger(Sink, Protocol):
    """Where a batch writes down what it asks for, beside where trajectories go."""

    async def assign(self, run_id: str, assignment: Assignment) -> None:
        """Write an assignment down; when this returns, it is on disk."""
        ...

    async def trim(self, run_id: str, episodes: int) -> int:
        """Take the episodes from this index on out of the run; return how many they were."""
        ...


@dataclass(frozen=True, slots=True)
class Ended:
    """What a batch keeps of an episode until all before it have ended."""

    outcome: Outcome
    status: Status


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a batch came to its end."""

    kind: Literal["complete", "exhausted", "hopeless", "interrupted", "stopped"]
    """"exhausted": the lessons ran out first; "hopeless": too few are accepted for `accept`;
    "stopped": at a limit or an outage."""
    episodes: int
    """How many the run has."""
    message: str = ""
    outage: EndpointError | None = None
    """What stopped it, if it was an endpoint."""


@dataclass(slots=True)
class Batch:
    """One run of the graph over all its assignments.

    Args:
        run_id: Part of every id.
        graph: Compiled, without a checkpointer.
        faculty: Lent to every episode.
        plan: Fresh; it learns the outcomes from episode 0 on.
        ledger: Where everything goes.
        episodes: How many there are to be in all; fewer if the plan has no more.
        accept: Stop with the shortest prefix that has this many accepted episodes.
        lag: See the module; at least 1.
        open_limit: Most episodes open at once.
        ended: What was landed before, by index.
        watch: Called with every trajectory that lands, on the event loop.
    """

    run_id: str
    graph: EpisodeGraph
    faculty: Faculty
    plan: Plan
    ledger: Ledger
    episodes: int
    lag: int
    open_limit: int
    accept: int | None = None
    ended: dict[int, Ended] = field(default_factory=dict)
    watch: Callable[[Trajectory], None] = lambda trajectory: None
    _progress: asyncio.Event = field(default_factory=asyncio.Event)
    _open: set["asyncio.Task[None]"] = field(default_factory=set)
    _stop: Ending | None = None
    _ran_out: bool = False
    _fatal: BaseException | None = None
    _outages: int = 0
    _prefix: int = 0
    _accepted: int = 0

    async def run(self) -> Ending:
        """Do what is left of the run.

        Raises:
            EndpointRefused: an endpoint refuses the key, the model or every request.
            AgentError: a model or a role cannot work at all; nothing that was landed is lost.
        """
        try:
            n = await self._ask_all()
            while self._open and not self._fatal:
                await self._wait()
        finally:
            await self._cancel()
        if self._fatal:
            raise self._fatal
        if self._stop and self._stop.kind in DECIDED:
            await self.ledger.trim(self.run_id, self._prefix)
        if self._stop or not self._ran_out:
            return self._stop or Ending("complete", n)
        return Ending("exhausted", n, f"every lesson there is was asked for, {n} in all")

    @property
    def stopping(self) -> bool:
        """Whether it is coming to its end, for whatever reason."""
        return self._stop is not None

    def stop(self) -> None:
        """Begin no more episodes; those that are open are finished."""
        self._end(Ending("interrupted", self._prefix, "interrupted; the same command goes on"))

    async def _ask_all(self) -> int:
        """Open one episode after the other; return how many the run has."""
        n = 0
        while not self._stop and n < self.episodes:
            if not await self._until(partial(self._learn, n - self.lag)):
                break
            assignment = self.plan.assign(n)
            if assignment is None:
                self._ran_out = True
                break
            self._say_when_exhausted(assignment)
            if n not in self.ended and n >= self._prefix:
                if not await self._until(lambda: len(self._open) < self.open_limit):
                    break
                self._begin(assignment)
            n += 1
            self._advance()
        return n

    def _learn(self, last: int) -> bool:
        """Let the plan learn up to this episode; return whether all of that has ended."""
        while self.plan.learnt <= last:
            if self.plan.learnt not in self.ended:
                return False
            self.plan.learn(self.ended[self.plan.learnt].outcome)
            self._forget(self.plan.learnt - 1)
        return True

    def _advance(self) -> None:
        """Move the unbroken prefix of ended episodes on, and stop when it holds enough accepted."""
        while self._prefix in self.ended and not (self._stop and self._stop.kind in DECIDED):
            self._accepted += self.ended[self._prefix].status == "accepted"
            self._prefix += 1
            self._forget(self._prefix - 1)
            if self.accept is not None and self._accepted >= self.accept:
                self._end(Ending("complete", self._prefix))
            elif self.accept is not None and hopeless(
                self._accepted, self._prefix, self.episodes, self.accept
            ):
                self._end(Ending("hopeless", self._prefix))

    def _forget(self, n: int) -> None:
        """Let go of an episode that the plan has learnt and the prefix has passed."""
        if n < self.plan.learnt and n < self._prefix:
            self.ended.pop(n, None)

    async def _until(self, ready: Callable[[], bool]) -> bool:
        """Wait until something is so; return False if the run stops instead."""
        while not ready():
            if self._stop or self._fatal:
                return False
            await self._wait()
        return not (self._stop or self._fatal)

    async def _wait(self) -> None:
        self._progress.clear()
        await self._progress.wait()

    def _begin(self, assignment: Assignment) -> None:
        task = asyncio.create_task(self._episode(assignment), name=f"episode {assignment.n}")
        self._open.add(task)
        task.add_done_callback(self._closed)

    def _closed(self, task: "asyncio.Task[None]") -> None:
        self._open.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fatal = self._fatal or error
        self._progress.set()

    async def _episode(self, assignment: Assignment) -> None:
        """Do one episode until it lands, or the run stops because it cannot."""
        episode = trajectory_id(self.run_id, assignment.n)
        with bound_contextvars(run_id=self.run_id, episode_id=episode):
            await self.ledger.assign(self.run_id, assignment)
            while True:
                started = time.monotonic()
                try:
                    trajectory = await self._invoke(assignment)
                except EndpointError as error:
                    if isinstance(error, EndpointRefused) and error.status not in ONE_REQUEST:
                        raise
                    if self._postponed(error):
                        return
                except BudgetExceeded as error:
                    self._end(Ending("stopped", self._prefix, str(error)))
                    return
                else:
                    self._land(trajectory, time.monotonic() - started)
                    return

    async def _invoke(self, assignment: Assignment) -> Trajectory:
        """Run the graph; an exception that it lets through becomes a failed trajectory."""
        try:
            out = await self.graph.ainvoke(
                {"assignment": assignment, "run_id": self.run_id},
                {"recursion_limit": supersteps(self.faculty) + 1},
                context=self.faculty,
            )
        except (AgentError, StorageError):
            raise
        except Exception as error:  # noqa: BLE001 - the batch's episode boundary, a named door
            trajectory = _failed(self.run_id, assignment, error)
            await self.ledger.land(trajectory)
            return trajectory
        return out["trajectory"]  # type: ignore[no-any-return]

    def _postponed(self, error: EndpointError) -> bool:
        """Note an outage; return whether it is one too many, so that the run stops."""
        self._outages += 1
        if not error.before_any_answer:
            log.warning(events.EPISODE_POSTPONED, endpoint=error.endpoint, outages=self._outages)
        if self._outages >= OUTAGES:
            self._end(Ending("stopped", self._prefix, str(error), error))
        return self._stop is not None

    def _land(self, trajectory: Trajectory, duration_s: float) -> None:
        self._outages = 0
        self.ended[trajectory.assignment.n] = Ended(outcome(trajectory), trajectory.status)
        self._advance()
        log.info(
            events.EPISODE_FINISHED,
            status=trajectory.status,
            reward=trajectory.reward,
            n_attempts=len(trajectory.attempts),
            duration_s=round(duration_s, 3),
        )
        self.watch(trajectory)

    def _say_when_exhausted(self, assignment: Assignment) -> None:
        if self.faculty.teacher.capacity(assignment.skill, assignment.level) == (
            assignment.ordinal + 1
        ):
            log.warning(events.LEVEL_EXHAUSTED, skill=assignment.skill, level=assignment.level)

    def _end(self, ending: Ending) -> None:
        self._stop = self._stop or ending
        self._progress.set()

    async def _cancel(self) -> None:
        """Cancel what is still open; only after a fatal error or a second interruption."""
        tasks = list(self._open)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _failed(run_id: str, assignment: Assignment, error: Exception) -> Trajectory:
    """Return the trajectory of an episode that the graph itself could not carry through."""
    return Trajectory(
        id=trajectory_id(run_id, assignment.n),
        run_id=run_id,
        assignment=assignment,
        lesson=None,
        status="failed",
        reward=None,
        reason="error",
        error=f"graph: {type(error).__name__}: {' '.join(str(error).split())}"[:500],
    )

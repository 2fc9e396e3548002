"""Many episodes: assigned in index order, open side by side, ended in any order, stored each alone.

What a newcomer gets wrong: assignment n may know the outcomes of episodes 0 ... n - lag and nothing
later, however many have ended by then; so the dataset does not depend on who was faster. A run that
goes on begins at its first episode that has not landed; what landed beyond it is not done again.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
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
from storage.standing import Standing

log = structlog.get_logger()

ONE_REQUEST = (400, 413, 422)
"""Statuses that may speak of one request only, also when nothing else was answered yet."""
STRETCH = 512
"""How many episodes of earlier sittings are looked up at once."""
EPISODE_LIMIT_S = 86_400.0
"""Longest that one episode may take, a backstop far above what its calls may; then it is failed."""
OUTAGES = 3
"""How many outages in a row, with no episode ended between them, stop the run."""
MOST_OPEN = 4
"""Most episodes open at once, in multiples of `open_limit`, however many calls are stuck. An open
episode costs memory, and one that ends late holds up all that are `lag` behind it."""


class Ledger(Sink, Protocol):
    """Where a batch writes down what it asks for, beside where trajectories go."""

    async def assign(self, run_id: str, assignment: Assignment) -> None:
        """Write an assignment down; when this returns, it is on disk."""
        ...

    async def trim(self, run_id: str, episodes: int) -> int:
        """Take the episodes from this index on out of the run; return how many they were."""
        ...

    async def landed(self, run_id: str, first: int, most: int) -> Sequence[tuple[Outcome, Status]]:
        """Return what landed of `most` episodes from `first` on, in index order."""
        ...


class Calls(Protocol):
    """What a batch wants to know of the calls that its episodes make."""

    @property
    def lacking(self) -> int:
        """How many calls are stuck, where nobody waits who could take their place."""
        ...

    def watch(self, changed: Callable[[], None]) -> None:
        """Have something called whenever more calls are stuck than before."""
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
        plan: It stands where the run does.
        ledger: Where everything goes.
        episodes: How many there are to be in all; fewer if the plan has no more.
        accept: Stop with the shortest prefix that has this many accepted episodes.
        lag: See the module; at least 1.
        open_limit: Most episodes open at once, as long as no call is stuck.
        flow: Says how many calls are stuck, for then more episodes are to be open. None: none is.
        standing: Where the run stands; what landed later is read from the ledger.
        watch: Called with every trajectory that lands, on the event loop.
        recall: Called with what landed in earlier sittings, index and status, when it is read.
    """

    run_id: str
    graph: EpisodeGraph
    faculty: Faculty
    plan: Plan
    ledger: Ledger
    episodes: int
    lag: int
    open_limit: int
    flow: Calls | None = None
    accept: int | None = None
    standing: Standing = field(default_factory=Standing)
    ended: dict[int, Ended] = field(default_factory=dict)
    watch: Callable[[Trajectory], None] = lambda trajectory: None
    recall: Callable[[int, Status], None] = lambda n, status: None
    _progress: asyncio.Event = field(default_factory=asyncio.Event)
    _open: set["asyncio.Task[None]"] = field(default_factory=set)
    _stop: Ending | None = None
    _ran_out: bool = False
    _fatal: BaseException | None = None
    _outages: int = 0
    _prefix: int = field(init=False)
    _accepted: int = field(init=False)
    _recalled: int = field(init=False)

    def __post_init__(self) -> None:
        self._prefix, self._accepted = self.standing.ended, self.standing.accepted
        self._recalled = self.standing.learnt

    async def run(self) -> Ending:
        """Do what is left of the run.

        Raises:
            EndpointRefused: an endpoint refuses the key, the model or every request.
            AgentError: a model or a role cannot work at all; nothing that was landed is lost.
        """
        if self.flow is not None:
            self.flow.watch(self._progress.set)
        try:
            n = await self._ask_all()
            while self._open and not self._fatal:
                await self._wait()
        finally:
            await self._cancel()
        if self._fatal:
            raise self._fatal
        if self._stop and self._stop.kind == self._decided():
            await self.ledger.trim(self.run_id, self._prefix)
        if self._stop or not self._ran_out:
            return self._stop or Ending("complete", n)
        return Ending("exhausted", n, f"every lesson there is was asked for, {n} in all")

    @property
    def stopping(self) -> bool:
        """Whether it is coming to its end, for whatever reason."""
        return self._stop is not None

    @property
    def open_episodes(self) -> int:
        """How many episodes were begun and have not ended."""
        return len(self._open)

    def fail(self, error: StorageError) -> None:
        """Come to an end at once, as if an episode could not have been stored."""
        self._fatal = self._fatal or error
        self._progress.set()

    def stop(self) -> None:
        """Begin no more episodes; those that are open are finished."""
        self._end(Ending("interrupted", self._prefix, "interrupted; the same command goes on"))

    async def _ask_all(self) -> int:
        """Open one episode after the other; return how many the run has."""
        n = self._prefix
        self._advance()
        while not self._stop and n < self.episodes:
            await self._recall(n)
            if not await self._until(partial(self._learn, n - self.lag)):
                break
            assignment = self.plan.assign(n)
            if assignment is None:
                self._ran_out = True
                break
            self._say_when_exhausted(assignment)
            if n not in self.ended and n >= self._prefix:
                if not await self._until(self._has_room):
                    break
                self._begin(assignment)
            n += 1
            self._advance()
        return n

    async def _recall(self, n: int) -> None:
        """Find out what landed in earlier sittings up to episode `n` and somewhat beyond."""
        while self._recalled <= n and self._recalled < self.standing.assigned:
            found = await self.ledger.landed(self.run_id, self._recalled, STRETCH)
            for known, status in found:
                self.ended[known.n] = Ended(known, status)
                self.recall(known.n, status)
            self._recalled += STRETCH

    def _has_room(self) -> bool:
        """Return whether another episode may be opened."""
        wanted = self.open_limit + (self.flow.lacking if self.flow is not None else 0)
        return len(self._open) < min(wanted, MOST_OPEN * self.open_limit)

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
        while not (decided := self._decided()) and self._prefix in self.ended:
            self._accepted += self.ended[self._prefix].status == "accepted"
            self._prefix += 1
            self._forget(self._prefix - 1)
        if decided:
            self._end(Ending(decided, self._prefix))

    def _decided(self) -> Literal["complete", "hopeless"] | None:
        """Return the ending that the unbroken prefix decides; nothing of the run stands behind it.

        None: it decides nothing.
        """
        if self.accept is None:
            return None
        if self._accepted >= self.accept:
            return "complete"
        lost = hopeless(self._accepted, self._prefix, self.episodes, self.accept)
        return "hopeless" if lost else None

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
            async with asyncio.timeout(EPISODE_LIMIT_S):
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

"""Rebuild a run's trajectories from what was journaled, with no model call, and compare.

The graph runs again as it did, with a journal that only remembers. What a newcomer gets wrong: a
changed prompt or a newer embedded domain is a difference, not a disagreement; the stored replies
are still what was said.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from agents.chat.model import Journal
from agents.critic import REFUSED
from agents.errors import AgentError, NotInJournal
from agents.screen import Overlap
from agents.teacher import LibraryTeacher
from graphs.batch import Ledger
from graphs.config import Config
from graphs.disagreement import Disagreement, compare
from graphs.episode import EpisodeGraph, make_graph, supersteps
from graphs.faculty import Faculty, Memory
from graphs.models import SilentModels
from graphs.plan import Plan
from graphs.wiring import wire
from storage.ids import RunDigest, lesson_id, outcome, trajectory_digest
from storage.records import ExpertSeed, Lesson, Outcome, Run, Trajectory
from storage.worth import overruled


@dataclass(slots=True)
class Replay:
    """What a replay found."""

    disagreements: list[Disagreement] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    """What was made by another version or prompt, in words; each once."""
    made: RunDigest = field(default_factory=RunDigest)
    episodes: int = 0

    @property
    def dataset_digest(self) -> str:
        """The digest of what was rebuilt."""
        return self.made.value

    def note(self, difference: str) -> None:
        """Keep a difference, unless it was told already."""
        if difference not in self.differences:
            self.differences.append(difference)


@dataclass(frozen=True, slots=True)
class Replayer:
    """Rebuilds one run.

    Args:
        graph: Compiled, without a checkpointer.
        faculty: Its models never answer; its journal only remembers; it has no sink.
        plan: Fresh.
        lag: The run's.
        watch: Called with the index of every episode when it is done.
        ledger: Where the assignments and trajectories go that come out, of an empty database. None:
            nowhere.
    """

    graph: EpisodeGraph
    faculty: Faculty
    plan: Plan
    lag: int
    watch: Callable[[int], None] = lambda n: None
    ledger: Ledger | None = None

    async def replay(self, stored: Iterable[Trajectory]) -> Replay:
        """Rebuild and compare every trajectory.

        Args:
            stored: In index order; a run that is not finished may have gaps.
        """
        found = Replay()
        waiting: dict[int, Outcome] = {}
        asked = 0
        for trajectory in stored:
            n = trajectory.assignment.n
            waiting[n] = outcome(trajectory)
            while asked <= n:
                found.disagreements += self._assignment(asked, trajectory, waiting)
                asked += 1
            standing = await self._rebuild(trajectory, found)
            found.made.add(trajectory_digest(standing))
            if self.ledger is not None:
                await self.ledger.assign(trajectory.run_id, trajectory.assignment)
                await self.ledger.land(standing)
            found.episodes += 1
            self.watch(n)
        return found

    def _assignment(
        self, n: int, trajectory: Trajectory, waiting: dict[int, Outcome]
    ) -> Iterator[Disagreement]:
        """Derive assignment `n` again and compare it, if it is this trajectory's."""
        while self.plan.learnt <= n - self.lag and self.plan.learnt in waiting:
            self.plan.learn(waiting.pop(self.plan.learnt))
        derived, stored = self.plan.assign(n), trajectory.assignment
        if n != stored.n or derived == stored:
            return
        for column in type(stored).model_fields:
            was, is_now = getattr(stored, column), getattr(derived, column, None)
            if was != is_now:
                what = f"stored {was!r:.80}, derived {is_now!r:.80}"
                yield Disagreement("assignments", trajectory.id, column, what)

    async def _rebuild(self, stored: Trajectory, found: Replay) -> Trajectory:
        """Return what comes out, or what is stored where nothing comparable can be made."""
        if stored.lesson is None and isinstance(self.faculty.teacher, LibraryTeacher):
            found.note("an episode without a lesson cannot be made again; left as it is stored")
            return stored
        try:
            out = await self.graph.ainvoke(
                {"assignment": stored.assignment, "run_id": stored.run_id},
                {"recursion_limit": supersteps(self.faculty) + 1},
                context=self.faculty,
            )
        except AgentError as error:
            if isinstance(error, NotInJournal) and was_refused(stored):
                found.note("what an endpoint refused is not journaled; left as it is stored")
            else:
                what = f"cannot be rebuilt: {error}"
                found.disagreements.append(Disagreement("trajectories", stored.id, "id", what))
            return stored
        made: Trajectory = out["trajectory"]
        other = other_version(stored, made)
        if other:
            found.note(other)
            return stored
        # Nothing derives what people say; what they said stands over what is made again.
        derived = overruled(made, [v for v in stored.verdicts if v.rung == "person"])
        found.disagreements += compare(stored, derived)
        if stored.lesson and lesson_id(stored.lesson) != stored.lesson.id:
            what = "the content does not have this id; it was changed after it was stored"
            found.disagreements.append(Disagreement("lessons", stored.lesson.id, "id", what))
        return derived


class Stored(Protocol):
    """A run as it is stored, as a replay needs it."""

    def stream(self, run_id: str) -> Iterator[Trajectory]:
        """Yield every trajectory of a run in order of n."""
        ...

    def expert_seed(self, ref: str) -> ExpertSeed:
        """Return an expert seed by its id."""
        ...


def replayer(
    run: Run,
    stored: Stored,
    journal: Journal,
    memory: Callable[[int], Memory],
    watch: Callable[[int], None],
    ledger: Ledger | None,
    benchmarks: Overlap | None = None,
) -> Replayer:
    """Return what rebuilds a run, with roles as its config names them.

    Args:
        run: As it is stored.
        stored: Where its trajectories and expert seeds are.
        journal: It only remembers.
        memory: Makes the memory of a run with this lag.
        watch: See `Replayer`.
        ledger: See `Replayer`.
        benchmarks: What its lessons were not to repeat.

    Raises:
        ConfigError: this version cannot make the run's roles.
    """
    config = Config.model_validate_json(json.dumps(run.config))
    as_stored = config.teacher.kind in ("library", "reasoning_gym")
    lessons = in_place(stored.stream(run.id)) if as_stored else ()
    seeds = tuple(stored.expert_seed(ref) for ref in run.expert_seeds)
    wired = wire(config, SilentModels(), lessons=lessons, expert_seeds=seeds, benchmarks=benchmarks)
    wired = wired.with_journal(journal, memory(config.window))
    return Replayer(make_graph(), wired.faculty, wired.plan, config.window, watch, ledger)


def was_refused(stored: Trajectory) -> bool:
    """Return whether some call of a trajectory was refused, so that there is no reply to find."""
    refusals = (g for v in stored.verdicts for g in v.grades if g.criterion == REFUSED)
    return (
        stored.status == "failed"
        or any(attempt.error for attempt in stored.attempts)
        or any(refusals)
    )


def other_version(stored: Trajectory, derived: Trajectory) -> str | None:
    """Return in words that another version made or checked a trajectory; None: the same did."""
    pairs = [(stored.lesson, derived.lesson), *zip(stored.attempts, derived.attempts, strict=False)]
    for was, now in pairs:
        if was and now and was.made_by != now.made_by:
            return f"made by {was.made_by}; this version has {now.made_by}"
    for verdict, again in zip(stored.verdicts, derived.verdicts, strict=False):
        for check, now_check in zip(verdict.checks, again.checks, strict=False):
            if check.verifier == now_check.verifier and check.version != now_check.version:
                made = f"{check.verifier}@{check.version}"
                return f"checked by {made}; this version has {now_check.version}"
    return None


def in_place(stored: Iterable[Trajectory]) -> tuple[Lesson, ...]:
    """Return a library's lessons as they are stored, each at its index, for a replay's plan.

    An episode that has not ended leaves a gap; the lesson before fills it, and nobody compares it.
    """
    lessons: list[Lesson] = []
    for trajectory in stored:
        if trajectory.lesson is not None:
            filler = lessons[-1:] or [trajectory.lesson]
            lessons += filler * (trajectory.assignment.n - len(lessons))
            lessons.append(trajectory.lesson)
    return tuple(lessons)

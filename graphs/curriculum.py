"""The curriculum: which skill and level to ask for next, given what earlier episodes showed.

Skills are a DAG, an edge is a prerequisite. For every skill and level there is a Beta posterior of
the student's solve rate; an assignment goes where learnability is high, with a share kept for
exploration.
What a newcomer gets wrong: this is a fold. `learn` takes outcomes in index order and `assign` is a
pure function of what was learnt, the seed and `n`; no clock, no completion order.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random

import networkx as nx

from graphs.errors import ConfigError
from storage.ids import derive_seed
from storage.records import Assignment, ExpertSeed, Outcome, Skill
from storage.standing import Standing

Place = tuple[str, int]
"""A skill and a level."""
Capacity = Callable[[str, int], int | None]

EXPLORE = 0.2
"""Share of assignments that are drawn evenly from all open places."""
STANDS = 0.5
"""Least mean of the posterior at which a level stands, so that what builds on it opens."""
EVIDENCE = 4
"""Least number of scored first tries before a level can stand."""


def learnability(solve_rate: float) -> float:
    """Return how much a task teaches: 1.0 at a solve rate of one half, 0.0 at 0 or 1.

    Args:
        solve_rate: Share of attempts that were accepted, in [0, 1].

    Returns:
        `4 p (1 - p)`, in [0, 1]; the variance of a coin with bias p, scaled to a maximum of 1.

    Raises:
        ValueError: `solve_rate` is outside [0, 1] or not a number.
    """
    if not 0.0 <= solve_rate <= 1.0:
        raise ValueError(f"solve_rate {solve_rate!r}: must lie in [0, 1]")
    return 4.0 * solve_rate * (1.0 - solve_rate)


def skill_graph(skills: Iterable[Skill]) -> "nx.DiGraph[str]":
    """Return the DAG of skills; an edge leads from a prerequisite to what builds on it.

    Raises:
        ConfigError: a name stands twice, a prerequisite is unknown, or skills wait for each other.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    known = list(skills)
    for skill in known:
        if skill.name in graph:
            raise ConfigError(f"curriculum: skill {skill.name!r} stands twice; rename one")
        graph.add_node(skill.name, skill=skill)
    for skill in known:
        for before in skill.after:
            if before not in graph:
                raise ConfigError(
                    f"curriculum: skill {skill.name!r} comes after {before!r}, which is no skill"
                )
            graph.add_edge(before, skill.name)
    if not nx.is_directed_acyclic_graph(graph):
        circle = " after ".join(edge[1] for edge in reversed(nx.find_cycle(graph)))
        raise ConfigError(f"curriculum: skills wait for each other: {circle}; drop one `after`")
    return graph


@dataclass(frozen=True, slots=True)
class Mastery:
    """The posterior of a student's solve rate at one skill and level, from a uniform prior."""

    tried: int = 0
    solved: int = 0

    @property
    def mean(self) -> float:
        """Mean of Beta(1 + solved, 1 + tried - solved), in (0, 1)."""
        return (1 + self.solved) / (2 + self.tried)

    @property
    def stands(self) -> bool:
        """Whether what builds on it may open."""
        return self.tried >= EVIDENCE and self.mean >= STANDS

    def after(self, outcome: Outcome) -> "Mastery":
        """Return the posterior with one more episode in it."""
        return Mastery(self.tried + outcome.tried, self.solved + outcome.solved)


@dataclass(slots=True)
class Curriculum:
    """The fold over a run's outcomes."""

    skills: tuple[Skill, ...]
    seed: int
    capacity: Capacity = lambda skill, level: None
    languages: tuple[str, ...] = ("en",)
    expert_seeds: tuple[ExpertSeed, ...] = ()
    explore: float = EXPLORE
    mastery: dict[Place, Mastery] = field(default_factory=dict)
    practice: Counter[str] = field(default_factory=Counter)
    asked: Counter[Place] = field(default_factory=Counter)
    learnt: int = 0
    """How many outcomes were learnt; the next must be of this episode."""
    graph: "nx.DiGraph[str]" = field(init=False)
    _turns: dict[Place, tuple[int, list[str]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """The turn that each place is in, with the ids of its expert seeds in that turn's order."""

    def __post_init__(self) -> None:
        self.graph = skill_graph(self.skills)

    def restore(self, standing: Standing) -> None:
        """Come to where a stored run stands, as if all up to there had been learnt and asked."""
        for learnt in (self.asked, self.mastery, self.practice):
            learnt.clear()
        for place in standing.places:
            key = (place.skill, place.level)
            self.asked[key] = place.asked
            self.mastery[key] = Mastery(place.tried, place.solved)
            if place.critiques:
                self.practice[place.skill] += place.critiques
        self.learnt = standing.learnt

    def learn(self, outcome: Outcome) -> None:
        """Take in the outcome of the next episode in index order.

        Raises:
            ValueError: it is not the next.
        """
        if outcome.n != self.learnt:
            raise ValueError(f"outcome of episode {outcome.n}: expected {self.learnt}")
        place = (outcome.skill, outcome.level)
        self.mastery[place] = self.mastery.get(place, Mastery()).after(outcome)
        if outcome.critiques:
            self.practice[outcome.skill] += outcome.critiques
        self.learnt += 1

    def assign(self, n: int) -> Assignment | None:
        """Return assignment `n` and count it; None when every open level is exhausted.

        Assignments must be asked for in index order, each after what it may know was learnt.
        """
        places = self.open_places()
        if not places:
            return None
        draw = Random(derive_seed(self.seed, "assign", n))
        place = self._drawn(places, draw)
        ordinal = self.asked[place]
        self.asked[place] += 1
        return Assignment(
            n=n,
            skill=place[0],
            level=place[1],
            language=draw.choice(self.languages),
            seed=derive_seed(self.seed, "episode", n),
            ordinal=ordinal,
            expert_seed=self._expert_seed(place, ordinal),
            practice=dict(sorted(self.practice.items())),
        )

    def open_places(self) -> list[Place]:
        """Return the skills and levels that may be asked for now, in the curriculum's order."""
        return [
            (skill.name, level)
            for skill in self.skills
            if all(self._stands(before) for before in skill.after)
            for level in range(1, skill.levels + 1)
            if level == 1 or self.mastery.get((skill.name, level - 1), Mastery()).stands
            if not self.exhausted((skill.name, level))
        ]

    def exhausted(self, place: Place) -> bool:
        """Return whether all the lessons that a level has were asked for."""
        size = self.capacity(*place)
        return size is not None and self.asked[place] >= size

    def _stands(self, skill: str) -> bool:
        """Whether a prerequisite's first level stands, or has nothing more to teach."""
        first = (skill, 1)
        return self.mastery.get(first, Mastery()).stands or self.exhausted(first)

    def _drawn(self, places: list[Place], draw: Random) -> Place:
        if draw.random() < self.explore:
            return draw.choice(places)
        weights = [learnability(self.mastery.get(p, Mastery()).mean) for p in places]
        return draw.choices(places, weights)[0]

    def _expert_seed(self, place: Place, ordinal: int) -> str | None:
        """Return whose turn it is: all seeds of the skill once, in a shuffled order, then again."""
        kept, ids = self._turns.get(place) or self._shuffled(place, 0)
        if ids and ordinal // len(ids) != kept:
            kept, ids = self._shuffled(place, ordinal // len(ids))
        self._turns[place] = kept, ids
        return ids[ordinal % len(ids)] if ids else None

    def _shuffled(self, place: Place, turn: int) -> tuple[int, list[str]]:
        """Return a turn with the ids of the skill's seeds in its order; levels share it."""
        skill, _ = place
        fitting = [s.id for s in self.expert_seeds if s.skill in (None, skill)]
        Random(derive_seed(self.seed, "expert_seeds", skill, turn)).shuffle(fitting)
        return turn, fitting

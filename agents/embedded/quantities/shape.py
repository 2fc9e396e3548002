"""The shape of a story: which moves it is made of, before there is a number or a word.

A move brings one or two operations, each of one skill. A story starts with one to three people,
lets them gain and lose, joins what they have, and goes on with what came together. A lesson of a
skill uses moves of that skill and of the skills before it; how many operations it has in all is its
level.
"""

from dataclasses import dataclass
from random import Random

from agents.embedded.quantities.settings import Setting

OPERATIONS_AT = {1: (1, 2), 2: (3, 4), 3: (5, 6)}
"""Fewest and most operations of a level."""

PREREQUISITES: dict[str, tuple[str, ...]] = {
    "sums": (),
    "products": ("sums",),
    "fractions": ("products", "sums"),
    "percentages": ("fractions", "products", "sums"),
    "ratios": ("fractions", "products", "sums"),
    "rates": ("products", "sums"),
    "units": ("products", "sums"),
}
"""Every skill, and the skills whose moves its lessons may mix in."""


@dataclass(frozen=True, slots=True)
class Move:
    """A kind of thing that can happen in a story."""

    skill: str
    cost: int
    """How many operations it brings."""
    needs: str = ""
    """The list of the setting that must not be empty."""
    divides: bool = False
    """It asks for amounts that come out even."""


STARTS = {
    "given": Move("sums", 0),
    "groups": Move("products", 1),
    "pace": Move("rates", 1),
    "large_unit": Move("units", 1),
}
COMPARISONS = {
    "differ": Move("sums", 1),
    "times": Move("products", 1),
    "part_of_other": Move("fractions", 1, divides=True),
    "percent_of_other": Move("percentages", 1, divides=True),
    "percent_change": Move("percentages", 2, divides=True),
    "for_every": Move("ratios", 1, divides=True),
}
CHANGES = {
    "gain": Move("sums", 1),
    "lose": Move("sums", 1, "drops"),
    "lose_fraction": Move("fractions", 2, "drops", divides=True),
    "lose_percent": Move("percentages", 2, "drops", divides=True),
    "gain_large_unit": Move("units", 2),
    "lose_large_unit": Move("units", 2, "drops"),
}
TAILS = {
    "trait_fraction": Move("fractions", 1, "traits", divides=True),
    "trait_percent": Move("percentages", 1, "traits", divides=True),
    "rest_fraction": Move("fractions", 2, "traits", divides=True),
    "rest_percent": Move("percentages", 2, "traits", divides=True),
    "what_fraction": Move("fractions", 1, "traits", divides=True),
    "what_percent": Move("percentages", 1, "traits", divides=True),
    "pack": Move("products", 1, "packs", divides=True),
    "share": Move("products", 1, "takers", divides=True),
    "split": Move("ratios", 2, "takers", divides=True),
    "price": Move("rates", 1),
    "spend": Move("sums", 1),
    "chore": Move("rates", 1, "takers", divides=True),
    "average": Move("rates", 1, divides=True),
    "ask_large_unit": Move("units", 1),
}
ALL_MOVES = STARTS | COMPARISONS | CHANGES | TAILS

FOLLOWS: dict[str, tuple[str, ...]] = {
    "": tuple(name for name in TAILS if name != "spend"),
    "trait_fraction": ("pack", "share", "split", "price", "chore"),
    "trait_percent": ("pack", "share", "split", "price", "chore"),
    "pack": ("price",),
    "price": ("spend",),
}
"""Which tail may come after which; after "" the first, and nothing after those that are absent."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The moves of a story."""

    starts: tuple[str, ...]
    """One per person."""
    changes: tuple[tuple[str, ...], ...]
    """One row per person."""
    join: str
    """"last": the last person's amount counts; "together"; "difference"."""
    tails: tuple[str, ...]

    @property
    def moves(self) -> tuple[str, ...]:
        """Every move, in the order of telling."""
        changes = tuple(move for row in self.changes for move in row)
        return (*self.starts, *changes, *self.tails)


def draw_shape(rng: Random, skill: str, level: int, setting: Setting) -> Shape:
    """Return a random shape of the level's size, with some operations of the skill itself."""
    least, most = OPERATIONS_AT[level]
    size = rng.randint(least, most)
    allowed = _allowed(skill, setting)
    own_least = 2 if size >= 4 else 1
    while True:
        shape = _try_shape(rng, size, allowed)
        if shape and _own(shape, skill) >= own_least:
            return shape


def _own(shape: Shape, skill: str) -> int:
    """Return how many operations are of the skill itself; a join is a sum."""
    own = sum(ALL_MOVES[m].cost for m in shape.moves if ALL_MOVES[m].skill == skill)
    return own + (skill == "sums" and shape.join != "last")


def _allowed(skill: str, setting: Setting) -> dict[str, int]:
    """Return the moves that the skill and the setting allow, with their weights."""
    skills = (skill, *PREREQUISITES[skill])
    return {
        name: 4 if move.skill == skill else 1
        for name, move in ALL_MOVES.items()
        if move.skill in skills and (not move.needs or getattr(setting, move.needs))
    }


def _pick(rng: Random, allowed: dict[str, int], names: "dict[str, Move] | tuple[str, ...]") -> str:
    here = [name for name in names if name in allowed]
    return rng.choices(here, [allowed[name] for name in here])[0] if here else ""


def _try_shape(rng: Random, size: int, allowed: dict[str, int]) -> Shape | None:
    people = rng.choice((1, 1, 2) if size <= 2 else (1, 2, 2, 3))
    joins = {1: ("last",), 2: ("last", "together", "difference"), 3: ("last", "together")}
    join = rng.choice(joins[people])
    starts = [_pick(rng, allowed, STARTS)]
    for _ in range(people - 1):
        fresh = join != "last" and rng.randrange(3) == 0
        starts.append(_pick(rng, allowed, STARTS if fresh else COMPARISONS))
    tails = _draw_tails(rng, allowed) if join != "difference" else ()
    spent = sum(ALL_MOVES[m].cost for m in (*starts, *tails)) + (join != "last")
    changes = _draw_changes(rng, allowed, size - spent, people, join)
    if changes is None:
        return None
    shape = Shape(tuple(starts), changes, join, tails)
    if shape.moves == ("large_unit", "ask_large_unit"):
        return None  # there and back again: the answer would stand in the story
    return None if "average" in tails and not _one_person_only_gets(shape) else shape


def _one_person_only_gets(shape: Shape) -> bool:
    """Return whether an average makes sense: one person did it all, and nothing was lost."""
    lost = any(move != "gain" for row in shape.changes for move in row)
    return shape.join == "last" and not lost and "pace" not in shape.starts


def _draw_tails(rng: Random, allowed: dict[str, int]) -> tuple[str, ...]:
    tails: list[str] = []
    follows = FOLLOWS[""]
    while follows and rng.randrange(5) < 3:
        tail = _pick(rng, allowed, follows)
        if not tail:
            break
        tails.append(tail)
        follows = FOLLOWS.get(tail, ())
    return tuple(tails)


def _draw_changes(
    rng: Random, allowed: dict[str, int], budget: int, people: int, join: str
) -> tuple[tuple[str, ...], ...] | None:
    """Return changes that cost the whole budget, one row per person; None: it does not come out."""
    rows: list[list[str]] = [[] for _ in range(people)]
    while budget > 0:
        row = rows[-1] if join == "last" else rng.choice(rows)
        change = _pick(rng, allowed, CHANGES)
        budget -= ALL_MOVES[change].cost
        row.append(change)
        if len(row) > 3:
            return None
    return tuple(tuple(row) for row in rows) if budget == 0 else None

"""Try a way through a grid: it must reach the goal over open cells, and be as short as can be.

What a newcomer gets wrong: several ways may be the shortest, so a way is walked rather than
compared.
"""

from collections import deque
from collections.abc import Iterator

from pydantic import JsonValue

from agents.errors import VerifierError
from agents.verifiers.evidence import shown

NO_WAY = "infeasible"
_STEPS = {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)}
_BACK = {"up": "down", "down": "up", "left": "right", "right": "left"}
START, GOAL, OPEN, BLOCKED = "*#OX"
MAX_SIDE = 100

Cell = tuple[int, int]


def wrong(answer: str, puzzle: JsonValue) -> str:
    """Return why a way is none of the shortest; empty: it is one.

    Args:
        answer: Such as "up right right"; or "infeasible" where there is no way.
        puzzle: `rows`, texts of one length: "*" the start, "#" the goal, "O" open, "X" blocked.

    Raises:
        VerifierError: the puzzle is none.
    """
    cells, start, goal = _read(puzzle)
    shortest = _distance(cells, start, goal)
    words = answer.split()
    if words == [NO_WAY]:
        return "" if shortest is None else "there is a way"
    place = start
    for word in words:
        if word not in _STEPS:
            return f"{shown(word)} is no step"
        place = _beside(place, word)
        if cells.get(place, BLOCKED) == BLOCKED:
            return f"it leaves the open cells at row {place[0] + 1}, column {place[1] + 1}"
    if place != goal:
        return "it does not end at the goal"
    return "" if len(words) == shortest else f"{len(words)} steps, and {shortest} are enough"


def near(reference: str, puzzle: JsonValue) -> Iterator[str]:
    """Give the way with its last step lost or turned, with a detour, and whether there is one."""
    words = reference.split()
    if words == [NO_WAY]:
        yield from (*_STEPS, "feasible", f"{NO_WAY} {NO_WAY}")
        return
    yield " ".join(words[:-1])
    yield " ".join([*words[:-1], _BACK[words[-1]]])
    yield " ".join([*words, _BACK[words[-1]], words[-1]])
    yield " ".join(_BACK[word] for word in words)
    yield " ".join(words[1:])
    yield NO_WAY
    yield f"{reference} x"


def _beside(cell: Cell, step: str) -> Cell:
    down, right = _STEPS[step]
    return cell[0] + down, cell[1] + right


def _distance(cells: dict[Cell, str], start: Cell, goal: Cell) -> int | None:
    """Return how many steps the shortest way has. None: there is no way."""
    reached = {start: 0}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        if here == goal:
            return reached[here]
        for step in _STEPS:
            there = _beside(here, step)
            if there not in reached and cells.get(there, BLOCKED) != BLOCKED:
                reached[there] = reached[here] + 1
                waiting.append(there)
    return None


def _read(puzzle: JsonValue) -> tuple[dict[Cell, str], Cell, Cell]:
    rows = puzzle.get("rows") if isinstance(puzzle, dict) else None
    if isinstance(rows, list) and 1 <= len(rows) <= MAX_SIDE:
        lines = [row for row in rows if isinstance(row, str) and len(row) <= MAX_SIDE]
        cells = {(r, c): kind for r, line in enumerate(lines) for c, kind in enumerate(line)}
        ends = [[cell for cell, kind in cells.items() if kind == end] for end in (START, GOAL)]
        whole = len(lines) == len(rows) and len({len(line) for line in lines}) == 1
        if whole and all(len(end) == 1 for end in ends) and set(cells.values()) <= set("*#OX"):
            return cells, ends[0][0], ends[1][0]
    raise VerifierError("shortest_path: puzzle must be {'rows': [...]} with one '*' and one '#'")

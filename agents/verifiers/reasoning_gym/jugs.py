"""Try an answer to a jug puzzle: fill, empty and pour, until one jug holds the target.

What a newcomer gets wrong: any moves that lead there are right, not only the fewest; and only what
the jugs hold after the last move counts.
"""

import json
import re
from collections.abc import Iterator

from pydantic import JsonValue

from agents.errors import VerifierError
from agents.verifiers import json_values
from agents.verifiers.evidence import shown

_MOVE = re.compile(r"(fill|empty) ([A-Z])|pour ([A-Z])->([A-Z])")
MAX_MOVES = 1_000
MAX_JUGS = 26


def wrong(answer: str, puzzle: JsonValue) -> str:
    """Return why a list of moves does not solve a puzzle; empty: it does.

    Args:
        answer: JSON, such as ["fill A", "pour A->B", "empty B"].
        puzzle: `capacities`, a list of whole litres, jug A first, and the `target`, in litres.

    Raises:
        VerifierError: the puzzle is none.
    """
    capacities, target = _read(puzzle)
    moves = _moves(answer)
    if moves is None:
        return f"it is no JSON list of at most {MAX_MOVES} moves"
    held = [0] * len(capacities)
    for move in moves:
        if not _move(move, held, capacities):
            return f"{shown(move)} is no move"
    return "" if target in held else f"the jugs hold {held} at the end, and none holds {target}"


def near(reference: str, puzzle: JsonValue) -> Iterator[str]:
    """Give moves with the first or the last lost, one more at the end, or a jug that is none."""
    capacities, _ = _read(puzzle)
    moves = _moves(reference) or []
    yield json.dumps(moves[:-1])
    yield json.dumps(moves[1:])
    yield json.dumps([*moves[:-2], *moves[:-3:-1]])
    yield json.dumps([*moves, "fill Z"])
    yield json.dumps([*moves, *(f"empty {chr(ord('A') + n)}" for n in range(len(capacities)))])
    yield json.dumps(" ".join(moves))


def _move(move: str, held: list[int], capacities: list[int]) -> bool:
    """Make a move; return whether it is one."""
    match = _MOVE.fullmatch(move)
    jugs = [ord(name) - ord("A") for name in match.groups()[1:] if name] if match else []
    if match is None or any(jug >= len(held) for jug in jugs):
        return False
    if match[1] == "fill":
        held[jugs[0]] = capacities[jugs[0]]
    elif match[1] == "empty":
        held[jugs[0]] = 0
    else:
        source, sink = jugs
        if source == sink:
            return False
        poured = min(held[source], capacities[sink] - held[sink])
        held[source] -= poured
        held[sink] += poured
    return True


def _moves(answer: str) -> list[str] | None:
    try:
        value = json_values.read(answer)
    except json_values.NotRead:
        return None
    if not isinstance(value, list) or len(value) > MAX_MOVES:
        return None
    moves = [move for move in value if isinstance(move, str)]
    return moves if len(moves) == len(value) else None


def _read(puzzle: JsonValue) -> tuple[list[int], int]:
    if isinstance(puzzle, dict):
        given, target = puzzle.get("capacities"), puzzle.get("target")
        if isinstance(given, list) and 2 <= len(given) <= MAX_JUGS:
            litres = [each for each in (*given, target) if type(each) is int and each > 0]
            if len(litres) == len(given) + 1:
                return litres[:-1], litres[-1]
    raise VerifierError("jugs: puzzle must be {'capacities': [litres], 'target': litres}")

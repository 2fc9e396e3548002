"""Say whether two queries gave the same rows.

Column names do not matter, the order of columns does. 1 and 1.0 are the same; 1 and '1' are not;
NULL is the same as NULL.
"""

from math import isclose

from agents.verifiers.sql.query import Cell, Rows, one_line

RELATIVE_TOLERANCE = 1e-9
ABSOLUTE_TOLERANCE = 1e-12
"""So that a sum that cancels out is zero."""


def difference(answer: Rows, reference: Rows, *, ordered: bool) -> str:
    """Return the first difference in one line, or "" if there is none.

    Args:
        answer: What the answer gave.
        reference: What the reference gave.
        ordered: Compare as lists; otherwise as bags.
    """
    if answer.width != reference.width:
        return f"columns {answer.width} against {reference.width}"
    if len(answer.cells) != len(reference.cells):
        return f"rows {len(answer.cells)} against {len(reference.cells)}"
    left, right = answer.cells, reference.cells
    if not ordered:
        left, right = sorted(left, key=_place), sorted(right, key=_place)
    for number, (one, other) in enumerate(zip(left, right, strict=True), 1):
        if not all(map(_same, one, other)):
            where = f"row {number}" if ordered else f"row {number} of the sorted rows"
            return f"{where}: {_shown(one)} against {_shown(other)}"
    return ""


def _same(one: Cell, other: Cell) -> bool:
    if isinstance(one, float) and isinstance(other, float | int):
        return isclose(one, other, rel_tol=RELATIVE_TOLERANCE, abs_tol=ABSOLUTE_TOLERANCE)
    if isinstance(one, int) and isinstance(other, float):
        return isclose(one, other, rel_tol=RELATIVE_TOLERANCE, abs_tol=ABSOLUTE_TOLERANCE)
    return one == other


def _place(row: tuple[Cell, ...]) -> tuple[list[tuple[str, str]], list[float]]:
    """Return a key that sorts two bags of nearly equal rows alike: first digits first."""
    coarse = [_coarse(cell) for cell in row]
    return coarse, [float(cell) for cell in row if isinstance(cell, int | float)]


def _coarse(cell: Cell) -> tuple[str, str]:
    if cell is None:
        return ("", "")
    if isinstance(cell, int | float):
        return ("number", f"{cell + 0.0:.11e}")
    return (type(cell).__name__, cell.hex() if isinstance(cell, bytes) else cell)


def _shown(row: tuple[Cell, ...]) -> str:
    return one_line("(" + ", ".join("NULL" if c is None else repr(c) for c in row) + ")", 120)

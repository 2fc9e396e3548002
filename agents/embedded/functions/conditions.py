"""Conditions on a whole number: in words, as code, and as a test.

What a newcomer gets wrong: the words and the code are made from the same kind and bounds, so
change both or neither.
"""

from collections.abc import Callable
from typing import NamedTuple


class Condition(NamedTuple):
    """One condition."""

    core: str
    """As in "at least 5"; `plural` and `single` put it into a sentence."""
    code: str
    """With `{x}` for what is tested."""
    slips: dict[str, str]
    """What misconceptions make of the code."""
    test: Callable[[int], bool]
    near: int | None
    """A number at the boundary. None: there is no boundary."""

    def plural(self, many: str, unit: str = "") -> str:
        """Return the noun phrase, as in "prices of at least 5 euros"."""
        if unit and self.near is not None:
            return f"{many} of {self.core} {self._counted(unit)}"
        return f"{many} that are {self.core.replace('a multiple', 'multiples')}"

    def single(self, unit: str = "") -> str:
        """Return the verb phrase, as in "is at least 5 euros"."""
        return f"is {self.core} {self._counted(unit)}".rstrip()

    def by(self, unit: str) -> str:
        """Return the amount alone, as in "at least 5 euros"."""
        return f"{self.core} {self._counted(unit)}"

    def _counted(self, unit: str) -> str:
        """Return the unit as it stands behind the last number; none stands behind "even"."""
        if self.near is None:
            return ""
        return unit.removesuffix("s") if self.core.endswith(" 1") else unit

    def written(self, x: str) -> str:
        """Return the code that tests `x`."""
        return self.code.replace("{x}", x)

    def mistaken(self, x: str) -> dict[str, str]:
        """Return the code that each misconception writes for `x`."""
        return {name: code.replace("{x}", x) for name, code in self.slips.items()}


_ORDERS: dict[str, tuple[str, str, str, Callable[[int, int], bool]]] = {
    "at_least": ("at least", ">=", ">", lambda x, limit: x >= limit),
    "more_than": ("more than", ">", ">=", lambda x, limit: x > limit),
    "at_most": ("at most", "<=", "<", lambda x, limit: x <= limit),
    "less_than": ("less than", "<", "<=", lambda x, limit: x < limit),
}
ORDERS = tuple(_ORDERS)
"""The kinds of conditions that compare with one limit."""
ODD_ONES: list[list[str | int]] = [
    ["even"],
    ["odd"],
    ["multiple", 3],
    ["multiple", 4],
    ["multiple", 5],
]
"""Conditions without a boundary."""


def condition(kind: str, limit: int = 0, width: int = 0) -> Condition:
    """Return a condition.

    Args:
        kind: One of `ORDERS`, "between", "even", "odd", "multiple".
        limit: What is compared with, the lower of two, or what divides.
        width: How far the upper bound of "between" lies above the lower.
    """
    if kind in _ORDERS:
        words, right, wrong, test = _ORDERS[kind]
        slips = {"misreads_the_boundary": f"{{x}} {wrong} {limit}"}
        return Condition(
            f"{words} {limit}", f"{{x}} {right} {limit}", slips, lambda x: test(x, limit), limit
        )
    if kind == "between":
        high = limit + width
        slips = {"misreads_the_boundary": f"{limit} < {{x}} < {high}"}
        code = f"{limit} <= {{x}} <= {high}"
        core = f"at least {limit} and at most {high}"
        return Condition(core, code, slips, lambda x: limit <= x <= high, limit)
    by, rest = {"even": (2, 0), "odd": (2, 1), "multiple": (limit, 0)}[kind]
    core = f"a multiple of {by}" if kind == "multiple" else kind
    slips = {"takes_the_quotient_for_the_remainder": f"{{x}} // {by} == {rest}"}
    return Condition(core, f"{{x}} % {by} == {rest}", slips, lambda x: x % by == rest, None)

"""What a lesson asks of a program, read from the verifier's data.

What a newcomer gets wrong: cases and tests are never shown to a student, and what is expected in
them never enters a process that runs a student's text. `examples` is what the task shows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from keyword import iskeyword

from pydantic import JsonValue

from agents.errors import VerifierError
from agents.verifiers.canonical import flag, refuse_unknown
from agents.verifiers.code.inputs import Kind, drawn, kinds
from agents.verifiers.code.literals import value_of
from agents.verifiers.code.source import BYTES, is_readable
from agents.verifiers.evidence import shown
from agents.verifiers.verifier import Data

CASES = 1_000
HIDDEN = 200
"""Hidden inputs at most; without the key, `DEFAULT_HIDDEN`."""
DEFAULT_HIDDEN = 16
VALUES = 100_000
"""Values within values of all hidden inputs together."""
TOLERANCE = 1e-9
"""Relative, between two floats, where the lesson states none."""
KEYS = frozenset(
    {
        "entry_point",
        "prelude",
        "cases",
        "tests",
        "inputs",
        "hidden",
        "examples",
        "pure",
        "tolerance",
        "draw",
    }
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A verifier's data, read."""

    entry_point: str
    prelude: str
    cases: tuple[tuple[list[object], object], ...]
    """Arguments and the value expected of them."""
    tests: str
    """Source that defines `check(candidate)`; empty: there is none."""
    inputs: tuple[Kind, ...]
    """What each argument may be; empty: no inputs are drawn."""
    hidden: int
    examples: tuple[tuple[list[object], object], ...]
    pure: bool
    tolerance: float
    draw: int

    def hidden_inputs(self) -> list[list[object]]:
        """Return the inputs that are drawn for one attempt."""
        return drawn(self.inputs, self.draw, self.hidden) if self.inputs else []

    def changes_show(self) -> bool:
        """Return whether a program that changes its arguments has some to change."""
        rows = [arguments for arguments, _ in self.cases] + self.hidden_inputs()
        return self.pure and any(
            isinstance(each, list | dict | set) for row in rows for each in row
        )


def read(data: Data) -> Asked:
    """Return what a lesson asks.

    Raises:
        VerifierError: the data does not fit; the message names what and how to mend it.
    """
    refuse_unknown("code", data, KEYS)
    asked = Asked(
        entry_point=_name(data.get("entry_point")),
        prelude=_source(data, "prelude"),
        cases=_cases(data, "cases"),
        tests=_source(data, "tests"),
        inputs=kinds(data["inputs"]) if "inputs" in data else (),
        hidden=_integer(data, "hidden", DEFAULT_HIDDEN, lambda n: 1 <= n <= HIDDEN),
        examples=_cases(data, "examples"),
        pure=flag("code", data, "pure", default=False),
        tolerance=_tolerance(data.get("tolerance", TOLERANCE)),
        draw=_integer(data, "draw", 0, lambda n: n >= 0),
    )
    size = asked.hidden * sum(kind.largest for kind in asked.inputs)
    if size > VALUES:
        raise VerifierError(
            f"code: the hidden inputs may hold {size} values; make 'hidden' or the lengths in "
            f"'inputs' less, so that they hold at most {VALUES}"
        )
    if not (asked.cases or asked.tests or asked.inputs):
        raise VerifierError("code: data needs 'cases', 'tests' or 'inputs', and none may be empty")
    return asked


def _name(name: JsonValue) -> str:
    if isinstance(name, str) and len(name) <= 200 and name.isidentifier() and not iskeyword(name):
        return name
    raise VerifierError(f"code: 'entry_point' must be a function's name, not {shown(str(name))}")


def _source(data: Data, key: str) -> str:
    text = data.get(key, "")
    if isinstance(text, str) and is_readable(text):
        return text if text.strip() else ""
    raise VerifierError(f"code: {key!r} must be Python source of at most {BYTES} bytes")


def _cases(data: Data, key: str) -> tuple[tuple[list[object], object], ...]:
    given = data.get(key, [])
    if not isinstance(given, list) or len(given) > CASES:
        raise VerifierError(f"code: {key!r} must be a list of at most {CASES} cases")
    return tuple(_case(each, f"{key}[{place}]") for place, each in enumerate(given))


def _case(given: JsonValue, where: str) -> tuple[list[object], object]:
    if isinstance(given, list) and len(given) == 2 and isinstance(given[0], list):
        return [value_of(each) for each in given[0]], value_of(given[1])
    raise VerifierError(f"code: {where} must be [[argument, ...], expected value]")


def _integer(data: Data, key: str, default: int, fits: Callable[[int], bool]) -> int:
    number = data.get(key, default)
    if type(number) is int and fits(number):
        return number
    raise VerifierError(f"code: {key!r} cannot be {shown(str(number))}; see the manual")


def _tolerance(given: JsonValue) -> float:
    if isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given < 1:
        return float(given)
    raise VerifierError(f"code: 'tolerance' must lie within 0 and 1, not {shown(str(given))}")

"""The verifier itself: canonical forms decide where they can, and a worker process where not.

What a newcomer gets wrong: "it equals the reference" is not enough. Where the reference leaves
nothing to be worked out, neither may the answer, or the question would be an answer to itself.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from itertools import islice

from pydantic import JsonValue

from agents.errors import VerifierError
from agents.verifiers.evidence import shown
from agents.verifiers.math.frames import BUSY, KILLED, Message
from agents.verifiers.math.kinds import (
    brackets_differ,
    kind_of,
    kinds_fit,
    tuple_of,
    worked_out,
)
from agents.verifiers.math.limits import (
    ANSWER_S,
    MAX_BITS,
    MAX_EFFORT,
    MAX_PAIRS,
    MEMORY_BYTES,
    PROCESSOR_S,
    WALL_S,
)
from agents.verifiers.math.near_miss import near_statements, near_values
from agents.verifiers.math.pool import missing, pool
from agents.verifiers.math.statement import read_statement
from agents.verifiers.math.tokens import MAX_NESTING
from agents.verifiers.math.tree import Node, NotMathematics, number, packed
from agents.verifiers.math.values import (
    MAX_CHARS,
    MAX_DIGITS,
    MAX_ELEMENTS,
    MAX_EXPONENT,
    Value,
    stated,
    value_of,
    value_text,
)
from agents.verifiers.verifier import Data
from storage.records import Check, Finding

MUTANTS = 12
_READING: dict[str, JsonValue] = {
    "text_max_chars": MAX_CHARS,
    "digits_in_a_row_max": MAX_DIGITS,
    "exponent_max": MAX_EXPONENT,
    "elements_max": MAX_ELEMENTS,
    "nesting_max": MAX_NESTING,
}
_COMPARING: dict[str, JsonValue] = {
    **_READING,
    "number_max_bits": MAX_BITS,
    "steps_max": MAX_EFFORT,
    "pairs_max": MAX_PAIRS,
    "memory_max_bytes": MEMORY_BYTES,
    "processor_max_s": PROCESSOR_S,
    "wall_max_s": WALL_S,
    "answer_max_s": ANSWER_S,
}


@dataclass(frozen=True, slots=True)
class _Said:
    """What a text says."""

    text: str
    value: Value | None
    """None: it is no number, and no sequence of numbers, in plain characters."""
    node: Node | None = None
    """None: it is a value, and nothing else need be known."""

    def canonical(self) -> Hashable | None:
        """Return what is compared exactly. None: something is left to be worked out."""
        if self.value is not None:
            return self.value
        return None if self.node is None else worked_out(self.node)

    def statement(self) -> Node:
        """Return the statement."""
        if self.node is not None:
            return self.node
        numbers = tuple(map(number, self.value or ()))
        return numbers[0] if len(numbers) == 1 else Node(tuple_of(self.text), numbers)


class MathVerifier:
    """Accepts an answer that says what the reference says."""

    name = "math"
    version = 2

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        """Return "passed" if both texts say the same.

        Raises:
            VerifierError: the reference is no mathematics that is read, or cannot be worked out; or
                what is needed to compare it is not installed, or has no time.
        """
        wanted = _reference(reference)
        try:
            found = _said(answer)
        except NotMathematics as fault:
            if wanted.value is not None:
                return self._found("failed", f"{shown(answer)} is no value: {fault}")
            return self._found("failed", f"{shown(answer)} is no mathematics: {fault}")
        if wanted.canonical() is not None:
            return self._exact(wanted, found)
        if not kinds_fit(wanted.statement(), found.statement()):
            return self._found("failed", _kinds(wanted, found))
        if lacking := missing():
            raise VerifierError(f"math: {lacking}")
        reply = await pool().ask(
            {"reference": packed(wanted.statement()), "answer": packed(found.statement())}
        )
        return self._compared(wanted, found, reply)

    def canonical(self, text: str, data: Data) -> Hashable | None:
        """Return what a text says, if nothing in it is left to be worked out; else None."""
        try:
            return _said(text).canonical()
        except NotMathematics:
            return None

    def changed(self, reference: str, data: Data) -> str:
        """Return the nearest of the mutants: a value with one added to its last element, say.

        Raises:
            VerifierError: the reference is no mathematics that is read.
        """
        return self.mutants(reference, data)[0]

    def mutants(self, reference: str, data: Data) -> tuple[str, ...]:
        """Return near misses of the reference, nearest first, at most `MUTANTS`.

        Raises:
            VerifierError: the reference is no mathematics that is read.
        """
        said = _reference(reference)
        if said.value is not None:
            return tuple(islice(near_values(said.value), MUTANTS))
        return tuple(islice(near_statements(said.statement()), MUTANTS))

    def _exact(self, wanted: _Said, found: _Said) -> Check:
        """Return what comes of comparing a reference that is worked out."""
        said, canonical = shown(found.text), found.canonical()
        if wanted.value is not None and found.value is not None:
            same = found.value == wanted.value
            evidence = stated(found.text, found.value)
            evidence += "" if same else f", not {value_text(wanted.value)}"
        elif not kinds_fit(wanted.statement(), found.statement()):
            return self._found("failed", _kinds(wanted, found))
        elif canonical is None:
            return self._found("failed", f"{said} is no value: it is not worked out")
        else:
            same = canonical == wanted.canonical()
            evidence = f"{said} {'says' if same else 'does not say'} {shown(wanted.text)}"
        if same and brackets_differ(wanted.text, found.text, canonical):
            same, evidence = False, f"{said} and {shown(wanted.text)} may be two intervals"
        return self._found("passed" if same else "failed", evidence)

    def _compared(self, wanted: _Said, found: _Said, reply: Message) -> Check:
        """Return what a worker's reply means.

        Raises:
            VerifierError: the reference is at fault, or the machine.
        """
        answer, reference = shown(found.text), shown(wanted.text)
        ended, stage = reply.get("ended"), reply.get("stage")
        if ended in (BUSY, KILLED):
            raise VerifierError(
                f"math: the machine had no time to compare; it was {ended}; try again"
            )
        if reply.get("fault") == "reference" or stage == "reference":
            why = reply.get("why", ended)
            raise VerifierError(f"reference {reference} cannot be worked out: {why}")
        if reply.get("fault") == "answer" or stage == "answer":
            return self._told("failed", f"{answer} is beyond the limits: {reply.get('why', ended)}")
        if reply.get("found") == "same":
            return self._told("passed", f"{answer} says {reference}")
        if reply.get("found") == "different":
            return self._told("failed", f"{answer} does not say {reference}")
        why = ended or "math-verify finds no proof"
        evidence = f"{answer} has the values of {reference} wherever tried, but {why}"
        return self._told("undecided", evidence)

    def _told(self, finding: Finding, evidence: str) -> Check:
        return self._found(finding, evidence, limits={**_COMPARING, **_versions()})

    def _found(
        self, finding: Finding, evidence: str, limits: dict[str, JsonValue] = _READING
    ) -> Check:
        return Check(
            verifier=self.name,
            version=self.version,
            finding=finding,
            evidence=evidence,
            limits=limits,
        )


def _said(text: str) -> _Said:
    """Return what a text says.

    Raises:
        NotMathematics: it says nothing that is read.
    """
    value = value_of(text)
    return _Said(text, value, None if value is not None else read_statement(text))


def _reference(text: str) -> _Said:
    try:
        return _said(text)
    except NotMathematics as fault:
        raise VerifierError(
            f"reference {shown(text)} is no value that 'math' can compare: {fault}"
        ) from fault


def _kinds(wanted: _Said, found: _Said) -> str:
    kind = kind_of(found.statement())
    return f"{shown(found.text)} is {kind}, not {kind_of(wanted.statement())}"


@cache
def _versions() -> dict[str, JsonValue]:
    return {"math_verify": version("math-verify"), "sympy": version("sympy")}

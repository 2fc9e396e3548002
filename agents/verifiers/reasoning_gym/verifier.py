"""Compare answers to the data sets of reasoning-gym, strictly, without that package.

What a newcomer gets wrong: the package has evaluators of its own, and none of them ever runs here;
several can be led astray, and some evaluate the answer as Python. An answer is right or it is
wrong; there is nothing between.
"""

import difflib
import re

from pydantic import JsonValue

from agents.errors import VerifierError
from agents.verifiers.canonical import refuse_unknown
from agents.verifiers.evidence import cut, shown
from agents.verifiers.reasoning_gym.comparison import Comparison
from agents.verifiers.reasoning_gym.data_sets import COMPARISONS
from agents.verifiers.reasoning_gym.readings import MAX_CHARS
from agents.verifiers.verifier import Data
from storage.records import Check

_KEYS = frozenset({"data_set", "puzzle"})
_FIRST_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.][0-9]+)?")


class ReasoningGymVerifier:
    """Accepts what is right in the form that the data set asks for."""

    name = "reasoning_gym"
    version = 1

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        """Return "passed" if the answer is right.

        Raises:
            VerifierError: the data does not fit, or the reference is not of the data set's form.
        """
        comparison, puzzle = _read(data)
        _fit(reference)
        if len(answer) > MAX_CHARS:
            fault = f"the answer is longer than {MAX_CHARS} characters"
            comparison.fault(reference, reference, puzzle)
        else:
            fault = comparison.fault(answer, reference, puzzle)
        return Check(
            verifier=self.name,
            version=self.version,
            finding="failed" if fault else "passed",
            evidence=cut(fault, 300) or f"{shown(answer)} is right",
            limits={"text_max_chars": MAX_CHARS, "compares": comparison.name},
        )

    def changed(self, reference: str, data: Data) -> str:
        """Return the nearest of the mutants.

        Raises:
            VerifierError: the data does not fit, or there is no mutant.
        """
        return self.mutants(reference, data)[0]

    def mutants(self, reference: str, data: Data) -> tuple[str, ...]:
        """Return near misses of the reference that must be refused, at least one.

        Raises:
            VerifierError: the data does not fit, or there is none.
        """
        comparison, puzzle = _read(data)
        _fit(reference)
        found = comparison.mutants(reference, puzzle)
        if not found:
            raise VerifierError(f"reference {shown(reference)}: nothing close to it is refused")
        return found

    def trivial(self, question: str, data: Data) -> tuple[str, ...]:
        """Return answers that take no thought: nothing, 0, the question's first number, or all."""
        first = _FIRST_NUMBER.search(question)
        return ("", "0", "nan", "xyzzy", *([first[0]] if first else []), question)


def _read(data: Data) -> tuple[Comparison, JsonValue]:
    """Return what a lesson's answers are compared by, and its puzzle, None if it needs none."""
    refuse_unknown("reasoning_gym", data, _KEYS)
    name = data.get("data_set")
    comparison = COMPARISONS.get(name) if isinstance(name, str) else None
    if comparison is None:
        near = difflib.get_close_matches(str(name), COMPARISONS, n=1, cutoff=0.0)[0]
        raise VerifierError(
            f"reasoning_gym: 'data_set' is {shown(str(name))}, which is none that is compared; "
            f"did you mean {near!r}?"
        )
    if comparison.needs_puzzle != ("puzzle" in data):
        needs = "needs" if comparison.needs_puzzle else "takes no"
        raise VerifierError(f"reasoning_gym: {name!r} {needs} 'puzzle' in its data")
    return comparison, data.get("puzzle")


def _fit(reference: str) -> None:
    if len(reference) > MAX_CHARS:
        raise VerifierError(f"reference of more than {MAX_CHARS} characters")

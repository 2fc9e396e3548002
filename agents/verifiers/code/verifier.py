"""The verifier `code`: run a program on what no one has shown its author, and compare here.

What a newcomer gets wrong: a program that ends well, prints PASS or says that it is right has
proved nothing. All that counts is which values come back, and they are compared in this process,
where the program is not.
"""

from collections.abc import Awaitable, Callable

from pydantic import JsonValue

from agents.verifiers.code import asked as data_of
from agents.verifiers.code import near_misses
from agents.verifiers.code.asked import Asked
from agents.verifiers.code.cases import fault_in, given_cases, hidden_cases
from agents.verifiers.code.source import BYTES, Program, program, reference_program
from agents.verifiers.code.suite import ASKS, fault_by_tests
from agents.verifiers.evidence import cut
from agents.verifiers.sandbox import sandbox as chosen_sandbox
from agents.verifiers.sandbox.sandbox import GuestEnded, Sandbox
from agents.verifiers.verifier import Data
from storage.records import Check, Finding

_EVIDENCE = 400


class CodeVerifier:
    """Accepts a program that gives what the lesson expects, on every case, input and test.

    Args:
        choose: Gives the sandbox in which programs run. None: the best that works here.
    """

    name = "code"
    version = 1
    draws = True

    def __init__(self, choose: Callable[[], Awaitable[Sandbox]] | None = None) -> None:
        self._choose = choose or chosen_sandbox

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        """Run the answer, and the reference on the inputs that are drawn, each in a fresh guest.

        Raises:
            VerifierError: the data does not fit, the reference cannot be run, the tests never call
                the program, or no sandbox works here.
        """
        asked = data_of.read(data)
        oracle = reference_program(reference, asked.prelude, asked.entry_point)
        sandbox = await self._choose()
        try:
            fault = await _fault(sandbox, answer, oracle, asked)
        except GuestEnded as error:
            if error.starved:
                return self._found("undecided", error.why, sandbox, asked)
            fault = error.why
        if fault:
            return self._found("failed", fault, sandbox, asked)
        return self._found("passed", _praise(asked), sandbox, asked)

    def changed(self, reference: str, data: Data) -> str:
        """Return the reference with another value at its end.

        Raises:
            VerifierError: the data does not fit, or the reference is too long.
        """
        return near_misses.another_value(*_whole(reference, data_of.read(data)))

    def mutants(self, reference: str, data: Data) -> tuple[str, ...]:
        """Return programs that are surely wrong, though some do all the work of the reference.

        Raises:
            VerifierError: the data does not fit, or the reference is too long.
        """
        asked = data_of.read(data)
        text, name = _whole(reference, asked)
        found = [near_misses.another_value(text, name), near_misses.raises(text, name)]
        if asked.cases or asked.inputs:
            # Tests may be content with 1.0 for 1, and it is for them to say.
            found.append(near_misses.another_type(text, name))
        if asked.changes_show():
            found.append(near_misses.spoils_arguments(text, name))
        return tuple(found)

    def trivial(self, question: str, data: Data) -> tuple[str, ...]:
        """Return programs that take no thought: constants, an echo, the shown examples by heart.

        Raises:
            VerifierError: the data does not fit.
        """
        asked = data_of.read(data)
        return tuple(near_misses.without_thought(asked.entry_point, asked.examples))

    def _found(self, finding: Finding, evidence: str, sandbox: Sandbox, asked: Asked) -> Check:
        limits: dict[str, JsonValue] = {
            "sandbox": sandbox.name,
            **sandbox.limits,
            "source_bytes": BYTES,
            "cases": len(asked.cases),
            "hidden_inputs": asked.hidden if asked.inputs else 0,
            "asks": ASKS,
            "relative_tolerance": asked.tolerance,
        }
        return Check(
            verifier=self.name,
            version=self.version,
            finding=finding,
            evidence=cut(evidence, _EVIDENCE),
            limits=limits,
        )


async def _fault(sandbox: Sandbox, answer: str, oracle: Program, asked: Asked) -> str:
    """Return where the answer fails, or "" if it fails nowhere."""
    cases = [*given_cases(asked), *await hidden_cases(sandbox, oracle, asked)]
    candidate = program(answer, asked.prelude, asked.entry_point)
    if candidate is None:
        return f"the answer is no source of at most {BYTES} bytes"
    fault = await fault_in(sandbox, candidate, asked, cases, oracle.source)
    if not fault and asked.tests:
        fault = await fault_by_tests(sandbox, candidate, asked, oracle.source)
    return fault


def _whole(reference: str, asked: Asked) -> tuple[str, str]:
    """Return the reference as source to which more may be added, and the function's name."""
    oracle = reference_program(reference, asked.prelude, asked.entry_point)
    return oracle.source, asked.entry_point


def _praise(asked: Asked) -> str:
    parts = [f"{len(asked.cases)} cases"] if asked.cases else []
    parts += ["the hidden inputs"] if asked.inputs else []
    parts += ["the tests"] if asked.tests else []
    return f"right on {' and '.join(parts)}"

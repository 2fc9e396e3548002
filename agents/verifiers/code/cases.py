"""Cases: arguments and what is expected of them, given by the lesson or got from the reference.

What a newcomer gets wrong: what is expected stays in this process. A guest is told arguments, and
what it says about them is compared here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.errors import VerifierError
from agents.verifiers.code.asked import Asked
from agents.verifiers.code.calls import Caller, Said, told
from agents.verifiers.code.comparing import brief, is_told, raising, same
from agents.verifiers.code.source import Program
from agents.verifiers.evidence import cut
from agents.verifiers.sandbox.sandbox import GuestEnded, Sandbox

_NO_ANSWER = frozenset(
    {"GeneratorExit", "KeyboardInterrupt", "MemoryError", "RecursionError", "SystemExit"}
)
"""Exceptions that no lesson can expect: they tell that a program did not come to its end."""


@dataclass(frozen=True, slots=True)
class Case:
    """One call and what is expected of it."""

    label: str
    """"example 3", "case 3" or "hidden input 3", counted from 1."""
    arguments: list[object]
    expected: object
    """The value; it says nothing where `raises` is not None."""
    raises: str | None
    """The name of the type of the exception that is expected."""


def given_cases(asked: Asked) -> list[Case]:
    """Return the cases that stand in the lesson; what the task shows must hold as well."""
    return [
        Case(f"{kind} {number}", arguments, expected, None)
        for kind, cases in (("example", asked.examples), ("case", asked.cases))
        for number, (arguments, expected) in enumerate(cases, 1)
    ]


async def hidden_cases(sandbox: Sandbox, reference: Program, asked: Asked) -> list[Case]:
    """Return the inputs that are drawn, with what the reference makes of them in its own guest.

    Raises:
        VerifierError: the reference cannot be run on them.
        GuestEnded: the machine was too slow for the reference.
        NoSandbox: the sandbox could not be started.
    """
    inputs = asked.hidden_inputs()
    if not inputs:
        return []
    try:
        found = await _said(sandbox, reference, asked.entry_point, inputs)
    except GuestEnded as error:
        if error.starved:
            raise
        raise VerifierError(f"code: the reference cannot be run: {error.why}") from error
    raised = [said.raised for said in found if said.raised is not None]
    if len(raised) == len(found):
        raise VerifierError(
            f"code: the reference raises {raising(raised[0], '')} on every input; correct 'inputs'"
        )
    return [
        _hidden(number, arguments, said)
        for number, (arguments, said) in enumerate(zip(inputs, found, strict=True), 1)
    ]


async def fault_in(
    sandbox: Sandbox, program: Program, asked: Asked, cases: Sequence[Case], secret: str
) -> str:
    """Return in which case and how a program fails, or "" if it fails in none; see `Caller`.

    Raises:
        GuestEnded: the guest is gone, or says what no guest may say.
        NoSandbox: the sandbox could not be started.
    """
    if not cases:
        return ""
    sent = [told(case.arguments) for case in cases]
    async with sandbox.guest() as guest:
        caller = Caller(guest, secret)
        if fault := await caller.load(program, asked.entry_point):
            return fault
        for case, arguments in zip(cases, sent, strict=True):
            try:
                _, said = await caller.call(arguments, echo=asked.pure)
            except GuestEnded as error:
                why = f"{case.label}: {error.why}, for {_shown_call(case)}"
                raise GuestEnded(why, starved=error.starved) from error
            if fault := _fault(case, said, asked):
                return f"{case.label}: {fault}"
        await caller.leave()
    return ""


async def _said(
    sandbox: Sandbox, reference: Program, name: str, inputs: Sequence[list[object]]
) -> list[Said]:
    sent = [told(arguments) for arguments in inputs]
    async with sandbox.guest() as guest:
        caller = Caller(guest, reference.source)
        if fault := await caller.load(reference, name):
            raise VerifierError(f"code: the reference cannot be run: {fault}")
        return [(await caller.call(arguments, echo=False))[1] for arguments in sent]


def _hidden(number: int, arguments: list[object], said: Said) -> Case:
    if said.raised in _NO_ANSWER:
        raise VerifierError(f"code: the reference ends with {said.raised} on an input; correct it")
    if not is_told(said.returned):
        raise VerifierError(f"code: the reference returned {brief(said.returned)}; no such value")
    return Case(f"hidden input {number}", arguments, said.returned, said.raised)


def _fault(case: Case, said: Said, asked: Asked) -> str:
    """Return how what was said is not what is expected, which itself is not named."""
    if said.raised is not None:
        if said.raised == case.raises:
            return ""
        return f"raised {raising(said.raised, said.message)} for {_shown_call(case)}"
    if case.raises is not None or not same(said.returned, case.expected, asked.tolerance):
        return f"returned {brief(said.returned)} for {_shown_call(case)}"
    if asked.pure and not same(said.arguments, case.arguments, 0.0):
        return f"changed its arguments, which were {_shown_call(case)}"
    return ""


def _shown_call(case: Case) -> str:
    return f"({cut(', '.join(map(brief, case.arguments)), 160)})"

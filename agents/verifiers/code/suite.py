"""Tests that a lesson brings: one guest runs them, another the program, and we carry calls across.

What a newcomer gets wrong: were both in one process, the program could read what the tests expect,
or end the process as if all had passed. So the tests hold a proxy. And whoever wrote the tests is
not trusted either: they run in a sandbox too, and all they can say is whether the program passed.
"""

from agents.errors import VerifierError
from agents.verifiers.code.asked import Asked
from agents.verifiers.code.calls import Caller
from agents.verifiers.code.comparing import printable, same
from agents.verifiers.code.source import Program
from agents.verifiers.sandbox.guest import Malformed, decode
from agents.verifiers.sandbox.sandbox import Guest, GuestEnded, Message, Sandbox

ASKS = 10_000
"""How often tests may call the program."""
_NO_TESTS_SAY = "code: the tests say what no tests can say; correct 'tests'"


async def fault_by_tests(sandbox: Sandbox, program: Program, asked: Asked, secret: str) -> str:
    """Return how a program fails the lesson's tests, or "" if it passes; see `Caller`.

    Raises:
        VerifierError: the tests ended, well or not, without ever calling the program.
        GuestEnded: the program's guest is gone, or the machine was too slow for one of them.
        NoSandbox: the sandbox could not be started.
    """
    async with sandbox.guest() as guest:
        caller = Caller(guest, secret)
        if fault := await caller.load(program, asked.entry_point):
            return fault
        async with sandbox.guest() as tester:
            fault = await _Relay(tester, caller, asked).run()
        if not fault:
            await caller.leave()
    return fault


class _Relay:
    """Carries the calls of one run of the tests."""

    def __init__(self, tester: Guest, caller: Caller, asked: Asked) -> None:
        self._tester = tester
        self._caller = caller
        self._asked = asked
        self._asks = 0
        self._fault = ""

    async def run(self) -> str:
        asked = self._asked
        said = await self._hear(
            {
                "do": "test",
                "source": asked.tests,
                "entry_point": asked.entry_point,
                "prelude": asked.prelude,
            }
        )
        while said is not None and "ask" in said and self._asks < ASKS and not self._fault:
            said = await self._hear(await self._answer(said))
        if not self._asks:
            raise VerifierError(
                f"code: the tests never called {asked.entry_point!r}, {_ending(said)}; "
                "correct 'tests'"
            )
        if self._fault or said == {"tested": True}:
            return self._fault
        return f"after call {self._asks} of the tests {_ending(said)}"

    async def _hear(self, message: Message) -> Message | None:
        """Return what the tests say next. None: they are gone, or say what no guest may say.

        Raises:
            GuestEnded: the machine was too slow.
        """
        try:
            await self._tester.send(message)
            return await self._tester.receive()
        except GuestEnded as error:
            if error.starved:
                raise
            return None

    async def _answer(self, ask: Message) -> Message:
        """Return the program's answer to a call of the tests.

        Raises:
            VerifierError: the tests say what no guest may say.
            GuestEnded: the program's guest is gone, or says what no guest may say.
        """
        arguments, keywords = ask.get("arguments"), ask.get("keywords")
        if not isinstance(arguments, list) or not isinstance(keywords, dict):
            raise VerifierError(_NO_TESTS_SAY)
        try:
            before = decode(arguments)
            decode(list(keywords.values()))
        except Malformed as error:
            raise VerifierError(_NO_TESTS_SAY) from error
        if set(ask) != {"ask", "arguments", "keywords"} or ask["ask"] != self._asks:
            raise VerifierError(_NO_TESTS_SAY)
        self._asks += 1
        message, said = await self._caller.call(arguments, keywords)
        if self._asked.pure and not same(said.arguments, before, 0.0):
            self._fault = f"call {self._asks} of the tests: it changed its arguments"
        return {"answer": ask["ask"], **message}


def _ending(said: Message | None) -> str:
    """Return how tests ended, without an exception's message, which may tell what was expected."""
    if said is None:
        return "they came to no end"
    if "ask" in said:
        return f"they called it more than {ASKS} times"
    raised = said.get("raised")
    return f"they raised {printable(raised, 60)}" if isinstance(raised, str) else "they ended"

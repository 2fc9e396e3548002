"""What a sandbox is: a place where a stranger's Python runs, and from which only values come back.

What a newcomer gets wrong: nothing that a guest says is a verdict. It is told a program and
arguments, never what is expected of them; whoever asks compares the values that come back.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from pydantic import JsonValue

from agents.errors import ToolMissing

Message = dict[str, JsonValue]


class NoSandbox(ToolMissing):
    """No sandbox works on this machine, so no program of a stranger runs. See `run.py doctor`."""


class GuestEnded(Exception):
    """A guest is gone, or says what no guest may say. `why` is one line for a person.

    `starved` is True where the machine, not the program, was too slow: the guest had hardly any
    processor time and was not waiting for anything. Then nothing is known about the program.
    """

    def __init__(self, why: str, *, starved: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.starved = starved


class Guest(Protocol):
    """The line to one confined interpreter; see `agents.verifiers.sandbox.guest` for what is said.

    One message each way is one line of JSON, limited in length, depth and digits.
    """

    async def send(self, message: Message) -> None:
        """Say something.

        Raises:
            GuestEnded: it is gone.
        """
        ...

    async def receive(self) -> Message:
        """Return what it says next.

        Raises:
            GuestEnded: it ended, ran over a limit, or sent what is no message.
        """
        ...


class Sandbox(Protocol):
    """One way of confining a guest."""

    name: str
    """"landlock", "bubblewrap" or "wasi"."""
    limits: Mapping[str, JsonValue]
    """What every guest may use at most, by name with the unit in the name; stored in checks."""

    def guest(self) -> AbstractAsyncContextManager[Guest]:
        """Return a fresh guest, which runs no program yet; leaving the context ends it for good.

        Raises:
            NoSandbox: the sandbox could not be started.
        """
        ...

"""Talk with a guest that runs one program: load it, call it, see that it said nothing else.

What a newcomer gets wrong: whoever wrote the program may write every line that comes back. So each
line must have exactly the form of an answer to what was just asked, and all it can tell are values.
The numbers of calls prove nothing; they only make what was said before it was asked stand out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from pydantic import JsonValue

from agents.errors import VerifierError
from agents.verifiers.code.comparing import is_told, raising
from agents.verifiers.code.source import Program
from agents.verifiers.sandbox.guest import Malformed, decode, encode
from agents.verifiers.sandbox.sandbox import Guest, GuestEnded, Message
from storage.ids import derive_seed

NO_GUEST_SAYS = "said what no guest may say"
_NUMBERS = 10**15
_NONE: Mapping[str, JsonValue] = {}


@dataclass(frozen=True, slots=True)
class Said:
    """What was said about one call."""

    returned: object
    """None if it raised."""
    raised: str | None
    """The name of the exception's type; None: it returned."""
    message: str
    arguments: list[object]
    """As they were after the call."""


class Caller:
    """Calls one program in a fresh guest.

    Args:
        guest: Runs nothing yet.
        secret: Decides the numbers of calls; something that no program knows.
    """

    def __init__(self, guest: Guest, secret: str) -> None:
        self._guest = guest
        self._numbers = Random(derive_seed("calls", secret))

    async def load(self, program: Program, name: str) -> str:
        """Load the program; return why it does not load, or "" if it does.

        Raises:
            GuestEnded: the guest is gone, or says what no guest may say.
        """
        said = await self._ask(
            {
                "do": "load",
                "source": program.source,
                "entry_point": name,
                "prelude": program.prelude,
            }
        )
        if said == {"loaded": True}:
            return ""
        raised, message = said.get("raised"), said.get("message")
        if len(said) == 2 and isinstance(raised, str) and isinstance(message, str):
            return f"it does not load: {raising(raised, message)}"
        raise GuestEnded(NO_GUEST_SAYS)

    async def call(
        self,
        arguments: Sequence[JsonValue],
        keywords: Mapping[str, JsonValue] = _NONE,
        *,
        echo: bool = True,
    ) -> tuple[Message, Said]:
        """Return what the program says to a call, as it was told and read.

        With `echo` that is also what became of its arguments.

        Raises:
            GuestEnded: the guest is gone, or says what no guest may say.
        """
        number = self._numbers.randrange(_NUMBERS)
        said = await self._ask(
            {
                "do": "call",
                "id": number,
                "arguments": list(arguments),
                "keywords": dict(keywords),
                "echo": echo,
            }
        )
        if not echo:
            if "arguments" in said:
                raise GuestEnded(NO_GUEST_SAYS)
            said["arguments"] = []
        if type(said.get("id")) is not int or said.pop("id") != number:
            raise GuestEnded(NO_GUEST_SAYS)
        return said, _read(said)

    async def leave(self) -> None:
        """See that each call was answered once, and that nothing else was said.

        Raises:
            GuestEnded: there was more, or the guest is gone.
        """
        # The guest's own loop says which name is missing; a line that came before says another.
        name = f"number_{self._numbers.randrange(_NUMBERS)}"
        if name not in await self.load(Program("", ""), name):
            raise GuestEnded(NO_GUEST_SAYS)

    async def _ask(self, message: Message) -> Message:
        await self._guest.send(message)
        return await self._guest.receive()


def _read(said: Message) -> Said:
    """Return what was said about a call, read.

    Raises:
        GuestEnded: it is not of the form in which a guest says it.
    """
    raised, message, arguments = said.get("raised"), said.get("message", ""), said.get("arguments")
    told = {"returned", "arguments"} if raised is None else {"raised", "message", "arguments"}
    if set(said) != told or not isinstance(arguments, list) or not isinstance(message, str):
        raise GuestEnded(NO_GUEST_SAYS)
    if not isinstance(raised, str | None):
        raise GuestEnded(NO_GUEST_SAYS)
    try:
        after = [decode(each) for each in arguments]
        return Said(decode(said.get("returned")), raised, message, after)
    except Malformed as error:
        raise GuestEnded(NO_GUEST_SAYS) from error


def told(arguments: Sequence[object]) -> list[JsonValue]:
    """Return arguments as a guest is told them.

    Raises:
        VerifierError: one of them cannot be told.
    """
    found = encode(list(arguments))  # as one value, because all of them go into one line
    try:
        fits = is_told(decode(found))
    except Malformed as error:
        raise VerifierError(f"code: arguments cannot be told: {error}; change them") from error
    if not fits:
        raise VerifierError("code: arguments are too long, or nested too deep; make them smaller")
    return list(found)

"""Whether a sandbox holds on this machine, found out by attacking it from the inside.

What a newcomer gets wrong: that a sandbox starts says nothing. A kernel, a container or a careful
administrator may have switched off what it rests on, without a word. So it is usable only after
every attack of `intruder` failed, while an honest program still gave its value.
"""

import asyncio
import builtins
import inspect
import time
from collections import deque
from dataclasses import dataclass

from agents.verifiers.evidence import cut, shown
from agents.verifiers.sandbox import intruder
from agents.verifiers.sandbox.baits import Baits, laid
from agents.verifiers.sandbox.guest import Malformed, decode, encode
from agents.verifiers.sandbox.sandbox import Guest, GuestEnded, Message, NoSandbox, Sandbox

ATTACK_S = 10.0
"""How long one attack may take; each takes milliseconds where the machine is not busy."""
HONEST = "run an honest program"
_PROGRAM = """
import math
from collections import Counter

def tell(text):
    counts = Counter(text)
    text.clear()
    return {"root": math.isqrt(10**40), "counts": sorted(counts.items()), "half": 0.5}
"""
_WORD = list("banana")
_VALUE = {"root": 10**20, "counts": [("a", 3), ("b", 1), ("n", 2)], "half": 0.5}
_REFUSALS = (OSError, ImportError, AttributeError, MemoryError)
"""What an attack raises that found no way; anything else is a fault of its own."""
_ID = 1
_ANSWER = '{"id":1,"returned":"another program answered","arguments":[]}'
"""What a shell says on the line if it gets to take the place of a guest."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One thing that was tried inside."""

    attack: str
    held: bool
    """Whether nothing got out. Of `HONEST`: whether the value came back."""
    evidence: str
    """In one line: how it was refused, or what it got."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What came of probing one sandbox."""

    sandbox: str
    usable: bool
    why: str
    """Why it is not usable, with the remedy where one is known. Empty: it is."""
    start_ms: float | None
    """How long a guest took to be there, once the sandbox was warm. None: none was."""
    attacks: tuple[Attack, ...]
    """The honest program first, then the attacks. Empty: it could not be started."""


async def probe(sandbox: Sandbox) -> Probe:
    """Attack a sandbox, and return what held."""
    attacks: list[Attack] = []
    start_ms = None
    try:
        attacks.append(await _honest(sandbox))
        if attacks[0].held:
            with laid(_ANSWER) as baits:
                start_ms = await _attack(sandbox, baits, attacks)
        open_to = [f"{each.attack} ({each.evidence})" for each in attacks if not each.held]
        why = f"it did not hold: {'; '.join(open_to)}" if open_to else ""
    except NoSandbox as error:
        why = str(error)
    except GuestEnded as error:
        why = f"a guest {error.why} before it was attacked"
    except OSError as error:
        why = f"it could not be tried: {error}"
    return Probe(sandbox.name, not why, " ".join(why.split()), start_ms, tuple(attacks))


async def _honest(sandbox: Sandbox) -> Attack:
    """Run a program that computes, and changes its argument."""
    async with sandbox.guest() as guest:
        try:
            await _load(guest, _PROGRAM, "tell")
            reply = await _asked(guest, _WORD)
        except (GuestEnded, TimeoutError) as error:
            return Attack(HONEST, held=False, evidence=f"the guest {error}")
    held = reply == {"id": _ID, "returned": encode(_VALUE), "arguments": [[]]}
    return Attack(HONEST, held, "it gave its value" if held else shown(str(reply)))


async def _attack(sandbox: Sandbox, baits: Baits, attacks: list[Attack]) -> float:
    """Make every attack, in as few guests as survive; return the ms that the first took to start.

    Raises:
        GuestEnded: a guest did not take the attacks in.
    """
    left = deque(intruder.ATTACKS)
    starts_ms = []
    while left:
        begun = time.monotonic()
        async with sandbox.guest() as guest:
            starts_ms.append((time.monotonic() - begun) * 1_000)
            await _load(guest, inspect.getsource(intruder), "attack")
            lives = True
            while left and lives:
                made, lives = await _made(guest, left.popleft(), baits)
                attacks.append(made)
    return starts_ms[0]


async def _made(guest: Guest, name: str, baits: Baits) -> tuple[Attack, bool]:
    """Make one attack; return what came of it, and whether the guest is still there."""
    lives = True
    try:
        held, evidence = _judged(await _asked(guest, name, baits.told))
    except GuestEnded as error:
        lives, held, evidence = False, not error.starved, f"the guest {error.why}"
    except TimeoutError:
        lives, held, evidence = False, False, f"it was not done after {ATTACK_S:g} s"
    if came := baits.taken():
        held, evidence = False, f"{came} came out"
    return Attack(name, held, evidence), lives


def _judged(reply: Message) -> tuple[bool, str]:
    """Return whether a reply says that an attack got nothing, and the evidence."""
    if "raised" in reply:
        kind = getattr(builtins, str(reply["raised"]), None)
        told = f"{reply['raised']}: {reply.get('message')}".rstrip(": ")
        return isinstance(kind, type) and issubclass(kind, _REFUSALS), cut(told)
    try:
        got = decode(reply.get("returned"))
    except Malformed as error:
        return False, cut(str(error))
    return got is None, "it found nothing" if got is None else cut(str(got))


async def _load(guest: Guest, source: str, entry_point: str) -> None:
    """Give a guest its program.

    Raises:
        GuestEnded: it did not take it.
    """
    await guest.send({"do": "load", "source": source, "entry_point": entry_point, "prelude": ""})
    reply = await guest.receive()
    if reply.get("loaded") is not True:
        raise GuestEnded(f"could not load a program: {cut(str(reply))}")


async def _asked(guest: Guest, *arguments: object) -> Message:
    """Call a guest's program, and return what it says.

    Raises:
        GuestEnded, TimeoutError: it says nothing.
    """
    told = [encode(each) for each in arguments]
    async with asyncio.timeout(ATTACK_S):
        await guest.send({"do": "call", "id": _ID, "arguments": told, "keywords": {}})
        return await guest.receive()

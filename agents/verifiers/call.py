"""The door between a verifier and everyone who asks it.

What a newcomer gets wrong: a verifier may be an app's own, so whatever it raises is "undecided",
never the end of an episode and never a wrong answer.
"""

import asyncio

from agents.verifiers.evidence import cut
from agents.verifiers.registry import verifier
from agents.verifiers.verifier import Data
from storage.records import Check

TIMEOUT_S = 60.0
"""Seconds that a verifier may take; it must await something for this to hold."""


async def call_verifier(
    name: str, *, answer: str, reference: str, data: Data, timeout_s: float = TIMEOUT_S
) -> Check:
    """Return what a verifier found; "undecided" if it raised, took too long, or is not known."""
    version = 1
    try:
        called = verifier(name)
        version = called.version
        async with asyncio.timeout(timeout_s):
            return await called.check(answer=answer, reference=reference, data=data)
    except TimeoutError:
        evidence = f"no finding within {timeout_s:g} s"
    except Exception as error:  # noqa: BLE001 - the fault of a verifier is nobody else's
        evidence = cut(f"{type(error).__name__}: {' '.join(str(error).split())}", 300)
    return Check(verifier=name, version=version, finding="undecided", evidence=evidence)


def changed_reference(name: str, reference: str, data: Data) -> str | None:
    """Return a verifier's near miss of a reference. None: it raised, or is not known."""
    try:
        return verifier(name).changed(reference, data)
    except Exception:  # noqa: BLE001 - the fault of a verifier is nobody else's
        return None

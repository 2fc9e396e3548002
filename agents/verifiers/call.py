"""The door between a verifier and everyone who asks it.

What a newcomer gets wrong: a verifier may be an app's own, so whatever it raises, and whatever it
returns that is no check, is "undecided", never the end of an episode and never a wrong answer. It
runs in a thread of its own, so that one that hangs holds up nobody else.
"""

import asyncio

from agents.errors import VerifierError
from agents.verifiers.apart import run_apart
from agents.verifiers.evidence import cut
from agents.verifiers.registry import is_ours, verifier
from agents.verifiers.verifier import Data, Verifier
from storage.records import Check

TIMEOUT_S = 60.0
"""Seconds that a verifier may take for one answer."""


async def call_verifier(
    name: str, *, answer: str, reference: str, data: Data, timeout_s: float = TIMEOUT_S
) -> Check:
    """Return what a verifier found; "undecided" if it raised, took too long, or is not known."""
    version = 1
    try:
        called = verifier(name)
        version = called.version
        if not is_ours(called):
            return await _strange(called, answer, reference, data, timeout_s)
        async with asyncio.timeout(timeout_s):
            return await called.check(answer=answer, reference=reference, data=data)
    except TimeoutError:
        evidence = f"no finding within {timeout_s:g} s"
    except Exception as error:  # noqa: BLE001 - the fault of a verifier is nobody else's
        evidence = cut(f"{type(error).__name__}: {' '.join(str(error).split())}", 300)
    return Check(verifier=name, version=version, finding="undecided", evidence=evidence)


async def _strange(
    called: Verifier, answer: str, reference: str, data: Data, timeout_s: float
) -> Check:
    """Return the check of an app's verifier, which may hang and may return anything."""
    check: object = await run_apart(
        lambda: called.check(answer=answer, reference=reference, data=data), timeout_s
    )
    if not isinstance(check, Check):
        raise VerifierError(f"{called.name!r} returned {type(check).__name__}, which is no Check")
    return Check.model_validate(check.model_dump(warnings=False))


def changed_reference(name: str, reference: str, data: Data) -> str | None:
    """Return a verifier's near miss of a reference. None: it raised, or is not known."""
    try:
        return verifier(name).changed(reference, data)
    except Exception:  # noqa: BLE001 - the fault of a verifier is nobody else's
        return None

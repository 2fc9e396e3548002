"""The door between a verifier and everyone who asks it.

What a newcomer gets wrong: a verifier may be an app's own, so whatever it raises, and whatever it
returns that is no check, is "undecided", never the end of an episode and never a wrong answer. It
runs in a thread of its own, so that one that hangs holds up nobody else.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar, cast

from agents.errors import ToolMissing, VerifierError
from agents.verifiers.apart import run_apart
from agents.verifiers.evidence import cut
from agents.verifiers.registry import is_ours, verifier
from agents.verifiers.verifier import Data, Doubting, Mutating, Verifier, Wary
from storage.ids import derive_seed
from storage.records import Check

T = TypeVar("T")

TIMEOUT_S = 60.0
"""Seconds that an app's verifier may take for one answer, or any for a question about a lesson."""
OURS_S = 3_600.0
"""Seconds for one of ours. Each keeps narrower limits itself, counted from when its turn has come:
no answer must be undecided because a hundred hostile ones stood in line before it."""


async def call_verifier(
    name: str,
    *,
    answer: str,
    reference: str,
    data: Data,
    timeout_s: float = TIMEOUT_S,
    needs_tools: bool = False,
) -> Check:
    """Return what a verifier found; "undecided" if it raised, took too long, or is not known.

    Raises:
        ToolMissing: only with `needs_tools`: this machine lacks what the verifier works with.
    """
    version = 1
    try:
        called = verifier(name)
        version = called.version
        if not is_ours(called):
            return await _strange(called, answer, reference, data, timeout_s)
        async with asyncio.timeout(timeout_s := OURS_S):
            return await called.check(answer=answer, reference=reference, data=data)
    except TimeoutError:
        evidence = f"no finding within {timeout_s:g} s"
    except ToolMissing as error:
        if needs_tools:
            raise
        evidence = _told(error)
    except Exception as error:  # noqa: BLE001 - the fault of a verifier is nobody else's
        evidence = _told(error)
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


def with_draw(name: str, data: Data, *path: str | int) -> Data:
    """Return a verifier's data with a draw that is derived from the path, if the verifier draws."""
    try:
        draws = _asked(name, lambda known: getattr(known, "draws", False) is True)
    except VerifierError:
        return data
    return {**data, "draw": derive_seed(*path)} if draws else data


async def mutants(name: str, reference: str, data: Data) -> tuple[str, ...]:
    """Return near misses of a reference that a verifier must refuse, at least one.

    Raises:
        VerifierError: it raised, took too long, made none, or is not known.
    """

    def made(known: Verifier) -> tuple[str, ...]:
        if hasattr(known, "mutants"):
            return cast(Mutating, known).mutants(reference, data)
        return (known.changed(reference, data),)

    found = await _texts(name, made)
    if not found:
        raise VerifierError(f"{name!r} made none")
    return found


async def trivial_answers(name: str, question: str, data: Data) -> tuple[str, ...] | None:
    """Return answers without thought that a verifier must refuse. None: it names none of its own.

    Raises:
        VerifierError: it raised, took too long, or is not known.
    """
    if not _asked(name, lambda known: hasattr(known, "trivial")):
        return None
    return await _texts(name, lambda known: cast(Wary, known).trivial(question, data))


async def doubts(name: str, reference: str, data: Data) -> tuple[str, ...]:
    """Return what a verifier has against a reference; nothing if it has no such opinion.

    Raises:
        VerifierError: it raised, took too long, or is not known.
    """
    if not _asked(name, lambda known: hasattr(known, "doubts")):
        return ()
    return await _texts(name, lambda known: cast(Doubting, known).doubts(reference, data))


async def _texts(name: str, ask: Callable[[Verifier], object]) -> tuple[str, ...]:
    """Return the texts that a verifier gives; an app's may hang, and may give anything.

    Raises:
        VerifierError: it raised, took too long, gave something else, or is not known.
    """

    async def asked() -> object:
        return _asked(name, ask)

    try:
        ours = _asked(name, is_ours)
        given = await (asked() if ours else run_apart(asked, TIMEOUT_S))
    except TimeoutError as error:
        raise VerifierError(f"{name!r}: no reply within {TIMEOUT_S:g} s") from error
    if not isinstance(given, tuple) or not all(isinstance(text, str) for text in given):
        raise VerifierError(f"{name!r} gave {type(given).__name__}, which is no tuple of texts")
    return given


def _asked(name: str, ask: Callable[[Verifier], T]) -> T:
    """Return what a verifier says to a question that is no check.

    Raises:
        VerifierError: it raised, or is not known; one line says why.
    """
    try:
        return ask(verifier(name))
    except VerifierError:
        raise
    except Exception as error:  # noqa: BLE001 - the fault of a verifier is nobody else's
        fault = _told(error)
    raise VerifierError(fault)


def _told(error: Exception) -> str:
    return cut(f"{type(error).__name__}: {' '.join(str(error).split())}", 300)

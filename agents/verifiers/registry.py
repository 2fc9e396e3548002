"""Which verifiers there are, by name.

What a newcomer gets wrong: an app may add its own with `register`, and an installed package by an
entry point, but a name once taken stays as it is, because the databases that name it would
otherwise mean something else.
"""

import difflib
from functools import cache

from agents.errors import VerifierError
from agents.verifiers.choice import ChoiceVerifier
from agents.verifiers.code import CodeVerifier
from agents.verifiers.constraints import ConstraintsVerifier
from agents.verifiers.date import DateVerifier
from agents.verifiers.decimal import DecimalVerifier
from agents.verifiers.exact import ExactVerifier
from agents.verifiers.extension import Extension, load_extensions
from agents.verifiers.fraction import FractionVerifier
from agents.verifiers.grounded import GroundedVerifier
from agents.verifiers.integer import IntegerVerifier
from agents.verifiers.json import JsonVerifier
from agents.verifiers.math import MathVerifier
from agents.verifiers.multiset import MultisetVerifier
from agents.verifiers.reasoning_gym import ReasoningGymVerifier
from agents.verifiers.sequence import SequenceVerifier
from agents.verifiers.sql import SqlVerifier
from agents.verifiers.verifier import Verifier

JUDGE = "judge"
"""What stands in a verifier's place where no program decides."""


def verifier(name: str) -> Verifier:
    """Return the verifier of this name.

    Raises:
        VerifierError: no verifier has this name; the message names the nearest one.
    """
    known = _verifiers()
    broken = [e for e in extensions() if e.fault] if name not in known else []
    if name not in known:  # still
        nearest = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.0)[0]
        told = [f"; the extension {e.name!r} ({e.place}) was not loaded: {e.fault}" for e in broken]
        raise VerifierError(
            f"{name!r}: no verifier has this name; did you mean {nearest!r}?{''.join(told)}"
        )
    return known[name]


def register(new: Verifier) -> None:
    """Add an app's own verifier; adding the same object again changes nothing.

    Raises:
        VerifierError: the name is taken, or is "judge".
    """
    if new.name == JUDGE or _verifiers().get(new.name, new) is not new:
        raise VerifierError(f"{new.name!r}: this name is taken; give the verifier another one")
    _verifiers()[new.name] = new


def is_ours(known: Verifier) -> bool:
    """Return whether a verifier came with this project, rather than from an app or a package."""
    return type(known).__module__.startswith("agents.verifiers.")


@cache
def extensions() -> tuple[Extension, ...]:
    """Return the installed extensions, loaded the first time that they are asked for."""
    return load_extensions(register)


def names() -> tuple[str, ...]:
    """Return the names of all verifiers, in order of the alphabet."""
    extensions()
    return tuple(sorted(_verifiers()))


@cache
def _verifiers() -> dict[str, Verifier]:
    """Return the one table that changes while a process runs: apps add to it before a run."""
    known: tuple[Verifier, ...] = (
        ExactVerifier(),
        MathVerifier(),
        IntegerVerifier(),
        DecimalVerifier(),
        FractionVerifier(),
        DateVerifier(),
        ChoiceVerifier(),
        SequenceVerifier(verifier),
        MultisetVerifier(verifier),
        JsonVerifier(),
        SqlVerifier(),
        CodeVerifier(),
        ConstraintsVerifier(),
        GroundedVerifier(verifier),
        ReasoningGymVerifier(),
    )
    return {each.name: each for each in known}

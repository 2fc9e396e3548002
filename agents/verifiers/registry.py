"""Which verifiers there are, by name.

What a newcomer gets wrong: an app may add its own with `register`, but a name once taken stays as
it is, because the databases that name it would otherwise mean something else.
"""

import difflib
from functools import cache

from agents.errors import VerifierError
from agents.verifiers.choice import ChoiceVerifier
from agents.verifiers.constraints import ConstraintsVerifier
from agents.verifiers.date import DateVerifier
from agents.verifiers.decimal import DecimalVerifier
from agents.verifiers.exact import ExactVerifier
from agents.verifiers.fraction import FractionVerifier
from agents.verifiers.grounded import GroundedVerifier
from agents.verifiers.integer import IntegerVerifier
from agents.verifiers.json import JsonVerifier
from agents.verifiers.math import MathVerifier
from agents.verifiers.multiset import MultisetVerifier
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
    if name not in known:
        nearest = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.0)[0]
        raise VerifierError(f"{name!r}: no verifier has this name; did you mean {nearest!r}?")
    return known[name]


def register(new: Verifier) -> None:
    """Add an app's own verifier; adding the same object again changes nothing.

    Raises:
        VerifierError: the name is taken, or is "judge".
    """
    if new.name == JUDGE or _verifiers().get(new.name, new) is not new:
        raise VerifierError(f"{new.name!r}: this name is taken; give the verifier another one")
    _verifiers()[new.name] = new


def names() -> tuple[str, ...]:
    """Return the names of all verifiers, in order of the alphabet."""
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
        ConstraintsVerifier(),
        GroundedVerifier(verifier),
    )
    return {each.name: each for each in known}

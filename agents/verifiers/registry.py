"""Which verifiers there are, by name.

What a newcomer gets wrong: an app may add its own with `register`, and an installed package by an
entry point, but a name once taken stays as it is, because the databases that name it would
otherwise mean something else.
"""

import difflib
from functools import cache
from importlib import import_module
from typing import Final

from agents.errors import VerifierError
from agents.verifiers.extension import Extension, load_extensions
from agents.verifiers.verifier import Verifier

JUDGE = "judge"
"""What stands in a verifier's place where no program decides."""


def verifier(name: str) -> Verifier:
    """Return the verifier of this name.

    Raises:
        VerifierError: no verifier has this name; the message names the nearest one.
    """
    if name in _CLASSES:
        return _ours(name)
    known = _others()
    broken = [e for e in extensions() if e.fault] if name not in known else []
    if name not in known:  # still
        nearest = difflib.get_close_matches(name, names(), n=1, cutoff=0.0)[0]
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
    standing = _ours(new.name) if new.name in _CLASSES else _others().get(new.name, new)
    if new.name == JUDGE or standing is not new:
        raise VerifierError(f"{new.name!r}: this name is taken; give the verifier another one")
    if new.name not in _CLASSES:
        _others()[new.name] = new


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
    return tuple(sorted({*_CLASSES, *_others()}))


_CLASSES: Final = {
    "choice": "ChoiceVerifier",
    "code": "CodeVerifier",
    "constraints": "ConstraintsVerifier",
    "date": "DateVerifier",
    "decimal": "DecimalVerifier",
    "exact": "ExactVerifier",
    "fraction": "FractionVerifier",
    "grounded": "GroundedVerifier",
    "integer": "IntegerVerifier",
    "json": "JsonVerifier",
    "math": "MathVerifier",
    "multiset": "MultisetVerifier",
    "reasoning_gym": "ReasoningGymVerifier",
    "sequence": "SequenceVerifier",
    "sql": "SqlVerifier",
}
"""The class of each of ours, by its name, which is that of its module as well."""
_OF_OTHERS: Final = {"grounded", "multiset", "sequence"}
"""Those that ask other verifiers, and so are made with the way to them."""


@cache
def _ours(name: str) -> Verifier:
    """Return one of ours, loaded when it is first asked for: a run needs one or two of them."""
    made = getattr(import_module(f"agents.verifiers.{name}"), _CLASSES[name])
    known: Verifier = made(verifier) if name in _OF_OTHERS else made()
    return known


@cache
def _others() -> dict[str, Verifier]:
    """Return the one table that changes while a process runs: apps add to it before a run."""
    return {}

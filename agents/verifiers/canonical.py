"""Compare two texts by the one value that each of them states.

What a newcomer gets wrong: a text that states no value has failed, while a reference that states
none is the lesson's fault. Only verifiers with a `canonical` can be compared in any order.
"""

from collections.abc import Hashable, Mapping
from typing import Protocol, TypeVar, runtime_checkable

from pydantic import JsonValue

from agents.errors import VerifierError
from agents.verifiers.evidence import shown
from agents.verifiers.verifier import Data
from storage.records import Check

Value_co = TypeVar("Value_co", bound=Hashable, covariant=True)


@runtime_checkable
class Canonical(Protocol[Value_co]):
    """A verifier for which two texts are the same if their values are."""

    name: str
    version: int

    def canonical(self, text: str, data: Data) -> Value_co | None:
        """Return the value that a text states; equal if and only if the check would pass.

        None: it states none. No text can make it raise.

        Raises:
            VerifierError: the data does not fit this verifier.
        """
        ...


def reference_value(verifier: Canonical[Value_co], reference: str, data: Data) -> Value_co:
    """Return the value that a reference states.

    Raises:
        VerifierError: it states none, or the data does not fit.
    """
    value = verifier.canonical(reference, data)
    if value is None:
        raise VerifierError(
            f"reference {shown(reference)} states nothing that {verifier.name!r} can compare"
        )
    return value


def compare(
    verifier: Canonical[Hashable],
    limits: Mapping[str, JsonValue],
    *,
    answer: str,
    reference: str,
    data: Data,
) -> Check:
    """Return "passed" if answer and reference state the same value.

    Raises:
        VerifierError: the reference states none, or the data does not fit.
    """
    wanted = reference_value(verifier, reference, data)
    found = verifier.canonical(answer, data)
    if found is None:
        evidence = f"{shown(answer)} is not of the form that {verifier.name!r} reads"
    elif found == wanted:
        evidence = f"{shown(answer)} states what {shown(reference)} does"
    else:
        evidence = f"{shown(answer)} is not {shown(reference)}"
    return Check(
        verifier=verifier.name,
        version=verifier.version,
        finding="passed" if found == wanted else "failed",
        evidence=evidence,
        limits=dict(limits),
    )


def refuse_unknown(name: str, data: Data, known: frozenset[str]) -> None:
    """Refuse data that a verifier does not know; a misspelt key would silently mean nothing.

    Raises:
        VerifierError: it names them and those that are known.
    """
    if unknown := sorted(set(data) - known):
        raise VerifierError(f"{name}: unknown data {unknown}; known are {sorted(known)}")


def flag(name: str, data: Data, key: str, *, default: bool) -> bool:
    """Return a value of the data that is true or false.

    Raises:
        VerifierError: it is neither.
    """
    value = data.get(key, default)
    if not isinstance(value, bool):
        raise VerifierError(f"{name}: {key!r} must be true or false, not {shown(str(value))}")
    return value

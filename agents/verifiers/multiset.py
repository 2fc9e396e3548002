"""Compare multisets: the same elements, each as often, in whatever order.

What a newcomer gets wrong: "2, 1, 1" is "1, 1, 2" and not "1, 2". Elements are parted as in a
sequence, and only verifiers that state one value for a text can compare them: which element belongs
to which is else anybody's guess.
"""

from collections import Counter
from collections.abc import Hashable

from agents.errors import VerifierError
from agents.verifiers.canonical import Canonical, reference_value
from agents.verifiers.evidence import shown
from agents.verifiers.sequence import Elements, Find, read_elements
from agents.verifiers.verifier import Data
from storage.records import Check


class MultisetVerifier:
    """Accepts an answer whose elements are the reference's, whatever their order."""

    name = "multiset"
    version = 1

    def __init__(self, find: Find) -> None:
        self._find = find

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        """Return "passed" if both texts have the same values, each as often.

        Raises:
            VerifierError: the data does not fit, the reference does not fit it, or the verifier of
                the elements states no values.
        """
        elements = read_elements(self.name, data, self._find)
        states = _of_values(elements)
        wanted = Counter(
            reference_value(states, each, elements.data) for each in elements.wanted(reference)
        )
        evidence = _fault(answer, wanted, elements, states)
        return Check(
            verifier=self.name,
            version=self.version,
            finding="failed" if evidence else "passed",
            evidence=evidence or f"both have the same {wanted.total()} elements",
            limits=elements.limits(),
        )

    def changed(self, reference: str, data: Data) -> str:
        """Return the reference with a near miss of its last element.

        Raises:
            VerifierError: the data does not fit, or the reference does not fit it.
        """
        return read_elements(self.name, data, self._find).changed(reference)

    def mutants(self, reference: str, data: Data) -> tuple[str, ...]:
        """Return the reference with an element changed, lost, or there twice.

        Raises:
            VerifierError: the data does not fit, or the reference does not fit it.
        """
        return read_elements(self.name, data, self._find).mutants(reference)


def _of_values(elements: Elements) -> Canonical[Hashable]:
    if not isinstance(elements.verifier, Canonical):
        raise VerifierError(
            f"multiset: {elements.verifier.name!r} states no values; compare with 'sequence'"
        )
    return elements.verifier


def _fault(
    answer: str, wanted: Counter[Hashable], elements: Elements, states: Canonical[Hashable]
) -> str:
    """Return why the answer is not the wanted multiset; empty: it is."""
    parts = elements.parted(answer)
    if parts is None:
        return f"{shown(answer)} has no elements that can be parted"
    if len(parts) != wanted.total():
        return f"{len(parts)} elements, not {wanted.total()}"
    left = wanted.copy()
    for part in parts:
        value = states.canonical(part, elements.data)
        if value is None or not left[value]:
            return f"{shown(part)} is none of the elements, or stands there too often"
        left[value] -= 1
    return ""

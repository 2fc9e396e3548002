"""Compare sequences: as many elements, and each the same for another verifier.

What a newcomer gets wrong: elements are parted as the verifier `math` parts them: by semicolons,
else by commas with a space, else by commas. Elements that hold commas themselves need semicolons,
or a `separator` in the data. One pair of round or square brackets does not count, and "[]" is the
sequence without elements.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import JsonValue

from agents.errors import VerifierError
from agents.verifiers.canonical import Canonical, refuse_unknown
from agents.verifiers.evidence import cut, shown
from agents.verifiers.exact import MAX_CHARS, fold
from agents.verifiers.math import MAX_ELEMENTS, elements_of
from agents.verifiers.verifier import Data, Verifier
from storage.records import Check, Finding

Find = Callable[[str], Verifier]
"""Returns the verifier of a name, or raises a VerifierError."""

MAX_SEPARATOR = 16
_KEYS = frozenset({"element", "element_data", "separator"})
_OF_ELEMENTS = frozenset({"sequence", "multiset"})
_BRACKETS = ("[]", "()")


@dataclass(frozen=True, slots=True)
class Elements:
    """What the data says about the elements."""

    verifier: Verifier
    data: Data
    separator: str | None
    """None: semicolons or commas."""

    def parted(self, text: str) -> list[str] | None:
        """Return the elements of a text in order. None: it is no sequence, or beyond a limit."""
        folded = fold(text) if len(text) <= MAX_CHARS else None
        if not folded:
            return None
        if folded[-2:] in ("].", ")."):
            folded = folded[:-1]
        parts = elements_of(folded) if self.separator is None else self._split(folded)
        if parts is None or len(parts) > MAX_ELEMENTS or "" in parts:
            return None
        return parts

    def wanted(self, reference: str) -> list[str]:
        """Return the elements of a reference.

        Raises:
            VerifierError: it is no sequence.
        """
        parts = self.parted(reference)
        if parts is None:
            raise VerifierError(f"reference {shown(reference)} has no elements that can be parted")
        return parts

    def changed(self, reference: str) -> str:
        """Return the reference with a near miss of its last element, or with one if it has none.

        Raises:
            VerifierError: it is no sequence, or the element cannot be changed.
        """
        parts = self.wanted(reference)
        near = self.verifier.changed(parts[-1], self.data) if parts else "0"
        return self.joined([*parts[:-1], near])

    def mutants(self, reference: str) -> tuple[str, ...]:
        """Return the reference with an element changed, lost, or there twice.

        Raises:
            VerifierError: it is no sequence, or an element cannot be changed.
        """
        parts = self.wanted(reference)
        near = [self.changed(reference)]
        if parts:
            other = self.verifier.changed(parts[0], self.data)
            near += [
                self.joined([other, *parts[1:]]),
                self.joined(parts[:-1]),
                self.joined([*parts, parts[-1]]),
            ]
        return tuple(near)

    def values(self, parts: list[str]) -> list[object] | None:
        """Return the values of elements. None: their verifier states none."""
        if not isinstance(self.verifier, Canonical):
            return None
        return [self.verifier.canonical(part, self.data) for part in parts]

    def limits(self) -> dict[str, JsonValue]:
        """Return the limits, with those of the verifier of the elements left out."""
        return {
            "text_max_chars": MAX_CHARS,
            "elements_max": MAX_ELEMENTS,
            "element": self.verifier.name,
            "element_version": self.verifier.version,
        }

    def joined(self, parts: list[str]) -> str:
        """Return elements as one text."""
        return (self.separator or "; ").join(parts) if parts else "[]"

    def _split(self, text: str) -> list[str]:
        if len(text) >= 2 and text[0] + text[-1] in _BRACKETS:
            text = text[1:-1].strip()
        separator = (self.separator or "").strip() or " "
        return [part.strip() for part in text.split(separator)] if text else []


def read_elements(name: str, data: Data, find: Find) -> Elements:
    """Return what the data of "sequence" or "multiset" says about the elements.

    Raises:
        VerifierError: the data does not fit.
    """
    refuse_unknown(name, data, _KEYS)
    element, inner = data.get("element", "exact"), data.get("element_data", {})
    separator = data.get("separator")
    if not isinstance(element, str) or element in _OF_ELEMENTS:
        raise VerifierError(f"{name}: 'element' must be a verifier's name, and of no elements")
    if not isinstance(inner, dict):
        raise VerifierError(f"{name}: 'element_data' must be a mapping")
    if separator is not None and not (
        isinstance(separator, str) and 1 <= len(separator) <= MAX_SEPARATOR
    ):
        raise VerifierError(f"{name}: 'separator' must be 1 to {MAX_SEPARATOR} characters")
    return Elements(find(element), inner, separator)


class SequenceVerifier:
    """Accepts an answer whose elements are the reference's, in its order."""

    name = "sequence"
    version = 1

    def __init__(self, find: Find) -> None:
        self._find = find

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        """Return "passed" if the verifier of the elements passes each of them.

        Raises:
            VerifierError: the data does not fit, or the reference does not fit it.
        """
        elements = read_elements(self.name, data, self._find)
        wanted, found = elements.wanted(reference), elements.parted(answer)
        if found is None:
            return self._found("failed", f"{shown(answer)} is no sequence", elements)
        if len(found) != len(wanted):
            counted = f"{len(found)} elements, not {len(wanted)}"
            return self._found("failed", counted, elements)
        checks = [
            await elements.verifier.check(answer=mine, reference=theirs, data=elements.data)
            for mine, theirs in zip(found, wanted, strict=True)
        ]
        for finding in ("failed", "undecided"):
            for place, check in enumerate(checks, start=1):
                if check.finding == finding:
                    evidence = f"element {place}: {cut(check.evidence, 300)}"
                    return self._found(check.finding, evidence, elements)
        return self._found("passed", f"all {len(wanted)} elements are the same", elements)

    def changed(self, reference: str, data: Data) -> str:
        """Return the reference with a near miss of its last element.

        Raises:
            VerifierError: the data does not fit, or the reference does not fit it.
        """
        return read_elements(self.name, data, self._find).changed(reference)

    def mutants(self, reference: str, data: Data) -> tuple[str, ...]:
        """Return the reference with an element changed, lost, or there twice, and backwards.

        Raises:
            VerifierError: the data does not fit, or the reference does not fit it.
        """
        elements = read_elements(self.name, data, self._find)
        near, parts = elements.mutants(reference), elements.wanted(reference)
        values = elements.values(parts)
        backwards = elements.joined(parts[::-1])
        return (*near, backwards) if values and values != values[::-1] else near

    def _found(self, finding: Finding, evidence: str, elements: Elements) -> Check:
        return Check(
            verifier=self.name,
            version=self.version,
            finding=finding,
            evidence=evidence,
            limits=elements.limits(),
        )

"""Which texts stand in an answer, at its beginning or at its end.

What a newcomer gets wrong: a text that must be there counts as it is written, so an invisible
character within it spoils it. A text that must not be there counts in the plainest reading as well,
so an invisible character does not hide it. Letters of other scripts that only look alike do.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, field_validator

from agents.verifiers.constraints.demand import Bounded, Demand
from agents.verifiers.constraints.text import Text, plainest
from agents.verifiers.evidence import shown
from agents.verifiers.reading import Unreadable, is_inner, normal

MAX_WORDING = 200
"""Characters of a text that is looked for."""

Wording = Annotated[str, Field(min_length=1)]


class _Worded(Demand):
    text: Wording
    any_case: bool = False
    """True: capitals and small letters are the same."""

    @field_validator("text")
    @classmethod
    def _is_readable(cls, text: str) -> str:
        try:
            read = normal(text.replace("\r\n", "\n"), MAX_WORDING)
        except Unreadable as error:
            raise ValueError(str(error)) from error
        if not plainest(read).strip():
            raise ValueError("holds nothing that is seen")
        return read


class _Counted(_Worded):
    whole_word: bool = False
    """True: no letter, digit, mark or underscore may stand before or behind it."""

    def as_written(self, text: Text) -> int:
        """How often it stands there, character by character."""
        return self._count(text.written, self.text)

    def at_plainest(self, text: Text) -> int:
        """How often it stands there in whichever reading it does most often."""
        wording = plainest(self.text)
        readings = (self._count(text.visible, wording), self._count(text.plainest, wording))
        return max(self.as_written(text), *readings)

    def _count(self, text: str, wording: str) -> int:
        """Count from left to right, without overlaps."""
        if self.any_case:
            text, wording = text.casefold(), wording.casefold()
        if not self.whole_word:
            return text.count(wording)
        count, at = 0, text.find(wording)
        while at >= 0:
            alone = _is_alone(text, at, at + len(wording))
            count += alone
            at = text.find(wording, at + (len(wording) if alone else 1))
        return count


class MustContain(_Counted, Bounded):
    """The text stands there: at least once, or as often as the bounds say."""

    kind: Literal["must_contain"]

    def fault(self, text: Text) -> str:
        """Return how often it stands there."""
        least = self.least if self.asked else 1
        if (count := self.as_written(text)) < least:
            return f"{shown(self.text)} stands there {count} times, not {self.asked or 'once'}"
        if (count := self.at_plainest(text)) > self.most:
            return f"{shown(self.text)} stands there {count} times, not {self.asked}"
        return ""

    def spoilt(self, text: str) -> Iterator[str]:
        """Yield the text without it, and with one too many."""
        yield text.replace(self.text, "", 1)
        yield text.replace(self.text, "")
        surplus = self.most - self.as_written(Text(text)) + 1
        if surplus * len(self.text) <= 10_000:
            yield text + f" {self.text}" * surplus


class MustNotContain(_Counted):
    """The text does not stand there."""

    kind: Literal["must_not_contain"]

    def fault(self, text: Text) -> str:
        """Return how often it stands there."""
        count = self.at_plainest(text)
        return f"{shown(self.text)} stands there {count} times, not 0" if count else ""

    def spoilt(self, text: str) -> Iterator[str]:
        """Yield the text with it at the end."""
        yield f"{text} {self.text}"


class StartsWith(_Worded):
    """The answer begins with the text, after white space."""

    kind: Literal["starts_with"]

    def fault(self, text: Text) -> str:
        """Return what it begins with."""
        start = text.written[: len(self.text)]
        return "" if _same(start, self.text, self.any_case) else f"it begins with {shown(start)}"

    def spoilt(self, text: str) -> Iterator[str]:
        """Yield the text with one more word before it."""
        yield f"x {text}"


class EndsWith(_Worded):
    """The answer ends with the text, before white space."""

    kind: Literal["ends_with"]

    def fault(self, text: Text) -> str:
        """Return what it ends with."""
        end = text.written[-len(self.text) :]
        return "" if _same(end, self.text, self.any_case) else f"it ends with {shown(end)}"

    def spoilt(self, text: str) -> Iterator[str]:
        """Yield the text with one more word behind it."""
        yield f"{text} x"


def _same(found: str, asked: str, any_case: bool) -> bool:
    return found.casefold() == asked.casefold() if any_case else found == asked


def _is_alone(text: str, start: int, end: int) -> bool:
    before, behind = text[start - 1 : start], text[end : end + 1]
    return not (before and is_inner(before)) and not (behind and is_inner(behind))

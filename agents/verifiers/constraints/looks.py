"""How an answer looks letter by letter: its case, its characters, its script."""

import unicodedata
from collections.abc import Callable, Iterator
from typing import Annotated, Literal

from pydantic import Field, field_validator

from agents.verifiers.constraints.demand import Demand
from agents.verifiers.constraints.text import Text
from agents.verifiers.evidence import shown
from agents.verifiers.scripts import RANGES, belongs

_OTHERS = "xX7?\N{CYRILLIC SMALL LETTER ZHE}\N{CJK UNIFIED IDEOGRAPH-4E2D}\N{SNOWMAN}"
"""Characters, of which most demands on characters forbid at least one."""


class Case(Demand):
    """Letters are all small, all capitals, or no word begins with a small letter ("title").

    Letters of scripts without case do not count, but at least one letter must have a case.
    """

    kind: Literal["case"]
    is_all: Literal["lower", "upper", "title"]

    def fault(self, text: Text) -> str:
        """Return the first letter of the wrong case, or that there is none of either."""
        if not any(letter.isupper() or letter.islower() for letter in text.letters):
            return "no letter has a case"
        letters = text.letters if self.is_all != "title" else [word[0] for word in text.words]
        wrong = str.isupper if self.is_all == "lower" else str.islower
        if found := next(filter(wrong, letters), ""):
            return f"{shown(found)} is not {self.is_all} case"
        return ""

    def spoilt(self, text: str) -> Iterator[str]:
        """Yield the text with a small letter for a capital, and the other way round."""
        yield text[:1].swapcase() + text[1:]
        yield text.swapcase()
        yield f"{text} x"


class OnlyCharacters(Demand):
    """Every character belongs to one of the classes; white space is a class like the others."""

    kind: Literal["only_characters"]
    classes: Annotated[
        list[
            Literal["ascii", "ascii_letters", "letters", "digits", "spaces", "punctuation", "signs"]
        ],
        Field(min_length=1),
    ]
    """ascii: those on a plain keyboard, space, tab and line break; letters: of all scripts, with
    their marks; digits: 0 to 9; spaces: space, tab and line break; signs: + < = $ and the like."""

    def fault(self, text: Text) -> str:
        """Return the first character that belongs to none."""
        tests = [_CLASSES[name] for name in self.classes]
        for character in dict.fromkeys(text.written):
            if not any(test(character) for test in tests):
                return f"{shown(character)} is none of {', '.join(self.classes)}"
        return ""

    def spoilt(self, text: str) -> Iterator[str]:
        """Yield the text with one more character of several classes."""
        for character in _OTHERS:
            yield text + character


class Script(Demand):
    """So many of a hundred letters belong to the scripts. This names scripts, never languages."""

    kind: Literal["script"]
    scripts: Annotated[list[str], Field(min_length=1, max_length=len(RANGES))]
    """Japanese, for example, is written in "han", "hiragana" and "katakana"."""
    percent_at_least: Annotated[int, Field(ge=1, le=100)] = 90

    @field_validator("scripts")
    @classmethod
    def _are_known(cls, scripts: list[str]) -> list[str]:
        if unknown := [name for name in scripts if name not in RANGES]:
            raise ValueError(f"unknown scripts {unknown}; known are {list(RANGES)}")
        return scripts

    def fault(self, text: Text) -> str:
        """Return how many letters of how many belong to the scripts."""
        if not (all_letters := text.letters.total()):
            return "there is no letter"
        inside = sum(
            count
            for letter, count in text.letters.items()
            if any(belongs(letter, script) for script in self.scripts)
        )
        if inside * 100 >= all_letters * self.percent_at_least:
            return ""
        names = " or ".join(self.scripts)
        return f"{inside} of {all_letters} letters are {names}, not {self.percent_at_least} percent"

    def spoilt(self, text: str) -> Iterator[str]:
        """Yield the text with more and more letters of other scripts."""
        for times in (1, len(text), 10 * len(text)):
            for other in filter(str.isalpha, _OTHERS):
                yield f"{text} {other * times}"


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character).startswith("P")


_CLASSES: dict[str, Callable[[str], bool]] = {
    "ascii": lambda c: " " <= c <= "~" or c in "\n\t",
    "ascii_letters": lambda c: c.isascii() and c.isalpha(),
    "letters": lambda c: unicodedata.category(c)[0] in "LM",
    "digits": lambda c: "0" <= c <= "9",
    "spaces": lambda c: c in " \n\t",
    "punctuation": _is_punctuation,
    "signs": lambda c: unicodedata.category(c).startswith("S"),
}

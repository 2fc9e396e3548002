"""Which form a whole answer has: a JSON object, a title, a postscript."""

import re
from collections.abc import Iterator
from typing import Literal

from agents.verifiers.constraints.demand import Demand
from agents.verifiers.constraints.text import Text
from agents.verifiers.evidence import shown
from agents.verifiers.json_values import NotRead, read

_TITLE = re.compile(r"<<[^<>]*[^<>\s][^<>]*>>")
_POSTSCRIPT = re.compile(r"(P\.S\.|P\.P\.S\.|PS|PPS)(?=[\s:])[\s:]*\S")
_MARKER = re.compile(r"P\.S\.|P\.P\.S\.|PP?S(?=[\s:])")


class JsonObject(Demand):
    """The whole answer is one JSON object, read as `agents.verifiers.json_values` reads."""

    kind: Literal["json_object"]

    def fault(self, text: Text) -> str:
        """Return why it is none."""
        try:
            value = read(text.written)
        except NotRead as error:
            return str(error)
        return "" if isinstance(value, dict) else "it is JSON, but no object"

    def spoilt(self, text: str) -> Iterator[str]:
        """Yield the text without its last character, and within a list."""
        yield text.rstrip()[:-1]
        yield f"[{text}]"


class Title(Demand):
    """Exactly one line, and nothing else on it, is a title in double angle brackets: <<title>>."""

    kind: Literal["title"]

    def fault(self, text: Text) -> str:
        """Return how many such lines there are."""
        count = sum(_TITLE.fullmatch(line.strip()) is not None for line in text.lines)
        return "" if count == 1 else f"{count} lines are <<title>>, not 1"

    def spoilt(self, text: str) -> Iterator[str]:
        """Yield the text with single brackets, and with two titles."""
        yield text.replace("<<", "<").replace(">>", ">")
        yield f"{text}\n<<x>>"


class Postscript(Demand):
    """The last paragraph, or the last line, begins with "P.S.", "P.P.S.", "PS" or "PPS"."""

    kind: Literal["postscript"]

    def fault(self, text: Text) -> str:
        """Return what the last line begins with instead."""
        ends = (text.paragraphs[-1:], text.lines[-1:])
        if any(_POSTSCRIPT.match(end[0].lstrip()) for end in ends if end):
            return ""
        last = text.lines[-1] if text.lines else ""
        return f"no postscript: the last line is {shown(last, 40)}"

    def spoilt(self, text: str) -> Iterator[str]:
        """Yield the text without the mark of its postscript, and with another paragraph."""
        yield _MARKER.sub("", text)
        yield f"{text}\n\nx"

"""The text of a program: taken out of its fence, and put together with what the task gave.

What a newcomer gets wrong: a text is not parsed here. Whatever reads a stranger's program, even
Python's own parser, reads it within the sandbox.
"""

import re
from dataclasses import dataclass

from agents.errors import VerifierError

BYTES = 64_000
"""The longest answer, reference or prelude."""
_LANGUAGES = frozenset({"", "python", "python3", "py"})


@dataclass(frozen=True, slots=True)
class Program:
    """What a guest is told to load: first the prelude, then the source."""

    source: str
    prelude: str


def program(text: str, prelude: str, name: str) -> Program | None:
    """Return a text as a program. None: it is too long, or not text that Python can read.

    Where the prelude ends in the beginning of the function `name`, and the text does not define
    that function, the text goes on where the prelude ends: then it is the function's body.

    Args:
        text: Source; one code fence around all of it does not count.
        prelude: What the task gave; may be empty.
        name: The function that is asked for.
    """
    if not is_readable(text):
        return None
    bare = _without_fence(text.removeprefix("\ufeff"))
    if not _is_begun(prelude, name) or _defines(bare, name):
        return Program(bare, prelude)
    # Whoever found the answer took the white space before its first line.
    last = prelude.rstrip().rpartition("\n")[2]
    indent = last[: len(last) - len(last.lstrip())]
    return Program(f"{prelude.rstrip()}\n{indent}{bare.lstrip()}", "")


def reference_program(reference: str, prelude: str, name: str) -> Program:
    """Return a reference as a program.

    Raises:
        VerifierError: it is too long, or not text that Python can read.
    """
    found = program(reference, prelude, name)
    if found is None:
        raise VerifierError(
            f"code: the reference must be text of at most {BYTES} bytes; make it shorter"
        )
    return found


def is_readable(text: object) -> bool:
    """Return whether this is text of at most `BYTES` that UTF-8 can write, without a zero byte."""
    if not isinstance(text, str) or len(text) > BYTES or "\0" in text:
        return False
    try:
        return len(text.encode()) <= BYTES
    except UnicodeEncodeError:
        return False


def _without_fence(text: str) -> str:
    first, *lines = text.strip().split("\n")
    last = lines.pop().strip() if lines else ""
    is_fence = len(last) >= 3 and set(last) in ({"`"}, {"~"})
    if is_fence and first.startswith(last) and first[len(last) :].strip().lower() in _LANGUAGES:
        return "\n".join(lines)
    return text


def _is_begun(prelude: str, name: str) -> bool:
    """Return whether the last thing that a prelude defines is the function, its end open."""
    defined = re.findall(r"^(?:async[ \t]+def|def|class)[ \t]+(\w+)", prelude, re.M)
    last = prelude.rstrip().rpartition("\n")[2]
    return defined[-1:] == [name] and last[:1].isspace()


def _defines(text: str, name: str) -> bool:
    """Return whether a line that is not indented gives the name a meaning."""
    word = re.escape(name)
    ways = (rf"(?:async[ \t]+def|def|class)[ \t]+{word}\b", rf"{word}[ \t]*[:=]")
    return bool(re.search(f"^(?:{'|'.join(ways)}|from[ \t].*\\b{word}\\b)", text, re.M))

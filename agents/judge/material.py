"""What others wrote, as a judge is shown it: one line of JSON, without what chat programs obey.

What a newcomer gets wrong: what is stored stays as it is; only the judge's view is cleaned. And no
line break is left in that view, so that nobody's text can begin a line of the prompt: neither the
line that ends its own block nor one that looks like ours.
"""

import json
import re
import unicodedata

GAP = "[removed text]"
"""Stands where a role marker stood. With a space in it, so that what is left around it makes no new
marker."""

_BREAKS = str.maketrans(dict.fromkeys("\r\v\f\x1c\x1d\x1e\x85\N{LINE SEPARATOR}\u2029", "\n"))
_KINDS = {"Cc", "Cf", "Cn", "Co", "Cs"}
"""Controls, format characters (zero-width, bidirectional, tags), and what is no character."""
_BLANK = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
    + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)
"""Joiners, fillers and variation selectors: of other kinds, but seen by nobody either."""
_ROLES = "system|assistant|user|human|developer|instructions?|response|tool"
_PARTS = "s|bos|eos|think|invoke|(?:start|end)_of_turn|(?:tool|function)_(?:call|result|response)s?"
_MARKER = re.compile(
    rf"""
    <[|\uff5c][^\s<>|\uff5c]{{1,64}}[|\uff5c]>
  | <</?SYS>>
  | \[/?(?:INST|SYS|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT)\]
  | </?(?:{_ROLES}|{_PARTS})(?:\s[^<>]{{0,200}})?/?>
  | ^[ \t]*\#{{1,6}}[ \t]*(?:{_ROLES})[ \t]*:
    """,
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
"""What chat templates and instruction formats part their roles by."""
_PASSES = 8
_EDGES = str.maketrans(dict.fromkeys("<>[]|#\uff5c"))


def disarmed(text: str, gap: str = GAP) -> str:
    """Return a text as a judge may read it.

    Args:
        text: What anybody wrote.
        gap: Stands where a role marker stood; must hold a space or nothing that a marker holds.

    Returns:
        The text without characters that nobody sees, but for line feeds and tabs, and without role
        markers. Text that hides markers in markers loses all its brackets.
    """
    plain = _seen(text.replace("\r\n", "\n").translate(_BREAKS))
    if not any(character in plain for character in "<[#"):
        return plain
    for _ in range(_PASSES):
        plain, found = _MARKER.subn(gap, plain)
        if not found:
            return plain
    return plain.translate(_EDGES) if _MARKER.search(plain) else plain


def as_data(text: str) -> str:
    """Return a text disarmed, as one line of JSON: a string, whatever it holds."""
    return json.dumps(disarmed(text), ensure_ascii=False)


def as_steps(steps: tuple[str, ...]) -> str:
    """Return numbered steps disarmed, as one line of JSON: a list, first step first, from 1."""
    numbered = [{"step": n, "text": disarmed(text)} for n, text in enumerate(steps, start=1)]
    return json.dumps(numbered, ensure_ascii=False)


def _seen(text: str) -> str:
    """Return the text without characters that nobody sees."""
    if text.isascii() and text.isprintable():
        return text
    unseen = {
        ord(character): None
        for character in set(text) - {"\n", "\t"}
        if unicodedata.category(character) in _KINDS or character in _BLANK
    }
    return text.translate(unseen)

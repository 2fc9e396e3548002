"""Read the `pattern` of a JSON Schema so that no text takes long to match.

What a newcomer gets wrong: the length of a pattern says nothing about its time; "(a+)+$" takes
longer than the universe has. So a pattern is a row of characters and classes with quantifiers,
without groups or alternatives, and at most two parts of it may give way; a pattern that does not
begin with "^" is one more. What ECMAScript and Python read differently is translated or refused.
"""

import re

MAX_PATTERN_CHARS = 200
MAX_MATCHED_CHARS = 1_000
"""The longest text that a pattern is tried on."""
MAX_GIVING_WAY = 2

_ESCAPED = r"\\[dDwWtnr.\-+*?^$(){}\[\]|/\\]"
_MEMBER = rf"(?:{_ESCAPED}|[^\\\]\[^&~|-])"
_PART = re.compile(
    rf"""
    (?P<atom> {_ESCAPED} | (?P<any>\.) | \[\^?-?(?:{_MEMBER}(?:-{_MEMBER})?)+-?\]
            | [^\\.^$*+?{{}}\[\]()|])
    (?P<quantifier> [*+?] | \{{(?P<least>[0-9]{{1,3}})(?P<most>,[0-9]{{0,3}})?\}} )?
    """,
    re.VERBOSE,
)


class NotAPattern(Exception):
    """The pattern is beyond what is read; says why in a few words."""


def compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern to `search` with, in a text of at most `MAX_MATCHED_CHARS`.

    Raises:
        NotAPattern: it is longer, or holds more, than what is read.
    """
    if len(pattern) > MAX_PATTERN_CHARS:
        raise NotAPattern(f"a pattern of more than {MAX_PATTERN_CHARS} characters")
    begins, ends = pattern.startswith("^"), pattern.endswith("$") and not _is_escaped_end(pattern)
    inner = pattern[begins : len(pattern) - ends]
    parts, place = [], 0
    giving_way = 0 if begins else 1
    while place < len(inner):
        match = _PART.match(inner, place)
        if match is None:
            raise NotAPattern(f"no known part at character {place + begins + 1} of the pattern")
        atom = r"[^\n\r\u2028\u2029]" if match["any"] else match["atom"]
        parts.append(atom + (match["quantifier"] or ""))
        giving_way += bool(match["quantifier"]) and not (match["least"] and not match["most"])
        place = match.end()
    if giving_way > MAX_GIVING_WAY:
        raise NotAPattern(f"more than {MAX_GIVING_WAY} parts of the pattern give way")
    try:
        return re.compile("^" * begins + "".join(parts) + r"\Z" * ends, re.ASCII)
    except re.error as error:
        raise NotAPattern(f"pattern: {error}") from error


def _is_escaped_end(pattern: str) -> bool:
    """Return whether the last character has an odd number of backslashes before it."""
    before = pattern[:-1]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1

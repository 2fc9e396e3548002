r"""Strikes keys out of what others say, however they wrote them down.

What a newcomer gets wrong: an endpoint that sends a key back need not send it as it is. JSON may
write any character as an escape, an address as `%2F`, and a header of its own as base64; a reader
of the stored reply would get it back all the same.
"""

import base64
import html
import json
import re
import urllib.parse
from collections.abc import Iterable
from functools import lru_cache

MARK = "[key]"
SHORTEST = 8
"""Shorter keys are placeholders such as "none" or "EMPTY", which stand in honest texts as well."""
_ESCAPES = ("\\", "%", "&")
_ESCAPED = re.compile(r"""\\+(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(["'/\\]))""")
_BEARER = re.compile(rf"\bbearer(?:\s|%20|\+|\\t)+{re.escape(MARK)}", re.IGNORECASE)
_HEADER = re.compile(
    r"""\b(?:proxy-)?(?:authorization|x-api-key|api-key|api_key|set-cookie|cookie)\b["'\\]*"""
    r"""\s*[:=]\s*["'\\]*(?:(?:bearer|basic)\s+)?[^\s"',;}\])\\]+"""
    r"""|\bbearer\s+(?=\S*[0-9_])[\w.~+/=-]{6,}""",
    re.IGNORECASE,
)
_HEADERS = re.compile(
    r"headers$|^(proxy-)?authorization$|^(set-)?cookie$|^(x-)?api[-_]key$", re.IGNORECASE
)


def struck(text: str, keys: Iterable[str]) -> str:
    """Return the text with each key struck out: as it is, escaped, or in base64 or hexadecimal."""
    for key in keys:
        if len(key) < SHORTEST:
            continue
        for form in _forms(key):
            if form in text:
                text = text.replace(form, MARK)
        if any(sign in text for sign in _ESCAPES) and key in _read(text):
            text = _any_writing(key).sub(MARK, text)
    return _BEARER.sub(MARK, text) if MARK in text else text


def without_headers(text: str) -> str:
    """Return an error's text without the values of headers that it may name; honest ones suffer."""
    return _HEADER.sub(MARK, text)


def without_header_members(value: object) -> object:
    """Return JSON without the members of objects that hold headers, wherever they stand."""
    if isinstance(value, dict):
        kept = {name: each for name, each in value.items() if not _HEADERS.search(str(name))}
        return {name: without_header_members(each) for name, each in kept.items()}
    return [without_header_members(each) for each in value] if isinstance(value, list) else value


@lru_cache(maxsize=64)
def _forms(key: str) -> tuple[str, ...]:
    """Return the writings of a key that are looked for as they stand, each once."""
    raw = key.encode(errors="replace")
    hexadecimal = raw.hex()
    escaped = json.dumps(key)[1:-1]  # before the key itself, or its first backslash stayed behind
    return tuple(dict.fromkeys([escaped, key, *_in_base64(raw), hexadecimal, hexadecimal.upper()]))


def _in_base64(raw: bytes) -> Iterable[str]:
    """Yield what stands for a key in the base64 of any text that holds it."""
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            whole = encode(bytes(before) + raw).decode()
            # Characters at the ends stand for a neighbour's bits as well.
            yield whole[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]


def _read(text: str) -> str:
    """Return a text as whoever decodes its escapes reads it."""
    text = _ESCAPED.sub(_character, text) if "\\" in text else text
    text = urllib.parse.unquote(text) if "%" in text else text
    return html.unescape(text) if "&" in text else text


def _character(found: "re.Match[str]") -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else str(found[3])


@lru_cache(maxsize=64)
def _any_writing(key: str) -> "re.Pattern[str]":
    """Return a pattern of a key whose characters are written in any way, each in its own."""
    return re.compile("".join(f"(?:{'|'.join(_writings(char))})" for char in key))


def _writings(char: str) -> Iterable[str]:
    yield rf"\\*{re.escape(char)}" if char in "\"'/\\" else re.escape(char)
    escaped = json.dumps(char)[1:-1] if ord(char) > 126 else f"\\u{ord(char):04x}"
    yield rf"\\+(?i:{re.escape(escaped.lstrip(chr(92)))}|x{ord(char):02x})"
    yield "".join(rf"%(?i:{byte:02x})" for byte in char.encode(errors="replace"))
    yield rf"&\#(?:0*{ord(char)}|[xX]0*(?i:{ord(char):x}));"
    named = html.escape(char)
    if named != char:
        yield re.escape(named)

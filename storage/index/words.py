"""Texts as they are searched, and what a person types as a question to the search.

A text is cut into words by SQLite's own rules, blind to case and accents. What a newcomer gets
wrong: nothing that a person types is ever syntax of FTS5. Every word is quoted; only a phrase in
double quotes and a star at the end of a word mean something, and what holds no word finds nothing.
"""

import re
import unicodedata
from collections.abc import Iterable

MOST = 32
"""How many words of a question count; what follows is passed over."""
APART = "\ue000"
"""What stands between two texts of one document, so that no phrase spans both; a word to SQLite."""
_LETTER_BY_LETTER = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u1a20-\u1aaf\u2e80-\u2fdf\u3005-\u3007"
    "\u3040-\u30ff\u3100-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua9e0-\ua9ff\uaa60-\uaadf"
    "\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
"""Scripts that put no space between words: Thai, Lao, Tibetan, Burmese, Khmer, Han, kana."""
_ALONE = re.compile(f"[{_LETTER_BY_LETTER}]")
_ACCENT = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]")
"""What is not seen and parts no words: soft hyphens, joiners, marks of direction."""
_TYPED = re.compile(r'"([^"]*)"?|([^\s"]+)')


def prepared(text: str) -> str:
    """Return a text as it is given to the search: letters of some scripts stand apart."""
    if text.isascii():
        return text.replace("\0", " ")
    text = unicodedata.normalize("NFKD", _UNSEEN.sub("", text).replace(APART, " "))
    text = unicodedata.normalize("NFKC", _ACCENT.sub("", text).casefold())
    return _ALONE.sub(r" \g<0> ", text).replace("\0", " ")


def document(texts: Iterable[str | None]) -> str:
    """Return the texts of a trajectory as one that is searched."""
    return f" {APART} ".join(prepared(text) for text in texts if text)


def question(typed: str) -> str:
    """Return what a person typed as a question to FTS5, in which all words must be found.

    Returns:
        Empty if there is no word in it, so that nothing can be found.
    """
    left, parts = MOST, []
    for found in _TYPED.finditer(typed.encode("utf-8", "replace").decode("utf-8")):
        phrase, word = found[1], found[2]
        star = "*" if word and word.endswith("*") else ""
        words = _words(phrase if word is None else word)[:left]
        left -= len(words)
        if words:
            parts.append(f'"{" ".join(words)}"{star}')
    return " ".join(parts)


def _words(text: str) -> list[str]:
    """Return the words of a text, as near as can be told to what SQLite takes for words."""
    kept = [each if _is_of_a_word(each) else " " for each in prepared(text)]
    return "".join(kept).split()


def _is_of_a_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"

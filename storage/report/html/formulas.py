r"""Finds formulas in markdown: $..$, $$..$$, \(..\) and \[..\], as two rules for markdown-it.

What a newcomer gets wrong: "$5 and $6" is money. A dollar opens a formula only where no blank
follows it, and closes one only where no blank stands before it and no digit behind.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from storage.report.html.maths import LONGEST

_PAIRS = (("$$", "$$", True), (r"\[", r"\]", True), (r"\(", r"\)", False), ("$", "$", False))
"""What opens a formula, what closes it, and whether it stands on a line of its own."""
_MONEY = re.compile(r"[0-9][0-9.,]*\s.*[A-Za-z]{2}", re.DOTALL)
_WORDS = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}\s+[A-Za-z]{2,}")
_OF_LATEX = re.compile(r"[\\^_{}=]")
_MOST_LINES = 60


def formulas(md: MarkdownIt) -> None:
    """Teach a parser formulas; their tokens are called `formula`, `markup` is what opens them."""
    md.inline.ruler.before("escape", "formula", _inline)
    md.block.ruler.before("fence", "formula", _block, {"alt": ["paragraph", "blockquote", "list"]})


def _inline(state: StateInline, silent: bool) -> bool:
    start = state.pos
    if state.src[start] not in "$\\":
        return False
    for opening, closing, alone in _PAIRS:
        if state.src.startswith(opening, start):
            end = _end(state.src, start + len(opening), closing, state.posMax)
            latex = state.src[start + len(opening) : max(end, 0)]
            if end < 0 or not latex.strip() or (opening == "$" and not _is_formula(state, end)):
                return False
            if not silent:
                token = state.push("formula", "", 0)
                token.content, token.markup, token.info = latex, opening, closing
                token.block = alone
            state.pos = end + len(closing)
            return True
    return False


def _end(text: str, start: int, closing: str, last: int) -> int:
    """Return where a formula is closed; -1: nowhere near."""
    last = min(last, start + LONGEST + len(closing))
    end = text.find(closing, start, last)
    while end > 0 and _backslashes(text, start, end) % 2:
        end = text.find(closing, end + 1, last)
    return end


def _backslashes(text: str, start: int, end: int) -> int:
    """Return how many stand right before a place, which is then not the end if they are odd."""
    return len(text[start:end]) - len(text[start:end].rstrip("\\"))


def _is_formula(state: StateInline, end: int) -> bool:
    """Return whether what stands between two single dollars is no money and no prose."""
    before, after = state.src[state.pos - 1 : state.pos], state.src[end + 1 : end + 2]
    latex = state.src[state.pos + 1 : end]
    if latex != latex.strip() or before.isalnum() or before == "$" or after.isdigit():
        return False
    if _OF_LATEX.search(latex):
        return not _MONEY.match(latex) or "\\" in latex
    return not (_MONEY.match(latex) or _WORDS.search(latex))


def _block(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    start = state.bMarks[first] + state.tShift[first]
    opening = state.src[start : start + 2]
    closing = {"$$": "$$", r"\[": r"\]"}.get(opening)
    if closing is None or state.is_code_block(first):
        return False
    for line in range(first, min(last, first + _MOST_LINES)):
        begin = start + 2 if line == first else state.bMarks[line] + state.tShift[line]
        found = state.src[begin : state.eMarks[line]]
        if line > first and not found.strip():
            return False
        if closing in found:
            if not found.rstrip().endswith(closing) or found.count(closing) > 1:
                return False
            if not silent:
                _push(state, first, line, opening, closing)
            return True
    return False


def _push(state: StateBlock, first: int, line: int, opening: str, closing: str) -> None:
    whole = state.getLines(first, line + 1, state.blkIndent, False).strip()
    token = state.push("formula", "", 0)
    token.content = whole[2:-2]
    token.markup, token.info = opening, closing
    token.block = True
    token.map = [first, line + 1]
    state.line = line + 1

"""Markdown of models and strangers to HTML in which nothing is theirs but the text.

Paragraphs, lists, tables, emphasis, code and mathematics are set; links, pictures, addresses, HTML
and entities stay the text that was written. What a newcomer gets wrong: the parser's own output is
not used. Every token is written out here with a tag of this list and without its attributes; one
that is not known here is text. And markdown drops what it has no place for, such as a cell too
many, so a text that would lose a word by it is shown as it was written.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from storage.report.html.code import is_known, program
from storage.report.html.formulas import formulas
from storage.report.html.maths import formula
from storage.report.html.unseen import marked

LONGEST = 20_000
"""Characters of a text that is set; a longer one is shown as it was written."""
_MOST_TOKENS = 30_000
_MOST_CELLS = 8_000
_MOST_FORMULAS = 400
_DEEPEST = 40
"""Levels of blocks in blocks; a text with more is shown as it was written."""
_MARKS = re.compile(r"[\s!-/:-@\[-`{-~]+")
"""What may be markup."""
_NOT_SET = ("link", "image", "autolink", "html_inline", "entity")
_NOT_SET_BLOCKS = ("reference", "html_block")
_TAGS = {
    "paragraph": 'p dir="auto"', "blockquote": 'blockquote dir="auto"', "list_item": "li",
    "bullet_list": 'ul dir="auto"', "ordered_list": 'ol dir="auto"', "table": 'table dir="auto"',
    "thead": "thead", "tbody": "tbody", "tr": "tr", "th": "th", "td": "td",
    "em": "em", "strong": "strong", "s": "s", "heading": 'p class="said-heading" dir="auto"',
}  # fmt: skip
"""By the beginning of a token's name: what opens its element. A heading is no heading of ours."""
WRONG_HERE = Markup('<mark class="wrong-here">first wrong step</mark> ')


def prose(text: str, wrong_line: int | None = None) -> Markup:
    """Return a text as HTML, for a box that says whose words it holds.

    Args:
        text: Markdown, or anything else.
        wrong_line: The line in which the first wrong step begins, from 0; it is marked.
    """
    text = text.replace("\r\n", "\n")
    if len(text) > LONGEST:
        return as_written(text, wrong_line)
    tokens = _parser(tables=_cells(text) <= _MOST_CELLS).parse(text)
    if sum(1 + len(token.children or ()) for token in tokens) > _MOST_TOKENS:
        return as_written(text, wrong_line)
    writing = _Writing(wrong_line)
    whole = writing.blocks(tokens)
    if _MARKS.sub("", text) != _MARKS.sub("", "".join(writing.words)):
        return as_written(text, wrong_line)
    return Markup('<div class="prose" dir="auto">{}</div>').format(whole)


def as_written(text: str, wrong_line: int | None = None) -> Markup:
    """Return a text in its exact form, line by line, with unseen characters marked."""
    lines = text.replace("\r\n", "\n").split("\n")
    whole = marked("\n".join(lines[: wrong_line or 0]))
    if wrong_line is not None and wrong_line < len(lines):
        whole += Markup("\n" if wrong_line else "") + WRONG_HERE
    whole += marked("\n".join(lines[wrong_line or 0 :]))
    return Markup('<pre class="as-written">{}</pre>').format(whole)


def _cells(text: str) -> int:
    """Return how many cells a text could blow up to, were all of it tables."""
    lines = [line.count("|") for line in text.split("\n")]
    return (max(lines) + 1) * len(lines) if any(lines) else 0


@cache
def _parser(*, tables: bool) -> MarkdownIt:
    options = {"html": False, "linkify": False, "maxNesting": _DEEPEST}
    parser = MarkdownIt("commonmark", options).enable("strikethrough").disable(_NOT_SET)
    parser.block.ruler.disable(_NOT_SET_BLOCKS)
    parser.core.ruler.disable("normalize")  # it would swallow nulls and lone carriage returns
    if tables:
        parser.enable("table")
    parser.use(formulas).parse("a")  # its rules are put together at the first use, by one thread
    return parser


@dataclass(slots=True)
class _Writing:
    """Writes tokens out, and knows in which line of the text it is."""

    wrong_line: int | None
    formulas: int = 0
    words: list[str] = field(default_factory=list)
    """What was written out so far, without markup."""

    def blocks(self, tokens: Sequence[Token]) -> Markup:
        """Return blocks as markup."""
        return Markup("").join(self._block(token) for token in tokens)

    def _block(self, token: Token) -> Markup:
        first = token.map[0] if token.map else None
        if token.type == "inline":
            return self._inline(token.children or (), first or 0)
        if write := _LEAVES.get(token.type):
            self.words += [token.info, token.content]
            last = token.map[1] if token.map else 0
            return self._flag(range(first or 0, last)) + write(self, token)
        return self._tag(token)

    def _inline(self, tokens: Iterable[Token], line: int) -> Markup:
        """Return what stands in a paragraph that begins in a line."""
        parts = [self._flag([line])]
        for token in tokens:
            if token.type in ("softbreak", "hardbreak"):
                line += 1
                parts += [Markup("<br>\n"), self._flag([line])]
            elif write := _LEAVES.get(token.type):
                self.words.append(token.content)
                parts.append(write(self, token))
                line += token.content.count("\n")
            else:
                parts.append(self._tag(token))
        return Markup("").join(parts)

    def _tag(self, token: Token) -> Markup:
        """Return what opens or closes an element; text, if it is none of ours."""
        name, _, side = token.type.rpartition("_")
        tag = _TAGS.get(name)
        if tag is None or side not in ("open", "close"):
            return marked(token.content)
        if token.hidden:
            return Markup("")
        if side == "close":
            return Markup(f"</{tag.partition(' ')[0]}>")
        if tag == "li" and token.info.isascii() and token.info.isdigit():
            self.words.append(token.info)
            return Markup(f'<li value="{int(token.info)}">')
        return Markup(f"<{tag}>")

    def _flag(self, lines: Sequence[int]) -> Markup:
        """Return the mark of the first wrong step, once, where it begins in one of these lines."""
        if self.wrong_line is None or self.wrong_line not in lines:
            return Markup("")
        self.wrong_line = None
        return WRONG_HERE

    def formula(self, token: Token) -> Markup:
        """Return a formula; one of very many as it was written."""
        self.formulas += 1
        written = f"{token.markup}{token.content}{token.info}"
        if self.formulas > _MOST_FORMULAS:
            return marked(written)
        return formula(token.content, written, block=token.block)


def _fence(text: str, info: str) -> Markup:
    """Return a fenced program; what stands beside the fence is shown unless it is a language."""
    label = Markup("") if not info or is_known(info) else Markup("<p>{}</p>").format(marked(info))
    return label + program(text, info)


_LEAVES: dict[str, Callable[[_Writing, Token], Markup]] = {
    "text": lambda _, token: marked(token.content),
    "text_special": lambda _, token: marked(token.content),
    "code_inline": lambda _, token: Markup("<code>{}</code>").format(marked(token.content)),
    "code_block": lambda _, token: program(token.content),
    "fence": lambda _, token: _fence(token.content, token.info.strip()),
    "hr": lambda *_: Markup("<hr>"),
    "formula": _Writing.formula,
}
"""What holds no other tokens, and how it is written."""

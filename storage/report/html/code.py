"""Programs with their words in colour, through Pygments, which is asked for words and no HTML.

What a newcomer gets wrong: a name beside a fence is a stranger's text, so it chooses among the
languages of this list and never loads anything by itself; colours are classes of `code.css`.
"""

from collections.abc import Callable, Container, Iterable
from functools import cache
from itertools import groupby

from markupsafe import Markup
from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]
from pygments.token import (  # type: ignore[import-untyped]
    Comment,
    Keyword,
    Literal,
    Name,
    Number,
    Operator,
    String,
)

from storage.report.html.unseen import marked

LONGEST = 10_000
"""Characters of a program that is set in colour; a longer one is shown in one."""
_LONGEST_LINE = 1_000
_LANGUAGES = {
    "python": ("python", "py", "python3", "pycon"),
    "sql": ("sql", "sqlite", "sqlite3", "mysql", "postgres", "postgresql"),
    "json": ("json", "jsonl"),
    "bash": ("bash", "sh", "shell", "zsh"),
    "javascript": ("javascript", "js", "node"),
    "typescript": ("typescript", "ts"),
    "c": ("c", "h"),
    "cpp": ("cpp", "c++", "cc"),
    "java": ("java",),
    "go": ("go", "golang"),
    "rust": ("rust", "rs"),
    "toml": ("toml", "ini"),
    "yaml": ("yaml", "yml"),
}
_BY_NAME = {name: language for language, names in _LANGUAGES.items() for name in names}
_CLASSES: tuple[tuple[Container[object], str], ...] = (
    (Comment, "c"),
    (Keyword, "k"),
    (Operator.Word, "k"),
    (Name.Function, "f"),
    (Name.Class, "f"),
    (Name.Builtin, "b"),
    (Name.Decorator, "b"),
    (Name.Tag, "f"),
    (String, "s"),
    (Number, "n"),
    (Literal, "n"),
)
"""The class of each kind of word; the first that holds it. Other words have the text's colour."""
CLASSES = frozenset(name for _, name in _CLASSES)
OF_VERIFIERS = {"code": "python", "sql": "sql"}
"""Verifiers whose answers are programs, and in which language."""


def is_known(language: str) -> bool:
    """Return whether programs of a language are set in colour."""
    return language.lower() in _BY_NAME


def program(text: str, language: str = "") -> Markup:
    """Return a program as a block; in colour if its language is known and it is not too long."""
    return Markup('<pre class="code" dir="ltr"><code>{}</code></pre>').format(
        coloured(text, language)
    )


def coloured(text: str, language: str) -> Markup:
    """Return a program's words, in colour if its language is known and it is not too long."""
    text = text.replace("\r\n", "\n")
    known = _BY_NAME.get(language.lower())
    if known is None or not _may_be_coloured(text):
        return marked(text)
    words = groupby(_lexer(known)(text), key=lambda word: _class(word[0]))
    return Markup("").join(_word(name, "".join(value for _, value in same)) for name, same in words)


def _may_be_coloured(text: str) -> bool:
    within = len(text) <= LONGEST and "\r" not in text
    return within and max(map(len, text.split("\n"))) <= _LONGEST_LINE


@cache
def _class(kind: object) -> str:
    """Return the class of a kind of word; empty: it has the text's colour."""
    return next((name for held, name in _CLASSES if kind in held), "")


def _word(name: str, text: str) -> Markup:
    shown = marked(text)
    return Markup(f'<span class="{name}">{shown}</span>') if name else shown


@cache
def _lexer(language: str) -> Callable[[str], Iterable[tuple[object, str]]]:
    lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    return lexer.get_tokens  # type: ignore[no-any-return]

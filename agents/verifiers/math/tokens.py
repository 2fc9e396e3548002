r"""Cut a text into the tokens of mathematics, written as LaTeX or in plain characters.

What a newcomer gets wrong: this is an allow-list. A command, a word or a character that is not
named here makes the text no mathematics, so prose never becomes a product of its letters, and
`\sum` or `\int`, which state a task rather than its answer, are not read at all.
"""

import re
from dataclasses import dataclass

from agents.verifiers.evidence import shown
from agents.verifiers.math.tree import NotMathematics
from agents.verifiers.math.values import MAX_CHARS, MAX_DIGITS, plain_characters
from agents.verifiers.math.vocabulary import (
    CHARACTERS,
    COMMANDS,
    LOWERED,
    NAMES,
    NO_PRODUCTS,
    RAISED,
    SIGNS,
    WORDS,
)

MAX_NESTING = 64

_TOKEN = re.compile(
    r"""
    (?P<space>   \s+ | ~ | \\[,;:!\ ]
               | \\(?:quad|qquad|displaystyle|textstyle|[bB]igg?[lr]?)(?![A-Za-z]) )
  | (?P<bar>     \\(?P<side>left|right)\s*(?:\||\\[lr]?vert(?![A-Za-z])) )
  | (?P<sized>   \\(?:left|right)(?![A-Za-z]) )
  | (?P<begin>   \\begin\{(?:(?:[pb]|small)?matrix|array\}\{[lcr]+)\} )
  | (?P<end>     \\end\{(?:(?:[pb]|small)?matrix|array)\} )
  | (?P<font>    \\(?:text|textrm|textbf|textit|mathrm|mathbf|mathit|mathsf|boldsymbol|mbox
                     |operatorname)\s*\{\s*(?P<inner>[A-Za-z]*)\s*\} )
  | (?P<line>    \\mathbb\s*(?:\{\s*(?P<field>[RNZQC])\s*\}|(?P<bare_field>[RNZQC])) )
  | (?P<accent>  \\(?P<mark>vec|hat|bar|overline|tilde|widehat|overrightarrow|dot)\s*
                     (?:\{\s*(?P<below>[A-Za-z]{1,3})\s*\}|(?P<bare_below>[A-Za-z])) )
  | (?P<row>     \\\\ )
  | (?P<command> \\[A-Za-z]+ | \\[{}%] )
  | (?P<subscript> _\s*(?:\{(?P<group>(?:[^{}]|\{[^{}]*\})*)\}
                          |(?P<single>[A-Za-z0-9]|\\[A-Za-z]+)) )
  | (?P<number>  [0-9]{1,3}(?:(?:\{,\}|,\\!\s?)[0-9]{3})+(?![0-9])(?:\.[0-9]+)?
               | [0-9]*\.[0-9]+ | [0-9]+ )
  | (?P<word>    [A-Za-z]+ )
  | (?P<sign>    \*\* | <= | >= | [-+*/^()\[\]{}|,;!%=<>'&] )
    """,
    re.VERBOSE | re.ASCII,
)
_OPENING = frozenset({"(", "[", "{", r"\{", "langle", "lfloor", "lceil", "|("})
_CLOSING = frozenset({")", "]", "}", r"\}", "rangle", "rfloor", "rceil", "|)"})


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a text.

    `kind` is "number", "letter", "name" (a variable of more than a letter), "command", "sign",
    "subscript", "line", "begin" or "end".
    """

    kind: str
    text: str
    at: int
    end: int

    def is_sign(self, *texts: str) -> bool:
        """Return whether this is one of these signs."""
        return self.kind == "sign" and self.text in texts

    def is_command(self, *texts: str) -> bool:
        """Return whether this is one of these commands."""
        return self.kind == "command" and self.text in texts


def tokens_of(text: str) -> list[Token]:
    """Return the tokens of a text, without the delimiters of mathematics around it.

    Raises:
        NotMathematics: it is beyond a limit, or holds something that is not on the list.
    """
    if len(text) > MAX_CHARS:
        raise NotMathematics(f"longer than {MAX_CHARS} characters")
    plain = _spelled_out(unwrapped(plain_characters(text)))
    found: list[Token] = []
    at = 0
    while at < len(plain):
        match = _TOKEN.match(plain, at)
        if match is None or plain.startswith("!=", at):
            raise NotMathematics(f"it holds {shown(plain[at : at + 10])}")
        found += _tokens(match)
        at = match.end()
    _bound(found)
    return found


def unwrapped(text: str) -> str:
    r"""Return a text without the delimiters of mathematics, `\boxed` and a last full stop."""
    for _ in range(4):
        text = text.strip().removesuffix(".").rstrip()
        inner = _inside(text)
        if inner is None:
            break
        text = inner
    return text.strip()


def _inside(text: str) -> str | None:
    """Return what stands between the delimiters of a text; None: it has none around it."""
    for opening, closing in (("$$", "$$"), ("$", "$"), (r"\(", r"\)"), (r"\[", r"\]")):
        longer = len(text) > len(opening + closing)
        if longer and text.startswith(opening) and text.endswith(closing):
            return text[len(opening) : -len(closing)]
    boxed = re.match(r"\\boxed\s*\{", text)
    if boxed is None:
        return None
    depth = 0
    for at in range(boxed.end() - 1, len(text)):
        depth += (text[at] == "{") - (text[at] == "}")
        if depth == 0:
            return text[boxed.end() : at] if at == len(text) - 1 else None
    return None


def _spelled_out(text: str) -> str:
    """Return a text with its signs and raised digits as plain characters and commands."""
    if text.isascii():
        return text
    for mark, digits in (("^", RAISED), ("_", LOWERED)):
        runs = f"[{''.join(map(chr, digits))}]+"
        text = re.sub(runs, rf"{mark}{{\g<0>}}", text).translate(digits)
    return "".join(CHARACTERS.get(character, character) for character in text)


def _tokens(match: re.Match[str]) -> list[Token]:
    """Return the tokens of one match: none for white space, several for a product of letters."""
    kind, text = match.lastgroup or "", match[0]

    def token(kind: str, text: str) -> list[Token]:
        return [Token(kind, text, match.start(), match.end())]

    if kind in ("space", "sized"):
        return []
    if kind == "bar":
        return token("sign", "|(" if match["side"] == "left" else "|)")
    if kind == "line":
        return token("line", match["field"] or match["bare_field"])
    if kind == "accent":
        return token("name", f"\\{match['mark']}{{{match['below'] or match['bare_below']}}}")
    if kind == "subscript":
        return token("subscript", match["group"] if match["single"] is None else match["single"])
    if kind in ("begin", "end", "row", "sign"):
        return token("sign" if kind == "row" else kind, "^" if text == "**" else text)
    if kind == "number":
        return token("number", re.sub(r"[^0-9.]", "", text))
    return token(*_named(text[1:])) if kind == "command" else _word(match)


def _named(command: str) -> tuple[str, str]:
    if command in SIGNS:
        return "sign", SIGNS[command]
    if command in NAMES:
        return "name", f"\\{command}"
    if command in COMMANDS:
        return "command", COMMANDS[command]
    raise NotMathematics(f"the command {shown(command)} is none that is read")


def _word(match: re.Match[str]) -> list[Token]:
    """Return the tokens of a run of letters: a function, a variable, or a product of them."""
    in_font = match.lastgroup == "font"
    run = match["inner"] if in_font else match[0]
    if run in WORDS:
        return [Token("command", COMMANDS[run], match.start(), match.end())]
    if len(run) > (1 if in_font else 3) or run.lower() in NO_PRODUCTS:
        raise NotMathematics(f"{shown(run)} is a word")
    start = match.start()
    return [Token("letter", each, start + n, start + n + 1) for n, each in enumerate(run)]


def _bound(found: list[Token]) -> None:
    depth = 0
    for token in found:
        if token.kind == "number" and sum(map(str.isdigit, token.text)) > MAX_DIGITS:
            raise NotMathematics(f"more than {MAX_DIGITS} digits in a row")
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if depth > MAX_NESTING:
            raise NotMathematics(f"nested deeper than {MAX_NESTING}")

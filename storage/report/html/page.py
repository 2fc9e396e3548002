"""Fills in the templates of pages.

What a newcomer gets wrong: every text that comes from the database was written by a model or a
stranger. It is escaped because the environment escapes everything; nothing may mark it as safe but
the filters that make it so.
"""

from collections.abc import Callable
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from storage.report.clean import one_line
from storage.report.html.numbers import brief, count, moment, money, share, span
from storage.report.html.prose import as_written, prose
from storage.report.html.unseen import marked

LONGEST = 2_000
"""Characters of a value that stands among others; longer texts have a box of their own."""


def shown(value: object) -> Markup:
    """Return a value as text with its unseen characters marked; of a long one the beginning.

    The marks are elements: an attribute or a title takes `line` instead.
    """
    text = str(value)
    rest = len(text) - LONGEST
    return marked(text) if rest <= 0 else marked(f"{text[:LONGEST]}… and {rest:,} more characters")


FILTERS: dict[str, Callable[..., object]] = {
    "brief": brief,
    "count": count,
    "line": one_line,
    "moment": moment,
    "money": money,
    "prose": prose,
    "raw": as_written,
    "share": share,
    "shown": shown,
    "span": span,
}
"""What templates may put a value through, by name."""
SHORT = 10
"""How many characters of an id are shown, as in the terminal."""


def render(template: str, **values: object) -> str:
    """Return a page.

    Args:
        template: Its file's name.
        values: What stands in it; those of `layout.html` are the page's name in the navigation
            (`nav`), who looks (`person`, or None), the token of forms (`token`), and what goes
            before every address (`base`).

    Raises:
        jinja2.UndefinedError: a value is missing.
    """
    return environment().get_template(template).render(values)


@cache
def environment() -> Environment:
    """Return where templates are looked up and kept once read."""
    made = Environment(
        loader=PackageLoader("storage.report.html"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(FILTERS)
    made.globals["SHORT"] = SHORT
    return made


@cache
def static_files() -> dict[str, bytes]:
    """Return the styles, scripts and pictures of pages by their names."""
    folder = files("storage.report.html").joinpath("static")
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()}

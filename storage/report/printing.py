"""How a result is printed: as a page for a person, or as one JSON object for a program."""

import json
from collections.abc import Sequence

from rich.console import Console, RenderableType


def show(out: Console, parts: Sequence[RenderableType], plain: object, *, as_json: bool) -> None:
    """Print a page, or the same as JSON."""
    if as_json:
        out.print_json(json.dumps(plain, default=str), ensure_ascii=out.options.ascii_only)
        return
    for part in parts:
        out.print(part, markup=False, soft_wrap=isinstance(part, str))

"""How a command takes many options as one value.

What a newcomer gets wrong: this is no second command line. A room declares the options of what it
does as a dataclass, and `taking` gives them to the command in `run.py` beside its own.
"""

import inspect
from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from typing import Any


def taking(kind: type) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the fields of a dataclass as options; it gets them as `options`, one value."""
    more = [
        inspect.Parameter(
            each.name, inspect.Parameter.KEYWORD_ONLY, default=each.default, annotation=each.type
        )
        for each in fields(kind)
    ]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = [
            each.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for each in inspect.signature(command).parameters.values()
            if each.name != "options"
        ]

        @wraps(command)
        def typed(**given: Any) -> None:  # noqa: ANN401 - whatever the options are
            mine = {each.name: given.pop(each.name) for each in more}
            command(**given, options=kind(**mine))

        typed.__signature__ = inspect.Signature([*own, *more])  # type: ignore[attr-defined]
        typed.__annotations__ = {each.name: each.annotation for each in (*own, *more)}
        return typed

    return decorate

"""A model's text -> a value of the asked form, or one sentence about why not.

What a newcomer gets wrong: a text that holds no such value is never `{}` or None. And the text is
hostile: NaN, a key that stands twice, a million brackets, half a surrogate pair all end as an
`InvalidReply` and as nothing else.
"""

import json
import re
from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from math import isfinite
from typing import TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from agents.chat.failures import one_line
from agents.errors import InvalidReply
from storage.records import Reply

Form = TypeVar("Form", bound=BaseModel)

_FENCE = "```"
_OPENING = re.compile(r'\{\s*["}]')
_EFFORT = 50_000_000
"""Characters that may be looked at in vain, so that a hostile megabyte takes less than a second."""
_PROBLEMS_SHOWN = 5
_PROBLEM_LIMIT = 200
_LOCATOR = json.JSONDecoder(parse_int=str, parse_float=str)
"""Finds where a JSON value ends, without making numbers of its digits."""


@lru_cache(maxsize=256)
def schema_of(form: type[BaseModel]) -> dict[str, JsonValue]:
    """Return the JSON Schema of a form; do not change it, it is shared."""
    return form.model_json_schema()


def read_reply(form: type[Form], reply: Reply) -> Form:
    """Return the value that a reply holds.

    The whole text counts if it is JSON; else what stands in its one fence; else the last JSON
    object in it. The value is validated strictly: a number in quotes is not a number.

    Raises:
        InvalidReply: there is none or it does not fit; the message says why, on one line.
    """
    try:
        return _validated(form, _strict(_located(reply.text.strip())))
    except ValueError as error:
        problem = str(error)
    except RecursionError:
        problem = "it is nested too deeply"
    if reply.finish_reason == "length":
        problem = f'the reply was cut off by the token limit (finish_reason "length"); {problem}'
    raise InvalidReply(problem)


def _located(text: str) -> str:
    """Return the part of the text that is the JSON value."""
    if _is_json(text):
        return text
    pieces = text.split(_FENCE)
    if len(pieces) == 3:
        first_line, _, rest = pieces[1].partition("\n")
        fenced = rest if first_line.strip().isalnum() else pieces[1]
        if _is_json(fenced.strip()):
            return fenced.strip()
    last = deque(objects_in(text), maxlen=1)
    if not last:
        raise ValueError("there is no JSON object in the reply")
    return last[0]


def _is_json(text: str) -> bool:
    try:
        _, end = _LOCATOR.raw_decode(text)
    except json.JSONDecodeError:
        return False
    return end == len(text)


def objects_in(text: str) -> Iterator[str]:
    """Yield the JSON objects in a text, outermost only, first one first.

    Raises:
        ValueError: so many braces open no object that looking at each would take too long.
    """
    effort = _EFFORT
    opening = _OPENING.search(text)
    while opening:
        start = opening.start()
        try:
            _, end = _LOCATOR.raw_decode(text, start)
        except json.JSONDecodeError as error:
            # Making this error costs time in proportion to its position: it counts the lines.
            effort -= error.pos
            end = start + 1
        else:
            yield text[start:end]
        if effort < 0:
            raise ValueError("too many braces in the reply open no JSON object")
        opening = _OPENING.search(text, end)


def _strict(text: str) -> str:
    """Return the text again, once it is known to say one thing only.

    Raises:
        ValueError: a key stands twice, or a number is not finite or too long.
    """
    json.loads(
        text,
        object_pairs_hook=_once,
        parse_constant=_no_constant,
        parse_float=_finite,
        parse_int=str,
    )
    return text


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {one_line(repr(key), 80)} stands twice in one object")
        found[key] = value
    return found


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise ValueError(f"the number {one_line(digits, 40)} is too large")
    return number


def _validated(form: type[Form], text: str) -> Form:
    try:
        return form.model_validate_json(text, strict=True)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
    said = [_problem(tuple(p["loc"]), p["msg"]) for p in problems[:_PROBLEMS_SHOWN]]
    if len(problems) > _PROBLEMS_SHOWN:
        said.append(f"and {len(problems) - _PROBLEMS_SHOWN} more")
    raise ValueError("; ".join(said))


def _problem(place: tuple[int | str, ...], message: str) -> str:
    where = ".".join(str(step) for step in place)
    return one_line(f"{where}: {message}" if where else message, _PROBLEM_LIMIT)

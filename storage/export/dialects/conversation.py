"""Reads canonical messages, for dialects that say them in other words.

What a newcomer gets wrong: content is a string or a list of parts, and may be null beside a tool
call; reasoning is no part of it; and an answer within a prompt is not to be trained.
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any, cast

from pydantic import JsonValue

from storage.errors import Unfit
from storage.export.columns import Example

Message = dict[str, Any]
"""A canonical message, see `Shape`."""
THOUGHT = "<think>\n{}\n</think>\n\n"
"""How reasoning stands before an answer, for consumers with no place of its own: Qwen's form, which
LLaMA-Factory's templates look for and rewrite to what their model knows."""
_JPEG = b"\xff\xd8\xff"


def messages(example: Example, *columns: str) -> list[Message]:
    """Return the messages of columns one after the other.

    Raises:
        Unfit: there are none.
    """
    found = cast("list[Message]", example[columns[0]])
    for column in columns[1:]:
        found = found + cast("list[Message]", example[column])
    if not found:
        raise Unfit("no messages")
    return found


def one(example: Example, column: str) -> Message:
    """Return the only message of a column.

    Raises:
        Unfit: there is none, or more than one.
    """
    found = cast("list[Message]", example[column])
    if len(found) != 1:
        raise Unfit(f"more or less than one message in {column}")
    return found[0]


def text(message: Message, picture: str = "") -> str:
    """Return the content as one string, with this word where a picture stands."""
    content = message["content"]
    if not content:
        return ""
    if isinstance(content, str):
        return content
    parts = cast("list[dict[str, str | None]]", content)
    return "".join(picture if each["type"] == "image" else each["text"] or "" for each in parts)


def thought(message: Message) -> str:
    """Return the reasoning as it stands before an answer; empty if there is none."""
    reasoning = (message.get("reasoning_content") or "").strip()
    return THOUGHT.format(reasoning) if reasoning else ""


def calls(message: Message) -> list[dict[str, JsonValue]]:
    """Return the functions that a message calls, each with its name and arguments."""
    return [dict(each["function"]) for each in message.get("tool_calls") or ()]


def as_json(value: object) -> str:
    """Return a value as JSON, keys in their order: it is what a model is to write."""
    return json.dumps(value, ensure_ascii=False)


def untrained(example: Example, *columns: str) -> list[bool]:
    """Return of each message whether it is an answer that must not be trained.

    All answers within a prompt are such; others say so themselves.
    """
    return [
        each["role"] == "assistant" and (column == "prompt" or each.get("train") is False)
        for column in columns
        for each in messages(example, column)
    ]


def without_train(example: Example, *columns: str) -> Example:
    """Return columns whose messages do not say whether they are trained; empty if none does."""
    if "train" not in messages(example, columns[0])[0]:
        return {}
    return {column: [_unmarked(each) for each in messages(example, column)] for column in columns}


def _unmarked(message: Message) -> JsonValue:
    return {key: value for key, value in message.items() if key != "train"}


def pictures(example: Example) -> Iterator[tuple[str, str]]:
    """Yield the pictures of a row in order: media type, and the bytes in base 64."""
    for each in cast("list[bytes | str]", example.get("images") or ()):
        if isinstance(each, str):
            head, _, data = each.partition(",")
            yield head.removeprefix("data:").removesuffix(";base64"), data
        else:
            kind = "image/jpeg" if each.startswith(_JPEG) else "image/png"
            yield kind, b64encode(each).decode("ascii")


def pictures_of(example: Example, found: list[Message]) -> Iterator[tuple[str, str]]:
    """Return the pictures of a row, of which its messages use each once.

    Raises:
        Unfit: there are more pictures than places, or fewer.
    """
    places = sum(
        part["type"] == "image"
        for message in found
        if isinstance(message["content"], list)
        for part in message["content"]
    )
    if places != len(cast("list[object]", example.get("images") or ())):
        raise Unfit("more or fewer pictures than places for them")
    return pictures(example)

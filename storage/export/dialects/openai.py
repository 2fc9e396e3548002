"""OpenAI's fine-tuning files: JSON lines with the keys of the chat API and no others.

What a newcomer gets wrong: the arguments of a call are JSON text here, every call has an id, and
every tool message names the call that it answers. A column of our own has no place, but for
reinforcement fine-tuning, where graders read any key as `item.KEY`.
"""

from collections.abc import Callable, Iterator

from pydantic import JsonValue

from storage.errors import Unfit
from storage.export.columns import Example
from storage.export.containers.files import Container
from storage.export.dialects.conversation import (
    Message,
    as_json,
    calls,
    messages,
    one,
    pictures_of,
    text,
    untrained,
)
from storage.export.dialects.dialect import Dialect, Projection

_LINES: frozenset[Container] = frozenset({"jsonl"})
Pictures = Iterator[tuple[str, str]]


def said(example: Example, found: list[Message], masked: list[bool]) -> list[JsonValue]:
    """Return messages as the chat API takes them, with `weight` 0 where not to be trained.

    Raises:
        Unfit: a tool answers what was not called, or pictures and their places differ.
    """
    images = pictures_of(example, found)
    called: list[str] = []
    names = 0
    turns: list[JsonValue] = []
    for each, mask in zip(found, masked, strict=True):
        turn: dict[str, JsonValue] = {"role": each["role"], "content": _content(each, images)}
        if made := calls(each):
            ids = [f"call_{names + i}" for i in range(len(made))]
            names += len(ids)
            called += ids
            turn["content"] = turn["content"] or None
            turn["tool_calls"] = [
                {
                    "id": id,
                    "type": "function",
                    "function": {"name": call["name"], "arguments": as_json(call["arguments"])},
                }
                for id, call in zip(ids, made, strict=True)
            ]
        if each["role"] == "tool":
            if not called:
                raise Unfit("a tool that answers what was not called")
            turn["tool_call_id"] = called.pop(0)
        if mask:
            turn["weight"] = 0
        turns.append(turn)
    return turns


def _content(message: Message, images: Pictures) -> JsonValue:
    """Return text, or parts where there are pictures; an answer is text, whatever it was."""
    content = message["content"]
    if not isinstance(content, list):
        return content or ""
    if all(part["type"] == "text" for part in content):
        return text(message)
    if message["role"] != "user":
        raise Unfit("a picture that is not the user's")
    parts: list[JsonValue] = []
    for part in content:
        if part["type"] == "image":
            kind, data = next(images)
            parts.append({"type": "image_url", "image_url": {"url": f"data:{kind};base64,{data}"}})
        elif part["text"]:
            parts.append({"type": "text", "text": part["text"]})
    return parts


def _conversation(*columns: str) -> Callable[[Example], Example]:
    def says(example: Example) -> Example:
        masked = untrained(example, *columns)
        found = messages(example, *columns)
        if masked[-1] or found[-1]["role"] != "assistant":
            raise Unfit("a conversation without an answer at its end")
        return {"messages": said(example, found, masked)}

    return says


def _preference(example: Example) -> Example:
    prompt = messages(example, "prompt")
    nothing = [False] * (len(prompt) + 1)
    sides: Example = {}
    asked: list[JsonValue] = []
    for side, name in (("chosen", "preferred_output"), ("rejected", "non_preferred_output")):
        *asked, answer = said(example, [*prompt, one(example, side)], nothing)
        sides[name] = [answer]
    return {"input": {"messages": asked}, **sides}


def _rl(example: Example) -> Example:
    prompt = messages(example, "prompt")
    if prompt[-1]["role"] != "user":
        raise Unfit("a prompt that does not end with the user")
    return {"messages": said(example, prompt, [False] * len(prompt))}


def _turns(*columns: str) -> Projection:
    return Projection(None, {"messages": "json"}, _conversation(*columns), _LINES)


OPENAI = Dialect(
    "openai",
    {
        "sft": _turns("messages"),
        "prompt-completion": _turns("prompt", "completion"),
        "preference": Projection(
            None,
            {
                "input": "json",
                "preferred_output": "json",
                "non_preferred_output": "json",
            },
            _preference,
        ),
        "rl": Projection(frozenset({"prompt", "images"}), {"messages": "json"}, _rl, _LINES),
        "critique": _turns("prompt", "completion"),
    },
    _LINES,
    masks_turns=True,
)

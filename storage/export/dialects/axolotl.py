"""axolotl: messages for SFT, one message object for each side of a pair, flat strings for KTO.

What a newcomer gets wrong: `chat_template.default` renders an answer and looks for its text in what
came out. Where the template has trimmed it, one character is kept of it; where it is a word of the
template's header, the header is kept as well; both without a warning. It also reads role and
content of a pair and nothing else, so thoughts go into the text there.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

from pydantic import JsonValue

from storage.errors import Unfit
from storage.export.columns import Columns, Example, Shape
from storage.export.containers.files import Container
from storage.export.dialects.conversation import (
    Message,
    as_json,
    messages,
    one,
    pictures_of,
    text,
    thought,
    untrained,
    without_train,
)
from storage.export.dialects.dialect import Dialect, Projection, Where

_EVERYWHERE: frozenset[Container] = frozenset({"jsonl", "jsonl.zst", "parquet"})
WORD = 16
"""Characters: a shorter word may stand in the header of a chat template, a part of a date say."""
_LINES: frozenset[Container] = frozenset({"jsonl", "jsonl.zst"})


def _conversation(*columns: str) -> Callable[[Example], Example]:
    def says(example: Example) -> Example:
        found = messages(example, *columns)
        marked = "train" in found[0]
        if not marked and any(untrained(example, *columns)):
            raise Unfit("an answer that must not be trained, and is not marked so")
        if "images" in example:
            return {"messages": _with_pictures(example, found)}
        return {"messages": [_marked(each) for each in found]}

    return says


def _marked(message: Message) -> Message:
    """Return a message that is trained only if it is an answer: a mark counts whoever speaks.

    The arguments of its calls are JSON text, in which no null gets lost.
    """
    if message.get("train") and message["role"] != "assistant":
        message = message | {"train": False}
    made = message.get("tool_calls")
    if not made:
        return message
    functions = [dict(each["function"]) for each in made]
    for function in functions:
        function["arguments"] = as_json(function["arguments"])
    return message | {"tool_calls": [{"type": "function", "function": each} for each in functions]}


def _with_pictures(example: Example, found: list[Message]) -> JsonValue:
    """Return messages with their pictures in their parts: of a column only the first is read.

    With pictures, axolotl reads role and content and nothing else.
    """
    if any(each.get("tool_calls") for each in found):
        raise Unfit("a tool call beside pictures")
    if any(each.get("train") is False and each["role"] == "assistant" for each in found):
        raise Unfit("an answer that must not be trained, beside pictures")
    images = pictures_of(example, found)
    said: list[JsonValue] = []
    for each in found:
        lead = thought(each)
        parts: list[JsonValue] = [{"type": "text", "text": lead}] if lead else []
        for part in each["content"]:
            if part["type"] == "image":
                parts.append({"type": "image", "base64": next(images)[1]})
            else:
                parts.append({"type": "text", "text": part["text"] or ""})
        said.append({"role": each["role"], "content": parts})
    return said


def _preference(example: Example) -> Example:
    prompt = messages(example, "prompt")
    if any(each.get("tool_calls") for each in prompt):
        raise Unfit("a tool call in a pair")
    said: list[JsonValue] = [{"role": each["role"], "content": text(each)} for each in prompt]
    sides = {side: _side(one(example, side)) for side in ("chosen", "rejected")}
    if sides["chosen"] == sides["rejected"]:
        raise Unfit("a pair that differs in white space only")
    return {"messages": said, **sides}


def _side(message: Message) -> JsonValue:
    if message.get("tool_calls"):
        raise Unfit("a tool call in a pair")
    said = thought(message) + text(message).strip()
    if len(said) < WORD and len(said.split()) < 2:
        raise Unfit("an answer of one word, which axolotl may find elsewhere in what it renders")
    return {"role": message["role"], "content": said}


def _kto(example: Example) -> Example:
    *system, user = messages(example, "prompt")
    if user["role"] != "user" or [each["role"] for each in system] not in ([], ["system"]):
        raise Unfit("a prompt of several turns, which has no flat form")
    answer = one(example, "completion")
    if answer.get("tool_calls"):
        raise Unfit("a tool call, which has no flat form")
    return {
        "system": text(system[0]) if system else "",
        "prompt": text(user),
        "completion": thought(answer) + text(answer),
    }


def _within(shape: Shape) -> Shape:
    return Shape() if shape.images else shape


def _bare(shape: Shape) -> Shape:
    return Shape()


def _as_it_is(example: Example) -> Example:
    return {}


def _joined(*columns: str) -> Projection:
    drops = frozenset({*columns, "images"}) - {"messages"}
    return Projection(drops, {"messages": "messages"}, _conversation(*columns), _LINES, _within)


PAIR: Columns = {"messages": "messages", "chosen": "message", "rejected": "message"}
FLAT: Columns = {"system": "text", "prompt": "text", "completion": "text"}


def _entry(form: str, columns: Columns, where: Where) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = dict(where) if "name" in where else {"path": where["path"]}
    if "split" not in where:
        found["split"] = "train"
    return cast(
        "dict[str, JsonValue]", {**_OVERALL.get(form, {}), "datasets": [found | _TYPES[form]]}
    )


_TURNS: dict[str, JsonValue] = {
    "type": "chat_template",
    "message_field_training": "train",
}
_TYPES: dict[str, dict[str, JsonValue]] = {
    "sft": _TURNS,
    "prompt-completion": _TURNS,
    "critique": _TURNS,
    "preference": {"type": "chat_template.default"},
    "kto": {"type": "chatml.ultra"},
    "stepwise": {"type": "stepwise_supervised"},
    "rl": {},
}
_OVERALL: dict[str, dict[str, JsonValue]] = {
    "preference": {"rl": "dpo"},
    "kto": {"rl": "kto", "remove_unused_columns": False},
    "stepwise": {"process_reward_model": True},
    "rl": {"rl": "grpo"},
}

AXOLOTL = Dialect(
    "axolotl",
    {
        "sft": _joined("messages"),
        "prompt-completion": _joined("prompt", "completion"),
        "preference": Projection(frozenset({"prompt"}), PAIR, _preference, shape=_bare),
        "kto": Projection(frozenset(), FLAT, _kto),
        "stepwise": Projection(frozenset(), {}, _as_it_is),
        "rl": Projection(
            frozenset(),
            {"prompt": "messages"},
            lambda example: without_train(example, "prompt"),
            shape=lambda shape: replace(shape, train=False),
        ),
        "critique": _joined("prompt", "completion"),
    },
    _EVERYWHERE,
    masks_turns=True,
    sidecar_name="axolotl.yaml",
    entry=_entry,
)

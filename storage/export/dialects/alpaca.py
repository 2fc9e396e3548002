"""Alpaca's shape: `instruction`, `input`, `output`, with `system` and `history` beside them.

What a newcomer gets wrong: the answers in `history` are learned as well where it is read
(LLaMA-Factory), and elsewhere it is not read at all (axolotl); so the shape is for single turns,
and for conversations in which every answer is right.
"""

from collections.abc import Callable

from pydantic import JsonValue

from storage.errors import Unfit
from storage.export.columns import Columns, Example
from storage.export.containers.files import Container
from storage.export.dialects.conversation import Message, messages, one, text, thought, untrained
from storage.export.dialects.dialect import Dialect, Projection

_LINES: frozenset[Container] = frozenset({"jsonl", "jsonl.zst"})


def _turns(found: list[Message]) -> tuple[str, list[str]]:
    """Return what the system says, and the turns that the user begins."""
    if any(each.get("tool_calls") for each in found):
        raise Unfit("a tool call, which has no flat form")
    first = bool(found) and found[0]["role"] == "system"
    system = text(found[0]) if first else ""
    spoken = found[first:]
    if any(each["role"] != ("user", "assistant")[i % 2] for i, each in enumerate(spoken)):
        raise Unfit("roles that do not alternate")
    return system, [thought(each) + text(each) for each in spoken]


def _asked(found: list[Message]) -> Example:
    """Return all columns but the answer of a conversation that the user ends."""
    system, turns = _turns(found)
    if len(turns) % 2 == 0:
        raise Unfit("roles that do not alternate")
    history: list[JsonValue] = [[turns[i], turns[i + 1]] for i in range(0, len(turns) - 1, 2)]
    return {"instruction": turns[-1], "input": "", "system": system, "history": history}


def _answered(found: list[Message]) -> Example:
    *before, answer = found
    if answer["role"] != "assistant":
        raise Unfit("roles that do not alternate")
    return _asked(before) | {"output": _said(answer)}


def _said(answer: Message) -> str:
    if answer.get("tool_calls"):
        raise Unfit("a tool call, which has no flat form")
    return thought(answer) + text(answer)


def _conversation(*columns: str) -> Callable[[Example], Example]:
    def says(example: Example) -> Example:
        if any(untrained(example, *columns)):
            raise Unfit("an answer that must not be trained")
        return _answered(messages(example, *columns))

    return says


def _pair(example: Example) -> Example:
    return _asked(messages(example, "prompt")) | {
        side: _said(one(example, side)) for side in ("chosen", "rejected")
    }


def _kto(example: Example) -> Example:
    return _answered(messages(example, "prompt", "completion")) | {"kto_tag": example["label"]}


ASKED: Columns = {"instruction": "text", "input": "text", "system": "text", "history": "json"}
OUTPUT: Columns = {"output": "text"}
SIDES: Columns = {"chosen": "text", "rejected": "text"}
TAG: Columns = {"kto_tag": "flag"}

ALPACA = Dialect(
    "alpaca",
    {
        "sft": Projection(frozenset({"messages"}), ASKED | OUTPUT, _conversation("messages")),
        "prompt-completion": Projection(
            frozenset({"prompt", "completion"}),
            ASKED | OUTPUT,
            _conversation("prompt", "completion"),
        ),
        "preference": Projection(frozenset({"prompt"}), ASKED | SIDES, _pair),
        "kto": Projection(frozenset({"prompt", "completion", "label"}), ASKED | OUTPUT | TAG, _kto),
        "critique": Projection(
            frozenset({"prompt", "completion"}),
            ASKED | OUTPUT,
            _conversation("prompt", "completion"),
        ),
    },
    _LINES,
)

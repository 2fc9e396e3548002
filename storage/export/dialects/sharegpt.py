"""ShareGPT's shape: `conversations` of `from` and `value`, which many older trainers read.

What a newcomer gets wrong: there are only customs. These are LLaMA-Factory's default names, calls
of functions and pairs included, because they are written down; all answers of `gpt` are learned.
"""

from collections.abc import Callable

from pydantic import JsonValue

from storage.errors import Unfit
from storage.export.columns import Columns, Example
from storage.export.containers.files import Container
from storage.export.dialects.conversation import messages, one, untrained
from storage.export.dialects.dialect import Dialect, Projection
from storage.export.dialects.llama_factory import alternating

_LINES: frozenset[Container] = frozenset({"jsonl", "jsonl.zst"})
NAMES = {
    "user": "human",
    "assistant": "gpt",
    "system": "system",
    "tool": "observation",
    "function": "function_call",
}


def _said(turns: list[tuple[str, str]]) -> list[JsonValue]:
    return [{"from": NAMES[role], "value": value} for role, value in turns]


def _conversation(*columns: str) -> Callable[[Example], Example]:
    def says(example: Example) -> Example:
        if any(untrained(example, *columns)):
            raise Unfit("an answer that must not be trained")
        turns = alternating(messages(example, *columns), answered=True)
        return {"conversations": _said(turns)}

    return says


def _pair(example: Example) -> Example:
    prompt = messages(example, "prompt")
    sides: Example = {}
    asked: list[JsonValue] = []
    for side in ("chosen", "rejected"):
        answered = alternating([*prompt, one(example, side)], answered=True)
        *asked, sides[side] = _said(answered)
    return {"conversations": asked, **sides}


def _kto(example: Example) -> Example:
    turns = alternating(messages(example, "prompt", "completion"), answered=True)
    return {"conversations": _said(turns), "kto_tag": example["label"]}


def _projection(
    drops: tuple[str, ...], more: Columns, says: Callable[[Example], Example]
) -> Projection:
    return Projection(frozenset(drops), {"conversations": "json", **more}, says)


SHAREGPT = Dialect(
    "sharegpt",
    {
        "sft": _projection(("messages",), {}, _conversation("messages")),
        "prompt-completion": _projection(
            ("prompt", "completion"), {}, _conversation("prompt", "completion")
        ),
        "preference": _projection(("prompt",), {"chosen": "json", "rejected": "json"}, _pair),
        "kto": _projection(("prompt", "completion", "label"), {"kto_tag": "flag"}, _kto),
        "critique": _projection(
            ("prompt", "completion"), {}, _conversation("prompt", "completion")
        ),
    },
    _LINES,
)

"""TRL's shape, which is the canonical one.

What a newcomer gets wrong: SFTTrainer learns every answer of a conversation, and has no word for
one that is not to be learned. Where a wrong answer stands before the last, prompt-completion is the
format: only its completion is trained.
"""

from collections.abc import Callable
from dataclasses import replace

from pydantic import JsonValue

from storage.errors import Unfit
from storage.export.columns import Columns, Example, Shape
from storage.export.containers.files import Container
from storage.export.dialects.conversation import Message, messages, untrained
from storage.export.dialects.dialect import Dialect, Projection

EVERYWHERE: frozenset[Container] = frozenset({"jsonl", "jsonl.zst", "parquet"})


def _without_train(example: Example, *columns: str) -> Example:
    """Return columns whose messages do not say whether they are trained; empty if none does."""
    if "train" not in messages(example, columns[0])[0]:
        return {}
    return {column: [_bare(each) for each in messages(example, column)] for column in columns}


def _bare(message: Message) -> JsonValue:
    return {key: value for key, value in message.items() if key != "train"}


def _projection(*columns: str) -> Projection:
    gives: Columns = dict.fromkeys(columns, "messages")
    return Projection(frozenset(), gives, _says(columns), EVERYWHERE, _shape)


def _says(columns: tuple[str, ...]) -> Callable[[Example], Example]:
    def says(example: Example) -> Example:
        return _without_train(example, *columns)

    return says


def _sft(example: Example) -> Example:
    if any(untrained(example, "messages")):
        raise Unfit("an answer that must not be trained")
    return _without_train(example, "messages")


def _shape(shape: Shape) -> Shape:
    return replace(shape, train=False)


TRL = Dialect(
    "trl",
    {
        "sft": Projection(frozenset(), {"messages": "messages"}, _sft, EVERYWHERE, _shape),
        "prompt-completion": _projection("prompt", "completion"),
        "preference": _projection("prompt", "chosen", "rejected"),
        "kto": _projection("prompt", "completion"),
        "stepwise": Projection(frozenset(), {}, lambda _: {}, EVERYWHERE),
        "rl": _projection("prompt"),
        "critique": _projection("prompt", "completion"),
    },
    EVERYWHERE,
)

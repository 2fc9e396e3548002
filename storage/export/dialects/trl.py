"""TRL's shape, which is the canonical one.

What a newcomer gets wrong: SFTTrainer learns every answer of a conversation, and has no word for
one that is not to be learned. Where a wrong answer stands before the last, prompt-completion is the
format: only its completion is trained.
"""

from collections.abc import Callable
from dataclasses import replace

from storage.errors import Unfit
from storage.export.columns import Columns, Example, Shape
from storage.export.containers.files import Container
from storage.export.dialects.conversation import untrained, without_train
from storage.export.dialects.dialect import Dialect, Projection

EVERYWHERE: frozenset[Container] = frozenset({"jsonl", "jsonl.zst", "parquet"})


def _projection(*columns: str) -> Projection:
    gives: Columns = dict.fromkeys(columns, "messages")
    return Projection(frozenset(), gives, _says(columns), EVERYWHERE, _shape)


def _says(columns: tuple[str, ...]) -> Callable[[Example], Example]:
    def says(example: Example) -> Example:
        return without_train(example, *columns)

    return says


def _sft(example: Example) -> Example:
    if any(untrained(example, "messages")):
        raise Unfit("an answer that must not be trained")
    return without_train(example, "messages")


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

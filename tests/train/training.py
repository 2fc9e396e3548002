"""What is common to the tests that train: how much is trained, and what became of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

STEPS, BATCH = 3, 4
ROWS = STEPS * BATCH
"""Rows that a trainer sees, each of them once."""
START, END = "<|im_start|>", "<|im_end|>"
LONGEST = 1_600
"""Characters of the rows that are trained on, with all their columns: a byte is a token here."""

Export = Callable[[str, str], Path]
"""Gives the file of a format in a container."""
Load = Callable[[str, str], Any]
"""Gives the rows of a format out of a container, as trainers load them."""


@dataclass
class Trained:
    """What became of a training."""

    trainer: Any
    batches: list[dict[str, Any]] = field(default_factory=list)
    """What the loss was worked out from, step by step."""
    changed: bool = False
    """Whether the model's weights are others than before."""

    @property
    def losses(self) -> list[float]:
        return [line["loss"] for line in self.log if "loss" in line]

    @property
    def log(self) -> list[dict[str, Any]]:
        """What the trainer logged, step by step."""
        return list(self.trainer.state.log_history)

    def texts(self, mask: str, tokens: str = "input_ids") -> list[str]:
        """Return the decoded tokens of each row that count for the loss, in the order of rows."""
        return [
            self.trainer.processing_class.decode(row[counts])
            for batch in self.batches
            for row, counts in zip(batch[tokens], _counts(batch[mask]), strict=True)
        ]


def _counts(mask: Any) -> Any:
    """Return where a mask lets tokens count: labels that are not -100, or ones."""
    return mask != -100 if bool((mask == -100).any()) else mask.bool()


Train = Callable[..., Trained]
"""Trains three steps of four rows: trainer, config, rows, and further settings by name."""


def load(path: Path, folder: Path) -> Any:
    """Return the rows of a file as trainers load them; `folder` is for what they keep of it."""
    datasets = pytest.importorskip("datasets")
    kind = {"jsonl": "json", "parquet": "parquet"}[path.suffix[1:]]
    return datasets.load_dataset(kind, data_files=str(path), split="train", cache_dir=str(folder))


def few(rows: Any) -> Any:
    """Return the first rows that are short, as many as one training sees."""
    fit = [n for n, row in enumerate(rows) if len(str(row)) < LONGEST]
    assert len(fit) >= ROWS
    return rows.select(fit[:ROWS])


def said(messages: list[dict[str, Any]]) -> str:
    """Return what the last message says."""
    return str(messages[-1]["content"])


def said_by(completion: list[dict[str, Any]]) -> str:
    """Return what a completion says behind its thoughts."""
    return said(completion).partition("</think>\n\n")[2]


def tried(tasks: Any, attempts: Any) -> tuple[Any, dict[str, list[tuple[str, bool]]]]:
    """Return tasks with a right and a wrong attempt at each: text and label, by what was asked."""
    found: dict[str, dict[bool, str]] = {}
    for row in attempts:
        found.setdefault(said(row["prompt"]), {})[row["label"]] = said(row["completion"])
    both = {
        asked: [(text, label) for label, text in texts.items()]
        for asked, texts in found.items()
        if len(texts) == 2
    }
    fit = [n for n, row in enumerate(tasks) if said(row["prompt"]) in both]
    return tasks.select(fit[:STEPS]), both

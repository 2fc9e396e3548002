"""What trainers read from the exports is what was exported; traps that show nowhere but here."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from storage.export import FORMATS
from storage.export.columns import Columns, Shape
from storage.export.containers import open_file
from storage.export.figures import kto_weights
from tests.train.training import BATCH, END, LONGEST, ROWS, Load, Train, load

trl = pytest.importorskip("trl", reason="the extra `train` is not installed")


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_read_alike_from_both_containers(form: str, loaded: Load) -> None:
    lines, table = loaded(form, "jsonl"), loaded(form, "parquet")

    assert sorted(lines.column_names) == sorted(FORMATS[form].columns)
    assert sorted(table.column_names) == sorted(FORMATS[form].columns)
    assert len(table) > ROWS
    assert lines.to_list() == table.to_list()


@pytest.mark.parametrize("container", ["jsonl", "parquet"])
def test_steps_have_a_label_each_and_only_the_last_may_be_wrong(
    container: str, loaded: Load, tokenizer: Any
) -> None:
    rows = loaded("stepwise", container)

    assert {row["labels"][-1] for row in rows} >= {False}
    for row in rows:
        assert isinstance(row["prompt"], str)
        assert len(row["completions"]) == len(row["labels"]) > 0
        assert all(label is True for label in row["labels"][:-1])
        for text in (row["prompt"], *row["completions"]):
            assert tokenizer.decode(tokenizer(text)["input_ids"]) == text


def test_rows_of_kto_stand_so_that_neighbours_can_be_compared(loaded: Load) -> None:
    rows = loaded("kto", "parquet")

    assert all(one["lesson_id"] != other["lesson_id"] for one, other in pairwise(rows))
    whole = len(rows) // BATCH * BATCH
    for start in range(0, whole, BATCH):
        assert set(rows[start : start + BATCH]["label"]) == {True, False}


def test_the_weights_of_the_card_are_what_kto_asks_for(
    loaded: Load, train: Train, caplog: pytest.LogCaptureFixture
) -> None:
    rows = loaded("kto", "jsonl")
    short = [n for n, row in enumerate(rows) if len(str(row)) < LONGEST]
    right = [n for n in short if rows[n]["label"]][: 2 * BATCH]
    wrong = [n for n in short if not rows[n]["label"]][:BATCH]
    rows = rows.select([*right, *wrong])
    desirable, undesirable = kto_weights(len(right), len(wrong))

    train(trl.KTOTrainer, trl.KTOConfig, rows)
    assert "ideal range" in caplog.text
    caplog.clear()
    train(
        trl.KTOTrainer,
        trl.KTOConfig,
        rows,
        desirable_weight=desirable,
        undesirable_weight=undesirable,
    )
    assert "ideal range" not in caplog.text


TOWNS = ["Oslo", "Łódź", "القاهرة", "東京", "São Paulo", 'a "quoted" \\ town']
ARGUMENTS: list[dict[str, Any]] = [
    *({"town": town} for town in TOWNS),
    {"days": 3, "hours": [1, 2.5]},
    {"at": {"lat": 59.9, "lon": None}, "exact": True},
    {},
    {"town": "Oslo", "days": 0},
    {"days": "3"},
    {"x" * 40: "😀"},
]
"""Twelve calls of one tool, hardly two of which have the same keys."""
CALLS: Columns = {"id": "text", "messages": "messages"}


def conversation(arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a question, a call of a tool, what the tool says, and a reply."""
    usual = {"reasoning_content": None, "tool_calls": None}
    call = {"type": "function", "function": {"name": "weather", "arguments": arguments}}
    return [
        usual | {"role": "user", "content": "What is the weather?"},
        usual
        | {"role": "assistant", "content": "", "reasoning_content": "I ask.", "tool_calls": [call]},
        usual | {"role": "tool", "content": "Snow."},
        usual | {"role": "assistant", "content": "It snows."},
    ]


@pytest.mark.parametrize("container", ["jsonl", "parquet"])
def test_arguments_of_tools_reach_the_model_as_they_are(
    container: str, tmp_path: Path, train: Train
) -> None:
    assert len(ARGUMENTS) == ROWS
    path = tmp_path / f"calls.{container}"
    with open_file(path, CALLS, Shape(reasoning=True, tool_calls=True)) as file:
        for n, arguments in enumerate(ARGUMENTS):
            file.write({"id": str(n), "messages": conversation(arguments)})

    done = train(
        trl.SFTTrainer, trl.SFTConfig, load(path, tmp_path / "kept"), assistant_only_loss=True
    )

    assert sorted(done.texts("labels")) == sorted(map(learned, ARGUMENTS))


def learned(arguments: dict[str, Any]) -> str:
    """Return what Qwen3's template makes of both of the assistant's turns."""
    sent = json.dumps(arguments, ensure_ascii=False, sort_keys=True)
    call = f'<tool_call>\n{{"name": "weather", "arguments": {sent}}}\n</tool_call>'
    return f"<think>\nI ask.\n</think>\n\n{call}{END}\n<think>\n\n</think>\n\nIt snows.{END}\n"

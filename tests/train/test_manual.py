"""The manual's scripts for trainers run as they stand, but for the model and the size."""

import re
from pathlib import Path

import pytest

from tests.train.conftest import run
from tests.train.training import BATCH

pytest.importorskip("trl", reason="the extra `train` is not installed")

PAGE = Path(__file__).resolve().parents[2] / "docs" / "training.md"
SCRIPTS = re.findall(r"```python trl\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
SMALL = (
    f"max_steps=1, per_device_train_batch_size={2 * BATCH}, "
    'use_cpu=True, bf16=False, report_to=[], save_strategy="no", disable_tqdm=True'
)


@pytest.fixture(scope="module")
def folder(made: Path) -> Path:
    """The folder in which the page's `dataset` is."""
    run(made, "export", "all", "dataset")
    return made


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: re.findall(r"\w+Trainer", script)[0])
def test_every_script_trains(
    script: str, folder: Path, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    script = script.replace("Qwen/Qwen3-0.6B", model)

    short = ", max_completion_length=8" if "GRPO" in script else ""

    exec(script.replace('output_dir="out"', f'output_dir="out", {SMALL}{short}'), {})

"""One small run, exported in every format, and a tiny model to train on it; nothing is fetched.

What a newcomer gets wrong: `make test` leaves this folder out, because it needs torch. `make
test-train` runs it.
"""

import math
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from agents.steps.written import written_steps
from storage.export.dataset import export, forms_of
from storage.export.exported import Source
from storage.export.options import Options
from storage.queries import Reader
from tests.train.training import (
    BATCH,
    END,
    START,
    STEPS,
    Export,
    Load,
    Train,
    Trained,
    load,
)

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"  # for a model this small, more of them only wait for each other

ROOT = Path(__file__).resolve().parents[2]
EPISODES = "120"
GIVEN = {"reward_funcs", "rollout_func"}
"""What is given to a trainer itself; everything else is a setting."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What other people's packages warn of fails no test."""
    for item in items:
        item.add_marker(pytest.mark.filterwarnings("ignore"))


def run(folder: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "run.py"), *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the database of a small embedded run."""
    folder = tmp_path_factory.mktemp("made")
    run(folder, "generate", "--episodes", EPISODES)
    return folder


@pytest.fixture(scope="session")
def exported(made: Path) -> Iterator[Export]:
    """Exports a format into a container, when it is first asked for."""
    with Reader.open(made / "lyceum.db") as reader:
        source = Source(reader, [reader.latest_run()], written_steps)

        def file(form: str, container: str) -> Path:
            path = made / container / f"{form}.{container}"
            path.parent.mkdir(exist_ok=True)
            if not path.exists():
                export(source, forms_of(form, path), path, Options())
            return path

        yield file


@pytest.fixture(scope="session")
def loaded(exported: Export, tmp_path_factory: pytest.TempPathFactory) -> Load:
    cache = tmp_path_factory.mktemp("datasets")
    return lambda form, container: load(exported(form, container), cache)


@pytest.fixture(scope="session")
def tokenizer() -> Any:
    """A token for each byte, and Qwen3's chat template."""
    tokenizers = pytest.importorskip("tokenizers")
    transformers = pytest.importorskip("transformers")
    chat = pytest.importorskip("trl.chat_template_utils")
    letters = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    made = tokenizers.Tokenizer(
        tokenizers.models.BPE({letter: n for n, letter in enumerate(letters)}, [])
    )
    made.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(
        add_prefix_space=False, use_regex=False
    )
    made.decoder = tokenizers.decoders.ByteLevel()
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made,
        eos_token=END,
        pad_token="<|endoftext|>",
        additional_special_tokens=[START],
        clean_up_tokenization_spaces=False,
        chat_template=chat.qwen3_chat_template,
    )


@pytest.fixture(scope="session")
def model(tokenizer: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of a Qwen3 with 20,000 weights that has learned nothing.

    A folder, because some trainers load their model of reference from where the model came from.
    """
    transformers = pytest.importorskip("transformers")
    transformers.set_seed(0)
    config = transformers.Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        max_position_embeddings=8_192,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    folder = str(tmp_path_factory.mktemp("model"))
    transformers.Qwen3ForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def train(tmp_path: Path, model: str, tokenizer: Any) -> Train:
    """Trains three steps of four rows on the CPU: trainer, config, rows, further settings."""

    def trained(trainer: Any, config: Any, rows: Any, /, **settings: Any) -> Trained:
        given = {key: settings.pop(key) for key in GIVEN & settings.keys()}
        fixed = {
            "output_dir": str(tmp_path / "out"),
            "max_steps": STEPS,
            "per_device_train_batch_size": BATCH,
            "logging_steps": 1,
            "max_length": None,
            "use_cpu": True,
            "bf16": False,
            "gradient_checkpointing": False,
            "save_strategy": "no",
            "report_to": [],
            "disable_tqdm": True,
        }
        known = {each.name for each in fields(config)}
        made = trainer(
            model=model,
            args=config(**{key: fixed[key] for key in fixed.keys() & known}, **settings),
            train_dataset=rows,
            processing_class=tokenizer,
            **given,
        )
        done = Trained(made)
        compute = made.compute_loss

        def watched(model: Any, inputs: dict[str, Any], *more: Any, **others: Any) -> Any:
            done.batches.append(dict(inputs))
            return compute(model, inputs, *more, **others)

        made.compute_loss = watched
        before = [weights.detach().clone() for weights in made.model.parameters()]
        made.train()
        after = made.model.parameters()
        done.changed = any(not old.equal(new) for old, new in zip(before, after, strict=True))
        assert len(done.losses) == STEPS
        assert all(map(math.isfinite, done.losses))
        return done

    return trained

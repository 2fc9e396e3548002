"""TRL's trainers take the exports as they are, and learn the attempts and nothing else.

Each test trains three steps on rows of a real export and decodes the tokens that counted for the
loss. Where a trainer has two losses, one is given rows from JSON lines and one rows from Parquet.
"""

from typing import Any

import pytest

from agents.reward import reward
from tests.train.training import BATCH, END, STEPS, Load, Train, few, said, said_by, tried

trl = pytest.importorskip("trl", reason="the extra `train` is not installed")

CONTAINERS = ["jsonl", "parquet"]


def rendered(text: str) -> str:
    """Return an attempt as Qwen3's template writes it; what ends it is learned too."""
    return f"<think>\n\n</think>\n\n{text}{END}\n"


def halves(texts: list[str]) -> list[tuple[str, str]]:
    """Return the pairs in batches that hold all chosen attempts first, then the rejected ones."""
    batches = [texts[start : start + 2 * BATCH] for start in range(0, len(texts), 2 * BATCH)]
    return [pair for each in batches for pair in zip(each[:BATCH], each[BATCH:], strict=True)]


@pytest.mark.parametrize("container", CONTAINERS)
def test_sft_learns_the_attempts_of_conversations(
    container: str, loaded: Load, train: Train
) -> None:
    rows = few(loaded("sft", container))

    done = train(trl.SFTTrainer, trl.SFTConfig, rows, assistant_only_loss=True)

    assert done.changed
    assert sorted(done.texts("labels")) == sorted(rendered(said(row["messages"])) for row in rows)


@pytest.mark.parametrize(
    ("form", "container"),
    [("prompt-completion", "jsonl"), ("prompt-completion", "parquet"), ("critique", "parquet")],
)
def test_sft_learns_the_completions(form: str, container: str, loaded: Load, train: Train) -> None:
    rows = few(loaded(form, container))

    done = train(trl.SFTTrainer, trl.SFTConfig, rows)

    assert done.changed
    assert sorted(done.texts("labels")) == sorted(rendered(said(row["completion"])) for row in rows)


def test_a_wrong_mask_would_show(loaded: Load, train: Train) -> None:
    rows = few(loaded("sft", "jsonl"))

    done = train(trl.SFTTrainer, trl.SFTConfig, rows)  # by default the loss is on everything

    learned = sorted(done.texts("labels"))
    assert learned != sorted(rendered(said(row["messages"])) for row in rows)
    assert all(row["messages"][0]["content"] in "".join(learned) for row in rows)


@pytest.mark.parametrize(("loss", "container"), [("apo_zero", "parquet"), ("apo_down", "jsonl")])
def test_dpo_learns_both_attempts_of_a_pair(
    loss: str, container: str, loaded: Load, train: Train
) -> None:
    rows = few(loaded("preference", container))

    done = train(trl.DPOTrainer, trl.DPOConfig, rows, loss_type=loss)

    pairs = [(rendered(said(row["chosen"])), rendered(said(row["rejected"]))) for row in rows]
    assert done.changed
    assert sorted(halves(done.texts("completion_mask"))) == sorted(pairs)
    assert all(chosen != rejected for chosen, rejected in pairs)


@pytest.mark.parametrize(
    ("loss", "container"), [("kto", "parquet"), ("apo_zero_unpaired", "jsonl")]
)
def test_kto_learns_the_attempts_in_the_order_of_the_file(
    loss: str, container: str, loaded: Load, train: Train
) -> None:
    rows = few(loaded("kto", container))

    done = train(trl.KTOTrainer, trl.KTOConfig, rows, loss_type=loss)

    attempts = [rendered(said(row["completion"])) for row in rows]
    assert done.changed
    assert done.texts("completion_mask") == attempts
    assert [bool(label) for batch in done.batches for label in batch["label"]] == rows["label"]
    if loss == "kto":  # whose measure of distance puts each prompt to its neighbour's attempt
        batches = [attempts[start : start + BATCH] for start in range(0, len(attempts), BATCH)]
        neighbours = [text for each in batches for text in (each[-1], *each[:-1])]
        assert done.texts("KL_completion_mask", "KL_input_ids") == neighbours


@pytest.mark.parametrize("container", ["parquet"])
def test_a_reward_model_compares_whole_conversations(
    container: str, loaded: Load, train: Train, tokenizer: Any
) -> None:
    rows = few(loaded("preference", container))

    done = train(trl.RewardTrainer, trl.RewardConfig, rows)

    def whole(row: dict[str, Any], side: str) -> str:
        return str(tokenizer.apply_chat_template(row["prompt"] + row[side], tokenize=False))

    pairs = [(whole(row, "chosen"), whole(row, "rejected")) for row in rows]
    assert done.changed
    assert sorted(halves(done.texts("attention_mask"))) == sorted(pairs)


@pytest.mark.parametrize(("name", "container"), [("GRPO", "parquet"), ("RLOO", "jsonl")])
def test_a_model_that_states_no_answer_earns_nothing(
    name: str, container: str, loaded: Load, train: Train
) -> None:
    rows = few(loaded("rl", container))

    done = train(
        getattr(trl, f"{name}Trainer"),
        getattr(trl, f"{name}Config"),
        rows,
        reward_funcs=reward,
        num_generations=BATCH,
        max_completion_length=8,
    )

    means = [line["rewards/reward/mean"] for line in done.log if "loss" in line]
    assert means == [0.0] * STEPS  # and not NaN, as None would be


@pytest.mark.parametrize("container", CONTAINERS)
def test_grpo_pays_for_attempts_what_their_verdicts_say(
    container: str, loaded: Load, train: Train, tokenizer: Any
) -> None:
    tasks, attempts = tried(loaded("rl", container), loaded("kto", container))
    paid: list[tuple[str, float | None]] = []

    def student(prompts: list[Any], trainer: Any) -> dict[str, Any]:
        """Hand in what the student of the run did, as if the model had written it."""
        texts = [attempts[said(prompt)][n % 2][0] for n, prompt in enumerate(prompts)]
        asked = tokenizer.apply_chat_template(prompts, add_generation_prompt=True, tokenize=False)
        replies = [rendered(text).removesuffix("\n") for text in texts]
        return {
            "prompt_ids": tokenizer(asked)["input_ids"],
            "completion_ids": tokenizer(replies)["input_ids"],
            "logprobs": None,
        }

    def verified(completions: Any, **columns: Any) -> list[float | None]:
        found = reward(completions, **columns)
        paid.extend(zip(map(said_by, completions), found, strict=True))
        return found

    done = train(
        trl.GRPOTrainer,
        trl.GRPOConfig,
        tasks,
        reward_funcs=verified,
        rollout_func=student,
        num_generations=BATCH,
    )

    verdicts = {text: 1.0 if label else 0.0 for of_it in attempts.values() for text, label in of_it}
    assert done.changed
    assert len(paid) == STEPS * BATCH
    assert [(text, verdicts[text]) for text, _ in paid] == paid
    assert [found for _, found in paid].count(1.0) == STEPS * BATCH / 2
    learned = done.texts("completion_mask", "completion_ids")
    assert sorted(learned) == sorted(rendered(text).removesuffix("\n") for text, _ in paid)

"""What the consumers of exports document and do, restated as data and small functions.

Read from axolotl (July 2026: `docs/dataset-formats`, `docs/rlhf.qmd`, `docs/multimodal.qmd`, and
its prompt strategies), LLaMA-Factory (August 2026: `data/README.md` and its converter) and OpenAI's
API reference and fine-tuning guides.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

Row = dict[str, Any]


class Optional(str):
    """A key that may be missing."""


ANY = "*"
"""A key of an object that stands for all others: whatever it holds is ignored."""


def misfits(value: object, shape: object, at: str = "") -> list[str]:
    """Return where a value is not of a shape.

    A type, a literal, a list of one shape, a tuple of alternatives, a function that says whether it
    holds, or an object of exactly these keys, but for `Optional` ones and `ANY`.
    """
    if isinstance(shape, tuple):
        found = [misfits(value, each, at) for each in shape]
        return [] if [] in found else [at, *(each for one in found for each in one)]
    if isinstance(shape, dict):
        return _misfits_of(value, shape, at)
    if isinstance(shape, list):
        if not isinstance(value, list) or not value:
            return [f"{at}: no list, or nothing in it"]
        return [
            miss for i, one in enumerate(value) for miss in misfits(one, shape[0], f"{at}[{i}]")
        ]
    if isinstance(shape, type):
        return [] if type(value) is shape else [f"{at}: {value!r} is no {shape.__name__}"]
    if callable(shape):
        return [] if shape(value) else [f"{at}: {value!r} breaks {shape.__name__}"]
    return [] if value == shape else [f"{at}: {value!r} is not {shape!r}"]


def _misfits_of(value: object, shape: Mapping[str, object], at: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{at}: no object"]
    needed = {key for key in shape if not isinstance(key, Optional) and key != ANY}
    found = [f"{at}.{key} is missing" for key in needed - value.keys()]
    if ANY not in shape:
        found += [f"{at}.{key} is unknown" for key in value.keys() - set(map(str, shape))]
    known = {str(key): part for key, part in shape.items() if key != ANY}
    for key in value.keys() & known.keys():
        found += misfits(value[key], known[key], f"{at}.{key}")
    return found


def json_text(value: object) -> bool:
    """Whether a value is the text of a JSON object."""
    return isinstance(value, str) and isinstance(json.loads(value), dict)


def base64_text(value: object) -> bool:
    """Whether a value is text in base 64."""
    return isinstance(value, str) and bool(re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", value))


def data_url(value: object) -> bool:
    """Whether a value is a picture within its address."""
    head, _, data = str(value).partition(",")
    return head in ("data:image/png;base64", "data:image/jpeg;base64") and base64_text(data)


def short_list(shape: object) -> Callable[[object], bool]:
    """Make a check for a list of one thing of a shape."""

    def one_of_them(value: object) -> bool:
        return isinstance(value, list) and len(value) == 1 and not misfits(value, [shape])

    return one_of_them


def pairs_of_texts(value: object) -> bool:
    """Whether a value is a list, maybe empty, of two strings each."""
    return value == [] or not misfits(value, [short_pair])


def short_pair(value: object) -> bool:
    """Whether a value is two strings."""
    return isinstance(value, list) and [type(each) for each in value] == [str, str]


NULL = type(None)
OTHERS: dict[str, object] = {ANY: object}
"""Columns of ours that the consumer removes before it trains."""

# TRL -----------------------------------------------------------------------------------------

_TRL_CALL = {"type": "function", "function": {"name": str, "arguments": dict}}
_TRL_PART = {"type": ("text", "image"), "text": (str, NULL)}
_TRL_MESSAGE = {
    "role": ("system", "user", "assistant", "tool"),
    "content": (str, [_TRL_PART]),
    Optional("reasoning_content"): (str, NULL),
    Optional("tool_calls"): ([_TRL_CALL], NULL),
}
_TRL_PROMPT = {"prompt": [_TRL_MESSAGE]} | OTHERS
_TRL_COMPLETION = _TRL_PROMPT | {"completion": [_TRL_MESSAGE]}
TRL = {
    "sft": {"messages": [_TRL_MESSAGE]} | OTHERS,
    "prompt-completion": _TRL_COMPLETION,
    "critique": _TRL_COMPLETION,
    "preference": _TRL_PROMPT | {"chosen": [_TRL_MESSAGE], "rejected": [_TRL_MESSAGE]},
    "kto": _TRL_COMPLETION | {"label": bool},
    "stepwise": {"prompt": str, "completions": [str], "labels": [bool]} | OTHERS,
    "rl": _TRL_PROMPT,
}

# axolotl -------------------------------------------------------------------------------------

_AXOLOTL_CALL = {"type": "function", "function": {"name": str, "arguments": json_text}}
_AXOLOTL_PART = ({"type": "text", "text": str}, {"type": "image", "base64": base64_text})
AXOLOTL_MESSAGE = {
    "role": ("system", "user", "assistant", "tool"),
    "content": (str, [_AXOLOTL_PART], NULL),
    Optional("reasoning_content"): (str, NULL),
    Optional("tool_calls"): ([_AXOLOTL_CALL], NULL),
    Optional("train"): bool,
}
_AXOLOTL_FLAT = {"role": ("system", "user", "assistant", "tool"), "content": str}
_AXOLOTL_SFT = {"messages": [AXOLOTL_MESSAGE]} | OTHERS
AXOLOTL = {
    "sft": _AXOLOTL_SFT,
    "prompt-completion": _AXOLOTL_SFT,
    "critique": _AXOLOTL_SFT,
    "preference": {
        "messages": [_AXOLOTL_FLAT],
        "chosen": {"role": "assistant", "content": str},
        "rejected": {"role": "assistant", "content": str},
    }
    | OTHERS,
    "kto": {"system": str, "prompt": str, "completion": str, "label": bool} | OTHERS,
    "stepwise": {"prompt": str, "completions": [str], "labels": [bool]} | OTHERS,
    "rl": TRL["rl"],
}


def trimmed(found: str, header: str) -> str:
    """Return what axolotl keeps of one side of a pair, with a template that trims its content."""
    rendered = f"{header}{found.strip()}<|eot_id|>"
    return rendered[rendered.find(found) :].rstrip()


LLAMA_HEADER = (
    "<|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\n"
    "Today Date: 26 Jul 2024\n\n<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n"
    "[[dummy_message]]<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
)


def axolotl_trains(row: Row) -> list[str]:
    """Return the contents that `chat_template` trains with `message_field_training: train`."""
    return [
        message["content"]
        for message in row["messages"]
        if message.get("train", message["role"] == "assistant")
    ]


# LLaMA-Factory -------------------------------------------------------------------------------

_FACTORY_MESSAGE = {"role": ("system", "user", "assistant", "function", "tool"), "content": str}
_FACTORY_SIDE = {"role": ("assistant", "function"), "content": str}
_FACTORY_SFT = {"messages": [_FACTORY_MESSAGE], Optional("images"): list} | OTHERS
LLAMA_FACTORY = {
    "sft": _FACTORY_SFT,
    "prompt-completion": _FACTORY_SFT,
    "critique": _FACTORY_SFT,
    "preference": _FACTORY_SFT | {"chosen": _FACTORY_SIDE, "rejected": _FACTORY_SIDE},
    "kto": _FACTORY_SFT | {"kto_tag": bool},
}
_TAG = {Optional(f"{each}_tag"): str for each in ("system", "observation", "function")}
DATASET_INFO = {
    Optional("file_name"): str,
    Optional("script_url"): str,
    Optional("subset"): str,
    Optional("split"): str,
    "formatting": "sharegpt",
    Optional("ranking"): bool,
    "columns": {
        Optional(each): str
        for each in ("messages", "system", "tools", "images", "chosen", "rejected", "kto_tag")
    },
    "tags": {"role_tag": str, "content_tag": str, "user_tag": str, "assistant_tag": str} | _TAG,
}
FACTORY_CONFIG = {
    "stage": ("pt", "sft", "rm", "ppo", "dpo", "kto"),
    "dataset_dir": str,
    "dataset": str,
    Optional("mask_history"): bool,
    Optional("pref_loss"): ("sigmoid", "hinge", "ipo", "kto_pair", "orpo", "simpo"),
}
"""What a run of it is told about its data."""
DEFAULTS: Row = {
    "formatting": "sharegpt",
    "columns": {"messages": "conversations", "chosen": "chosen", "rejected": "rejected"},
    "tags": {
        "role_tag": "from",
        "content_tag": "value",
        "user_tag": "human",
        "assistant_tag": "gpt",
        "observation_tag": "observation",
        "function_tag": "function_call",
        "system_tag": "system",
    },
}
"""What it takes for granted of a sharegpt dataset that says nothing else."""
PLACEHOLDER = "<image>"


def converted(row: Row, entry: Row) -> tuple[list[str], list[str]]:
    """Return what LLaMA-Factory asks, and what it takes for answers; both empty: it drops them."""
    tags, columns = entry["tags"], entry["columns"]
    role, content = tags["role_tag"], tags["content_tag"]
    turns = [
        {tags["user_tag"], tags["observation_tag"]},
        {tags["assistant_tag"], tags["function_tag"]},
    ]
    found = row[columns["messages"]]
    if found and found[0][role] == tags["system_tag"]:
        found = found[1:]
    ranking = entry.get("ranking", False)
    if any(each[role] not in turns[i % 2] for i, each in enumerate(found)):
        return [], []
    if len(found) % 2 != ranking:
        return [], []
    texts = [each[content] for each in found]
    if "kto_tag" in columns and type(row[columns["kto_tag"]]) is bool:
        answers = [texts[-1], ""] if row[columns["kto_tag"]] else ["", texts[-1]]
        return texts[:-1], answers
    if ranking:
        return texts, [row[columns[side]][content] for side in ("chosen", "rejected")]
    return texts[:-1], texts[-1:]


def called(text: str) -> list[Row]:
    """Return the calls that LLaMA-Factory's formatter reads in the text of a function's turn."""
    found = json.loads(re.sub(r"<think>\n.*?\n</think>\n\n", "", text, flags=re.DOTALL))
    return found if isinstance(found, list) else [found]


# OpenAI --------------------------------------------------------------------------------------

_OPENAI_CALL = {
    "id": str,
    "type": "function",
    "function": {"name": str, "arguments": json_text},
}
_OPENAI_PART = (
    {"type": "text", "text": str},
    {"type": "image_url", "image_url": {"url": data_url, Optional("detail"): str}},
)
_OPENAI_ANSWER = (
    {"role": "assistant", "content": str, Optional("weight"): (0, 1)},
    {
        "role": "assistant",
        "content": (str, NULL),
        "tool_calls": [_OPENAI_CALL],
        Optional("weight"): (0, 1),
    },
)
_OPENAI_MESSAGE = (
    {"role": "system", "content": str},
    {"role": "user", "content": (str, [_OPENAI_PART])},
    {"role": "tool", "content": str, "tool_call_id": str},
    *_OPENAI_ANSWER,
)
_OPENAI_CHAT = {"messages": [_OPENAI_MESSAGE]}
_OPENAI_SIDE = (
    {"role": "assistant", "content": str},
    {"role": "assistant", "content": (str, NULL), "tool_calls": [_OPENAI_CALL]},
)
OPENAI = {
    "sft": _OPENAI_CHAT,
    "prompt-completion": _OPENAI_CHAT,
    "critique": _OPENAI_CHAT,
    "preference": {
        "input": _OPENAI_CHAT,
        "preferred_output": short_list(_OPENAI_SIDE),
        "non_preferred_output": short_list(_OPENAI_SIDE),
    },
    "rl": _OPENAI_CHAT | OTHERS,
}


def answers_its_calls(row: Row) -> bool:
    """Whether every tool message names a call that was made before it, each once."""
    open_calls: set[str] = set()
    for message in row["messages"]:
        open_calls |= {call["id"] for call in message.get("tool_calls") or ()}
        if message["role"] == "tool":
            if message["tool_call_id"] not in open_calls:
                return False
            open_calls.remove(message["tool_call_id"])
    return True


# ShareGPT and Alpaca -------------------------------------------------------------------------

_GPT = {"from": ("gpt", "function_call"), "value": str}
_SPOKEN = {"from": ("system", "human", "gpt", "observation", "function_call"), "value": str}
_SHAREGPT_SFT = {"conversations": [_SPOKEN]} | OTHERS
SHAREGPT = {
    "sft": _SHAREGPT_SFT,
    "prompt-completion": _SHAREGPT_SFT,
    "critique": _SHAREGPT_SFT,
    "preference": _SHAREGPT_SFT | {"chosen": _GPT, "rejected": _GPT},
    "kto": _SHAREGPT_SFT | {"kto_tag": bool},
}
_ALPACA = {"instruction": str, "input": str, "system": str, "history": pairs_of_texts} | OTHERS
ALPACA = {
    "sft": _ALPACA | {"output": str},
    "prompt-completion": _ALPACA | {"output": str},
    "critique": _ALPACA | {"output": str},
    "preference": _ALPACA | {"chosen": str, "rejected": str},
    "kto": _ALPACA | {"output": str, "kto_tag": bool},
}

SHAPES: dict[str, dict[str, Any]] = {
    "trl": TRL,
    "axolotl": AXOLOTL,
    "llama-factory": LLAMA_FACTORY,
    "openai": OPENAI,
    "sharegpt": SHAREGPT,
    "alpaca": ALPACA,
}
"""By dialect and format."""

"""LLaMA-Factory: its sharegpt form, with OpenAI's names for keys and roles.

What a newcomer gets wrong: a conversation in which user and assistant do not take turns exactly is
emptied with a warning; a placeholder in a text counts as a picture; and every answer of a
conversation is learned unless the trainer is told `mask_history: true`, which leaves the last. Its
form `openai` adds a sentence to the system prompt, so it is not used.
"""

from collections.abc import Callable

from pydantic import JsonValue

from storage.errors import Unfit
from storage.export.columns import Columns, Example, Shape
from storage.export.containers.files import Container
from storage.export.dialects.conversation import (
    Message,
    as_json,
    calls,
    messages,
    one,
    pictures_of,
    text,
    thought,
    untrained,
)
from storage.export.dialects.dialect import Dialect, Projection, Where

_PICTURES: frozenset[Container] = frozenset({"parquet"})
PLACEHOLDERS = ("<image>", "<video>", "<audio>")
"""What it replaces in any text."""
BETWEEN = "\n</tool_response>\n<tool_response>\n"
"""How its own converter joins what several tools returned at once."""
TAGS: dict[str, JsonValue] = {
    "role_tag": "role",
    "content_tag": "content",
    "user_tag": "user",
    "assistant_tag": "assistant",
    "observation_tag": "tool",
    "function_tag": "function",
    "system_tag": "system",
}
_TURNS = (("user", "tool"), ("assistant", "function"))


def alternating(found: list[Message], *, answered: bool) -> list[tuple[str, str]]:
    """Return role and text of messages in the turns that it demands.

    Args:
        found: Canonical messages, a system's first or none.
        answered: Whether the last is to be an answer, or what is to be answered.

    Raises:
        Unfit: it would empty the conversation, or take a word for a picture.
    """
    turns: list[tuple[str, str]] = []
    for each in found:
        role, said = _turn(each)
        if role == "tool" and turns and turns[-1][0] == "tool":
            turns[-1] = (role, turns[-1][1] + BETWEEN + said)
        else:
            turns.append((role, said))
    first = turns[0][0] == "system"
    for place, (role, _) in enumerate(turns[first:]):
        if role not in _TURNS[place % 2]:
            raise Unfit("roles that do not alternate")
    count = len(turns) - first
    if not count or count % 2 == answered:
        raise Unfit("roles that do not alternate")
    return turns


def _turn(message: Message) -> tuple[str, str]:
    said = text(message)
    if "<" in said and any(each in said for each in PLACEHOLDERS):
        raise Unfit("a text with a placeholder of LLaMA-Factory's")
    if isinstance(message["content"], list):
        said = text(message, "<image>")
    made = calls(message)
    if not made:
        return message["role"], thought(message) + said
    if said.strip():
        raise Unfit("a tool call with text beside it")
    return "function", thought(message) + as_json(made)


def _plain(turns: list[tuple[str, str]]) -> JsonValue:
    return [{"role": role, "content": said} for role, said in turns]


def _conversation(*columns: str) -> Callable[[Example], Example]:
    def says(example: Example) -> Example:
        found = messages(example, *columns)
        pictures_of(example, found)
        _masked(found, untrained(example, *columns))
        return {"messages": _plain(alternating(found, answered=True))}

    return says


def _masked(found: list[Message], not_trained: list[bool]) -> None:
    """Refuse what `mask_history` cannot say: it leaves the last answer, or all are learned."""
    answers = [
        no for no, each in zip(not_trained, found, strict=True) if each["role"] == "assistant"
    ]
    if any(answers) and (answers[-1] or not all(answers[:-1])):
        raise Unfit("answers to be trained before one that is not")


def _pair(example: Example) -> Example:
    prompt = messages(example, "prompt")
    sides: Example = {}
    for side in ("chosen", "rejected"):
        answer = one(example, side)
        pictures_of(example, [*prompt, answer])
        role, said = _turn(answer)
        sides[side] = {"role": role, "content": said}
    return {"messages": _plain(alternating(prompt, answered=False)), **sides}


def _kto(example: Example) -> Example:
    found = messages(example, "prompt", "completion")
    pictures_of(example, found)
    turns = alternating(found, answered=True)
    if not turns[-1][1]:
        raise Unfit("an empty answer, which would count as wanted or not by being empty")
    label = example["label"]
    if not isinstance(label, bool):
        raise Unfit("a label that is not true or false")
    return {"messages": _plain(turns), "kto_tag": label}


def _bare(shape: Shape) -> Shape:
    return Shape()


def _projection(
    drops: tuple[str, ...], more: Columns, says: Callable[[Example], Example]
) -> Projection:
    gives: Columns = {"messages": "messages", **more}
    return Projection(frozenset(drops), gives, says, _PICTURES, _bare)


def _entry(form: str, columns: Columns, where: Where) -> dict[str, JsonValue]:
    """Return what `dataset_info.json` says; a folder is loaded as a script's would be."""
    place: dict[str, JsonValue]
    if "name" in where:
        place = {"script_url": where["path"], "subset": where["name"], "split": where["split"]}
    else:
        place = {"file_name": where["path"]}
    read = ("messages", "tools", "images", "chosen", "rejected", "kto_tag")
    ranking: dict[str, JsonValue] = {"ranking": True} if "chosen" in columns else {}
    return {
        **place,
        "formatting": "sharegpt",
        **ranking,
        "columns": {each: each for each in read if each in columns},
        "tags": dict(TAGS),
    }


LLAMA_FACTORY = Dialect(
    "llama-factory",
    {
        "sft": _projection((), {}, _conversation("messages")),
        "prompt-completion": _projection(
            ("prompt", "completion"), {}, _conversation("prompt", "completion")
        ),
        "preference": _projection(("prompt",), {"chosen": "message", "rejected": "message"}, _pair),
        "kto": _projection(("prompt", "completion", "label"), {"kto_tag": "flag"}, _kto),
        "critique": _projection(
            ("prompt", "completion"), {}, _conversation("prompt", "completion")
        ),
    },
    frozenset({"jsonl", "parquet"}),
    masks_turns=True,
    sidecar_name="dataset_info.json",
    looks_from_sidecar=True,
    entry=_entry,
)

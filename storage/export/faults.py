"""What trainers swallow without a word, and an export therefore must not pass on.

Each of these was tried: TRL 1.16 trains on rows without an answer, on unknown roles, on a chosen
attempt that equals the rejected one. What a newcomer gets wrong: the check is of the row as it
would be written, not of the attempt that it was made of.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from storage.export.columns import Example

ROLES = ("system", "user", "assistant", "tool")
BYTES_PER_TOKEN = 3
"""For prompts in tokens: no tokenizer is at hand, and few make more of a text than one token for
three bytes."""
_TURNS = ("user", "assistant")
_ANSWERS = ("completion", "chosen", "rejected")
_TEXTS = (*_ANSWERS, "messages", "prompt")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a row may be at most."""

    prompt_tokens: int | None = None
    """Of the prompt, estimated as a third of its bytes. None: no limit."""


def fault(example: Example, limits: Limits = Limits()) -> str | None:
    """Return what is wrong with a row, in a word. None: nothing."""
    texts = [column for column in _TEXTS if column in example]
    for column in texts:
        if found := _of_text(column, example[column]):
            return found
    if len(texts) > 1 or texts[:1] == ["prompt"]:
        if found := _of_prompt(example, texts):
            return found
    elif texts and texts[0] in _ANSWERS:
        return "no_question"
    if "label" in example and not isinstance(example["label"], bool):
        return "label_no_bool"
    if "completions" in example and (found := _of_steps(example)):
        return found
    if limits.prompt_tokens is not None and _tokens(example) > limits.prompt_tokens:
        return "long_prompt"
    return None


def _of_text(column: str, found: JsonValue) -> str | None:
    if isinstance(found, str):
        blank = "empty_prompt" if column == "prompt" else "empty_answer"
        return None if found.strip() else blank
    if not isinstance(found, list) or not found:
        return "no_messages"
    roles: list[JsonValue] = []
    for message in found:
        last = roles[-1] if roles else None
        if not isinstance(message, dict) or "content" not in message:
            return "no_content"
        role, content = message.get("role"), message["content"]
        roles.append(role)
        if role in _TURNS and role != last and isinstance(content, str) and content.strip():
            continue  # as most are
        if fault := _of_message(message, role, last):
            return fault
    return _of_ends(column, roles)


def _of_message(message: dict[str, JsonValue], role: JsonValue, last: JsonValue) -> str | None:
    """Return what is wrong with a message; `last` is the role before it, None at the beginning."""
    if role not in ROLES:
        return "unknown_role"
    if role == last != "tool" or (role == "system" and last is not None):
        return "roles_do_not_alternate"
    if not (_text(message["content"]).strip() or message.get("tool_calls")):
        return "empty_answer" if role == "assistant" else "empty_prompt"
    return None


def _of_ends(column: str, roles: list[JsonValue]) -> str | None:
    """Return what is wrong with how a conversation begins or ends."""
    if column != "prompt" and roles[-1] != "assistant":
        return "unanswered"
    if column in _ANSWERS:
        return None if roles[0] == "assistant" else "roles_do_not_alternate"
    asked = roles[roles[0] == "system" :][:1] == ["user"]
    return None if asked and (column != "prompt" or roles[-1] != "assistant") else "no_question"


def _of_prompt(example: Example, texts: list[str]) -> str | None:
    """Return what is wrong between a prompt and what answers it."""
    if "prompt" not in texts:
        return "no_question"
    if len({isinstance(example[column], str) for column in texts}) > 1:
        return "kinds_mixed"
    if "chosen" in texts and example["chosen"] == example.get("rejected"):
        return "chosen_is_rejected"
    return None


def _of_steps(example: Example) -> str | None:
    steps, labels = example["completions"], example["labels"]
    if not isinstance(steps, list) or not isinstance(labels, list) or len(steps) != len(labels):
        return "labels_do_not_match"
    if not all(isinstance(label, bool) for label in labels):
        return "label_no_bool"
    blank = not steps or any(not (isinstance(step, str) and step.strip()) for step in steps)
    return "empty_answer" if blank else None


def _text(content: JsonValue) -> str:
    """Return the text of a message's content; a picture counts as one character."""
    if not isinstance(content, list):
        return content if isinstance(content, str) else ""
    parts = (part for part in content if isinstance(part, dict))
    texts = ("#" if part.get("type") == "image" else part.get("text") for part in parts)
    return "".join(text for text in texts if isinstance(text, str))


def _tokens(example: Example) -> int:
    found = example.get("prompt", example.get("messages"))
    asked: Sequence[JsonValue] = found if isinstance(found, list) else [{"content": found}]
    if "prompt" not in example:
        asked = asked[:-1]
    texts = (_text(each["content"]) for each in asked if isinstance(each, dict))
    return -(-sum(len(text.encode()) for text in texts) // BYTES_PER_TOKEN)

"""What came back over the wire -> a `Reply`.

What a newcomer gets wrong: reasoning comes in four shapes (two field names, parts of a list, and
`<think>` inside the text), and none of them may stay in the text that a verifier or a judge reads.
The original is always kept in `Reply.raw`.
"""

import json
import re
from collections.abc import Mapping

from storage.records import Reply

_SURROGATE = re.compile("[\ud800-\udfff]")
_CUT_OFF = frozenset({"length", "max_tokens", "max_output_tokens", "model_length"})
_FINISHED = frozenset({"", "stop", "end_turn", "stop_sequence", "eos", "eos_token"})
_OPEN, _CLOSE = "<think>", "</think>"


def read_completion(raw: str) -> Reply:
    """Return the reply that the body of a chat completion holds.

    Raises:
        ValueError: the body is not a chat completion; the message says in which way.
    """
    body = _parsed(raw)
    choices = body.get("choices") if isinstance(body, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not (isinstance(body, dict) and isinstance(choice, dict) and isinstance(message, dict)):
        raise ValueError("there is no choices[0].message in it")
    usage = body.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    content = message.get("content")
    return reply_of(
        content=message.get("refusal") if content is None else content,
        thoughts=message.get("reasoning_content") or message.get("reasoning"),
        raw=raw,
        finish_reason=choice.get("finish_reason"),
        tokens_in=usage.get("prompt_tokens"),
        tokens_out=usage.get("completion_tokens"),
    )


def reply_of(
    *,
    content: object,
    thoughts: object,
    raw: str,
    finish_reason: object,
    tokens_in: object,
    tokens_out: object,
) -> Reply:
    """Return the reply made of what an endpoint sent, field by field, whatever types it used.

    Args:
        content: The message: a string, a list of parts, or None.
        thoughts: Reasoning that came in a field of its own, if it is a string with anything in it.
        raw: The whole body.
        finish_reason: The endpoint's word; the usual words for one thing become one word.
        tokens_in: A count, or anything else for "it does not say".
        tokens_out: The same.

    Raises:
        ValueError: the content is neither text nor a list of parts.
    """
    text, reasoning = _content(content)
    if isinstance(thoughts, str) and thoughts:
        reasoning = thoughts
    if reasoning is None:
        text, reasoning = split_thinking(text)
    return Reply(
        text=text,
        reasoning=reasoning,
        raw=raw,
        finish_reason=_finish(finish_reason),
        tokens_in=_count(tokens_in),
        tokens_out=_count(tokens_out),
    )


def split_thinking(text: str) -> tuple[str, str | None]:
    """Split leading `<think>...</think>` from a text; None: it does not begin by thinking.

    A text that never closes `<think>` was cut off while thinking, so all of it is reasoning. Some
    chat templates open the tag themselves, so that only the closing one is in the text.
    """
    start = text.lstrip()
    opened = start.startswith(_OPEN)
    if not opened and _CLOSE not in text:
        return text, None
    thinking, _, rest = start.removeprefix(_OPEN).partition(_CLOSE)
    if not opened and _OPEN in thinking:
        return text, None
    return rest.lstrip(), thinking.strip()


def without_surrogates(text: str) -> str:
    """Return the text with U+FFFD for halves of surrogate pairs, which UTF-8 cannot hold."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def storable(reply: Reply) -> Reply:
    """Return the reply with texts that SQLite and a digest can take; most are so already."""
    texts = {
        "text": reply.text,
        "reasoning": reply.reasoning,
        "raw": reply.raw,
        "finish_reason": reply.finish_reason,
    }
    changed = {
        field: clean
        for field, text in texts.items()
        if text is not None and (clean := without_surrogates(text)) != text
    }
    return reply.model_copy(update=changed) if changed else reply


def _parsed(raw: str) -> object:
    try:
        body: object = json.loads(raw)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    return body


def _content(content: object) -> tuple[str, str | None]:
    """Return text and reasoning of a message's content."""
    if content is None:
        return "", None
    if isinstance(content, str):
        return content, None
    if not isinstance(content, list):
        raise ValueError(f"the content of its message is {type(content).__name__}, not text")
    text: list[str] = []
    thoughts: list[str] = []
    for part in content:
        if isinstance(part, str):
            text.append(part)
        elif isinstance(part, Mapping):
            _add_part(part, text, thoughts)
    return "".join(text), "\n".join(thoughts) if thoughts else None


def _add_part(part: Mapping[str, object], text: list[str], thoughts: list[str]) -> None:
    """Add one part of a message to its text or its reasoning; other types are left out."""
    match part:
        case {"type": "text" | "output_text", "text": str(words)}:
            text.append(words)
        case {"type": "thinking", "thinking": str(words)}:
            thoughts.append(words)
        case {"type": "thinking", "thinking": list(inner)} | {
            "type": "reasoning",
            "summary": list(inner),
        }:
            thoughts.extend(words for item in inner if (words := _words(item)))
        case {"type": "reasoning", "reasoning": str(words)} | {
            "type": "reasoning",
            "text": str(words),
        }:
            thoughts.append(words)


def _words(item: object) -> str:
    words = item.get("text") if isinstance(item, Mapping) else item
    return words if isinstance(words, str) else ""


def _finish(reason: object) -> str:
    word = reason if isinstance(reason, str) else ""
    if word.lower() in _CUT_OFF:
        return "length"
    return "stop" if word.lower() in _FINISHED else word


def _count(number: object) -> int | None:
    """Return a count that can be stored; None for anything else."""
    if not isinstance(number, int) or isinstance(number, bool):
        return None
    return int(number) if 0 <= number < 2**63 else None

"""A model call as a span, in the words of OpenTelemetry's GenAI conventions and of OpenInference.

What a newcomer gets wrong: a call that came from the journal was answered at another time, perhaps
for another run. It stands where it was used, takes no time there, and cost nothing.
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from storage.queries import UsedCall
from storage.records import Message, ModelCall
from storage.traces.manner import Manner
from storage.traces.span import (
    Attributes,
    Place,
    Span,
    as_json,
    name_of,
    nanoseconds,
    span_of,
    told,
)

_PARAMETERS = ("temperature", "top_p", "frequency_penalty", "presence_penalty", "seed", "top_k")
"""Those with a name of their own in the conventions, beside `max_tokens` and `stop`."""


_LANGCHAIN = "langchain"
"""What an endpoint is called that LangChain chooses; the model's name then begins with whose."""


def times(used: UsedCall) -> tuple[int, int]:
    """Return when a call was sent and when it was answered, in nanoseconds."""
    end = nanoseconds(used.created_at)
    return max(end - int(used.call.latency_s * 1e6) * 1000, 0), end


def call_span(manner: Manner, used: UsedCall, parent: Place, usual_ns: int) -> Span:
    """Return the span of a call.

    Args:
        manner: How it is told.
        used: The call where an episode used it.
        parent: The span of the role that asked.
        usual_ns: Where it stands if it came from the journal.
    """
    site, call = used.site, used.call
    start, end = (usual_ns, usual_ns) if used.journal_hit else times(used)
    own = ("call", site.role, site.revision, site.idx, site.turn)
    return Span(
        place=Place(parent.trace_id, span_of(site.trajectory_id, *own)),
        parent=parent,
        name=name_of("chat", call.request.model),
        start_ns=start,
        end_ns=end,
        kind="client",
        attributes=manner.about("LLM", _asked(call) | _answered(used) | _where(used))
        | (_texts(call) if manner.text else {}),
    )


def _asked(call: ModelCall) -> dict[str, object]:
    request, provider = call.request, _provider(call)
    given: dict[str, object] = {
        f"gen_ai.request.{name}": _number(request.parameters.get(name)) for name in _PARAMETERS
    }
    prompt, _, version = call.prompt.partition(" ")[0].partition("@")
    address = _address(request.endpoint)
    return given | {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider,
        "gen_ai.request.model": request.model,
        "gen_ai.request.max_tokens": _number(request.parameters.get("max_tokens")),
        "gen_ai.output.type": "text" if request.response_format is None else "json",
        "gen_ai.prompt.name": prompt or None,
        "server.address": address[0],
        "server.port": address[1],
        "llm.model_name": request.model,
        "llm.provider": provider,
        "llm.invocation_parameters": as_json(request.parameters),
        "prompt.id": prompt or None,
        "llm.prompt_template.version": version or None,
    }


def _answered(used: UsedCall) -> dict[str, object]:
    call, reply = used.call, used.call.reply
    body = _body(reply.raw)
    both = (reply.tokens_in, reply.tokens_out)
    # What came from the journal was paid for where it was asked first.
    cost = None if used.journal_hit else call.cost_usd
    return {
        "gen_ai.response.id": _text(body.get("id")),
        "gen_ai.response.model": _text(body.get("model")),
        "gen_ai.response.finish_reasons": (reply.finish_reason,),
        "gen_ai.usage.input_tokens": reply.tokens_in,
        "gen_ai.usage.output_tokens": reply.tokens_out,
        "gen_ai.usage.cost": cost,
        "llm.response.model_name": _text(body.get("model")),
        "llm.finish_reason": reply.finish_reason,
        "llm.token_count.prompt": reply.tokens_in,
        "llm.token_count.completion": reply.tokens_out,
        "llm.token_count.total": None if None in both else sum(each or 0 for each in both),
        "llm.cost.total": cost,
    }


def _where(used: UsedCall) -> dict[str, object]:
    site = used.site
    return {
        "lyceum.call.request_digest": used.call.request_digest,
        "lyceum.call.role": site.role,
        "lyceum.call.idx": site.idx,
        "lyceum.call.revision": site.revision,
        "lyceum.call.turn": site.turn,
        "lyceum.call.journal_hit": used.journal_hit,
        "lyceum.call.answered_at": used.created_at,
        "lyceum.call.latency_s": used.call.latency_s,
        "lyceum.call.prompt": used.call.prompt or None,
        "lyceum.call.endpoint": _without_user(used.call.request.endpoint),
    }


def _texts(call: ModelCall) -> Attributes:
    messages, reply = call.request.messages, call.reply
    said = {"role": "assistant", "parts": [_part("text", reply.text)]}
    if reply.reasoning is not None:
        said["parts"] = [_part("reasoning", reply.reasoning), *said["parts"]]
    values: dict[str, object] = {
        "gen_ai.input.messages": [
            {"role": each.role, "parts": [_part("text", each.content)]} for each in messages
        ],
        "gen_ai.output.messages": [said | {"finish_reason": reply.finish_reason}],
        "input.value": messages[-1].content if messages else None,
        "input.mime_type": "text/plain",
        "output.value": reply.text,
        "output.mime_type": "text/plain",
    }
    values |= dict(_flat("llm.input_messages", messages))
    spoken = Message(role="assistant", content=reply.text)
    return told(values | dict(_flat("llm.output_messages", (spoken,))))


def _flat(name: str, messages: tuple[Message, ...]) -> Iterator[tuple[str, str]]:
    """Yield messages as OpenInference writes lists: an attribute for each member of each."""
    for number, message in enumerate(messages):
        yield f"{name}.{number}.message.role", message.role
        yield f"{name}.{number}.message.content", message.content


def _part(kind: str, text: str) -> dict[str, str]:
    return {"type": kind, "content": text}


def _provider(call: ModelCall) -> str:
    """Return whose way of speaking it is: LangChain's name for it, else OpenAI's, by default."""
    before, colon, _ = call.request.model.partition(":")
    return before if colon and call.request.endpoint == _LANGCHAIN else "openai"


def _address(endpoint: str) -> tuple[str | None, int | None]:
    """Return host and port, where the endpoint's name is an address."""
    try:
        parts = urlsplit(endpoint)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None, None
    return (parts.hostname, port) if parts.hostname else (None, None)


def _without_user(endpoint: str) -> str:
    """Return an endpoint's name; of an address without who asks, and with what key."""
    try:
        parts = urlsplit(endpoint)
    except ValueError:
        return ""
    if not parts.hostname:
        return endpoint
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()


def _body(raw: str) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: object) -> float | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if number else None  # type: ignore[return-value]

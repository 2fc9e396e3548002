"""How a JSON Schema is put to an endpoint: three forms, tried from the strictest down.

What a newcomer gets wrong: a refusal alone teaches nothing, for it may be about the model or the
length of the text. A form is remembered when an answer came in it, so a request that every form
refuses leaves what is known as it was. There are no probe calls.
"""

import json
import re
from collections.abc import Awaitable, Callable
from typing import Literal

from pydantic import JsonValue

from agents.chat.failures import REFUSALS_OF_A_FORM
from agents.errors import EndpointRefused
from storage.records import Reply, Request

Format = Literal["json_schema", "json_object", "prompt"]
"""The schema as data, the word that JSON is wanted, or neither; the last two show it as text."""
Send = Callable[[Request, Format], Awaitable[Reply]]

_SHOWN = "Reply with one JSON object and nothing else. It must fit this JSON Schema:\n"


class Ladder:
    """What one endpoint can do, learnt from its refusals."""

    def __init__(self, *forms: Format) -> None:
        self._forms = forms
        self._known = 0

    async def ask(self, request: Request, send: Send) -> Reply:
        """Send a request in the strictest form that may be understood; step down where it is not.

        Calls that run at the same time each step down for their own refusals only.

        Raises:
            EndpointError: as `send` does, for the last form that was tried.
        """
        if request.response_format is None:
            return await send(request, "prompt")
        place = self._known
        while True:
            try:
                reply = await send(request, self._forms[place])
            except EndpointRefused as error:
                is_last = place == len(self._forms) - 1
                if is_last or error.status not in REFUSALS_OF_A_FORM:
                    raise
                place = max(place + 1, self._known)
            else:
                self._known = max(self._known, place)
                return reply


def wire_format(request: Request, form: Format) -> dict[str, JsonValue] | None:
    """Return the `response_format` that goes over the wire; None: none does."""
    schema = request.response_format
    if schema is None or form == "prompt":
        return None
    if form == "json_object":
        return {"type": "json_object"}
    name = re.sub(r"[^A-Za-z0-9_-]", "_", str(schema.get("title", "reply")))[:64]
    return {
        "type": "json_schema",
        "json_schema": {"name": name or "reply", "schema": schema, "strict": True},
    }


def wire_messages(request: Request, form: Format) -> list[dict[str, str]]:
    """Return the messages for the wire; the user's last one shows the schema if it must."""
    messages = [{"role": m.role, "content": m.content} for m in request.messages]
    if request.response_format is None or form == "json_schema":
        return messages
    shown = _SHOWN + json.dumps(request.response_format, ensure_ascii=False)
    for message in reversed(messages):
        if message["role"] == "user":
            message["content"] += "\n\n" + shown
            return messages
    return [*messages, {"role": "user", "content": shown}]

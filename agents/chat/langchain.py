"""Any LangChain chat model as one of our models; an embedding app passes its own.

What a newcomer gets wrong: the provider's own retries are a second retry layer under `Channel`, so
make the model with `max_retries=0`. And some LangChain classes drop a server's reasoning before it
gets here (ChatOpenAI does); `OpenAICompatible` keeps it.
"""

import agents.chat.quiet  # noqa: F401 - before anything imports LangChain

# isort: split
import asyncio
import json
from collections.abc import Mapping
from types import TracebackType
from typing import Final

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from pydantic import SecretStr

from agents.chat.failures import Failures
from agents.chat.ladder import Format, Ladder, wire_format, wire_messages
from agents.chat.replies import reply_of
from agents.chat.secrets import without_header_members
from agents.errors import EndpointDown
from storage.canonical import canonical
from storage.records import Reply, Request

_MESSAGES: Final[Mapping[str, type[BaseMessage]]] = {
    "system": SystemMessage,
    "user": HumanMessage,
    "assistant": AIMessage,
}
_BROKEN_CONNECTIONS: Final = frozenset(
    {"APIConnectionError", "TransportError", "ClientConnectionError", "ConnectError"}
)
"""Names of classes of the providers' libraries, none of which is imported here."""


class LangChainModel:
    """A `BaseChatModel`, asked once a call."""

    def __init__(
        self,
        chat: BaseChatModel,
        *,
        endpoint: str,
        name: str,
        timeout_s: float = 120.0,
        key: SecretStr | None = None,
    ) -> None:
        """Wrap a chat model.

        Args:
            chat: The model, made with `max_retries=0`.
            endpoint: The endpoint's name in every request's digest.
            name: The model's name.
            timeout_s: Seconds for a whole call.
            key: What is struck out of all that comes back, beside the secrets that the model has.
        """
        self._chat = chat
        self._timeout_s = timeout_s
        self.endpoint = endpoint
        self.name = name
        self._failures = Failures(endpoint, name, _keys(chat, key))
        self._ladder = Ladder("json_schema", "prompt")

    async def complete(self, request: Request) -> Reply:
        """Answer one request; see `agents.chat.Model`."""
        return await self._ladder.ask(request, self._send)

    async def _send(self, request: Request, form: Format) -> Reply:
        """Ask once in one form."""
        messages = [_MESSAGES[m["role"]](m["content"]) for m in wire_messages(request, form)]
        options: dict[str, object] = dict(request.parameters)
        response_format = wire_format(request, form)
        if response_format is not None:
            options["response_format"] = response_format
        with _Translated(self._failures, self._timeout_s, form_sent=response_format is not None):
            async with asyncio.timeout(self._timeout_s):
                message = await self._chat.ainvoke(messages, **options)  # type: ignore[arg-type]
        reply = self._reply(message)
        self._failures.answered = True
        return reply

    def _reply(self, message: AIMessage) -> Reply:
        usage, clean = message.usage_metadata, self._failures.without_keys
        try:
            content = json.loads(clean(json.dumps(message.content, default=str)))
            thoughts = message.additional_kwargs.get("reasoning_content")
            finish = _finish_reason(message.response_metadata)
            return reply_of(
                content=content,
                thoughts=clean(thoughts) if isinstance(thoughts, str) else None,
                raw=clean(_dumped(message)),
                finish_reason=clean(finish) if isinstance(finish, str) else None,
                tokens_in=usage["input_tokens"] if usage else None,
                tokens_out=usage["output_tokens"] if usage else None,
            )
        except ValueError as error:
            raise self._failures.garbled(str(error)) from error


class _Translated:
    """Turns what a provider's library raises for a call into our errors; other errors pass."""

    def __init__(self, failures: Failures, timeout_s: float, *, form_sent: bool) -> None:
        self._failures = failures
        self._timeout_s = timeout_s
        self._form_sent = form_sent

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None or not isinstance(error, Exception):
            return
        status = _status(error)
        # Clients that do not know response_format at all refuse the argument itself.
        if status is None and self._form_sent and isinstance(error, TypeError):
            status = 400
        if status is not None:
            raise self._failures.of_status(
                status, str(error), retry_after=_retry_after(error), form_sent=self._form_sent
            ) from error
        down = self._unreachable(error)
        if down is not None:
            raise down from error
        self._clean(error)

    def _clean(self, error: Exception) -> None:
        """Strike the keys out of an error that passes; its text becomes part of an attempt."""
        clean = self._failures.clean
        error.args = tuple(clean(arg) if isinstance(arg, str) else arg for arg in error.args)
        if clean(str(error)) != str(error):  # it keeps its text elsewhere
            raise RuntimeError(f"{type(error).__name__}: {clean(str(error))}") from None

    def _unreachable(self, error: Exception) -> EndpointDown | None:
        """Return the error for a call that reached nobody; None: it is an error of another kind."""
        names = {cls.__name__ for cls in type(error).__mro__}
        if isinstance(error, TimeoutError) or any("Timeout" in name for name in names):
            return self._failures.timeout(self._timeout_s)
        if isinstance(error, OSError) or names & _BROKEN_CONNECTIONS:
            return self._failures.connection(error)
        return None


def _dumped(message: AIMessage) -> str:
    """Return the whole message as canonical JSON, without the headers that some classes put there.

    What JSON does not know becomes text.
    """
    plain = json.dumps(message.model_dump(), default=str)
    return canonical(without_header_members(json.loads(plain, parse_constant=str)))


def _keys(chat: BaseChatModel, key: SecretStr | None) -> tuple[str, ...]:
    """Return the secrets that a chat model was made with."""
    held = [value for value in (key, *vars(chat).values()) if isinstance(value, SecretStr)]
    keys = (secret.get_secret_value().strip() for secret in held)
    return tuple(dict.fromkeys(each for each in keys if each))


def _status(error: Exception) -> int | None:
    """Return the HTTP status that an error carries. None: it carries none."""
    for name in ("status_code", "code"):
        status = getattr(error, name, None)
        if isinstance(status, int) and 300 <= status <= 599:
            return int(status)
    return None


def _retry_after(error: Exception) -> str | None:
    headers = getattr(getattr(error, "response", None), "headers", None)
    value = headers.get("retry-after") if isinstance(headers, Mapping) else None
    return value if isinstance(value, str) else None


def _finish_reason(metadata: Mapping[str, object]) -> object:
    for name in ("finish_reason", "stop_reason", "done_reason"):
        if metadata.get(name):
            return metadata[name]
    return None

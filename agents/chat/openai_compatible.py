"""A direct client for any OpenAI-compatible chat endpoint, made for volume.

It asks once: no retry, no cache, no limit of its own; `Channel` has all three. What a newcomer gets
wrong: a status of 200 is not an answer until the body is a chat completion.
"""

import asyncio
import io
import json
from typing import Final

import aiohttp
from pydantic import JsonValue, SecretStr
from yarl import URL

from agents.chat.failures import Failures
from agents.chat.ladder import Format, Ladder, wire_format, wire_messages
from agents.chat.replies import read_completion
from storage.records import Reply, Request

BODY_LIMIT: Final = 32 * 1024 * 1024
"""Bytes of a reply, unpacked; longer ones are refused as garbled."""
_LARGE_REQUEST: Final = 1024 * 1024
_CONNECT_S: Final = 10.0
_OURS: Final = frozenset({"model", "messages", "response_format", "stream"})


class OpenAICompatible:
    """A model at `base_url`, asked with `POST {base_url}/chat/completions`."""

    def __init__(
        self,
        base_url: str,
        name: str,
        *,
        key: SecretStr | None = None,
        endpoint: str | None = None,
        timeout_s: float = 120.0,
        extra_body: dict[str, JsonValue] | None = None,
    ) -> None:
        """Prepare to ask; nothing is opened before the first call.

        Args:
            base_url: The root of the API, such as `http://127.0.0.1:8000/v1`.
            name: The model's name there.
            key: Sent as a bearer token. None: the endpoint wants none.
            endpoint: Its name in every request's digest. None: `base_url`.
            timeout_s: Seconds for a whole call.
            extra_body: More fields of the body. They are no part of a request's digest.

        Raises:
            ValueError: the address, the key or a field of `extra_body` cannot be used.
        """
        secret = key.get_secret_value().strip() if key else ""
        self._url = _address(base_url)
        self._headers = _headers(secret)
        self._extra = _extra(extra_body or {})
        self._timeout_s = timeout_s
        self.endpoint = endpoint or base_url
        self.name = name
        self._failures = Failures(self.endpoint, name, (secret,) if secret else ())
        self._ladder = Ladder("json_schema", "json_object", "prompt")
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def complete(self, request: Request) -> Reply:
        """Answer one request; see `agents.chat.Model`."""
        return await self._ladder.ask(request, self._send)

    async def aclose(self) -> None:
        """Close the connections; a later call opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _send(self, request: Request, form: Format) -> Reply:
        """Ask once in one form."""
        response_format = wire_format(request, form)
        status, retry_after, raw = await self._post(self._body(request, form, response_format))
        if status != 200:
            raise self._failures.of_status(
                status, raw, retry_after=retry_after, form_sent=response_format is not None
            )
        try:
            reply = read_completion(raw)
        except ValueError as error:
            raise self._failures.garbled(f"{error}: {raw}") from error
        self._failures.answered = True
        return reply

    def _body(
        self, request: Request, form: Format, response_format: dict[str, JsonValue] | None
    ) -> bytes | io.BytesIO:
        body: dict[str, object] = {
            **request.parameters,
            **self._extra,
            "model": request.model,
            "messages": wire_messages(request, form),
        }
        if response_format is not None:
            body["response_format"] = response_format
        data = json.dumps(body).encode()
        # aiohttp writes bytes in one piece, which blocks the loop if there are many.
        return data if len(data) <= _LARGE_REQUEST else io.BytesIO(data)

    async def _post(self, body: bytes | io.BytesIO) -> tuple[int, str | None, str]:
        """Return status, Retry-After and the body's text."""
        session = self._opened()
        try:
            async with session.post(self._url, data=body, allow_redirects=False) as response:
                data = bytearray()
                async for chunk in response.content.iter_any():
                    data += chunk
                    if len(data) > BODY_LIMIT:
                        raise self._failures.garbled(f"more than {BODY_LIMIT} bytes")
                raw = self._failures.without_keys(data.decode(errors="replace"))
                return response.status, response.headers.get("Retry-After"), raw
        except TimeoutError as error:
            raise self._failures.timeout(self._timeout_s) from error
        except (aiohttp.ClientError, OSError) as error:
            raise self._failures.connection(error) from error

    def _opened(self) -> aiohttp.ClientSession:
        """Return the session of the running loop; one of another loop is of no use here."""
        loop = asyncio.get_running_loop()
        if self._session is None or self._session.closed or self._loop is not loop:
            self._loop = loop
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=self._headers,
                timeout=aiohttp.ClientTimeout(total=self._timeout_s, sock_connect=_CONNECT_S),
            )
        return self._session


def _address(base_url: str) -> URL:
    """Return where chat completions are asked for.

    Raises:
        ValueError: not an address over HTTP, or one that carries a password, which would be stored.
    """
    if "@" in base_url:
        raise ValueError(
            "base_url holds a user or a password; let api_key_env name the key instead"
        )
    try:
        url = URL(base_url.rstrip("/") + "/chat/completions")
    except ValueError as error:
        raise ValueError(f"base_url {base_url!r} is no address: {error}") from error
    if url.scheme not in {"http", "https"} or not url.host or url.query_string or url.fragment:
        raise ValueError(f"base_url {base_url!r} is not of the form http://host:port/v1")
    return url


def _headers(secret: str) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "User-Agent": "lyceum"}
    if secret:
        if not (secret.isascii() and secret.isprintable()):
            raise ValueError("the key has characters that no header can hold; copy it anew")
        headers["Authorization"] = f"Bearer {secret}"
    return headers


def _extra(extra_body: dict[str, JsonValue]) -> dict[str, JsonValue]:
    ours = sorted(_OURS & extra_body.keys())
    if ours:
        raise ValueError(f"extra_body must not hold {ours}; they are set for every request")
    return extra_body

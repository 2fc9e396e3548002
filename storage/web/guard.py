"""Decides which requests are answered, before any page sees them.

A server on this machine is reached by every page that is open in a browser here, and by every name
that somebody's DNS points at 127.0.0.1. What a newcomer gets wrong: a page of a stranger cannot
read what it gets from us, but it can send a form, so a write needs what only our own pages know.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = ("GET", "HEAD", "POST")
FIELD, HEADER = "token", "x-lyceum-token"
"""Where a write says the token: a field of its form, or a header."""
MOST_BYTES = 1_000_000
"""Of the body of a request."""
MOST_FIELDS = 1_000
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), usb=()",
}
"""What every answer says."""
_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not answered."""

    status: int
    sentence: str


class Guard:
    """An application around another one, which gets only what may be answered.

    Args:
        inner: The application.
        port: The port that is served.
        token: What a write must say.
    """

    def __init__(self, inner: ASGIApp, *, port: int, token: str) -> None:
        self._inner = inner
        self._token = token.encode()
        names = ("127.0.0.1", "localhost", "[::1]")
        self._hosts = {f"{name}:{port}" for name in names} | (set(names) if port == 80 else set())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let the application do so."""
        if scope["type"] == "lifespan":
            await self._inner(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-store")
            await send(message)

        refusal = self._refused(scope)
        if refusal is None and scope["method"] == "POST":
            body = await _body(scope, receive)
            refusal = body if isinstance(body, Refusal) else self._unproven(scope, body)
            if isinstance(body, bytes):
                receive = _again(body, receive)
        if refusal is not None:
            await _refuse(refusal, scope, sealed)
            return
        await self._inner(scope, receive, sealed)

    def _refused(self, scope: Scope) -> Refusal | None:
        """Return why a request is refused by its headers alone."""
        if scope["method"] not in METHODS:
            return Refusal(405, f"This server knows only {', '.join(METHODS)}.")
        headers = Headers(scope=scope)
        host = _only(headers, "host")
        if host is None or host.lower() not in self._hosts:
            known = " or ".join(sorted(self._hosts))
            return Refusal(403, f"This server answers only to its own address: {known}.")
        origins = headers.getlist("origin")
        if origins and origins != [f"http://{host.lower()}"]:
            return Refusal(403, "A page from elsewhere asked for this; it answers only its own.")
        own = all(each in ("same-origin", "none") for each in headers.getlist("sec-fetch-site"))
        if not own and not _is_followed_link(scope["method"], headers):
            return Refusal(403, "A page from elsewhere asked for this; it answers only its own.")
        return None

    def _unproven(self, scope: Scope, body: bytes) -> Refusal | None:
        """Return why a write is refused: it is of another kind, or does not know the token."""
        headers = Headers(scope=scope)
        kind = (_only(headers, "content-type") or "").partition(";")[0].strip().lower()
        if kind not in (_FORM, _JSON):
            return Refusal(415, f"A write is a form ({_FORM}) or JSON ({_JSON}).")
        told: Sequence[str] = headers.getlist(HEADER)
        if not told and kind == _FORM:
            told = _fields(body)
        if len(told) != 1 or not compare_digest(told[0].encode(), self._token):
            return Refusal(
                403, "This form is from before the server was started; load its page again."
            )
        return None


def _is_followed_link(method: str, headers: Headers) -> bool:
    """Return whether a person followed a link to a page, which whoever made it cannot read."""
    where = [headers.getlist(f"sec-fetch-{name}") for name in ("mode", "dest")]
    return method in ("GET", "HEAD") and where == [["navigate"], ["document"]]


def _only(headers: Headers, name: str) -> str | None:
    """Return a header that stands there once. None: it is missing, or stands there twice."""
    found = headers.getlist(name)
    return found[0] if len(found) == 1 else None


def _fields(body: bytes) -> list[str]:
    """Return what a form says in the field of the token."""
    try:
        pairs: Iterable[tuple[str, str]] = parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS
        )
    except ValueError:
        return []
    return [value for name, value in pairs if name == FIELD]


async def _body(scope: Scope, receive: Receive) -> bytes | Refusal:
    """Return the whole body, or that it is too long; it is not read further than it may be."""
    too_long = Refusal(413, f"A request may have at most {MOST_BYTES:,} bytes.")
    said = _only(Headers(scope=scope), "content-length") or "0"
    if not (said.isascii() and said.isdigit()) or int(said) > MOST_BYTES:
        return too_long
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return Refusal(400, "The request ended before its body did.")
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            return too_long
        if not message.get("more_body"):
            return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """Return what gives a body that was read once more, and then whatever comes."""
    parts = [body]

    async def received() -> Message:
        if parts:
            return {"type": "http.request", "body": parts.pop(), "more_body": False}
        return await receive()

    return received


async def _refuse(refusal: Refusal, scope: Scope, send: Send) -> None:
    body = f"{refusal.sentence}\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    if refusal.status == 405:
        headers.append((b"allow", ", ".join(METHODS).encode()))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

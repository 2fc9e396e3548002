"""What an endpoint did instead of answering -> one of our errors, in one line with its remedy.

What a newcomer gets wrong: an endpoint's own words are hostile text. They are cut, made one line,
and freed of the key, which some endpoints send back.
"""

import json
import re
from dataclasses import dataclass

from agents.chat.secrets import struck, without_headers
from agents.errors import EndpointDown, EndpointError, EndpointRefused

REFUSALS_OF_A_FORM = frozenset({400, 404, 415, 422, 501})
"""Statuses that may mean "I do not know this response_format"."""
_SAID_LIMIT = 300
_WAITS = {408: "timeout", 425: "overloaded", 429: "rate_limited"}
_REMEDIES = {
    401: "it refuses the key; let api_key_env name a variable with a valid one",
    402: "it wants to be paid; top up the account or name another endpoint",
    403: "it refuses the key; let api_key_env name a variable with a valid one",
    404: "it knows no such model or address; correct model or base_url",
    408: "it gave up waiting; resume when it is well",
    425: "it is not ready; resume when it is well",
    429: "it wants fewer calls; lower in_flight or resume later",
}


@dataclass(slots=True)
class Failures:
    """Makes the errors of one model at one endpoint."""

    endpoint: str
    model: str
    keys: tuple[str, ...] = ()
    """What must never be repeated."""
    answered: bool = False
    """Whether it has answered anything yet."""

    def of_status(
        self, status: int, said: str, *, retry_after: str | None = None, form_sent: bool = False
    ) -> EndpointError:
        """Return the error for an HTTP status other than 200.

        Args:
            status: The HTTP status.
            said: The body, or whatever else the endpoint gave as its reason.
            retry_after: The header of that name.
            form_sent: A response_format was in the request, so even 501 may be about that alone.
        """
        waits = status in _WAITS or status >= 500
        refuses_form = form_sent and status in REFUSALS_OF_A_FORM
        message = self._message(f"HTTP {status}", _remedy(status), _reason(said))
        if waits and not refuses_form:
            return EndpointDown(
                message,
                endpoint=self.endpoint,
                before_any_answer=not self.answered,
                kind=_WAITS.get(status, "overloaded"),
                retry_after_s=_seconds(retry_after),
                status=status,
            )
        return EndpointRefused(
            message,
            endpoint=self.endpoint,
            status=status,
            before_any_answer=not self.answered,
        )

    def timeout(self, timeout_s: float) -> EndpointDown:
        """Return the error for a call that took too long."""
        remedy = "raise timeout_s or resume when it is well"
        return self._down("timeout", f"no answer within {timeout_s:g} s", remedy, "")

    def connection(self, error: BaseException) -> EndpointDown:
        """Return the error for a connection that could not be made or broke."""
        said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return self._down("connection", "no connection", "start it or correct base_url", said)

    def garbled(self, said: str) -> EndpointDown:
        """Return the error for a reply that is no chat completion."""
        remedy = "check that base_url is the root of a chat API, such as .../v1"
        return self._down("garbled", "the reply is no chat completion", remedy, said)

    def without_keys(self, text: str) -> str:
        """Return the text with the keys struck out."""
        return struck(text, self.keys) if self.keys else text

    def clean(self, text: str) -> str:
        """Return an error's text with the keys and the values of headers struck out."""
        return without_headers(self.without_keys(text))

    def _down(self, kind: str, what: str, remedy: str, said: str) -> EndpointDown:
        return EndpointDown(
            self._message(what, remedy, said),
            endpoint=self.endpoint,
            before_any_answer=not self.answered,
            kind=kind,
        )

    def _message(self, what: str, remedy: str, said: str) -> str:
        said = one_line(self.clean(said), _SAID_LIMIT)
        whole = f"endpoint {self.endpoint!r}, model {self.model!r}: {what}: {remedy}"
        return f"{whole}; it said: {said}" if said else whole


def one_line(text: str, limit: int) -> str:
    """Return the text on one line, without control characters, at most `limit` characters long."""
    head = text[: 4 * limit]
    words = " ".join("".join(c if c.isprintable() else " " for c in head).split())
    return words if len(words) <= limit else words[: limit - 3] + "..."


def _remedy(status: int) -> str:
    if status >= 500:
        return "it is broken or overloaded; resume when it is well"
    if status < 400:
        return "it is elsewhere; write the final address as base_url"
    return _REMEDIES.get(
        status, "it refuses the request; correct the model, its parameters or the prompt"
    )


def _reason(body: str) -> str:
    """Return the reason in an error body: the usual places in JSON, else the whole text."""
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError):
        return body
    for key in ("error", "message", "detail"):
        if isinstance(found, dict) and found.get(key):
            found = found[key]
    return found if isinstance(found, str) else body


def _seconds(retry_after: str | None) -> float | None:
    """Return the seconds of a Retry-After header; None for a date, which is not worth reading."""
    number = (retry_after or "").strip()
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", number):
        return None
    return float(number)

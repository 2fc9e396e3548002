"""How a role reaches its model: journal first, then the endpoint with retries, then journal again.

This is the one retry layer of the project: adapters ask once, graphs and batches ask once. What a
newcomer gets wrong: a call that was answered is paid for, so it is kept before anyone uses it, also
if it turns out to be of no use.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import BaseModel, JsonValue

from agents.chat.failures import Failures, one_line
from agents.chat.gate import Gate
from agents.chat.meter import Meter, Sent
from agents.chat.model import Journal, Model
from agents.chat.prices import Price
from agents.chat.replies import storable, without_surrogates
from agents.chat.structured import read_reply, schema_of
from agents.errors import EndpointDown, EndpointError, InvalidReply
from storage.ids import derive_seed, request_digest
from storage.records import CallError, CallSite, Message, ModelCall, Reply, Request, Role

Form = TypeVar("Form", bound=BaseModel)

_LONGEST_WAIT_S = 60.0
_DOUBLINGS = 10
_MESSAGE_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Channel:
    """One role's way to one model."""

    model: Model
    role: Role
    parameters: Mapping[str, JsonValue] = field(default_factory=dict)
    """Sent with every request and part of its digest: temperature, max_tokens and the like."""
    timeout_s: float = 120.0
    """Seconds for one try, from sending to the whole reply."""
    retries: int = 5
    """How often a request is sent again after the first try."""
    gate: Gate | None = None
    """The endpoint's, of which a place is held while a request is on the wire. None: no limit."""
    meter: Meter = field(default_factory=Meter)
    price: Price | None = None
    """None: not known."""
    backoff_s: float = 0.5
    """Seconds before the first retry, doubled for each further one, and varied by a half."""

    async def ask(
        self,
        messages: Sequence[Message],
        site: CallSite,
        journal: Journal | None,
        *,
        response_format: dict[str, JsonValue] | None = None,
        prompt: str = "",
    ) -> Reply:
        """Return the reply to a conversation, from the journal if it was ever answered.

        Args:
            messages: The conversation, oldest first.
            site: The place that asks; it tells equal requests apart.
            journal: None: nothing is kept.
            response_format: JSON Schema that the reply should meet; `ask_for` makes sure.
            prompt: The prompt file's reference, kept with the call.

        Raises:
            EndpointDown: every try failed.
            EndpointRefused: the endpoint will not answer this request.
            BudgetExceeded: a limit of the run was reached before the call.
        """
        request = self._request(messages, site, response_format)
        if journal is not None:
            found = await journal.find(request, site)
            if found is not None:
                self.meter.reused()
                return found
        return await self._call(request, site, journal, prompt)

    async def ask_for(
        self,
        form: type[Form],
        messages: Sequence[Message],
        site: CallSite,
        journal: Journal | None,
        *,
        repair: Callable[[str], str],
        prompt: str = "",
        read: Callable[[type[Form], Reply], Form] = read_reply,
    ) -> Form:
        """Return the reply as a value of the asked form, after at most one repair turn.

        Args:
            form: What the reply must be; its JSON Schema goes with the request.
            messages: The conversation, oldest first.
            site: The place that asks; the repair turn asks from `site.turn + 1`.
            journal: None: nothing is kept.
            repair: Turns what is wrong with the reply into the message that asks again.
            prompt: The prompt file's reference, kept with both calls.
            read: Finds the value in a reply, or raises InvalidReply.

        Raises:
            InvalidReply: neither reply is of that form; the message says why.
            EndpointError: as `ask` does.
        """
        schema = schema_of(form)
        reply = await self.ask(messages, site, journal, response_format=schema, prompt=prompt)
        try:
            return read(form, reply)
        except InvalidReply as error:
            problem = str(error)
        again = (
            *messages,
            Message(role="assistant", content=reply.text or "(no text)"),
            Message(role="user", content=repair(problem)),
        )
        later = site.model_copy(update={"turn": site.turn + 1})
        reply = await self.ask(again, later, journal, response_format=schema, prompt=prompt)
        try:
            return read(form, reply)
        except InvalidReply as error:
            raise InvalidReply(
                f"{self.role}, model {self.model.name!r}: no {form.__name__} in the reply, "
                f"nor after a repair turn: {error}"
            ) from error

    def _request(
        self,
        messages: Sequence[Message],
        site: CallSite,
        response_format: dict[str, JsonValue] | None,
    ) -> Request:
        return Request(
            endpoint=self.model.endpoint,
            model=self.model.name,
            messages=tuple(_storable(message) for message in messages),
            parameters=dict(self.parameters),
            response_format=response_format,
            draw=derive_seed(site.seed, site.role, site.idx, site.revision, site.turn),
        )

    async def _call(
        self, request: Request, site: CallSite, journal: Journal | None, prompt: str
    ) -> Reply:
        """Ask until there is an answer, which is kept, or no more tries."""
        digest = request_digest(request)
        number = 1

        async def keep(reply: Reply, sent: Sent) -> Reply:
            call = ModelCall(
                request_digest=digest,
                request=request,
                reply=reply,
                prompt=prompt,
                latency_s=sent.seconds,
                cost_usd=sent.cost_usd,
            )
            return reply if journal is None else await journal.keep(call, site)

        while True:
            try:
                return await self._try(request, site, keep)
            except EndpointError as error:
                error.role = self.role
                await self._log(error, digest, number, site, journal)
                if not isinstance(error, EndpointDown) or number > self._patience(error):
                    raise
                wait_s = self._wait_s(error, digest, number)
            with self.gate.away() if self.gate else nullcontext():
                await asyncio.sleep(wait_s)
            number += 1

    async def _try(
        self, request: Request, site: CallSite, keep: Callable[[Reply, Sent], Awaitable[Reply]]
    ) -> Reply:
        """Ask once and keep the reply, with what it cost and the seconds it took.

        The place at the endpoint is free again only when the reply is on disk: what a kill can cost
        is then no more calls than there are places.
        """
        async with self.gate.place() if self.gate else nullcontext():
            async with self.meter.sending(request, site, self.price) as sent:
                start = time.perf_counter()
                try:
                    async with asyncio.timeout(self.timeout_s):
                        reply = await self.model.complete(request)
                except TimeoutError as error:
                    endpoint, name = self.model.endpoint, self.model.name
                    failures = Failures(endpoint, name, answered=self.meter.calls > 0)
                    raise failures.timeout(self.timeout_s) from error
                seconds, reply = time.perf_counter() - start, storable(reply)
                cost_usd = None if self.price is None else self.price.cost_usd(reply)
                sent.answered(reply, cost_usd, seconds)
            return await keep(reply, sent)

    async def _log(
        self,
        error: EndpointError,
        digest: str,
        number: int,
        site: CallSite,
        journal: Journal | None,
    ) -> None:
        kind = error.kind if isinstance(error, EndpointDown) else "refused"
        self.meter.failed(kind)
        if journal is not None:
            message = one_line(str(error), _MESSAGE_LIMIT)
            entry = CallError(request_digest=digest, kind=kind, message=message, try_number=number)
            await journal.fail(entry, site)

    def _patience(self, error: EndpointDown) -> int:
        """Return how many retries an error is worth: few, if nobody was ever there to answer."""
        nobody_there = error.kind == "connection" and error.before_any_answer
        return min(self.retries, 2) if nobody_there else self.retries

    def _wait_s(self, error: EndpointDown, digest: str, number: int) -> float:
        """Return the seconds before the next try: doubled, varied, at least what was asked for."""
        vary = random.Random(derive_seed(digest, number)).uniform(0.5, 1.5)
        wait_s = self.backoff_s * 2.0 ** min(number - 1, _DOUBLINGS) * vary
        return min(max(wait_s, error.retry_after_s or 0.0), _LONGEST_WAIT_S)


def _storable(message: Message) -> Message:
    content = without_surrogates(message.content)
    return (
        message if content == message.content else message.model_copy(update={"content": content})
    )

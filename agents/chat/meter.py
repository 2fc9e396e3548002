"""What one run has asked for and paid, and the ceilings on it.

What a newcomer gets wrong: a ceiling is one of the whole run, over all its sittings. And what is in
flight counts with what it may cost at most, so near a ceiling fewer calls go out side by side, and
at the end one alone; the run stops when even that might pass it.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from agents.chat.prices import Price
from agents.chat.reserve import Reserve, Reserves, size_of
from agents.errors import BudgetExceeded, EndpointDown, EndpointRefused
from storage.records import CallSite, ModelCall, Reply, Request, Role

NOT_BILLED: Final = frozenset({"rate_limited", "overloaded"})
"""Kinds of `EndpointDown` for which nobody asks money. The others broke off: they may be billed."""

_ROUNDING: Final = 1e-12


class Earlier(Protocol):
    """The sums over what a run paid for in earlier sittings."""

    @property
    def model_calls(self) -> int:
        """Answered calls."""
        ...

    @property
    def tokens_in(self) -> int:
        """Tokens read."""
        ...

    @property
    def tokens_out(self) -> int:
        """Tokens written."""
        ...

    @property
    def cost_usd(self) -> float:
        """US dollars, without the unpriced calls."""
        ...

    @property
    def unpriced(self) -> int:
        """Calls without a known price."""
        ...


@dataclass(slots=True)
class Spent:
    """What some calls came to."""

    calls: int = 0
    tokens: int = 0
    """In and out together."""
    cost_usd: float = 0.0
    """US dollars, without the unpriced calls."""
    unpriced: int = 0
    """How many calls have no known price."""
    seconds: float = 0.0
    """That calls took, added up."""

    def add(self, reply: Reply, cost_usd: float | None, seconds: float) -> None:
        """Count one more answered call."""
        self.calls += 1
        self.tokens += (reply.tokens_in or 0) + (reply.tokens_out or 0)
        self.cost_usd += cost_usd or 0.0
        self.unpriced += cost_usd is None
        self.seconds += seconds


@dataclass(slots=True)
class Sent:
    """One request on the wire."""

    cost_usd: float | None = None
    reply: Reply | None = None
    seconds: float = 0.0

    def answered(self, reply: Reply, cost_usd: float | None, seconds: float) -> None:
        """Note the reply; what it cost is counted when the request leaves the wire."""
        self.reply, self.cost_usd, self.seconds = reply, cost_usd, seconds


@dataclass(slots=True)
class Meter:
    """Counts of one sitting, and ceilings of the run. All roles of a run share one."""

    max_calls: int | None = None
    """Answered calls. None: no limit; the same below."""
    max_cost: float | None = None
    max_tokens: int | None = None
    """Tokens in and out together."""
    earlier: Spent = field(default_factory=Spent)
    """What the run paid before this sitting."""
    calls: int = 0
    """Answered by an endpoint and so paid for, in this sitting; the same below."""
    journal_hits: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float | None = None
    """US dollars. None: no price is known."""
    errors: dict[str, int] = field(default_factory=dict)
    """Tries that were not answered, by kind; see `CallError.kind`."""
    in_flight: int = 0
    """Requests on the wire now."""
    roles: dict[Role, Spent] = field(default_factory=dict)
    """What each role paid."""
    episodes: dict[str, Spent] | None = None
    """What each open episode paid, by the trajectory's id, until someone takes it out.
    None: nobody wants to know."""
    stopped_by: str = ""
    """The limit that forbade a call; empty: none did."""
    wanted: float = 0.0
    """What that limit would have to be for the call; 0: none was forbidden."""
    _aside: Reserve = field(default_factory=lambda: Reserve(calls=0))
    """What is set aside for calls in flight, and for those that may have been billed unseen."""
    _reserves: Reserves = field(default_factory=Reserves)
    _settled: asyncio.Event = field(default_factory=asyncio.Event)

    def go_on(self, earlier: Earlier, calls: Iterable[tuple[Role, ModelCall]] = ()) -> None:
        """Begin where earlier sittings of the run ended.

        Args:
            earlier: What they paid. Calls without a known price count as the mean of the others.
            calls: Some of theirs, from which it is learnt how long replies are.
        """
        priced = earlier.model_calls - earlier.unpriced
        mean = earlier.cost_usd / priced if priced > 0 else 0.0
        self.earlier = Spent(
            calls=earlier.model_calls,
            tokens=earlier.tokens_in + earlier.tokens_out,
            cost_usd=earlier.cost_usd + mean * earlier.unpriced,
            unpriced=earlier.unpriced,
        )
        if self.limited:
            for role, call in calls:
                self._reserves.learn(call.request, role, call.reply)

    @property
    def limited(self) -> bool:
        """Whether any limit is set."""
        return (self.max_calls, self.max_cost, self.max_tokens) != (None, None, None)

    @property
    def limits(self) -> dict[str, float]:
        """The limits that are set, by name."""
        named = ("max_calls", "max_cost", "max_tokens")
        return {name: value for name in named if (value := getattr(self, name)) is not None}

    @property
    def whole(self) -> Spent:
        """What the run has paid in all its sittings."""
        now, before = self.roles.values(), self.earlier
        return Spent(
            calls=before.calls + self.calls,
            tokens=before.tokens + self.tokens_in + self.tokens_out,
            cost_usd=before.cost_usd + (self.cost_usd or 0.0),
            unpriced=before.unpriced + sum(each.unpriced for each in now),
            seconds=sum(each.seconds for each in now),
        )

    def figures(self) -> dict[str, Any]:
        """Return the counts of this sitting by name."""
        names = ("calls", "journal_hits", "tokens_in", "tokens_out", "cost_usd", "errors")
        return {name: getattr(self, name) for name in names}

    @asynccontextmanager
    async def sending(
        self, request: Request, site: CallSite, price: Price | None
    ) -> AsyncIterator[Sent]:
        """Surround one request on the wire; wait if there is no room for it beside the others.

        Raises:
            BudgetExceeded: a limit could be passed; the request must not be sent.
        """
        reserve = await self._room(request, site.role, price)
        self._set_aside(reserve, 1)
        self.in_flight += 1
        sent, billed = Sent(), True
        try:
            yield sent
        except EndpointRefused:
            billed = False
            raise
        except EndpointDown as error:
            billed = error.kind not in NOT_BILLED
            raise
        finally:
            self.in_flight -= 1
            if sent.reply is not None:
                billed = self._count(request, site, sent, sent.reply)
            if not billed:
                self._set_aside(reserve, -1)
            self._settled.set()
            self._settled = asyncio.Event()

    def reused(self) -> None:
        """Count a call that the journal answered."""
        self.journal_hits += 1

    def failed(self, kind: str) -> None:
        """Count a try that was not answered."""
        self.errors[kind] = self.errors.get(kind, 0) + 1

    def _count(self, request: Request, site: CallSite, sent: Sent, reply: Reply) -> bool:
        """Count an answered call; return whether its reserve must stand for what is not known."""
        self.calls += 1
        self.tokens_in += reply.tokens_in or 0
        self.tokens_out += reply.tokens_out or 0
        if sent.cost_usd is not None:
            self.cost_usd = (self.cost_usd or 0.0) + sent.cost_usd
        self.roles.setdefault(site.role, Spent()).add(reply, sent.cost_usd, sent.seconds)
        if self.episodes is not None:
            paid = self.episodes.setdefault(site.trajectory_id, Spent())
            paid.add(reply, sent.cost_usd, sent.seconds)
        if self.limited:
            self._reserves.learn(request, site.role, reply)
        if reply.tokens_in is not None and reply.tokens_out is not None:
            return False
        self._set_aside(Reserve(calls=1), -1)
        return True

    async def _room(self, request: Request, role: Role, price: Price | None) -> Reserve:
        """Return what is to be set aside for a request, once there is room for it."""
        if not self.limited:
            return Reserve()
        size = size_of(request)
        while True:
            reserve = self._reserves.most(request, size, role, price)
            if self._passed(reserve) is None:
                return reserve
            if not self.in_flight:
                alone = self._reserves.alone(request, size, role, price)
                name = self._passed(alone)
                if name is None:
                    return reserve
                raise self._exceeded(name, alone)
            await self._settled.wait()

    def _passed(self, reserve: Reserve) -> str | None:
        """Return the limit that a call might pass. None: none."""
        for name, limit in self.limits.items():
            if self._counted(name) + _of(reserve, name) > limit * (1 + _ROUNDING) + _ROUNDING:
                return name
        return None

    def _counted(self, name: str) -> float:
        """Return what counts for a limit now, with what is set aside."""
        return _of(self.whole, name) + _of(self._aside, name)

    def _set_aside(self, reserve: Reserve, sign: int) -> None:
        if self.limited:
            self._aside = Reserve(
                self._aside.tokens + sign * reserve.tokens,
                max(self._aside.cost_usd + sign * reserve.cost_usd, 0.0),
                self._aside.calls + sign * reserve.calls,
            )

    def _exceeded(self, name: str, reserve: Reserve) -> BudgetExceeded:
        counted, next_call = self._counted(name), _of(reserve, name)
        if not self.stopped_by:
            self.stopped_by, self.wanted = name, counted + next_call
        form = "${:.4g}" if name == "max_cost" else "{:.0f}"
        return BudgetExceeded(
            f"{name} = {self.limits[name]:g} is reached: {form.format(counted)} is spent and the "
            f"next call may come to {form.format(next_call)}; raise the limit"
        )


def _of(sums: Spent | Reserve, name: str) -> float:
    return {"max_calls": sums.calls, "max_cost": sums.cost_usd, "max_tokens": sums.tokens}[name]

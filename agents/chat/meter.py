"""What one run has asked for and paid, and the limits on it.

What a newcomer gets wrong: a limit is checked just before a request goes out, so those already out
still end and are paid; only `max_calls` is never passed, because calls in flight count for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from agents.errors import BudgetExceeded
from storage.records import ModelCall


@dataclass(slots=True)
class Meter:
    """Counts of one run. All roles of a run share one."""

    max_calls: int | None = None
    """Answered calls. None: no limit; the same below."""
    max_cost: float | None = None
    max_tokens: int | None = None
    """Tokens in and out together."""
    calls: int = 0
    """Answered by an endpoint and so paid for."""
    journal_hits: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float | None = None
    """US dollars. None: no price is known."""
    errors: dict[str, int] = field(default_factory=dict)
    """Tries that were not answered, by kind; see `CallError.kind`."""
    in_flight: int = 0
    """Requests on the wire now."""

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Surround one request on the wire.

        Raises:
            BudgetExceeded: a limit is reached; the request must not be sent.
        """
        self._check()
        self.in_flight += 1
        try:
            yield
        finally:
            self.in_flight -= 1

    def answered(self, call: ModelCall) -> None:
        """Count a call that an endpoint answered."""
        self.calls += 1
        self.tokens_in += call.reply.tokens_in or 0
        self.tokens_out += call.reply.tokens_out or 0
        if call.cost_usd is not None:
            self.cost_usd = (self.cost_usd or 0.0) + call.cost_usd

    def reused(self) -> None:
        """Count a call that the journal answered."""
        self.journal_hits += 1

    def failed(self, kind: str) -> None:
        """Count a try that was not answered."""
        self.errors[kind] = self.errors.get(kind, 0) + 1

    def _check(self) -> None:
        limits = (
            ("max_calls", self.max_calls, self.calls + self.in_flight),
            ("max_cost", self.max_cost, self.cost_usd or 0.0),
            ("max_tokens", self.max_tokens, self.tokens_in + self.tokens_out),
        )
        for name, limit, spent in limits:
            if limit is not None and spent >= limit:
                raise BudgetExceeded(
                    f"{name} = {limit:g} is reached; raise the limit or resume later"
                )

"""The endpoints that a run asks, a gate for each, and how many episodes keep all of them busy.

What a newcomer gets wrong: an open episode is not a call in flight. Its call may hang, or wait to
be sent again; then another episode must be open to use the place.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from agents.chat.gate import Gate
from agents.chat.model import Model
from graphs import events
from graphs.models import LANGCHAIN

log = structlog.get_logger()

WITHOUT_CALLS = 32
"""Most episodes open at once where no role is a model: they only share this machine's cores."""


@dataclass(slots=True)
class Flow:
    """The gates of one run, by endpoint.

    Args:
        in_flight: The ceiling of each.
    """

    in_flight: int
    _gates: dict[str, Gate] = field(default_factory=dict)

    def gate(self, model: Model) -> Gate:
        """Return the gate of a model's endpoint, the same for all that ask it."""
        endpoint = _endpoint(model)
        if endpoint not in self._gates:

            def slowed(limit: int, pause_s: float) -> None:
                paused = round(pause_s, 3)
                log.warning(events.ENDPOINT_SLOWED, endpoint=endpoint, limit=limit, pause_s=paused)

            self._gates[endpoint] = Gate(self.in_flight, slowed=slowed)
        return self._gates[endpoint]

    @property
    def usual(self) -> int:
        """How many open episodes keep every endpoint busy when all is well.

        As many as there are places at all endpoints together, for an episode is at one of them at a
        time, and as many again as one has, which are between two calls or wait for a place.
        """
        return self.in_flight * (len(self._gates) + 1) if self._gates else WITHOUT_CALLS

    @property
    def lacking(self) -> int:
        """How many calls are stuck, where nobody waits who could take their place."""
        return sum(max(0, gate.stuck - gate.waiting) for gate in self._gates.values())

    def watch(self, changed: Callable[[], None]) -> None:
        """Have something called whenever more calls are stuck than before."""
        for gate in self._gates.values():
            gate.changed = changed


def _endpoint(model: Model) -> str:
    """Return an endpoint's name; one that LangChain chooses is known by its provider as well."""
    provider, colon, _ = model.name.partition(":")
    chosen = colon and model.endpoint == LANGCHAIN
    return f"{model.endpoint} {provider}" if chosen else model.endpoint

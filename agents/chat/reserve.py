"""What a call may cost at most, before it is made: what is set aside for it while it is in flight.

What a newcomer gets wrong: nobody can know how long a reply will be unless `max_tokens` says so. So
it is guessed from the longest reply so far, with a margin; and before there was any reply, from a
number that few replies pass. Such a first guess may not forbid a call that could as well be cheap.
"""

import json
from dataclasses import dataclass, field
from typing import Final

from agents.chat.prices import Price
from storage.records import Reply, Request, Role

FIRST_REPLY: Final = 4096
"""Tokens of a reply before any is known."""
MARGIN: Final = 1.5
"""How much longer than the longest of many replies the next may be."""
FEW: Final = 8.0
"""How much longer still than the longest of one; a half of that for two, and so on."""
INPUT_MARGIN: Final = 1.1
_PER_MESSAGE: Final = 16
"""Tokens that a chat template puts around a message, at most."""
_FEWEST_PER_BYTE: Final = 1 / 16
_LIMITS: Final = ("max_tokens", "max_completion_tokens", "max_output_tokens")


@dataclass(frozen=True, slots=True)
class Reserve:
    """What one call may come to."""

    tokens: int = 0
    """In and out together."""
    cost_usd: float = 0.0
    """0 if no price is known."""
    calls: int = 1


@dataclass(slots=True)
class _Seen:
    """What replies of one model in one role were like."""

    replies: int = 0
    longest: int = 0
    """Tokens."""
    per_byte: float = 0.0
    """Most tokens read for a byte of the request."""


@dataclass(slots=True)
class Reserves:
    """Works out reserves, and learns from every reply."""

    _seen: dict[tuple[Role, str], _Seen] = field(default_factory=dict)

    def most(self, request: Request, size: int, role: Role, price: Price | None) -> Reserve:
        """Return what a call may come to at most, as far as one can know; `size` is `size_of`."""
        seen = self._seen.get((role, request.model))
        guess = _next_longest(seen) if seen else FIRST_REPLY
        return self._reserve(request, size, seen, guess, price)

    def alone(self, request: Request, size: int, role: Role, price: Price | None) -> Reserve:
        """Return what a call is likely to come to that goes while no other is in flight.

        It is less than `most` where few replies are known, for then `most` is a mere guess, and a
        run must not be stopped by that.
        """
        seen = self._seen.get((role, request.model))
        if seen is None and _limit(request) is None:
            return _priced(int(size * _FEWEST_PER_BYTE), 1, price)
        guess = int(seen.longest * MARGIN) + 1 if seen else 0
        return self._reserve(request, size, seen, guess, price)

    def _reserve(
        self, request: Request, size: int, seen: _Seen | None, guess: int, price: Price | None
    ) -> Reserve:
        # No tokenizer makes more than one token of a byte.
        per_byte = seen.per_byte * INPUT_MARGIN if seen else 1.0
        tokens_in = int(size * per_byte) + _PER_MESSAGE * len(request.messages)
        limit = _limit(request)
        return _priced(tokens_in, guess if limit is None else limit, price)

    def learn(self, request: Request, role: Role, reply: Reply) -> None:
        """Take in a reply that was paid for, of this sitting or an earlier one."""
        if reply.tokens_in is None or reply.tokens_out is None:
            return
        seen = self._seen.setdefault((role, request.model), _Seen())
        seen.replies += 1
        seen.longest = max(seen.longest, reply.tokens_out)
        seen.per_byte = max(seen.per_byte, reply.tokens_in / max(size_of(request), 1))


def _priced(tokens_in: int, tokens_out: int, price: Price | None) -> Reserve:
    price_in, price_out = price.per_million if price else (0.0, 0.0)
    return Reserve(tokens_in + tokens_out, (tokens_in * price_in + tokens_out * price_out) / 1e6)


def _next_longest(seen: _Seen) -> int:
    """Return how many tokens the next reply may have at most; the fewer are known, the more."""
    few = int(seen.longest * (MARGIN + FEW / seen.replies))
    return max(int(seen.longest * MARGIN) + 1, min(few, FIRST_REPLY))


def size_of(request: Request) -> int:
    """Return the bytes that an endpoint makes tokens of."""
    size = sum(len(message.content.encode()) for message in request.messages)
    return size + (len(json.dumps(request.response_format)) if request.response_format else 0)


def _limit(request: Request) -> int | None:
    """Return the most tokens that a reply may have. None: the request names no limit."""
    for name in _LIMITS:
        limit = request.parameters.get(name)
        if isinstance(limit, int) and not isinstance(limit, bool):
            return limit
    return None

"""The two protocols between a role and the outside: a model that answers, a journal that remembers.

Whoever embeds the graph may bring either. A model is asked only for what the journal does not hold.
"""

from typing import Protocol

from storage.records import CallError, CallSite, ModelCall, Reply, Request


class Model(Protocol):
    """Something that answers requests: one attempt, no retry, no cache."""

    endpoint: str
    """The endpoint's name, which is part of every request's digest."""
    name: str
    """The model's name at that endpoint."""

    async def complete(self, request: Request) -> Reply:
        """Answer one request.

        Raises:
            EndpointDown: no answer came; the channel decides whether to ask again.
            EndpointRefused: the endpoint will not answer this request however often it is asked.
        """
        ...


class Journal(Protocol):
    """Where model calls are kept; asked before every call."""

    async def find(self, request: Request, site: CallSite) -> Reply | None:
        """Return the reply this request had before, and note its use here; None: never answered."""
        ...

    async def keep(self, call: ModelCall, site: CallSite) -> Reply:
        """Keep an answered call; when this returns, the call is on disk.

        Returns:
            The reply that is to be used: the call's, or the one that stands already, if another
            process was quicker to ask the same.
        """
        ...

    async def fail(self, error: CallError, site: CallSite) -> None:
        """Log a try that was not answered."""
        ...

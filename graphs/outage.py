"""What leaves an episode open: an answer that is owed, through no fault of the episode's.

It travels through the state as a record and is raised by the node that follows. What a newcomer
gets wrong: an error that a node's handler raises does not stop LangGraph at once; the siblings go
on, and so does the graph behind them, as if the answer were not missing.
"""

from agents.errors import (
    AgentError,
    BudgetExceeded,
    EndpointDown,
    EndpointError,
    EndpointRefused,
    NotInJournal,
)
from storage.errors import StorageError
from storage.records import Record


class Outage(Record):
    """One such error."""

    kind: str
    """The name of its class."""
    message: str
    endpoint: str = ""
    role: str = ""
    before_any_answer: bool = False
    status: int | None = None
    """HTTP status of a refusal. None: it is none."""

    def error(self) -> AgentError | StorageError:
        """Return the error that it was."""
        if self.kind in _PLAIN:
            return _PLAIN[self.kind](self.message)
        if self.status is not None:
            return EndpointRefused(
                self.message,
                endpoint=self.endpoint,
                role=self.role,
                before_any_answer=self.before_any_answer,
                status=self.status,
            )
        return EndpointDown(
            self.message,
            endpoint=self.endpoint,
            role=self.role,
            before_any_answer=self.before_any_answer,
        )


_PLAIN: dict[str, type[AgentError | StorageError]] = {
    "BudgetExceeded": BudgetExceeded,
    "NotInJournal": NotInJournal,
    "StorageError": StorageError,
}


def outage_of(error: BaseException) -> Outage | None:
    """Return the outage that an error is; None: it is the episode's own fault."""
    if isinstance(error, StorageError):
        return Outage(kind="StorageError", message=str(error))
    if isinstance(error, BudgetExceeded | NotInJournal):
        return Outage(kind=type(error).__name__, message=str(error))
    if not isinstance(error, EndpointError):
        return None
    if isinstance(error, EndpointRefused) and error.of_one_request:
        return None
    return Outage(
        kind=type(error).__name__,
        message=str(error),
        endpoint=error.endpoint,
        role=error.role,
        before_any_answer=error.before_any_answer,
        status=error.status if isinstance(error, EndpointRefused) else None,
    )

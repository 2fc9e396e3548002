"""What can go wrong between a role and the world.

AgentError
├── EndpointError        the endpoint gave no answer
│   ├── EndpointDown     retries are used up: timeouts, 429, 5xx, no connection
│   └── EndpointRefused  the endpoint said no to this request: key, model, or the request itself
├── BudgetExceeded       a limit of calls, tokens or cost was reached before a call
├── InvalidReply         a model answered, but not in the asked form, not even after a repair turn
├── NotInJournal         a replay asked for a call that was never journaled
├── DraftError           a teacher's reply cannot become a lesson
└── VerifierError        no verifier of that name, or its data does not fit
    └── ToolMissing      this machine lacks what a verifier works with
"""


class AgentError(Exception):
    """The ancestor of all errors of this package. Catch a narrower one."""


class EndpointError(AgentError):
    """An endpoint gave no answer. Not the episode's fault: leave it open and ask again later."""

    def __init__(
        self, message: str, *, endpoint: str, role: str = "", before_any_answer: bool = False
    ) -> None:
        super().__init__(message)
        self.endpoint = endpoint
        self.role = role
        self.before_any_answer = before_any_answer
        """True: this endpoint has answered nothing yet, so the config is wrong rather than the
        hour or one request."""


class EndpointDown(EndpointError):
    """Retries are used up: timeouts, 429, 5xx, no connection. Resume when the endpoint is well."""

    def __init__(
        self,
        message: str,
        *,
        endpoint: str,
        role: str = "",
        before_any_answer: bool = False,
        kind: str = "connection",
        retry_after_s: float | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message, endpoint=endpoint, role=role, before_any_answer=before_any_answer)
        self.kind = kind
        """As in `storage.records.CallError.kind`, except "refused"."""
        self.status = status
        """HTTP status. None: there was none, or it is not known."""
        self.retry_after_s = retry_after_s
        """How many seconds the endpoint asked to be left alone. None: it did not say."""

    @property
    def of_overload(self) -> bool:
        """Whether it says that fewer calls would be answered: 429, 503, 529 and the like.

        A 500 says that something is broken, and that as well of one call at a time.
        """
        return self.kind in ("rate_limited", "overloaded") and self.status != 500


class EndpointRefused(EndpointError):
    """The endpoint said no for good. Correct the key, the model or the request."""

    def __init__(
        self, message: str, *, endpoint: str, status: int, before_any_answer: bool, role: str = ""
    ) -> None:
        super().__init__(message, endpoint=endpoint, role=role, before_any_answer=before_any_answer)
        self.status = status
        """HTTP status, 300 to 499; below 400 it redirects, which is never followed."""

    @property
    def of_one_request(self) -> bool:
        """Whether it is about this request alone, not about the key, the account or the config."""
        return not (self.before_any_answer or self.status in (401, 402, 403))


class BudgetExceeded(AgentError):
    """A limit of the run was reached before the call. Raise the limit or resume later."""


class InvalidReply(AgentError):
    """A model's reply is not of the asked form, even after a repair turn. The journal has both."""


class NotInJournal(AgentError):
    """A replay asked for a call that was never journaled. Resume the run, then replay."""


class DraftError(AgentError):
    """A teacher's reply cannot become a lesson. The message goes back to the teacher."""


class VerifierError(AgentError):
    """No verifier has this name, or the data does not fit. Correct the lesson, or register it."""


class ToolMissing(VerifierError):
    """This machine lacks what a verifier works with. `run.py doctor` says what, and the remedy."""

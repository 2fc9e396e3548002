"""A model that answers from a script, for demonstrations and tests.

Answers hang on what is asked and never on the order of asking, because the order of concurrent
calls is not a fact about a program.
"""

from collections.abc import Callable, Mapping, Sequence

from agents.errors import AgentError, EndpointRefused
from storage.records import Reply, Request

Answer = str | Reply | AgentError | Callable[[Request], str | Reply]
"""What to reply, what to raise, or how to work out a reply."""


class ScriptedModel:
    """Answers with the first rule whose text occurs in the conversation."""

    def __init__(
        self,
        rules: Mapping[str, Answer] | Sequence[tuple[str, Answer]],
        *,
        name: str = "scripted",
        endpoint: str = "scripted",
    ) -> None:
        """Take the script; the empty text occurs in every conversation, so put it last."""
        self._rules = tuple(rules.items() if isinstance(rules, Mapping) else rules)
        self._answered = False
        self.name = name
        self.endpoint = endpoint
        self.requests: list[Request] = []
        """All that was asked, oldest first."""

    async def complete(self, request: Request) -> Reply:
        """Answer one request by the script.

        Raises:
            EndpointRefused: no rule fits.
            AgentError: the rule says so.
        """
        self.requests.append(request)
        answer = self._answer(request)
        if isinstance(answer, AgentError):
            raise answer.with_traceback(None)
        reply = answer if isinstance(answer, str | Reply) else answer(request)
        self._answered = True
        return Reply(text=reply, raw=reply) if isinstance(reply, str) else reply

    def _answer(self, request: Request) -> Answer:
        conversation = "\n".join(message.content for message in request.messages)
        for text, answer in self._rules:
            if text in conversation:
                return answer
        last = request.messages[-1].content if request.messages else ""
        raise EndpointRefused(
            f"endpoint {self.endpoint!r}: no rule of the script fits {last[:80]!r}; add one",
            endpoint=self.endpoint,
            status=404,
            before_any_answer=not self._answered,
        )

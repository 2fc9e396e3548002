import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatResult

from agents.chat.langchain import LangChainModel
from agents.errors import EndpointDown, EndpointRefused
from storage.records import Message, Reply, Request

SCHEMA = {"title": "Answer", "type": "object"}


class Provider(GenericFakeChatModel):
    """A provider's model that keeps what it was asked and may raise first."""

    errors: list[Exception] = []  # noqa: RUF012 - pydantic copies it
    asked: list[dict[str, Any]] = []  # noqa: RUF012 - pydantic copies it

    def _generate(
        self, messages: list[BaseMessage], stop=None, run_manager=None, **kwargs: Any
    ) -> ChatResult:
        self.asked.append({"messages": [(m.type, m.content) for m in messages], **kwargs})
        if self.errors:
            raise self.errors.pop(0)
        return super()._generate(messages, stop, run_manager, **kwargs)


class StatusError(Exception):
    """As the providers' libraries raise, none of which is imported."""

    def __init__(self, status_code: int, headers: dict[str, str] | None = None) -> None:
        super().__init__("the provider said so")
        self.status_code = status_code
        self.response = type("Response", (), {"headers": headers or {}})()


class APIConnectionError(Exception):
    pass


class APITimeoutError(APIConnectionError):
    pass


class ApiCodeError(Exception):
    code = 503


def provider(*messages: AIMessage | str, errors: tuple[Exception, ...] = ()) -> Provider:
    return Provider(messages=iter(messages), errors=list(errors), asked=[])


def wrapped(chat: Provider) -> LangChainModel:
    return LangChainModel(chat, endpoint="langchain", name="m", timeout_s=5)


def ask(schema: dict | None = None, **parameters: object) -> Request:
    messages = (
        Message(role="system", content="Be brief."),
        Message(role="user", content="Why?"),
        Message(role="assistant", content="Because."),
        Message(role="user", content="Why, really?"),
    )
    return Request(
        endpoint="e", model="m", messages=messages, parameters=parameters, response_format=schema
    )


async def reply_to(message: AIMessage | str) -> Reply:
    return await wrapped(provider(message)).complete(ask())


async def test_messages_and_parameters_reach_the_model():
    chat = provider("hi")
    reply = await wrapped(chat).complete(ask(temperature=0.5))
    assert reply.text == "hi"
    assert chat.asked == [
        {
            "messages": [
                ("system", "Be brief."),
                ("human", "Why?"),
                ("ai", "Because."),
                ("human", "Why, really?"),
            ],
            "temperature": 0.5,
        }
    ]


@pytest.mark.parametrize(
    "message",
    [
        AIMessage(content="42", additional_kwargs={"reasoning_content": "six times seven"}),
        AIMessage(content="<think>six times seven</think>42"),
        AIMessage(
            content=[
                {"type": "reasoning", "reasoning": "six times seven"},
                {"type": "text", "text": "42"},
            ]
        ),
        AIMessage(
            content=[
                {"type": "thinking", "thinking": "six times seven", "signature": "x"},
                {"type": "text", "text": "42"},
            ]
        ),
    ],
)
async def test_reasoning_is_kept_apart_wherever_the_provider_puts_it(message):
    reply = await reply_to(message)
    assert (reply.text, reply.reasoning) == ("42", "six times seven")
    assert "six times seven" in reply.raw


async def test_usage_finish_reason_and_the_whole_message_are_kept():
    message = AIMessage(
        content="hi",
        usage_metadata={"input_tokens": 3, "output_tokens": 2, "total_tokens": 5},
        response_metadata={"stop_reason": "max_tokens", "odd": float("nan"), "object": object},
    )
    reply = await reply_to(message)
    assert (reply.tokens_in, reply.tokens_out, reply.finish_reason) == (3, 2, "length")
    assert json.loads(reply.raw)["response_metadata"]["stop_reason"] == "max_tokens"


async def test_without_usage_and_finish_reason_nothing_is_made_up():
    reply = await reply_to("hi")
    assert (reply.tokens_in, reply.tokens_out, reply.finish_reason) == (None, None, "stop")


async def test_the_schema_is_sent_as_plain_data():
    chat = provider("{}")
    await wrapped(chat).complete(ask(SCHEMA))
    assert chat.asked[0]["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "Answer", "schema": SCHEMA, "strict": True},
    }


@pytest.mark.parametrize("refusal", [StatusError(400), TypeError("unexpected keyword argument")])
async def test_a_model_that_refuses_the_format_is_shown_the_schema_and_remembered(refusal):
    chat = provider("{}", "{}", errors=(refusal,))
    model = wrapped(chat)
    await model.complete(ask(SCHEMA))
    await model.complete(ask(SCHEMA))
    assert ["response_format" in asked for asked in chat.asked] == [True, False, False]
    assert json.dumps(SCHEMA) in chat.asked[1]["messages"][-1][1]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (StatusError(429), "rate_limited"),
        (StatusError(503), "overloaded"),
        (ApiCodeError(), "overloaded"),
        (TimeoutError(), "timeout"),
        (APITimeoutError(), "timeout"),
        (APIConnectionError(), "connection"),
        (ConnectionResetError("reset"), "connection"),
    ],
)
async def test_a_provider_that_gives_no_answer_is_down(error, kind):
    with pytest.raises(EndpointDown) as caught:
        await wrapped(provider(errors=(error,))).complete(ask())
    assert caught.value.kind == kind
    assert type(caught.value.__cause__) is type(error)


async def test_retry_after_is_taken_from_the_providers_response():
    with pytest.raises(EndpointDown) as caught:
        await wrapped(provider(errors=(StatusError(429, {"retry-after": "3"}),))).complete(ask())
    assert caught.value.retry_after_s == 3


async def test_a_refusal_knows_whether_anything_was_answered_before():
    model = wrapped(provider("hi", errors=(StatusError(401),)))
    with pytest.raises(EndpointRefused) as caught:
        await model.complete(ask())
    assert caught.value.before_any_answer
    await model.complete(ask())
    assert model.endpoint == "langchain"


async def test_an_error_that_is_not_about_the_endpoint_passes():
    with pytest.raises(KeyError):
        await wrapped(provider(errors=(KeyError("bug"),))).complete(ask())
    with pytest.raises(TypeError):
        await wrapped(provider(errors=(TypeError("bug"),))).complete(ask())


async def test_a_model_that_takes_too_long_is_a_timeout():
    class Slow(Provider):
        async def _agenerate(self, *args: Any, **kwargs: Any) -> ChatResult:
            await asyncio.sleep(60)
            raise AssertionError

    chat = Slow(messages=iter(()), asked=[])
    model = LangChainModel(chat, endpoint="e", name="m", timeout_s=0.01)
    with pytest.raises(EndpointDown, match=r"0\.01 s"):
        await model.complete(ask())


def test_the_other_models_do_not_load_langchain():
    code = "import sys, agents.chat; print([m for m in sys.modules if m.startswith('langchain')])"
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"

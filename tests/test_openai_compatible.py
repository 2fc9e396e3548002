import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from pydantic import SecretStr

from agents.chat import OpenAICompatible
from agents.errors import EndpointDown, EndpointRefused
from benchmarks.endpoint import Endpoint, Options
from storage.records import Message, Request

SCHEMA = {"title": "An answer!", "type": "object", "properties": {"answer": {"type": "string"}}}
ANSWER = {"choices": [{"message": {"content": "hi"}, "finish_reason": "stop"}]}
KEY = "sk-a-very-secret-key"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def ask(text: str = "Why?", schema: dict | None = None, **parameters: object) -> Request:
    messages = (Message(role="system", content="Be brief."), Message(role="user", content=text))
    return Request(
        endpoint="e", model="m", messages=messages, parameters=parameters, response_format=schema
    )


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Handler], Awaitable[str]]]:
    """Serve one handler on a free port and return the base URL."""
    runners: list[web.AppRunner] = []

    async def start(handler: Handler) -> str:
        app = web.Application(client_max_size=2**25)
        app.router.add_route("*", "/v1/{path:.*}", handler)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}/v1"

    yield start
    for runner in runners:
        await runner.cleanup()


@pytest.fixture
async def model(serve) -> AsyncIterator[Callable[..., Awaitable[OpenAICompatible]]]:
    """Make a model at a handler, and close it in the end."""
    made: list[OpenAICompatible] = []

    async def make(handler: Handler, **options: object) -> OpenAICompatible:
        made.append(OpenAICompatible(await serve(handler), "m", **options))
        return made[-1]

    yield make
    for one in made:
        await one.aclose()


def always(status: int, body: object, headers: dict[str, str] | None = None) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        text = body if isinstance(body, str) else json.dumps(body)
        return web.Response(status=status, text=text, headers=headers)

    return handler


async def down(model: OpenAICompatible, request: Request | None = None) -> EndpointDown:
    with pytest.raises(EndpointDown) as caught:
        await model.complete(request or ask())
    return caught.value


async def refused(model: OpenAICompatible, request: Request | None = None) -> EndpointRefused:
    with pytest.raises(EndpointRefused) as caught:
        await model.complete(request or ask())
    return caught.value


async def test_a_request_is_sent_as_it_stands_with_parameters_and_extra_body(model):
    seen = {}

    async def handler(request: web.Request) -> web.Response:
        seen.update(await request.json(), path=request.path, key=request.headers["Authorization"])
        return web.json_response(ANSWER)

    there = await model(handler, key=SecretStr(f"{KEY}\n"), extra_body={"top_k": 5})
    await there.complete(ask("Wie viel kostet das? \U0001f600", temperature=0.5))
    assert seen == {
        "path": "/v1/chat/completions",
        "key": f"Bearer {KEY}",
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Wie viel kostet das? \U0001f600"},
        ],
        "temperature": 0.5,
        "top_k": 5,
    }


async def test_raw_is_the_body_to_the_letter(model):
    body = '{ "choices" : [{"message": {"content": "hi"}}], "x": 1.50,\n "usage": null}'
    reply = await (await model(always(200, body))).complete(ask())
    assert (reply.text, reply.raw) == ("hi", body)


async def test_a_request_above_a_megabyte_arrives_whole(model):
    lengths = []

    async def handler(request: web.Request) -> web.Response:
        lengths.append(len((await request.json())["messages"][1]["content"]))
        return web.json_response(ANSWER)

    await (await model(handler)).complete(ask("x" * 2_000_000))
    assert lengths == [2_000_000]


@pytest.mark.parametrize(
    ("status", "kind"),
    [(429, "rate_limited"), (408, "timeout"), *((n, "overloaded") for n in (425, 500, 501, 529))],
)
async def test_a_status_that_may_pass_is_down_with_its_kind(model, status, kind):
    error = await down(await model(always(status, {"error": {"message": "busy"}})))
    assert error.kind == kind
    assert f"HTTP {status}" in str(error)
    assert "it said: busy" in str(error)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0.25", 0.25),
        *((x, None) for x in ("", "-1", "nan", "1e9", "Wed, 21 Oct 2026")),
    ],
)
async def test_retry_after_is_read_where_it_is_a_number(model, header, seconds):
    error = await down(await model(always(429, "", {"Retry-After": header})))
    assert error.retry_after_s == seconds


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        *((401, "api_key_env"), (403, "api_key_env"), (402, "top up"), (404, "model or base_url")),
        *((400, "correct the model"), (413, "correct"), (422, "correct"), (307, "base_url")),
    ],
)
async def test_a_status_that_stays_is_refused_with_its_remedy(model, status, remedy):
    there = await model(always(status, "no", {"Location": "/v1/moved"}))
    error = await refused(there)
    assert (error.status, error.before_any_answer) == (status, True)
    assert remedy in str(error)
    assert there.endpoint in str(error)
    assert "moved" not in str(error)


async def test_an_endpoint_that_has_answered_is_not_refusing_from_the_start(model):
    async def handler(request: web.Request) -> web.Response:
        text = (await request.json())["messages"][1]["content"]
        return web.json_response(ANSWER, status=400 if text == "bad" else 200)

    there = await model(handler)
    assert (await refused(there, ask("bad"))).before_any_answer
    await there.complete(ask("good"))
    assert not (await refused(there, ask("bad"))).before_any_answer


@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"choices": []}', '{"error": "busy"}'])
async def test_a_status_of_200_without_a_completion_is_garbled(model, body):
    error = await down(await model(always(200, body)))
    assert error.kind == "garbled"


async def test_a_reply_without_end_is_garbled_and_not_kept_in_memory(model, monkeypatch):
    monkeypatch.setattr("agents.chat.openai_compatible.BODY_LIMIT", 100_000)

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 50_000)

    error = await down(await model(handler))
    assert error.kind == "garbled"
    assert "100000 bytes" in str(error)


async def test_a_reply_that_breaks_off_is_a_broken_connection(model):
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"half")
        request.transport.close()
        return response

    assert (await down(await model(handler))).kind == "connection"


async def test_nobody_there_is_a_connection_error_with_the_address():
    there = OpenAICompatible("http://127.0.0.1:9/v1", "m")
    error = await down(there)
    await there.aclose()
    assert error.kind == "connection"
    assert "'http://127.0.0.1:9/v1'" in str(error)
    assert "\n" not in str(error)


async def test_a_server_that_hangs_is_a_timeout(model):
    async def handler(request: web.Request) -> web.Response:
        await asyncio.sleep(60)
        return web.Response()

    error = await down(await model(handler, timeout_s=0.05))
    assert error.kind == "timeout"
    assert "0.05 s" in str(error)


async def test_what_an_endpoint_says_is_one_short_line_without_the_key(model):
    said = f"\x1b[31mwrong key {KEY}\r\n\u202e" + "x" * 10_000
    error = await refused(await model(always(401, said), key=SecretStr(KEY)))
    assert KEY not in str(error)
    assert "wrong key [key] xxx" in str(error)
    assert str(error).isprintable()
    assert len(str(error).partition("it said: ")[2]) == 300


async def test_a_key_that_an_endpoint_sends_back_is_not_in_the_reply(model):
    body = {"choices": [{"message": {"content": f"You sent {KEY}."}}]}
    reply = await (await model(always(200, body), key=SecretStr(KEY))).complete(ask())
    assert KEY not in reply.raw
    assert reply.text == "You sent [key]."


async def test_a_placeholder_for_a_key_does_not_change_replies(model):
    body = {"choices": [{"message": {"content": "The set is EMPTY."}}]}
    reply = await (await model(always(200, body), key=SecretStr("EMPTY"))).complete(ask())
    assert reply.text == "The set is EMPTY."


@pytest.mark.parametrize(
    ("options", "refusals"),
    [
        (Options(), 0),
        (Options(json_schema=False), 1),
        (Options(json_schema=False, json_object=False), 2),
    ],
)
async def test_what_an_endpoint_can_do_is_learnt_from_its_first_refusals(options, refusals):
    endpoint = Endpoint(options)
    there = OpenAICompatible(await endpoint.start(), "m")
    replies = [await there.complete(ask(f"{n}?", SCHEMA)) for n in range(3)]
    await there.aclose()
    await endpoint.stop()
    assert all(json.loads(reply.text)["answer"].isdigit() for reply in replies)
    assert endpoint.stats.requests == refusals + 3


async def test_the_schema_goes_as_data_or_else_as_text_after_the_question(model):
    bodies = []

    async def handler(request: web.Request) -> web.Response:
        bodies.append(await request.json())
        return web.json_response(ANSWER, status=422 if "response_format" in bodies[-1] else 200)

    await (await model(handler)).complete(ask("Why?", SCHEMA))
    as_schema, as_object, as_prompt = bodies
    assert as_schema["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "An_answer_", "schema": SCHEMA, "strict": True},
    }
    assert as_schema["messages"][1]["content"] == "Why?"
    assert as_object["response_format"] == {"type": "json_object"}
    for body in (as_object, as_prompt):
        shown = body["messages"][1]["content"]
        assert shown.startswith("Why?\n\n")
        assert json.dumps(SCHEMA) in shown


async def test_without_a_question_the_schema_is_a_message_of_its_own(model):
    bodies = []

    async def handler(request: web.Request) -> web.Response:
        bodies.append(await request.json())
        return web.json_response(ANSWER, status=400 if "response_format" in bodies[-1] else 200)

    messages = ask().messages[:1]
    await (await model(handler)).complete(ask("", SCHEMA).model_copy(update={"messages": messages}))
    assert [m["role"] for m in bodies[-1]["messages"]] == ["system", "user"]


async def test_first_calls_at_the_same_time_do_not_step_down_twice(model):
    kinds = []

    async def handler(request: web.Request) -> web.Response:
        kind = (await request.json()).get("response_format", {}).get("type")
        kinds.append(kind)
        await asyncio.sleep(0.01)
        return web.json_response(ANSWER, status=501 if kind == "json_schema" else 200)

    there = await model(handler)
    await asyncio.gather(*(there.complete(ask(f"{n}?", SCHEMA)) for n in range(20)))
    await there.complete(ask("last?", SCHEMA))
    assert kinds == ["json_schema"] * 20 + ["json_object"] * 21


async def test_a_request_that_every_form_refuses_teaches_nothing(model):
    kinds = []

    async def handler(request: web.Request) -> web.Response:
        body = await request.json()
        kinds.append(body.get("response_format", {}).get("type"))
        too_long = body["messages"][1]["content"].startswith("long")
        return web.json_response(ANSWER, status=400 if too_long else 200)

    there = await model(handler)
    error = await refused(there, ask("long", SCHEMA))
    assert error.status == 400
    await there.complete(ask("short", SCHEMA))
    assert kinds == ["json_schema", "json_object", None, "json_schema"]


async def test_a_refused_key_is_not_taken_for_a_refused_form():
    endpoint = Endpoint(Options(key=KEY))
    there = OpenAICompatible(await endpoint.start(), "m", key=SecretStr("sk-another-key"))
    error = await refused(there, ask("Why?", SCHEMA))
    await there.aclose()
    await endpoint.stop()
    assert (error.status, endpoint.stats.requests) == (401, 1)
    assert "sk-another-key" not in str(error)


async def test_connections_are_kept_and_closing_does_not_end_the_model(model):
    ports = set()

    async def handler(request: web.Request) -> web.Response:
        ports.add(request.transport.get_extra_info("peername")[1])
        return web.json_response(ANSWER)

    there = await model(handler)
    for _ in range(5):
        await there.complete(ask())
    assert len(ports) == 1
    await there.aclose()
    await there.complete(ask())
    assert len(ports) == 2


async def test_a_proxy_of_the_environment_is_not_used(model, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert (await (await model(always(200, ANSWER))).complete(ask())).text == "hi"


async def test_cancelling_a_call_ends_it_at_the_server(model):
    began, ended = asyncio.Event(), asyncio.Event()

    async def handler(request: web.Request) -> web.Response:
        began.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()
        return web.Response()

    task = asyncio.create_task((await model(handler)).complete(ask()))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(ended.wait(), 5)


@pytest.mark.parametrize(
    "address",
    [
        *("", "localhost:8000", "ftp://host/v1", "http://", "http://host/v1?key=1"),
        *("http://host:port/v1", "http://user:secret@host/v1", "http://user:secret@host:port/v1"),
    ],
)
def test_an_address_that_cannot_be_asked_is_refused_without_a_password_in_the_message(address):
    with pytest.raises(ValueError, match="base_url") as caught:
        OpenAICompatible(address, "m")
    assert "secret" not in str(caught.value)


def test_a_key_that_no_header_can_hold_is_refused_without_being_shown():
    with pytest.raises(ValueError, match="copy it anew") as caught:
        OpenAICompatible("http://host/v1", "m", key=SecretStr("sk\nsecret"))
    assert "secret" not in str(caught.value)


def test_extra_body_must_not_replace_what_is_asked():
    with pytest.raises(ValueError, match="stream"):
        OpenAICompatible("http://host/v1", "m", extra_body={"stream": True})


def test_the_endpoint_is_named_after_its_address_unless_it_has_a_name():
    assert OpenAICompatible("http://host/v1", "m").endpoint == "http://host/v1"
    assert OpenAICompatible("http://host/v1", "m", endpoint="home").endpoint == "home"

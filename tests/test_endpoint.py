import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Annotated, Literal

import aiohttp
import pytest
from pydantic import BaseModel, ConfigDict, Field

from benchmarks.endpoint import Endpoint, Options

Ask = Callable[..., Awaitable[tuple[int, dict]]]


class Leaf(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(max_length=30)]
    next: "Leaf | None" = None


class Everything(BaseModel):
    model_config = ConfigDict(extra="forbid")

    question: str
    own_answer: str
    reference: str
    kind: Literal["a", "b"]
    fixed: Literal["x"]
    level: Annotated[int, Field(ge=2, le=4)]
    above: Annotated[int, Field(gt=5, lt=8)]
    share: Annotated[float, Field(ge=0, le=1)]
    right: bool
    nothing: None
    maybe: int | None
    pair: tuple[int, str]
    steps: Annotated[list[str], Field(min_length=2, max_length=3)]
    leaves: list[Leaf]
    loose: dict[str, int]


@pytest.fixture
async def started() -> AsyncIterator[Callable[..., Awaitable[tuple[Endpoint, Ask]]]]:
    """Start an endpoint with options; give it and a way to ask it."""
    endpoints: list[Endpoint] = []
    async with aiohttp.ClientSession() as session:

        async def start(**options: object) -> tuple[Endpoint, Ask]:
            endpoint = Endpoint(Options(**options))
            endpoints.append(endpoint)
            url = await endpoint.start()

            async def ask(text: str = "Why?", *, key: str = "", **body: object) -> tuple[int, dict]:
                sent = {"model": "m", "messages": [{"role": "user", "content": text}], **body}
                headers = {"Authorization": f"Bearer {key}"}
                async with session.post(
                    f"{url}/chat/completions", json=sent, headers=headers
                ) as reply:
                    return reply.status, json.loads(await reply.text())

            return endpoint, ask

        yield start
        for endpoint in endpoints:
            await endpoint.stop()


def schema_of(form: type[BaseModel]) -> dict[str, object]:
    return {
        "type": "json_schema",
        "json_schema": {"name": "reply", "schema": form.model_json_schema(), "strict": True},
    }


async def in_flight(endpoint: Endpoint, count: int) -> None:
    for _ in range(500):
        if endpoint.stats.in_flight == count:
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"there are never {count} requests in flight")


def text_of(completion: dict) -> str:
    return completion["choices"][0]["message"]["content"]


async def test_an_answer_hangs_on_the_messages_alone(started):
    _, here = await started()
    _, there = await started(latency=0.01, jitter=0.01)
    _, other = await started(seed=2)
    _, first = await here("Why?")
    _, same = await there("Why?", temperature=0.5)
    assert text_of(first) == text_of(same)
    assert text_of(first) != text_of((await here("How?"))[1])
    assert text_of(first) != text_of((await other("Why?"))[1])


async def test_free_text_ends_with_an_answer_and_usage_varies(started):
    _, ask = await started()
    replies = [(await ask(f"{n}?"))[1] for n in range(9)]
    for reply in replies:
        last = text_of(reply).splitlines()[-1]
        assert last.startswith("Answer: ")
        assert last.removeprefix("Answer: ").isdigit()
    assert len({reply["usage"]["completion_tokens"] for reply in replies}) > 2


async def test_a_value_of_any_asked_form_is_valid_and_its_places_differ(started):
    _, ask = await started()
    for n in range(20):
        _, reply = await ask(f"{n}?", response_format=schema_of(Everything))
        value = Everything.model_validate_json(text_of(reply), strict=True)
        texts = [value.question, *value.steps, *(leaf.text for leaf in value.leaves)]
        assert len(set(texts)) == len(texts)
        assert value.own_answer.isdigit()
        assert value.reference.isdigit()


async def test_a_schema_shown_as_text_is_read(started):
    _, ask = await started(json_schema=False)
    shown = f"Why?\n\nJSON Schema:\n{json.dumps(Leaf.model_json_schema())}"
    for body in ({}, {"response_format": {"type": "json_object"}}):
        Leaf.model_validate_json(text_of((await ask(shown, **body))[1]))


@pytest.mark.parametrize(
    ("options", "kind", "status"),
    [
        ({"json_schema": False}, "json_schema", 400),
        ({"json_schema": False}, "json_object", 200),
        ({"json_object": False}, "json_object", 400),
        ({"json_object": False}, "text", 200),
        ({}, "grammar", 400),
    ],
)
async def test_formats_may_be_refused(started, options, kind, status):
    _, ask = await started(**options)
    assert (await ask(response_format={"type": kind}))[0] == status


async def test_key_and_model_are_checked_where_they_are_set(started):
    _, ask = await started(key="k", models="a,b")
    assert (await ask(model="a"))[0] == 401
    assert (await ask(model="c", key="k"))[0] == 404
    assert (await ask(model="b", key="k"))[0] == 200
    assert (await ask(model="b", key="k", messages=[]))[0] == 400
    assert (await ask(model="b", key="k", messages="text"))[0] == 400


@pytest.mark.parametrize(("fault", "status"), [("fail429", 429), ("fail500", 500)])
async def test_a_fault_strikes_a_conversation_once(started, fault, status):
    endpoint, ask = await started(**{fault: 1.0})
    assert [(await ask("Why?"))[0] for _ in range(3)] == [status, 200, 200]
    assert (await ask("How?"))[0] == status
    assert endpoint.stats.as_dict()[str(status)] == 2


async def test_a_repair_turn_is_no_new_conversation(started):
    _, ask = await started(fail500=1.0)
    first = {"role": "user", "content": "Why?"}
    turn = [first, {"role": "assistant", "content": "x"}, {"role": "user", "content": "Again."}]
    assert [(await ask(messages=m))[0] for m in ([first], turn)] == [500, 200]


async def test_faults_hang_on_the_conversation_and_not_on_the_order(started):
    _, forth = await started(fail500=0.3)
    _, back = await started(fail500=0.3)
    numbers = range(30)
    there = {n: (await forth(f"{n}?"))[0] for n in numbers}
    again = {n: (await back(f"{n}?"))[0] for n in reversed(numbers)}
    assert there == again
    assert set(there.values()) == {200, 500}


async def test_garbage_is_broken_json_or_half_a_body(started):
    endpoint, ask = await started(garbage=1.0)
    _, structured = await ask(response_format=schema_of(Leaf))
    with pytest.raises(ValueError, match=r"."):
        json.loads(text_of(structured))
    with pytest.raises(ValueError, match=r"."):
        await ask("free text")
    assert endpoint.stats.faults["garbage"] == 2
    assert (await ask("free text"))[0] == 200


async def test_a_hanging_request_ends_when_the_client_leaves_or_the_endpoint_stops(started):
    endpoint, ask = await started(hang=1.0)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ask("Why?"), 0.05)
    await in_flight(endpoint, 0)
    task = asyncio.create_task(ask("How?"))
    await in_flight(endpoint, 1)
    await endpoint.stop()
    assert (await task)[0] == 503


async def test_more_requests_at_once_than_allowed_are_turned_away(started):
    endpoint, ask = await started(max_in_flight=2, latency=0.05)
    replies = await asyncio.gather(*(ask(f"{n}?") for n in range(5)))
    assert sorted(status for status, _ in replies) == [200, 200, 429, 429, 429]
    assert endpoint.stats.peak >= 3


async def test_models_stats_and_reset_are_served(started):
    endpoint, ask = await started(models="a,b", fail500=1.0)
    url = f"http://127.0.0.1:{endpoint._runner.addresses[0][1]}"
    async with aiohttp.ClientSession() as session:
        await ask(model="a")
        async with session.get(f"{url}/v1/models") as reply:
            assert [model["id"] for model in (await reply.json())["data"]] == ["a", "b"]
        async with session.get(f"{url}/stats") as reply:
            stats = await reply.json()
        assert (stats["requests"], stats["answered"], stats["500"]) == (1, 0, 1)
        assert stats["first_at"] <= stats["last_at"]
        await session.post(f"{url}/reset")
        assert endpoint.stats.requests == 0
        assert (await ask(model="a"))[0] == 500


def test_as_a_command_it_prints_its_address_and_ends_when_told():
    script = Path(__file__).parents[1] / "benchmarks" / "endpoint.py"
    with subprocess.Popen(
        [sys.executable, script, "--port", "0", "--no-json-schema"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0

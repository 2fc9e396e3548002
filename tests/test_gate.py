"""Places are given in order, lost by nobody, and lent by those that hang, over HTTP as well."""

import asyncio
import random
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.chat import Channel, Gate, OpenAICompatible
from agents.chat import gate as gates
from agents.errors import EndpointDown
from benchmarks.endpoint import Endpoint, Options
from storage.records import CallSite, Message


def refusal(retry_after_s=None, status=429):
    kind = "rate_limited" if status == 429 else "overloaded"
    return EndpointDown("no", endpoint="e", kind=kind, status=status, retry_after_s=retry_after_s)


async def call(gate, seconds=0.0, error=None):
    async with gate.place():
        await asyncio.sleep(seconds)
        if error:
            raise error


async def warmed(ceiling, **options):
    """Return a gate that knows how long an answer takes: no time."""
    gate = Gate(ceiling, **options)
    for _ in range(10):
        await call(gate)
    return gate


async def until(ready):
    async with asyncio.timeout(30):
        while not ready():  # noqa: ASYNC110 - of numbers, which have no event
            await asyncio.sleep(0.002)


@pytest.fixture
def soon(monkeypatch):
    """Have calls be overdue after a twentieth of the usual time."""
    monkeypatch.setattr(gates, "LEAST_OVERDUE_S", 0.05)


@asynccontextmanager
async def hanging(gate, count=1):
    """Hold places with calls that do not end."""
    before = gate.in_use
    tasks = [asyncio.create_task(call(gate, 1000)) for _ in range(count)]
    await until(lambda: gate.in_use == before + count)
    yield tasks
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_places_are_given_in_the_order_in_which_they_were_asked_for():
    gate, order = Gate(2), []

    async def one(n):
        async with gate.place():
            order.append(n)
            await asyncio.sleep(0)

    await asyncio.gather(*(one(n) for n in range(20)))
    assert order == list(range(20))


async def test_what_is_out_and_who_waits_can_be_told():
    gate = Gate(2)
    async with hanging(gate, 2):
        waiter = asyncio.create_task(call(gate))
        await until(lambda: gate.waiting)
        assert (gate.limit, gate.in_use, gate.waiting, gate.stuck) == (2, 2, 1, 0)
        with gate.away():
            assert gate.stuck == 1
    await waiter
    assert (gate.in_use, gate.waiting, gate.stuck) == (0, 0, 0)


async def stirred(seed, ceiling):
    """Cancel, refuse and answer at random; return the gate and the most that were out at once."""
    gate, chance, most = Gate(ceiling), random.Random(seed), 0

    async def one():
        nonlocal most
        async with gate.place():
            most = max(most, gate.in_use)
            for _ in range(chance.randrange(3)):
                await asyncio.sleep(0)
            if chance.random() < 0.1:
                raise refusal(0.001, chance.choice([429, 500, 503]))

    tasks = []
    for _ in range(60):
        tasks.append(asyncio.create_task(one()))
        if chance.random() < 0.4:
            chance.choice(tasks).cancel()
        if chance.random() < 0.5:
            await asyncio.sleep(0)
    async with asyncio.timeout(30):
        await asyncio.gather(*tasks, return_exceptions=True)
    return gate, most


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), ceiling=st.integers(1, 5))
def test_whoever_is_cancelled_no_place_is_lost_and_none_given_twice(seed, ceiling):
    async def scenario():
        gate, most = await stirred(seed, ceiling)
        assert most <= ceiling
        assert (gate.in_use, gate.waiting) == (0, 0)
        async with asyncio.timeout(30), asyncio.TaskGroup() as group:
            tasks = [group.create_task(call(gate, 0.001)) for _ in range(ceiling * 2)]
            await asyncio.sleep(0)
            assert gate.in_use <= ceiling
            await asyncio.gather(*tasks)

    asyncio.run(scenario())


async def test_one_that_is_cancelled_with_a_place_just_given_hands_it_on():
    gate = Gate(1)
    async with hanging(gate) as [holder]:
        first = asyncio.create_task(call(gate))
        second = asyncio.create_task(call(gate))
        await until(lambda: gate.waiting == 2)
        holder.cancel()
        await asyncio.sleep(0)  # the holder leaves, and first has its place without knowing it
        first.cancel()
        await asyncio.wait_for(second, 5)
    assert first.cancelled()
    assert (gate.in_use, gate.waiting) == (0, 0)


async def test_a_gate_outlives_the_loop_in_which_it_began():
    def in_a_loop(gate):
        async def scenario():
            async with asyncio.timeout(5):
                await asyncio.gather(*(call(gate, 0.001) for _ in range(30)))

        asyncio.run(scenario())

    gate = Gate(2)
    for _ in range(2):
        await asyncio.to_thread(in_a_loop, gate)
    assert (gate.in_use, gate.waiting) == (0, 0)


async def test_a_call_that_is_far_overdue_lends_its_place_and_gives_nothing_back(soon):
    gate = await warmed(1)
    async with hanging(gate) as [hung]:
        await call(gate)
        assert (gate.overdue, gate.in_use, gate.stuck) == (1, 1, 1)
        hung.cancel()
        await until(lambda: gate.in_use == 0)
    async with hanging(gate):
        waiter = asyncio.create_task(call(gate))
        await asyncio.sleep(0)
        assert (gate.in_use, gate.waiting) == (1, 1)
        waiter.cancel()


async def test_a_call_is_not_overdue_before_the_usual_time_is_known(soon):
    gate = Gate(1)
    async with hanging(gate):
        waiter = asyncio.create_task(call(gate))
        await asyncio.sleep(0.2)
        assert (gate.overdue, gate.waiting) == (0, 1)
        waiter.cancel()


async def test_where_answers_take_long_a_call_is_overdue_later(soon):
    gate = Gate(8)
    await asyncio.gather(*(call(gate, 0.2) for _ in range(8)))
    async with hanging(gate):
        await asyncio.sleep(0.2)
        assert gate.overdue == 0
        await until(lambda: gate.overdue)


async def test_if_nothing_is_answered_one_place_is_lent_and_after_an_answer_all(soon):
    gate = await warmed(4)
    async with hanging(gate, 4):
        await until(lambda: gate.overdue == 1)
        async with hanging(gate) as [probe]:
            waiters = [asyncio.create_task(call(gate)) for _ in range(3)]
            await asyncio.sleep(0.2)
            assert (gate.overdue, gate.waiting) == (1, 3)
            probe.cancel()
            await asyncio.gather(*waiters)
            await until(lambda: gate.overdue == 4)


async def test_no_more_places_are_lent_than_there_are(soon):
    gate = await warmed(2)
    async with hanging(gate, 2):
        for _ in range(3):
            await call(gate)
        await until(lambda: gate.overdue == 2)
        async with hanging(gate, 2):
            waiter = asyncio.create_task(call(gate))
            await asyncio.sleep(0.2)
            assert (gate.overdue, gate.in_use, gate.waiting) == (2, 4, 1)
            waiter.cancel()


async def test_whoever_opens_episodes_hears_of_calls_that_are_stuck(soon):
    gate, heard = await warmed(2), []
    gate.changed = lambda: heard.append(gate.stuck)
    async with hanging(gate):
        await until(lambda: gate.overdue)
    with gate.away():
        pass
    assert heard == [1, 1]


async def overloaded(gate, retry_after_s):
    """Have all places but one refused."""
    calls = (call(gate, 0.001, refusal(retry_after_s)) for _ in range(gate.limit - 1))
    await asyncio.gather(*calls, return_exceptions=True)


async def test_after_an_overload_nobody_is_sent_until_the_endpoint_wants_to_be_asked(soon):
    loop, told = asyncio.get_running_loop(), []
    gate = await warmed(32, slowed=lambda limit, pause_s: told.append((limit, pause_s)))
    async with hanging(gate):
        await overloaded(gate, 0.6)
        began, sent = loop.time(), []

        async def late():
            async with gate.place():
                sent.append(loop.time())

        await asyncio.gather(late(), late())
        assert min(sent) >= began + 0.5
    assert [limit for limit, _ in told] == [1]
    assert told[0][1] == pytest.approx(0.6, abs=0.1)


async def test_in_an_overload_nobody_lends_a_place_but_after_it_a_hung_call_is_no_dead_end(soon):
    gate = await warmed(32)
    async with hanging(gate):
        await overloaded(gate, 0.6)
        waiter = asyncio.create_task(call(gate))
        await asyncio.sleep(0.2)
        assert (gate.limit, gate.overdue, gate.waiting) == (1, 0, 1)
        await asyncio.wait_for(waiter, 20)
        assert gate.overdue == 1


async def test_below_its_ceiling_a_refused_place_rests_as_long_as_an_answer_takes():
    gate = Gate(32)
    await asyncio.gather(*(call(gate, 0.4) for _ in range(16)))
    async with hanging(gate, 8):
        calls = (call(gate, 0.001, refusal(0.01)) for _ in range(24))
        await asyncio.gather(*calls, return_exceptions=True)
        assert gate.limit == 8
    await call(gate)  # waits until the pause is over
    async with hanging(gate, 7):
        with pytest.raises(EndpointDown):
            await call(gate, error=refusal())
        waiter = asyncio.create_task(call(gate))
        await asyncio.sleep(0)
        assert (gate.in_use, gate.waiting) == (7, 1)
        await asyncio.wait_for(waiter, 20)


async def test_errors_that_are_no_overload_leave_the_limit(soon):
    gate = Gate(8)
    errors = [refusal(status=500), EndpointDown("x", endpoint="e"), ValueError("x")]
    for error in errors * 30:
        with pytest.raises(type(error)):
            await call(gate, error=error)
    assert gate.limit == 8


SITE = CallSite(trajectory_id="t", seed=7, role="student")


@asynccontextmanager
async def asked(url, gate, **options):
    """Yield what asks an endpoint a question of its own; the channel waits shortly and retries."""
    model = OpenAICompatible(url, "m", timeout_s=options.get("timeout_s", 10.0))
    channel = Channel(model=model, role="student", gate=gate, backoff_s=0.02, **options)

    async def ask(n):
        question = [Message(role="user", content=f"What is {n}?")]
        return await channel.ask(question, SITE.model_copy(update={"idx": n}), None)

    yield ask
    await model.aclose()


@asynccontextmanager
async def endpoint(**options):
    server = Endpoint(Options(**options))
    yield server, await server.start()
    await server.stop()


async def test_over_http_faults_by_chance_leave_the_limit():
    gate, limits = Gate(32), []
    async with (
        endpoint(fail429=0.05, fail500=0.05, latency=0.01, retry_after=0.05) as (server, url),
        asked(url, gate) as ask,
    ):
        for reply in asyncio.as_completed([ask(n) for n in range(500)]):
            await reply
            limits.append(gate.limit)
    assert min(server.stats.faults[kind] for kind in ("429", "500")) > 10
    assert set(limits) == {32}


async def test_over_http_a_gate_finds_out_how_many_calls_are_let_in():
    gate = Gate(32)
    async with (
        endpoint(max_in_flight=8, latency=0.02, retry_after=0.2) as (server, url),
        asked(url, gate) as ask,
    ):
        await asyncio.gather(*(ask(n) for n in range(200)))
        learnt, before = gate.limit, server.stats.faults["429"]
        await asyncio.gather(*(ask(n) for n in range(200, 500)))
        again = server.stats.faults["429"] - before
    assert 6 <= learnt <= 10
    assert server.stats.answered == 500
    assert again < 0.2 * 300


async def test_over_http_calls_that_hang_hold_up_nobody_but_themselves(soon):
    gate, late = Gate(4), 0
    async with (
        endpoint(hang=0.1, latency=0.005) as (server, url),
        asked(url, gate, timeout_s=1.5) as ask,
    ):
        tasks = [asyncio.create_task(ask(n)) for n in range(120)]
        for _ in tasks:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            late = max(late, gate.overdue)
            tasks = [task for task in tasks if not task.done()]
            if not tasks:
                break
    assert server.stats.faults["hung"] > 4
    assert 0 < late <= 4
    assert server.stats.requests == 120 + server.stats.faults["hung"]


@asynccontextmanager
async def bucket(rate, size):
    """Serve chat completions as long as there are tokens, of which so many come every second."""
    loop = asyncio.get_running_loop()
    state = {"tokens": float(size), "at": loop.time(), "refused": 0, "answered": 0}

    async def complete(request):
        await request.read()
        now = loop.time()
        state["tokens"] = min(size, state["tokens"] + (now - state["at"]) * rate)
        state["at"] = now
        if state["tokens"] < 1:
            state["refused"] += 1
            return web.json_response({}, status=429, headers={"Retry-After": "0.5"})
        state["tokens"] -= 1
        state["answered"] += 1
        await asyncio.sleep(0.05)
        message = {"role": "assistant", "content": "yes"}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return web.json_response({"object": "chat.completion", "choices": [choice]})

    app = web.Application()
    app.router.add_post("/v1/chat/completions", complete)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1", state
    await runner.cleanup()


async def test_over_http_a_rate_limiter_uses_up_nobodys_retries():
    gate = Gate(64)
    async with bucket(rate=100, size=40) as (url, state), asked(url, gate, retries=5) as ask:
        replies = await asyncio.gather(*(ask(n) for n in range(300)))
    assert [reply.text for reply in replies] == ["yes"] * 300
    assert state["answered"] == 300
    assert state["refused"] < 300

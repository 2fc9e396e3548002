import asyncio
from dataclasses import dataclass

import pytest

from agents.chat import Meter
from agents.chat.prices import own_price
from agents.chat.reserve import FIRST_REPLY
from agents.errors import BudgetExceeded, EndpointDown, EndpointRefused
from storage.records import CallSite, Message, ModelCall, Reply, Request

SITE = CallSite(trajectory_id="t1", seed=1, role="student")
CRITIC = CallSite(trajectory_id="t1", seed=1, role="critic")
PRICE = own_price(0.0, 1e6)
"""A dollar for a token written."""


@dataclass
class Earlier:
    model_calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0
    unpriced: int = 0


def asked(text="Why?", **parameters):
    return Request(
        endpoint="e", model="m", messages=(Message(role="user", content=text),),
        parameters=parameters,
    )  # fmt: skip


def said(tokens_in=10, tokens_out=5):
    return Reply(text="x", raw="x", tokens_in=tokens_in, tokens_out=tokens_out)


async def send(meter, reply=None, site=SITE, price=PRICE, **parameters):
    reply = reply or said()
    async with meter.sending(asked(**parameters), site, price) as sent:
        sent.answered(reply, None if price is None else price.cost_usd(reply), 0.1)


async def test_answered_calls_hits_and_errors_are_counted_apart():
    meter = Meter()
    await send(meter)
    await send(meter, said(None, None))
    meter.reused()
    for kind in ("timeout", "timeout", "garbled"):
        meter.failed(kind)
    assert (meter.calls, meter.journal_hits) == (2, 1)
    assert (meter.tokens_in, meter.tokens_out) == (10, 5)
    assert meter.errors == {"timeout": 2, "garbled": 1}


async def test_the_cost_is_unknown_until_a_price_is_known():
    meter = Meter()
    await send(meter, price=None)
    assert meter.cost_usd is None
    await send(meter, price=own_price(0.0, 0.0))
    assert meter.cost_usd == 0.0
    await send(meter)
    assert meter.cost_usd == 5.0


async def test_a_call_is_in_flight_until_it_ends_whatever_its_end():
    meter = Meter()
    async with meter.sending(asked(), SITE, None):
        assert meter.in_flight == 1
    assert meter.in_flight == 0
    with pytest.raises(ZeroDivisionError):
        async with meter.sending(asked(), SITE, None):
            raise ZeroDivisionError
    assert (meter.in_flight, meter.calls) == (0, 0)


@pytest.mark.parametrize(
    ("limits", "sent"),
    [
        ({"max_calls": 3}, 3),
        # One more could be half as long again as the longest so far.
        ({"max_cost": 22.9}, 3),
        ({"max_cost": 23.0}, 4),
        ({"max_tokens": 30}, 1),
    ],
)
async def test_nothing_is_sent_that_could_pass_a_limit(limits, sent):
    meter = Meter(**limits)
    for _ in range(sent):
        await send(meter)
    with pytest.raises(BudgetExceeded, match=r"is reached: .*; raise the limit"):
        await send(meter)
    assert (meter.in_flight, meter.calls) == (0, sent)
    assert meter.stopped_by == next(iter(limits))


async def test_a_limit_below_the_price_of_one_call_stops_at_once():
    for limits in ({"max_cost": 0.5}, {"max_cost": 0.0}):
        meter = Meter(**limits)
        with pytest.raises(BudgetExceeded):
            await send(meter)
    meter = Meter(max_cost=10.0)
    with pytest.raises(BudgetExceeded, match=r"\$0 is spent .* come to \$11"):
        await send(meter, max_tokens=11)
    assert meter.calls == 0


async def test_a_free_model_passes_no_limit_of_cost():
    meter = Meter(max_cost=0.0)
    for _ in range(3):
        await send(meter, price=own_price(0.0, 0.0))
    assert meter.calls == 3


async def test_a_first_guess_alone_forbids_no_call_but_goes_alone():
    meter = Meter(max_cost=FIRST_REPLY / 2)
    async with meter.sending(asked(), SITE, PRICE) as first:
        second = asyncio.create_task(send(meter))
        await asyncio.sleep(0.01)
        assert (meter.in_flight, second.done()) == (1, False)
        first.answered(said(), 5.0, 0.1)
    await second
    assert meter.calls == 2


async def test_calls_in_flight_count_with_what_they_may_cost():
    meter = Meter(max_cost=40.0)
    on_the_wire = []

    async def slow(n):
        async with meter.sending(asked(max_tokens=10), SITE, PRICE) as sent:
            on_the_wire.append(n)
            assert meter.in_flight <= 4
            assert (meter.cost_usd or 0.0) + 10 * meter.in_flight <= 40
            await asyncio.sleep(0.001)
            sent.answered(said(), 5.0, 0.001)

    done = await asyncio.gather(*map(slow, range(20)), return_exceptions=True)
    assert meter.cost_usd == 35.0
    assert sum(isinstance(each, BudgetExceeded) for each in done) == 13
    assert on_the_wire == list(range(7))


async def test_room_that_a_failed_call_gives_back_is_used():
    meter = Meter(max_calls=2)

    async def refused():
        async with meter.sending(asked(), SITE, PRICE):
            await asyncio.sleep(0.01)
            raise EndpointRefused("no", endpoint="e", status=400, before_any_answer=False)

    down = asyncio.gather(refused(), refused(), return_exceptions=True)
    await asyncio.sleep(0)
    await asyncio.gather(send(meter), send(meter))
    await down
    assert meter.calls == 2


@pytest.mark.parametrize(
    ("kind", "billed"),
    [
        ("timeout", True),
        ("connection", True),
        ("garbled", True),
        ("rate_limited", False),
        ("overloaded", False),
    ],
)
async def test_a_call_that_may_have_been_billed_unseen_stays_counted(kind, billed):
    meter = Meter(max_calls=1, max_cost=11.0, max_tokens=1000)
    with pytest.raises(EndpointDown):
        async with meter.sending(asked(max_tokens=10), SITE, PRICE):
            raise EndpointDown("gone", endpoint="e", kind=kind)
    if not billed:
        await send(meter, max_tokens=10)
        return
    with pytest.raises(BudgetExceeded):
        await send(meter, max_tokens=10)
    assert meter.calls == 0


async def test_a_cancelled_call_stays_counted():
    meter = Meter(max_calls=1)

    async def hung():
        async with meter.sending(asked(), SITE, PRICE):
            await asyncio.sleep(60)

    task = asyncio.create_task(hung())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    with pytest.raises(BudgetExceeded):
        await send(meter)


async def test_a_reply_without_counts_counts_with_its_reserve_and_once():
    meter = Meter(max_cost=25.0, max_calls=2)
    await send(meter, said(None, None), max_tokens=10)
    await send(meter, said(None, None), max_tokens=10)
    with pytest.raises(BudgetExceeded, match="max_calls = 2"):
        await send(meter, max_tokens=1)
    meter = Meter(max_cost=15.0)
    await send(meter, said(None, None), max_tokens=10)
    with pytest.raises(BudgetExceeded, match="max_cost = 15"):
        await send(meter, max_tokens=10)


async def test_a_limit_is_one_of_all_sittings():
    meter = Meter(max_calls=5, max_cost=30.0)
    meter.go_on(Earlier(model_calls=4, tokens_in=40, tokens_out=20, cost_usd=20.0))
    await send(meter)
    with pytest.raises(BudgetExceeded, match="max_calls = 5"):
        await send(meter)
    assert (meter.calls, meter.cost_usd) == (1, 5.0)
    assert (meter.whole.calls, meter.whole.cost_usd, meter.whole.tokens) == (5, 25.0, 75)


async def test_a_sitting_after_a_limit_was_reached_sends_nothing():
    meter = Meter(max_cost=22.0)
    request = asked()
    call = ModelCall(request_digest="d", request=request, reply=said(), latency_s=0.1, cost_usd=5.0)
    meter.go_on(Earlier(model_calls=3, tokens_in=30, tokens_out=15, cost_usd=15.0),
                [("student", call)])  # fmt: skip
    with pytest.raises(BudgetExceeded):
        await send(meter)


async def test_calls_of_unknown_price_count_as_the_mean_of_the_others():
    meter = Meter(max_cost=30.0)
    meter.go_on(Earlier(model_calls=4, cost_usd=10.0, unpriced=2))
    assert meter.whole.cost_usd == 20.0


async def test_each_role_learns_its_own_lengths():
    meter = Meter(max_cost=200.0)
    await send(meter, said(tokens_out=100))
    await send(meter, said(tokens_out=2), site=CRITIC)
    for _ in range(5):
        await send(meter, said(tokens_out=2), site=CRITIC)
    with pytest.raises(BudgetExceeded):
        await send(meter, said(tokens_out=100))
    assert {role: spent.cost_usd for role, spent in meter.roles.items()} == {
        "student": 100.0, "critic": 12.0,
    }  # fmt: skip


async def test_what_an_episode_paid_is_known_only_where_somebody_asks():
    meter = Meter()
    await send(meter)
    assert meter.episodes is None
    meter.episodes = {}
    await send(meter)
    await send(meter, price=None)
    paid = meter.episodes.pop("t1")
    assert (paid.calls, paid.tokens, paid.cost_usd, paid.unpriced) == (2, 30, 5.0, 1)


async def test_what_the_journal_answers_costs_nothing():
    meter = Meter(max_calls=1)
    meter.reused()
    meter.reused()
    await send(meter)
    assert meter.calls == 1

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from pydantic import BaseModel, ConfigDict

from agents.chat import Channel, Gate, Journal, Meter, OpenAICompatible, ScriptedModel
from agents.chat.prices import own_price
from agents.errors import BudgetExceeded, EndpointDown, EndpointRefused, InvalidReply
from benchmarks.endpoint import Endpoint, Options
from storage.ids import derive_seed, digest, request_digest
from storage.records import CallError, CallSite, Message, ModelCall, Reply, Request

QUESTION = (Message(role="user", content="Why?"),)
SITE = CallSite(trajectory_id="t1", seed=7, role="student")


class Opinion(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: str
    answer: int


@dataclass
class MemoryJournal:
    """A whole journal that forgets when the process ends."""

    calls: dict[str, ModelCall] = field(default_factory=dict)
    sites: list[CallSite] = field(default_factory=list)
    errors: list[CallError] = field(default_factory=list)

    async def find(self, request: Request, site: CallSite) -> Reply | None:
        self.sites.append(site)
        call = self.calls.get(request_digest(request))
        return call.reply if call else None

    async def keep(self, call: ModelCall, site: CallSite) -> Reply:
        self.calls[call.request_digest] = call
        return call.reply

    async def fail(self, error: CallError, site: CallSite) -> None:
        self.errors.append(error)


class Flaky:
    """Raises each of its errors once, then answers."""

    endpoint, name = "flaky", "m"

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.times: list[float] = []

    async def complete(self, request: Request) -> Reply:
        self.times.append(asyncio.get_running_loop().time())
        if self.errors:
            raise self.errors.pop(0)
        return Reply(text="yes", raw="yes", tokens_in=1_000_000, tokens_out=500_000)


class Slow:
    """Takes its time, and knows how many ask at once."""

    endpoint, name = "slow", "m"

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.asking = self.peak = 0

    async def complete(self, request: Request) -> Reply:
        self.asking += 1
        self.peak = max(self.peak, self.asking)
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.asking -= 1
        return Reply(text="late", raw="late")


def down(kind: str = "overloaded", retry_after_s: float | None = None) -> EndpointDown:
    return EndpointDown("busy", endpoint="flaky", kind=kind, retry_after_s=retry_after_s)


def quick(model: object, **options: object) -> Channel:
    return Channel(model=model, role="student", backoff_s=0.001, **options)


@pytest.fixture
def journal() -> MemoryJournal:
    return MemoryJournal()


def test_a_dictionary_is_journal_enough(journal):
    accepted: Journal = journal
    assert accepted is journal


async def test_an_answered_call_is_kept_and_never_made_again(journal):
    model = ScriptedModel({"": "Because."})
    channel = quick(model)
    first = await channel.ask(QUESTION, SITE, journal)
    second = await channel.ask(QUESTION, SITE, journal)
    assert first == second
    assert first.text == "Because."
    assert len(model.requests) == 1
    assert (channel.meter.calls, channel.meter.journal_hits) == (1, 1)
    (call,) = journal.calls.values()
    assert call.request == model.requests[0]
    assert call.request_digest == request_digest(call.request)


async def test_without_a_journal_every_call_is_made():
    model = ScriptedModel({"": "Because."})
    for _ in range(2):
        await quick(model).ask(QUESTION, SITE, None)
    assert len(model.requests) == 2


async def test_every_place_draws_for_itself_and_the_same_place_again_the_same(journal):
    model = ScriptedModel({"": "Because."})
    channel = quick(model, parameters={"temperature": 0.8})
    changes = [{}, {"idx": 1}, {"revision": 1}, {"turn": 1}, {"seed": 8}, {"role": "critic"}]
    for change in changes:
        await channel.ask(QUESTION, SITE.model_copy(update=change), journal)
    draws = [request.draw for request in model.requests]
    assert draws[0] == derive_seed(7, "student", 0, 0, 0)
    assert len(set(draws)) == len(changes)
    assert model.requests[0].parameters == {"temperature": 0.8}


async def test_a_call_remembers_prompt_latency_and_price(journal):
    channel = quick(Flaky(down()), price=own_price(2.0, 4.0))
    await channel.ask(QUESTION, SITE, journal, prompt="student.attempt@1 sha256:x")
    (call,) = journal.calls.values()
    assert call.prompt == "student.attempt@1 sha256:x"
    assert 0 <= call.latency_s < 1
    assert call.cost_usd == pytest.approx(4.0)
    assert channel.meter.cost_usd == pytest.approx(4.0)


@pytest.mark.parametrize(
    ("price_in", "price_out", "tokens", "cost"),
    [
        (None, None, 10, None),
        (1.0, None, 10, 1e-5),
        (None, 3.0, 10, 3e-5),
        (1.0, 3.0, None, None),
        (0.0, 0.0, 10, 0.0),
    ],
)
async def test_a_cost_is_known_if_price_and_tokens_are(journal, price_in, price_out, tokens, cost):
    reply = Reply(text="x", raw="x", tokens_in=tokens, tokens_out=tokens)
    channel = quick(ScriptedModel({"": reply}), price=own_price(price_in, price_out))
    await channel.ask(QUESTION, SITE, journal)
    (call,) = journal.calls.values()
    assert call.cost_usd == (cost if cost is None else pytest.approx(cost))


async def test_a_try_without_an_answer_is_logged_and_made_again(journal):
    model = Flaky(down(), down("rate_limited"), TimeoutError())
    channel = quick(model)
    assert (await channel.ask(QUESTION, SITE, journal)).text == "yes"
    assert [(e.kind, e.try_number) for e in journal.errors] == [
        ("overloaded", 1),
        ("rate_limited", 2),
        ("timeout", 3),
    ]
    assert channel.meter.errors == {"overloaded": 1, "rate_limited": 1, "timeout": 1}
    assert channel.meter.calls == len(journal.calls) == 1


async def test_when_all_tries_are_used_up_the_endpoint_is_down_and_nothing_is_kept(journal):
    model = Flaky(*(down() for _ in range(9)))
    with pytest.raises(EndpointDown) as caught:
        await quick(model, retries=2).ask(QUESTION, SITE, journal)
    assert caught.value.role == "student"
    assert len(model.times) == len(journal.errors) == 3
    assert journal.calls == {}


async def test_a_refusal_is_logged_once_and_not_asked_again(journal):
    model = ScriptedModel({})
    with pytest.raises(EndpointRefused) as caught:
        await quick(model).ask(QUESTION, SITE, journal)
    assert caught.value.role == "student"
    assert [e.kind for e in journal.errors] == ["refused"]
    assert len(model.requests) == 1


async def test_an_error_of_the_model_itself_passes_untouched(journal):
    with pytest.raises(ZeroDivisionError):
        await quick(Flaky(ZeroDivisionError())).ask(QUESTION, SITE, journal)
    assert journal.errors == []


async def test_waits_double_and_repeat_exactly_for_the_same_request():
    channel = Channel(model=Flaky(), role="student", backoff_s=1.0)
    waits = [channel._wait_s(down(), "sha256:x", n) for n in (1, 2, 3, 2000)]
    assert waits == [channel._wait_s(down(), "sha256:x", n) for n in (1, 2, 3, 2000)]
    assert channel._wait_s(down(), "sha256:y", 1) != waits[0]
    assert all(0.5 * 2**n <= wait <= 1.5 * 2**n for n, wait in enumerate(waits[:3]))
    assert waits[3] == 60


async def test_an_endpoint_is_left_alone_as_long_as_it_asks_but_a_minute_at_most(journal):
    model = Flaky(down(retry_after_s=0.1))
    await quick(model).ask(QUESTION, SITE, journal)
    assert model.times[1] - model.times[0] >= 0.1
    assert quick(model)._wait_s(down(retry_after_s=3600.0), "sha256:x", 1) == 60


async def test_a_model_that_takes_too_long_is_a_timeout(journal):
    with pytest.raises(EndpointDown, match=r"0\.01 s") as caught:
        await quick(Slow(60), timeout_s=0.01, retries=1).ask(QUESTION, SITE, journal)
    assert caught.value.kind == "timeout"
    assert [e.kind for e in journal.errors] == ["timeout", "timeout"]


async def test_the_gate_limits_what_is_on_the_wire_over_all_channels(journal):
    model, gate, meter = Slow(0.005), Gate(3), Meter()
    channels = [quick(model, gate=gate, meter=meter), quick(model, gate=gate, meter=meter)]
    sites = [SITE.model_copy(update={"idx": n}) for n in range(10)]
    await asyncio.gather(*(c.ask(QUESTION, s, None) for c in channels for s in sites))
    assert model.peak == 3
    assert (meter.calls, meter.in_flight) == (20, 0)


async def test_who_waits_to_try_again_does_not_hold_the_gate():
    gate = Gate(1)
    waiting = Channel(model=Flaky(down()), role="teacher", gate=gate, backoff_s=30)
    task = asyncio.create_task(waiting.ask(QUESTION, SITE, None))
    await asyncio.sleep(0.01)
    reply = await asyncio.wait_for(quick(Flaky(), gate=gate).ask(QUESTION, SITE, None), 5)
    assert reply.text == "yes"
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_who_waits_to_try_again_counts_as_stuck_until_it_is_sent():
    gate = Gate(1)
    channel = Channel(model=Flaky(down()), role="teacher", gate=gate, backoff_s=0.05)
    task = asyncio.create_task(channel.ask(QUESTION, SITE, None))
    await asyncio.sleep(0.01)
    assert (gate.stuck, gate.in_use) == (1, 0)
    await task
    assert (gate.stuck, gate.in_use) == (0, 0)


async def test_channels_at_one_endpoint_learn_together_what_it_bears():
    gate, full = Gate(32), [down("rate_limited", retry_after_s=0.05) for _ in range(12)]
    model = Flaky(*full)
    channels = [quick(model, gate=gate), quick(model, gate=gate)]
    sites = [SITE.model_copy(update={"idx": n}) for n in range(16)]
    await asyncio.gather(*(c.ask(QUESTION, s, None) for c in channels for s in sites))
    assert gate.limit < 32
    assert len(model.times) == 32 + 12


async def test_one_episode_that_fails_holds_nobody_elses_place():
    gate = Gate(1)
    broken = quick(Flaky(ZeroDivisionError(), *(down() for _ in range(9))), gate=gate, retries=1)
    for error in (ZeroDivisionError, EndpointDown):
        with pytest.raises(error):
            await broken.ask(QUESTION, SITE, None)
    assert (await asyncio.wait_for(quick(Flaky(), gate=gate).ask(QUESTION, SITE, None), 5)).text
    assert (gate.in_use, gate.stuck) == (0, 0)


async def test_cancelling_leaves_gate_and_meter_free_and_nothing_kept(journal):
    gate, meter = Gate(1), Meter()
    channel = quick(Slow(60), gate=gate, meter=meter)
    task = asyncio.create_task(channel.ask(QUESTION, SITE, journal))
    await asyncio.sleep(0.01)
    assert meter.in_flight == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (gate.in_use, meter.in_flight, meter.errors) == (0, 0, {})
    assert journal.calls == {}


async def test_a_limit_stops_before_the_call_and_still_lets_the_journal_answer(journal):
    model = ScriptedModel({"": "Because."})
    channel = quick(model, meter=Meter(max_calls=1))
    await channel.ask(QUESTION, SITE, journal)
    with pytest.raises(BudgetExceeded):
        await channel.ask(QUESTION, SITE.model_copy(update={"idx": 1}), journal)
    assert (await channel.ask(QUESTION, SITE, journal)).text == "Because."
    assert len(model.requests) == 1


async def test_half_a_surrogate_pair_breaks_neither_digest_nor_journal(journal):
    model = ScriptedModel({"": lambda request: Reply(text="\ud800", reasoning="\udc00", raw="r")})
    reply = await quick(model).ask([Message(role="user", content="a\ud800b")], SITE, journal)
    assert (reply.text, reply.reasoning) == ("\ufffd", "\ufffd")
    (call,) = journal.calls.values()
    assert call.request.messages[0].content == "a\ufffdb"
    assert digest(call)


async def test_a_value_of_the_asked_form_needs_one_call(journal):
    model = ScriptedModel({"": 'So: {"reason": "r", "answer": 4}'})
    value = await quick(model).ask_for(Opinion, QUESTION, SITE, journal, repair=str)
    assert value == Opinion(reason="r", answer=4)
    assert model.requests[0].response_format == Opinion.model_json_schema()


async def test_a_reply_of_another_form_is_asked_for_once_more_with_the_reason(journal):
    rules = [("said: answer", '{"reason": "r", "answer": 4}'), ("", '{"reason": "r"}')]
    model = ScriptedModel(rules)
    value = await quick(model).ask_for(
        Opinion, QUESTION, SITE, journal, repair="It said: {}.".format, prompt="p@1"
    )
    assert value.answer == 4
    again = model.requests[1]
    assert [m.role for m in again.messages] == ["user", "assistant", "user"]
    assert again.messages[1].content == '{"reason": "r"}'
    assert again.messages[2].content == "It said: answer: Field required."
    assert again.draw == derive_seed(7, "student", 0, 0, 1)
    assert journal.sites[1] == SITE.model_copy(update={"turn": 1})
    assert [call.prompt for call in journal.calls.values()] == ["p@1", "p@1"]


async def test_a_second_reply_of_another_form_is_invalid_and_both_are_kept(journal):
    model = ScriptedModel({"": "I would rather not."})
    with pytest.raises(InvalidReply, match=r"student, model 'scripted': no Opinion .* no JSON"):
        await quick(model).ask_for(Opinion, QUESTION, SITE, journal, repair=str)
    assert len(model.requests) == len(journal.calls) == 2


async def test_an_invalid_reply_that_was_cut_off_says_so_and_is_no_empty_message(journal):
    cut = Reply(text="", reasoning="hm", raw="r", finish_reason="length")
    model = ScriptedModel({"": cut})
    with pytest.raises(InvalidReply, match='finish_reason "length"'):
        await quick(model).ask_for(Opinion, QUESTION, SITE, journal, repair=str)
    assert model.requests[1].messages[1].content == "(no text)"


@pytest.fixture
async def shaky() -> AsyncIterator[tuple[Endpoint, OpenAICompatible]]:
    options = Options(fail429=0.2, fail500=0.2, garbage=0.2, hang=0.05, retry_after=0.01)
    endpoint = Endpoint(options)
    model = OpenAICompatible(await endpoint.start(), "m", timeout_s=0.5)
    yield endpoint, model
    await model.aclose()
    await endpoint.stop()


async def test_over_http_no_fault_loses_a_call_and_the_journal_answers_a_second_run(shaky, journal):
    endpoint, model = shaky
    channel = quick(model, gate=Gate(16), timeout_s=0.5)

    async def both(n: int) -> tuple[str, Opinion]:
        question = [Message(role="user", content=f"What is {n}?")]
        site = SITE.model_copy(update={"idx": n})
        text = (await channel.ask(question, site, journal)).text
        asked = [Message(role="user", content=f"Judge {n}.")]
        return text, await channel.ask_for(Opinion, asked, site, journal, repair=str)

    first = await asyncio.gather(*(both(n) for n in range(60)))
    asked = endpoint.stats.requests
    faults = endpoint.stats.faults
    assert {"429", "500", "hung", "garbage"} == {name for name in faults if faults[name]}
    assert channel.meter.errors["timeout"] == faults["hung"]
    assert await asyncio.gather(*(both(n) for n in range(60))) == first
    assert endpoint.stats.requests == asked


async def test_a_place_at_the_endpoint_is_free_again_when_the_reply_is_kept_and_no_sooner():
    """Else a kill could cost more calls than may be in flight."""
    kept, model = asyncio.Event(), Flaky()

    @dataclass
    class Slow(MemoryJournal):
        async def keep(self, call: ModelCall, site: CallSite) -> Reply:
            await kept.wait()
            return await super().keep(call, site)

    channel, journal = Channel(model, "student", gate=Gate(2)), Slow()
    sites = [SITE.model_copy(update={"idx": idx}) for idx in range(5)]
    asking = [asyncio.create_task(channel.ask(QUESTION, site, journal)) for site in sites]
    await asyncio.sleep(0.05)
    assert (len(model.times), len(journal.calls)) == (2, 0)
    kept.set()
    await asyncio.gather(*asking)
    assert (len(model.times), len(journal.calls)) == (5, 5)

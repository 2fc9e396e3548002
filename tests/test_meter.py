import pytest

from agents.chat import Meter
from agents.errors import BudgetExceeded
from storage.records import ModelCall, Reply, Request


def call(
    tokens_in: int | None = 10, tokens_out: int | None = 5, cost_usd: float | None = None
) -> ModelCall:
    reply = Reply(text="x", raw="x", tokens_in=tokens_in, tokens_out=tokens_out)
    request = Request(endpoint="e", model="m", messages=())
    return ModelCall(
        request_digest="d", request=request, reply=reply, latency_s=0.1, cost_usd=cost_usd
    )


def send(meter: Meter, answer: ModelCall) -> None:
    with meter.sending():
        pass
    meter.answered(answer)


def test_answered_calls_hits_and_errors_are_counted_apart():
    meter = Meter()
    send(meter, call())
    send(meter, call(tokens_in=None, tokens_out=None))
    meter.reused()
    meter.failed("timeout")
    meter.failed("timeout")
    meter.failed("garbled")
    assert (meter.calls, meter.journal_hits) == (2, 1)
    assert (meter.tokens_in, meter.tokens_out) == (10, 5)
    assert meter.errors == {"timeout": 2, "garbled": 1}


def test_the_cost_is_unknown_until_a_price_is_known():
    meter = Meter()
    send(meter, call())
    assert meter.cost_usd is None
    send(meter, call(cost_usd=0.0))
    assert meter.cost_usd == 0.0
    send(meter, call(cost_usd=0.25))
    assert meter.cost_usd == 0.25


def test_a_call_is_in_flight_until_it_ends_whatever_its_end():
    meter = Meter()
    with meter.sending():
        assert meter.in_flight == 1
    assert meter.in_flight == 0
    with pytest.raises(ZeroDivisionError), meter.sending():
        raise ZeroDivisionError
    assert meter.in_flight == 0


@pytest.mark.parametrize(
    ("meter", "sent"),
    [
        (Meter(max_calls=3), 3),
        (Meter(max_tokens=31), 3),
        (Meter(max_cost=0.5), 2),
        (Meter(max_cost=0.0), 0),
    ],
)
def test_nothing_is_sent_once_a_limit_is_reached(meter, sent):
    for _ in range(sent):
        send(meter, call(cost_usd=0.25))
    with pytest.raises(BudgetExceeded, match="raise the limit or resume later"), meter.sending():
        pytest.fail("it was sent")
    assert meter.in_flight == 0


def test_calls_in_flight_count_for_the_limit_of_calls():
    meter = Meter(max_calls=2)
    with meter.sending(), meter.sending(), pytest.raises(BudgetExceeded), meter.sending():
        pytest.fail("it was sent")


def test_what_the_journal_answers_costs_nothing():
    meter = Meter(max_calls=1)
    meter.reused()
    meter.reused()
    send(meter, call())
    assert meter.calls == 1

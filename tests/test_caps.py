"""Ceilings hold, counted at the model itself, whatever fails and however often a run is killed."""

import asyncio
import random
from dataclasses import dataclass, field

import pytest

from agents.chat import Channel, Gate, Meter
from agents.chat.prices import own_price
from agents.errors import AgentError, EndpointDown
from storage.ids import trajectory_id
from storage.journal import SqliteJournal
from storage.queries import Reader
from storage.records import Assignment, CallSite, Message, Reply, Run
from storage.store import Store

PRICES = {"teacher": (1.0, 8.0), "student": (0.1, 0.4), "critic": (3.0, 15.0)}
TRIALS = 100
EPISODES = 25


@dataclass
class Bill:
    """What a provider counts: everything that it began to answer, seen or not."""

    limits: dict[str, float]
    spent: dict[str, float] = field(default_factory=lambda: dict.fromkeys(LIMITS, 0.0))
    forgotten: dict[str, float] = field(default_factory=lambda: dict.fromkeys(LIMITS, 0.0))
    """Of it, what the sitting cannot know: calls that earlier ones lost or were killed in."""
    flying: dict[int, dict[str, float]] = field(default_factory=dict)
    at_limit: dict[str, float] = field(default_factory=dict)
    """What the calls in flight came to when a limit was passed."""

    def sit(self, sums):
        kept = {
            "max_calls": sums.model_calls, "max_cost": sums.cost_usd,
            "max_tokens": sums.tokens_in + sums.tokens_out,
        }  # fmt: skip
        self.forgotten = {name: self.spent[name] - kept[name] for name in self.limits}

    def end(self, number, *, billed):
        cost = self.flying[number]
        for name, limit in self.limits.items():
            before = self.spent[name] - self.forgotten[name]
            self.spent[name] += cost[name] * billed
            if before <= limit < before + cost[name] * billed:
                self.at_limit[name] = sum(each[name] for each in self.flying.values())
        del self.flying[number]


LIMITS = ("max_calls", "max_cost", "max_tokens")


class Provider:
    """Answers at random lengths after random times, or fails."""

    endpoint, name = "e", "m"

    def __init__(self, role, bill, draw, faults):
        self.role, self.bill, self.draw, self.faults = role, bill, draw, faults
        self.number = 0

    async def complete(self, request):
        size = sum(len(message.content) for message in request.messages)
        tokens_in = int(size * self.draw.uniform(0.15, 0.4)) + 5
        tokens_out = min(int(self.draw.lognormvariate(4, 0.8)) + 1,
                         request.parameters.get("max_tokens", 10**9))  # fmt: skip
        price_in, price_out = PRICES[self.role]
        cost = (tokens_in * price_in + tokens_out * price_out) / 1e6
        self.number += 1
        number = (self.role, self.number)
        self.bill.flying[number] = {
            "max_calls": 1, "max_cost": cost, "max_tokens": tokens_in + tokens_out,
        }  # fmt: skip
        fault = self.draw.choices(["", "429", "500", "cut", "hung"], self.faults)[0]
        try:
            await asyncio.sleep(60 if fault == "hung" else self.draw.uniform(0, 0.002))
        except asyncio.CancelledError:
            self.bill.end(number, billed=True)
            raise
        self.bill.end(number, billed=fault in ("", "cut"))
        if fault:
            kinds = {"429": "rate_limited", "500": "overloaded", "cut": "connection"}
            raise EndpointDown("gone", endpoint="e", kind=kinds[fault])
        return Reply(text="x", raw="x", tokens_in=tokens_in, tokens_out=tokens_out)


@dataclass
class Trial:
    """One run under random limits, in several sittings."""

    store: Store
    number: int

    def __post_init__(self):
        draw = self.draw = random.Random(self.number)
        self.run = f"r{self.number:032d}"
        ranges = {"max_calls": (5, 60), "max_cost": (0.003, 0.04), "max_tokens": (1500, 20_000)}
        chosen = draw.sample(LIMITS, draw.randint(1, 2))
        self.limits = {
            name: (draw.uniform if name == "max_cost" else draw.randint)(*ranges[name])
            for name in chosen
        }
        self.bill = Bill(self.limits)
        self.in_flight = draw.choice((1, 3, 8, 32))
        self.max_tokens = draw.choice((None, None, 500))
        self.faults = draw.choice(((1, 0, 0, 0, 0), (0.85, 0.04, 0.04, 0.04, 0.03)))

    async def sitting(self, *, killed):
        """Do the episodes, each of three calls, or be killed before; return the meter."""
        meter, gate = Meter(**self.limits), Gate(self.in_flight)
        await self.store.writer.run(lambda connection: None)  # a killed process writes no more
        with Reader.open(self.store.path) as reader:
            sums = reader.tallies(self.run)
            meter.go_on(sums, reader.recent_calls(self.run))
        self.bill.sit(sums)
        journal = SqliteJournal(self.store.writer)
        channels = [
            Channel(
                model=Provider(role, self.bill, self.draw, self.faults), role=role, gate=gate,
                meter=meter, price=own_price(*PRICES[role]), retries=3,
                timeout_s=0.03 if self.faults[-1] else 60,  # only what hangs is to run into it
                backoff_s=0.001, parameters={"max_tokens": self.max_tokens} if self.max_tokens
                else {},
            )
            for role in PRICES
        ]  # fmt: skip
        episodes = asyncio.gather(
            *(self._episode(n, channels, journal) for n in range(EPISODES)), return_exceptions=True
        )
        if killed:
            done, _ = await asyncio.wait({episodes}, timeout=self.draw.uniform(0.005, 0.05))
            if not done:
                episodes.cancel()
        found = (await asyncio.gather(episodes, return_exceptions=True))[0]
        for each in found if isinstance(found, list) else ():
            if each is not None and not isinstance(each, AgentError):
                raise each
        return meter

    async def _episode(self, n, channels, journal):
        for channel in channels:
            text = f"{channel.role} {n} " + "word " * (n % 7 * 40)
            episode = trajectory_id(self.run, n)
            site = CallSite(trajectory_id=episode, seed=self.number * 99 + n, role=channel.role)
            await channel.ask([Message(role="user", content=text)], site, journal)


async def begun(store, number):
    trial = Trial(store, number)
    whole = Run(id=trial.run, identity={}, config={}, seed=7, episodes=9, created_at="2026-01-01")
    await store.begin(whole)
    for n in range(EPISODES):
        place = Assignment(n=n, skill="s", level=1, language="en", seed=n, ordinal=n)
        await store.assign(trial.run, place)
    return trial


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "a.db") as opened:
        yield opened


@pytest.mark.no_cover
async def test_limits_hold_in_a_hundred_random_trials_over_kills_and_resumes(store):
    passed, stopped = 0, 0
    for number in range(TRIALS):
        trial = await begun(store, number)
        for sitting in range(3):
            meter = await trial.sitting(killed=sitting < 2)
        bill = trial.bill
        assert bill.flying == {}
        for name, limit in trial.limits.items():
            most = limit + bill.at_limit.get(name, 0.0) + bill.forgotten[name]
            assert bill.spent[name] <= most * (1 + 1e-9), (number, name, bill)
        passed += any(bill.spent[n] - bill.forgotten[n] > v + 1e-9 for n, v in trial.limits.items())
        assert meter.whole.calls <= trial.limits.get("max_calls", 10**9)
        stopped += bool(meter.stopped_by)
    assert stopped > TRIALS / 2
    # Where few replies are known, the last call alone may be longer than its margin says.
    assert passed <= TRIALS / 4


async def test_after_a_limit_was_reached_the_next_sitting_makes_no_call(store):
    for number in range(10):
        trial = await begun(store, 1000 + number)
        trial.faults = (1, 0, 0, 0, 0)
        first = await trial.sitting(killed=False)
        spent = dict(trial.bill.spent)
        again = await trial.sitting(killed=False)
        assert (again.calls, trial.bill.spent) == (0, spent)
        assert bool(again.stopped_by) == bool(first.stopped_by)


async def test_a_raised_limit_goes_on_where_the_run_was_stopped(store):
    trial = await begun(store, 5)
    trial.limits, trial.faults = {"max_calls": 30}, (1, 0, 0, 0, 0)
    trial.bill = Bill(trial.limits)
    assert (await trial.sitting(killed=False)).calls == 30
    trial.limits["max_calls"] = 50
    meter = await trial.sitting(killed=False)
    assert (meter.calls, meter.whole.calls, meter.stopped_by) == (20, 50, "max_calls")

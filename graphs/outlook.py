"""What a sitting says about money while it goes on, and when a limit has stopped it.

What a newcomer gets wrong: forecasts are of the whole run, over all its sittings, as limits are.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import floor, log10
from typing import Final

import structlog

from agents.chat.meter import Meter, Spent
from graphs import events
from graphs.config import Config
from graphs.forecast import Estimate, Forecast, Forecaster
from storage.records import Run, Trajectory
from storage.standing import Standing

log = structlog.get_logger()

_LIMITED: Final = {"max_calls": "calls", "max_tokens": "tokens", "max_cost": "cost_usd"}
_DIGITS: Final = {"calls": None, "tokens": None, "cost_usd": 6, "wall_s": 1}


@dataclass(slots=True)
class Outlook:
    """Watches what lands."""

    run_id: str
    meter: Meter
    forecaster: Forecaster
    tell: Callable[[str], None] | None = None
    """Called with a few words for a person, after every episode. None: nobody watches."""
    started: float = field(default_factory=time.monotonic)
    _warned: bool = False

    @classmethod
    def of(
        cls,
        run: Run,
        config: Config,
        meter: Meter,
        standing: Standing,
        ahead: int,
        tell: Callable[[str], None] | None,
    ) -> "Outlook":
        """Return the outlook of a sitting that begins; the meter counts by episode from now on.

        Args:
            run: As it is to go on.
            config: The whole.
            meter: Of the run; it knows what earlier sittings paid.
            standing: Where the run stands.
            ahead: How many episodes may be open at once.
            tell: See the class.
        """
        meter.episodes = {}
        forecaster = Forecaster(
            episodes=run.episodes,
            accept=config.accept,
            ahead=ahead,
            earlier=meter.earlier,
            limits=meter.limits,
        )
        forecaster.go_on(standing)
        return cls(run.id, meter, forecaster, tell)

    def landed(self, trajectory: Trajectory) -> None:
        """Take in a trajectory that landed; log a forecast if it is due."""
        spent = (self.meter.episodes or {}).pop(trajectory.id, None) or Spent()
        accepted = trajectory.status == "accepted"
        self.forecaster.end(trajectory.assignment.n, spent, accepted=accepted)
        due = self.forecaster.due
        if not (due or self.tell):
            return
        forecast, _ = self.forecast()
        if forecast is None or not forecast.calls.value:
            return
        if due:
            self._log(forecast)
        if self.tell:
            self.tell(_in_words(forecast))

    def _log(self, forecast: Forecast) -> None:
        cost = forecast.cost_usd
        estimates = {"calls": forecast.calls, "tokens": forecast.tokens, "cost_usd": cost}
        log.info(
            events.RUN_FORECAST,
            ended=forecast.ended,
            episodes=round(forecast.episodes.value),
            calls=round(forecast.calls.value),
            tokens=round(forecast.tokens.value),
            cost_usd=None if cost is None else round(cost.value, 6),
            wall_s=round(forecast.wall_s.value, 1),
            between=_round_all(estimates | {"wall_s": forecast.wall_s}),
        )
        if forecast.stops is not None and not self._warned:
            self._warned = True
            limit, episode = forecast.stops
            log.warning(events.LIMIT_FORESEEN, limit=limit, stops_at=episode)

    def said(self, message: str) -> str:
        """Return a message of the run's end, made whole if a limit of the run is the cause."""
        name = self.meter.stopped_by
        if not (name and message.startswith(name)):
            return message
        whole, done = self.meter.whole, self.forecaster.count
        lines = [
            f"{name} = {self.meter.limits[name]:g} stops the run: {_money(whole)}{whole.calls} "
            f"calls and {whole.tokens} tokens are spent{self._on_what(whole)}",
            f"{done} of {self.forecaster.episodes} episodes are done",
        ]
        forecast, _ = self.forecast()
        estimate = getattr(forecast, _LIMITED[name], None)
        if estimate is not None:
            lines.append(f"the whole is forecast to come to about {_shown(name, estimate)}")
        elif not whole.calls:
            lines.append(f"one call may come to {_round(name, self.meter.wanted)}")
        option = "--" + name.replace("_", "-")
        enough = _enough(max(self.meter.limits[name], self.meter.wanted), estimate)
        return f"{'; '.join(lines)}; the same command with {option} {enough} goes on"

    def _on_what(self, whole: Spent) -> str:
        """Return who spent it, role by role, in brackets."""
        parts = [
            f"{role} ${spent.cost_usd:.4g}" if whole.cost_usd else f"{role} {spent.calls}"
            for role, spent in sorted(self.meter.roles.items())
        ]
        before = self.meter.earlier
        if before.calls:
            shown = f"${before.cost_usd:.4g}" if whole.cost_usd else f"{before.calls}"
            parts.append(f"earlier sittings {shown}")
        return f" ({', '.join(parts)})" if parts else ""

    def forecast(self) -> tuple[Forecast | None, float]:
        """Return what the run will come to, and the seconds of this sitting so far."""
        elapsed_s = time.monotonic() - self.started
        busy = self.meter.whole.seconds / elapsed_s if elapsed_s else 0.0
        return self.forecaster.forecast(elapsed_s, busy), elapsed_s


def _round_all(estimates: dict[str, Estimate | None]) -> dict[str, list[float] | None]:
    """Return what each may come to at least and at most, by name; None: it is not known."""
    return {
        name: None
        if each is None
        else [round(each.low, _DIGITS[name]), round(each.high, _DIGITS[name])]
        for name, each in estimates.items()
    }


def _in_words(forecast: Forecast) -> str:
    """Return a forecast in a few words, for a progress bar."""
    cost = forecast.cost_usd
    tokens = forecast.tokens.value
    what = f"{tokens:.3g} tokens" if cost is None else f"${cost.value:.3g}"
    if forecast.stops is None:
        return f"about {what} in all"
    return f"about {what} in all, {forecast.stops[0]} stops it near episode {forecast.stops[1]}"


def _money(whole: Spent) -> str:
    return f"${whole.cost_usd:.4g}, " if whole.cost_usd else ""


def _shown(name: str, estimate: Estimate) -> str:
    value, low, high = (_round(name, getattr(estimate, end)) for end in ("value", "low", "high"))
    between = "" if low == high else f" ({low} to {high})"
    what = "" if name == "max_cost" else f" {_LIMITED[name]}"
    return f"{value}{what}{between}"


def _round(name: str, number: float) -> str:
    """Return a number of what a limit is about, to three digits."""
    if name == "max_cost":
        return f"${number:.3g}"
    digits = 2 - floor(log10(number)) if number >= 1 else 0
    return f"{round(number, min(digits, 0)):,.0f}"


def _enough(limit: float, estimate: Estimate | None) -> str:
    """Return a limit that should do: the forecast's upper end, rounded up to two digits."""
    wanted = max(estimate.high * 1.05 if estimate else 0.0, limit * 1.5, 1e-6)
    unit = 10.0 ** (floor(log10(wanted)) - 1)
    rounded = (floor(wanted / unit) + 1) * unit
    return f"{rounded:.0f}" if rounded >= 10 else f"{rounded:.{max(1 - floor(log10(wanted)), 0)}f}"

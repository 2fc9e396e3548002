"""How a run goes while it runs: a row every few seconds, for whoever watches or draws it later.

What a newcomer gets wrong: a pulse is what one sitting saw of the whole run. Between two sittings
there is none, so a gap is a time in which nobody worked, and a sitting without a last pulse was
killed.
"""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Ask = Callable[..., Iterator[sqlite3.Row]]
"""Asks a query: SQL, then its values."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """Sums over the whole run, all its sittings together, as of one moment."""

    at: str
    """UTC, ISO 8601."""
    in_flight: int
    """Requests on the wire."""
    open: int
    """Episodes that were begun and have not ended."""
    accepted: int
    """Trajectories; likewise below."""
    rejected: int
    unscored: int
    failed: int
    model_calls: int
    """Answered and paid for."""
    call_errors: int
    """Tries that were not answered."""
    tokens: int
    """In and out together."""
    cost_usd: float
    """Calls without a known price count as 0."""
    forecast_usd: float | None
    """What the whole run will cost. None: not known yet, or a price is not known."""
    forecast_s: float | None
    """Seconds from this pulse to the run's end. None: not known, as where no model is called."""

    @property
    def ended(self) -> int:
        """How many episodes have ended."""
        return self.accepted + self.rejected + self.unscored + self.failed


def put(
    connection: sqlite3.Connection,
    run_id: str,
    at: str,
    *,
    in_flight: int,
    open_episodes: int,
    forecast_usd: float | None,
    forecast_s: float | None,
) -> None:
    """Write a pulse with the run's sums; one of the same moment is left, and so is a run of none.

    Args:
        connection: The writing one.
        run_id: The whole id; of a run that is not there nothing is written.
        at: UTC, ISO 8601.
        in_flight: Requests on the wire.
        open_episodes: How many were begun and have not ended.
        forecast_usd: See `Pulse`.
        forecast_s: See `Pulse`.
    """
    values = {
        "run_id": run_id,
        "at": at,
        "in_flight": in_flight,
        "open": open_episodes,
        "forecast_usd": forecast_usd,
        "forecast_s": forecast_s,
    }
    connection.execute(_PUT, values)


def pulses_of(ask: Ask, run_id: str, *, since: str = "", most: int | None = None) -> list[Pulse]:
    """Return the pulses of a run, oldest first.

    Args:
        ask: Of an open reader: `reader.rows`.
        run_id: The whole id.
        since: Only those after this moment, which is a pulse's `at`.
        most: About so many of them, evenly chosen, with the last one. None: all.
    """
    every = 1
    if most is not None:
        [(count,)] = ask(_COUNT, run_id, since)
        every = max(1, -(-count // max(most, 1)))
    return [Pulse(**dict(row)) for row in ask(_READ, run_id=run_id, since=since, every=every)]


_PUT = """INSERT INTO pulses (run_id, at, in_flight, open, accepted, rejected, unscored, failed,
        model_calls, call_errors, tokens, cost_usd, forecast_usd, forecast_s)
    SELECT runs.id, :at, :in_flight, :open, coalesce(p.accepted, 0), coalesce(p.rejected, 0),
        coalesce(p.unscored, 0), coalesce(p.failed, 0), coalesce(c.model_calls, 0),
        coalesce(c.call_errors, 0), coalesce(c.tokens, 0), coalesce(c.cost_usd, 0.0),
        :forecast_usd, :forecast_s
    FROM runs,
        (SELECT sum(accepted) AS accepted, sum(rejected) AS rejected, sum(unscored) AS unscored,
            sum(failed) AS failed FROM place_sums WHERE run_id = :run_id) AS p,
        (SELECT sum(model_calls) AS model_calls, sum(call_errors) AS call_errors,
            sum(tokens_in + tokens_out) AS tokens, round(total(cost_usd), 9) AS cost_usd
            FROM call_sums WHERE run_id = :run_id) AS c
    WHERE runs.id = :run_id
    ON CONFLICT (run_id, at) DO NOTHING"""
_COUNT = "SELECT count(*) FROM pulses WHERE run_id = ? AND at > ?"
_COLUMNS = """at, in_flight, open, accepted, rejected, unscored, failed, model_calls, call_errors,
    tokens, cost_usd, forecast_usd, forecast_s"""
_READ = f"""SELECT {_COLUMNS} FROM (
        SELECT *, row_number() OVER (ORDER BY at DESC) AS back FROM pulses
        WHERE run_id = :run_id AND at > :since)
    WHERE (back - 1) % :every = 0 ORDER BY at"""

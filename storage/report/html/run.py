"""What the page of a run says: figures, what came of each skill, what went wrong, and plots.

What a newcomer gets wrong: everything here is read from sums that stand beside the rows, so that a
page of a million episodes is made as fast as one of ten.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from storage.pulses import Pulse
from storage.queries import Reader
from storage.records import Run
from storage.report.going import STATES, Yield, going, moments, state_of, yields
from storage.report.html.drawing.bars import status_bar
from storage.report.html.drawing.plot import Plot, Series, drawn, usual_step, worked
from storage.report.html.numbers import brief, money, span
from storage.worth import ORDER

_MOST_RUNS = 500


@dataclass(frozen=True, slots=True)
class Told:
    """One page twice: what its template is filled from, and the same as plain data."""

    values: dict[str, Any]
    plain: dict[str, Any]


def runs_told(reader: Reader, database: Path) -> Told:
    """Return what the page of all runs says, the one begun last first."""
    counted = {row["run_id"]: dict(row) for row in reader.rows(_COUNTS)}
    last = {row["run_id"]: row["in_flight"] for row in reader.rows(_LAST)}
    rows = []
    runs = reader.runs()
    for run in runs[:_MOST_RUNS]:
        counts = {status: counted.get(run.id, {}).get(status, 0) for status in ORDER}
        state = state_of(database, run, last.get(run.id, 0))
        rows.append(
            {
                "run": run,
                "made_by": _made_by(run),
                "state": state,
                "counts": counts,
                "done": sum(counts.values()),
                "bar": status_bar(counts, run.episodes),
            }
        )
    plain = [
        _plain(row["run"]) | {"state": row["state"], "made_by": row["made_by"], **row["counts"]}
        for row in rows
    ]
    return Told({"rows": rows, "more": max(len(runs) - _MOST_RUNS, 0)}, {"runs": plain})


def run_told(reader: Reader, run: Run, database: Path) -> Told:
    """Return what the page of one run says."""
    sums, paid, goes = reader.tallies(run.id), reader.costs(run.id), going(reader, run, database)
    counts = {status: getattr(sums, status) for status in ORDER}
    skills, levels, came = yields(reader, run.id)
    roles = {role: asdict(each) for role, each in paid.roles.items()}
    values = {
        "run": run,
        "made_by": _made_by(run),
        "goes": goes,
        "meaning": STATES[goes.state],
        "counts": counts,
        "done": sums.episodes,
        "bar": status_bar(counts, run.episodes),
        "sums": sums,
        "paid": paid,
        "skills": skills,
        "levels": levels,
        "came": came,
        "overall": {skill: _overall(skill, came) for skill in skills},
        "plots": plots(goes.pulses),
    }
    plain = _plain(run) | {
        "made_by": values["made_by"],
        "state": goes.state,
        "counts": counts,
        "attempts": sums.attempts,
        "model_calls": sums.model_calls,
        "journal_hits": sums.journal_hits,
        "call_errors": sums.call_errors,
        "tokens_in": sums.tokens_in,
        "tokens_out": sums.tokens_out,
        "cost_usd": paid.cost_usd,
        "cost_per_accepted_attempt_usd": paid.per_accepted_attempt,
        "roles": roles,
        "reasons": sums.reasons,
        "episodes_per_s": goes.rate,
        "left_s": goes.left_s,
        "causes": [asdict(cause) for cause in goes.causes],
        "causes_of_last_errors": goes.causes_of,
        "yields": [asdict(one) | {"share": one.share} for one in came.values()],
        "pulses": [asdict(pulse) for pulse in goes.pulses],
    }
    return Told(values, plain)


def plots(pulses: Sequence[Pulse]) -> list[tuple[str, Markup]]:
    """Return plots over the time that was worked, by title; none if nothing can be drawn yet."""
    if len(pulses) < 2:
        return []
    places, pauses = worked(moments(pulses))
    common: dict[str, Any] = {"places": places, "pauses": pauses, "ends": ("0", span(places[-1]))}
    statuses = [Series(each, [getattr(p, each) for p in pulses], each) for each in ORDER]
    rates = Series("episodes a second", _rates(pulses, places), "line")
    flying = Series("in flight", [float(pulse.in_flight) for pulse in pulses], "line")
    made = [
        Plot("Trajectories by status", series=statuses, shown=brief, stacked=True, **common),
        Plot("Episodes a second", series=[rates], shown=brief, **common),
    ]
    if any(flying.values):
        made.append(Plot("Calls in flight", series=[flying], shown=brief, **common))
    if pulses[-1].cost_usd:
        cost = Series("cost", [pulse.cost_usd for pulse in pulses], "line")
        made.append(Plot("Cost", series=[cost], shown=money, **common))
    return [(plot.title, drawn(plot)) for plot in made]


def _rates(pulses: Sequence[Pulse], places: Sequence[float]) -> list[float | None]:
    """Return how many episodes ended a second before each pulse, but for the first."""
    rates: list[float | None] = [None]
    least = usual_step(places) / 2
    for n in range(1, len(pulses)):
        # A sitting's last pulse comes at any time after the one before it, which says too little.
        back = n - 1
        while back and places[n] - places[back] < least:
            back -= 1
        seconds = places[n] - places[back]
        ended = max(pulses[n].ended - pulses[back].ended, 0)
        rates.append(ended / seconds if seconds else None)
    return rates


def _overall(skill: str, came: dict[tuple[str, int], Yield]) -> Yield:
    """Return what came of a skill at all its levels."""
    own = [one for one in came.values() if one.skill == skill]
    return Yield(skill, 0, sum(one.accepted for one in own), sum(one.ended for one in own))


def _made_by(run: Run) -> dict[str, str]:
    """Return who the teacher, the student and the critic are, as far as it is known."""
    roles = ("teacher", "student", "critic")
    return {role: run.versions[role] for role in roles if role in run.versions}


def _plain(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "created_at": run.created_at,
        "seed": run.seed,
        "episodes": run.episodes,
        "ended": run.ended,
    }


_COUNTS = """SELECT run_id, sum(accepted) AS accepted, sum(rejected) AS rejected,
    sum(unscored) AS unscored, sum(failed) AS failed FROM place_sums GROUP BY run_id"""
_LAST = """SELECT run_id, in_flight FROM runs JOIN pulses ON run_id = runs.id
    WHERE at = (SELECT max(at) FROM pulses WHERE run_id = runs.id)"""

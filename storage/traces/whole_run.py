"""A run as one span: when it began, how far it came, and what it made and paid.

What a newcomer gets wrong: it is sent after its episodes, and again whenever more of them have
landed, under the same id; an unfinished run is told as it stands.
"""

from storage.records import Run
from storage.tallies import Tallies
from storage.traces.manner import Manner
from storage.traces.span import Span, as_json, name_of, nanoseconds


def run_span(manner: Manner, run: Run, sums: Tallies, last_ns: int) -> Span:
    """Return the span of a run.

    Args:
        manner: How it is told.
        run: The run.
        sums: Over its episodes.
        last_ns: When the last of them landed; 0 if none has.
    """
    start = nanoseconds(run.created_at)
    counts = {
        name: getattr(sums, name)
        for name in ("episodes", "accepted", "rejected", "unscored", "failed", "attempts")
    }
    values: dict[str, object] = {
        "gen_ai.operation.name": "invoke_workflow",
        "gen_ai.workflow.name": "lyceum.run",
        "lyceum.run.id": run.id,
        "lyceum.run.seed": run.seed,
        "lyceum.run.of_episodes": run.episodes,
        "lyceum.run.ended": run.ended,
        "lyceum.run.model_calls": sums.model_calls,
        "lyceum.run.journal_hits": sums.journal_hits,
        "lyceum.run.call_errors": sums.call_errors,
        "lyceum.run.tokens_in": sums.tokens_in,
        "lyceum.run.tokens_out": sums.tokens_out,
        "lyceum.run.cost_usd": sums.cost_usd,
        "lyceum.run.unpriced": sums.unpriced,
    }
    values |= {f"lyceum.run.{name}": count for name, count in counts.items()}
    values |= {f"lyceum.version.{name}": made for name, made in sorted(run.versions.items())}
    values |= {"output.value": as_json(counts), "output.mime_type": "application/json"}
    return Span(
        place=manner.run,
        parent=None,
        name=name_of("run", run.id[:10]),
        start_ns=start,
        end_ns=max(start, last_ns),
        attributes=manner.about("CHAIN", values),
    )

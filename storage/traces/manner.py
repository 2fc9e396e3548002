"""How a run is told: with its texts or without, and as how many traces.

What a newcomer gets wrong: an episode is a trace of its own, for tracing programs load a trace
whole and many refuse a large one. The run is told apart, as the session of all its episodes.
"""

from dataclasses import dataclass

from storage.traces.span import Attributes, Place, span_of, told, trace_of


@dataclass(frozen=True, slots=True)
class Manner:
    """How spans are made.

    Args:
        run_id: Of the run that is told.
        text: Whether tasks, prompts, replies and all else that somebody wrote are told.
        one_trace: Whether the whole run is one trace.
    """

    run_id: str
    text: bool = True
    one_trace: bool = False

    @property
    def run(self) -> Place:
        """The run's span."""
        return Place(trace_of(self.run_id), span_of(self.run_id))

    def episode(self, trajectory_id: str) -> Place:
        """Return the span of an episode."""
        trace = self.run_id if self.one_trace else trajectory_id
        return Place(trace_of(trace), span_of(trajectory_id))

    def texts(self, values: dict[str, object]) -> Attributes:
        """Return texts as attributes; none if no text is to be told."""
        return told(values) if self.text else {}

    def about(self, kind: str, values: dict[str, object]) -> Attributes:
        """Return the attributes that every span has, and those of this one.

        Args:
            kind: OpenInference's: CHAIN, AGENT, LLM or EVALUATOR.
            values: The others; None: it has no such one.
        """
        every = {"openinference.span.kind": kind, "session.id": self.run_id}
        return told(every | values)

"""The graph of one episode: lesson, attempts, verdicts, revisions, record.

Every policy is explicit. Retrying and the time that a call may take are the channel's business
alone (`agents.chat.channel`), so nodes try once; the number of steps is bounded by the limits of
the faculty, not by LangGraph's default of 10,007. Where an episode goes after the screen and the
judge, those nodes say themselves (`graphs.routing`).
"""

from typing import Any, cast

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.store.base import BaseStore
from langgraph.types import Checkpointer, RetryPolicy

from graphs.faculty import Faculty, Settings
from graphs.nodes import (
    attempt,
    judge,
    on_attempt_error,
    on_error,
    record,
    screen_lesson,
    write_lesson,
)
from graphs.state import AttemptInput, EpisodeInput, EpisodeOutput, EpisodeState

EpisodeGraph = CompiledStateGraph[EpisodeState, Faculty, EpisodeInput, EpisodeOutput]

SUPERSTEPS = 200
"""Most supersteps of an episode; see `supersteps` for what one needs."""


def never(error: Exception) -> bool:
    """Retry nothing: the one retry layer is the channel."""
    return False


def supersteps(faculty: Faculty) -> int:
    """Return the most supersteps that an episode of this faculty can take."""
    return 2 * faculty.drafts + 2 * (1 + faculty.max_revisions) + 1


def build_episode(
    context_schema: type[Faculty] | type[Settings] = Faculty,
) -> StateGraph[EpisodeState, Faculty, EpisodeInput, EpisodeOutput]:
    """Return the uncompiled graph, for an app that adds nodes of its own before it compiles.

    Args:
        context_schema: `Settings` where the context comes as JSON, so that a server can say what
            it takes; without a context the graph runs with the embedded faculty either way.
    """
    graph = StateGraph(
        EpisodeState,
        context_schema=cast("type[Faculty]", context_schema),
        input_schema=EpisodeInput,
        output_schema=EpisodeOutput,
    )
    graph.set_node_defaults(retry_policy=RetryPolicy(max_attempts=1, retry_on=never))
    trying: dict[str, Any] = {"input_schema": AttemptInput, "error_handler": on_attempt_error}
    graph.add_node("write_lesson", write_lesson, error_handler=on_error)
    graph.add_node("screen_lesson", screen_lesson, error_handler=on_error)
    graph.add_node("attempt", attempt, **trying)
    graph.add_node("judge", judge, error_handler=on_error)
    graph.add_node("revise", attempt, **trying)
    graph.add_node("record", record)
    graph.add_edge(START, "write_lesson")
    graph.add_edge("write_lesson", "screen_lesson")
    graph.add_edge("attempt", "judge")
    graph.add_edge("revise", "judge")
    graph.add_edge("record", END)
    return graph


def make_graph(checkpointer: Checkpointer = None, store: BaseStore | None = None) -> EpisodeGraph:
    """Return the compiled graph of one episode.

    Args:
        checkpointer: The app's own, if it has one; batches use none. Checkpoints are for resuming a
            thread; the data set is what the sink gets.
        store: The app's own long-term store, handed to nodes that the app adds.
    """
    compiled = build_episode().compile(checkpointer=checkpointer, store=store, name="episode")
    return compiled.with_config(recursion_limit=SUPERSTEPS)

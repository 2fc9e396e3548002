"""The same graph over HTTP, for `langgraph dev`: `langgraph.json` names `episode` here."""

from typing import Any

from graphs.episode import SUPERSTEPS, build_episode
from graphs.faculty import Settings


def episode() -> Any:  # noqa: ANN401 - the server takes any compiled graph
    """Return the graph as it is served: a context of names and numbers, no checkpointer."""
    served = build_episode(Settings).compile(name="episode")
    return served.with_config(recursion_limit=SUPERSTEPS)

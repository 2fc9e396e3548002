"""One episode, the batch, the curriculum. The only place that knows LangGraph."""

import agents.chat.quiet  # noqa: F401 - before anything imports LangGraph

# isort: split
from graphs.episode import build_episode, make_graph
from graphs.faculty import Faculty, embedded_faculty

__all__ = ["Faculty", "build_episode", "embedded_faculty", "make_graph"]

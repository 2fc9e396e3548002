"""Extend the graph: a node of one's own after `record`, with a key of its own in the state.

`build_episode()` gives the graph before it is compiled, so that anything may be added to it. Give
an added node the whole state, as here; its key is seen by nodes and streams, while `ainvoke` still
returns the trajectory only.
"""

import asyncio

from langgraph.graph import END

from graphs import build_episode, embedded_faculty
from graphs.state import EpisodeState


class OwnState(EpisodeState, total=False):
    """The state of an episode, with one key more."""

    solve_rate: float
    """Share of the first tries that were accepted, in [0, 1]."""


async def measure(state: OwnState) -> dict[str, float]:
    """Work out the solve rate of the episode's first tries."""
    first = {a.id for a in state["trajectory"].attempts if a.revision == 0}
    accepted = {v.attempt_id for v in state["trajectory"].verdicts if v.status == "accepted"}
    return {"solve_rate": len(first & accepted) / max(len(first), 1)}


async def main() -> None:
    """Run one episode with the node in it and print what the node found."""
    graph = build_episode()
    graph.add_node("measure", measure, input_schema=OwnState)
    graph.add_edge("record", "measure")
    graph.add_edge("measure", END)
    episode = {"skill": "sorting", "seed": 7}
    async for update in graph.compile().astream(
        episode, context=embedded_faculty(attempts=4), stream_mode="updates"
    ):
        if "measure" in update:
            print(update["measure"])


if __name__ == "__main__":
    asyncio.run(main())

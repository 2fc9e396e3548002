"""Stream an episode: one line for each node as it ends. The names of the nodes do not change."""

import asyncio

from graphs import embedded_faculty, make_graph


async def main() -> None:
    """Print the nodes of one episode in the order in which they end, then its status."""
    episode = {"skill": "clock_time", "level": 2, "seed": 7}
    async for update in make_graph().astream(
        episode, context=embedded_faculty(), stream_mode="updates"
    ):
        for node, change in update.items():
            print(node, *change)
            if node == "record":
                print(change["trajectory"].status)


if __name__ == "__main__":
    asyncio.run(main())

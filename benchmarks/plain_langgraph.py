"""What most people would write: a LangGraph of three nodes over ChatOpenAI, nothing stored.

    python benchmarks/plain_langgraph.py http://127.0.0.1:8000/v1 --episodes 500 --in-flight 64

Needs langchain-openai, which the project does not.
"""

import argparse
import asyncio
import json
from collections.abc import Iterator
from typing import Any

from langchain_openai import ChatOpenAI
from langgraph.graph import END, START, StateGraph
from pydantic import SecretStr
from three_calls import LESSON, VERDICT, for_attempt, for_lesson, for_verdict
from typing_extensions import TypedDict


class State(TypedDict, total=False):
    """What flows through one episode."""

    n: int
    lesson: dict[str, str]
    attempt: str
    verdict: dict[str, Any]


def graph(url: str) -> Any:  # noqa: ANN401 - a compiled graph, whose type has four parameters
    """Return the compiled graph."""
    key = SecretStr("none")
    model = ChatOpenAI(model="plain", base_url=url, api_key=key, max_retries=0, timeout=60)
    teacher, critic = model.bind(response_format=LESSON), model.bind(response_format=VERDICT)

    async def write_lesson(state: State) -> State:
        reply = await teacher.ainvoke(for_lesson(state["n"]))
        return {"lesson": json.loads(str(reply.content))}

    async def attempt(state: State) -> State:
        reply = await model.ainvoke(for_attempt(state["lesson"]))
        return {"attempt": str(reply.content)}

    async def judge(state: State) -> State:
        reply = await critic.ainvoke(for_verdict(state["lesson"], state["attempt"]))
        return {"verdict": json.loads(str(reply.content))}

    built = StateGraph(State)
    built.add_node("write_lesson", write_lesson)
    built.add_node("attempt", attempt)
    built.add_node("judge", judge)
    built.add_edge(START, "write_lesson")
    built.add_edge("write_lesson", "attempt")
    built.add_edge("attempt", "judge")
    built.add_edge("judge", END)
    return built.compile()


async def done(url: str, episodes: int, in_flight: int) -> int:
    """Do all episodes and return how many."""
    compiled, numbers = graph(url), iter(range(episodes))

    async def work(numbers: Iterator[int]) -> int:
        return sum(["critique" in (await compiled.ainvoke({"n": n}))["verdict"] for n in numbers])

    return sum(await asyncio.gather(*(work(numbers) for _ in range(in_flight))))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--episodes", type=int, default=500)
    parser.add_argument("--in-flight", type=int, default=64)
    given = parser.parse_args()
    print(json.dumps({"episodes": asyncio.run(done(given.url, given.episodes, given.in_flight))}))

"""The floor: three calls an episode with bare asyncio and aiohttp, and nothing is stored.

python benchmarks/bare.py http://127.0.0.1:8000/v1 --episodes 500 --in-flight 64
"""

import argparse
import asyncio
import json
from collections.abc import Iterator
from typing import Any

import aiohttp
from three_calls import LESSON, VERDICT, Messages, Schema, for_attempt, for_lesson, for_verdict


async def ask(
    session: aiohttp.ClientSession, url: str, messages: Messages, form: Schema | None = None
) -> str:
    """Return the text of one reply."""
    body: dict[str, Any] = {"model": "bare", "messages": messages}
    if form is not None:
        body["response_format"] = form
    async with session.post(f"{url}/chat/completions", json=body) as response:
        response.raise_for_status()
        reply = json.loads(await response.read())
    return str(reply["choices"][0]["message"]["content"])


async def episode(session: aiohttp.ClientSession, url: str, n: int) -> bool:
    """Do one episode; return whether the verdict can be read."""
    lesson = json.loads(await ask(session, url, for_lesson(n), LESSON))
    attempt = await ask(session, url, for_attempt(lesson))
    verdict = json.loads(await ask(session, url, for_verdict(lesson, attempt), VERDICT))
    return "critique" in verdict


async def work(session: aiohttp.ClientSession, url: str, numbers: Iterator[int]) -> int:
    """Do one episode after the other; return how many."""
    return sum([await episode(session, url, n) for n in numbers])


async def done(url: str, episodes: int, in_flight: int) -> int:
    """Do all episodes and return how many."""
    numbers = iter(range(episodes))
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        return sum(await asyncio.gather(*(work(session, url, numbers) for _ in range(in_flight))))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--episodes", type=int, default=500)
    parser.add_argument("--in-flight", type=int, default=64)
    given = parser.parse_args()
    print(json.dumps({"episodes": asyncio.run(done(given.url, given.episodes, given.in_flight))}))

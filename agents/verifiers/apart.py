"""Run a stranger's coroutine in a thread and an event loop of its own, so that it may hang there.

What a newcomer gets wrong: a thread cannot be ended from outside. One that hangs stays until the
process ends, at the cost of a thread; what waited for it goes on.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


async def run_apart(make: Callable[[], Awaitable[T]], timeout_s: float) -> T:
    """Return what the coroutine returns that `make` gives, both called in the other thread.

    Raises:
        TimeoutError: it has not returned after `timeout_s` seconds; whatever it does then is lost.
        BaseException: whatever it raised.
    """
    waiting: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    Thread(target=_run, args=(make, waiting), name="apart", daemon=True).start()
    async with asyncio.timeout(timeout_s):
        return await waiting


def _run(make: Callable[[], Awaitable[T]], waiting: "asyncio.Future[T]") -> None:
    with suppress(RuntimeError):  # the loop that waited has been closed since
        asyncio.run(_hand_over(make, waiting))


async def _hand_over(make: Callable[[], Awaitable[T]], waiting: "asyncio.Future[T]") -> None:
    async def made() -> T:
        return await make()

    (found,) = await asyncio.gather(made(), return_exceptions=True)
    waiting.get_loop().call_soon_threadsafe(_settle, waiting, found)


def _settle(waiting: "asyncio.Future[T]", found: T | BaseException) -> None:
    if waiting.done():
        return  # nobody waits any longer
    if isinstance(found, BaseException):
        waiting.set_exception(found)
    else:
        waiting.set_result(found)

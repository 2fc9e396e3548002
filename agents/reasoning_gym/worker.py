"""The process in which reasoning-gym runs; nothing else of this project does.

It is started as a script, with the folders in which to look for modules as its arguments. It is
asked over its standard input, which is a socket, and answers there; requests and replies are JSON,
one a line. What a newcomer gets wrong: of an item only the question and the answer leave this
process, because the metadata holds the answer in other words; and the package prints, so that
standard output leads nowhere.
"""

import os
import queue
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import import_module
from json import dumps, loads
from typing import Any

SIZE = 2**63
"""How many items a data set is said to have; an item hangs on its index alone."""


def main() -> None:
    """Serve until the other end of the line is gone."""
    line = socket.socket(fileno=os.dup(0))
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    waiting: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(line, waiting), daemon=True).start()
    # A future keeps what is raised, whatever it is.
    with ThreadPoolExecutor(1) as apart:
        import_error = apart.submit(import_module, "reasoning_gym.factory").exception()
        _say(line, {"refused": _told(import_error)} if import_error else {"ready": True})
        while True:
            made = apart.submit(item, **waiting.get())
            error = made.exception()
            _say(line, {"raised": _told(error)} if error else made.result())


def item(data_set: str, step: int, index: int) -> dict[str, str]:
    """Return an item's question and answer.

    Args:
        data_set: The data set's name.
        step: A step of its curriculum, from 1.
        index: Which item, in [0, SIZE).
    """
    found = _opened(data_set, step)[index]
    return {"question": str(found["question"]), "answer": str(found["answer"])}


@cache
def _opened(data_set: str, step: int) -> Any:  # noqa: ANN401 - the package has no types
    factory = import_module("reasoning_gym.factory")
    curriculum = factory.create_curriculum(data_set)
    for _ in range(step - 1):
        curriculum.increment_global_level()
    kind, _ = factory.DATASETS[data_set]
    return kind(config=curriculum.generate_configuration({"seed": 0, "size": SIZE}))


def _listen(line: socket.socket, waiting: "queue.SimpleQueue[dict[str, Any]]") -> None:
    """Take in requests; end the process with the line, whatever it is at."""
    with line.makefile("rb") as lines:
        for each in lines:
            waiting.put(loads(each))
    os._exit(0)


def _say(line: socket.socket, message: dict[str, Any]) -> None:
    line.sendall(dumps(message).encode() + b"\n")


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:500]


if __name__ == "__main__":
    sys.path[:] = sys.argv[1:]
    main()

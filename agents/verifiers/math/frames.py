"""What is said on a worker's line: one message is its length in four bytes, and then JSON.

A request has `number`, `reference` and `answer`, two packed trees. Its reply has the same `number`
and one of: `found` ("same", "different" or "unproved"), `fault` (whose, with `why`), or `ended`
(what ended the process that compared, with the `stage` at which it was). The first message of all
has `ready`.
"""

import json
from collections.abc import Callable

from pydantic import JsonValue

BUSY = "busy"
"""Ended by the clock, with processor time left: the machine had no time for it."""
KILLED = "killed"
"""Ended by somebody else."""
MAX_BYTES = 4_000_000

Message = dict[str, JsonValue]


def framed(message: Message) -> bytes:
    """Return a message as it is sent."""
    body = json.dumps(message).encode("ascii")
    return len(body).to_bytes(4) + body


def read_frame(read: Callable[[int], bytes]) -> Message | None:
    """Return the next message. None: the other end is gone.

    Args:
        read: Waits, and returns at most so many bytes; none at the end of the line.
    """
    head = _read(read, 4)
    size = int.from_bytes(head)
    if len(head) < 4 or size > MAX_BYTES:
        return None
    body = _read(read, size)
    if len(body) < size:
        return None
    message: Message = json.loads(body)
    return message


def _read(read: Callable[[int], bytes], size: int) -> bytes:
    parts = b""
    while len(parts) < size:
        part = read(size - len(parts))
        if not part:
            break
        parts += part
    return parts

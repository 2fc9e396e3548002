"""How modules are loaded: all at once, while nobody looks for garbage among them.

What a newcomer gets wrong: this changes the whole process, so it is for a program, never for a
library that someone imports.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Collect no garbage in the block; what it loads stays and is never walked through again."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(10_000, 20, 20)  # an episode makes thousands of objects, few of them rings
        gc.enable()

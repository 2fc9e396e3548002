"""The limits under which expressions are compared."""

MEMORY_BYTES = 2**30
"""Address space of a process that compares."""
PROCESSOR_S = 1.6
"""Processor time of one comparison."""
WALL_S = 2.0
"""Time of the clock of one comparison, as the process that makes it keeps it."""
ANSWER_S = 2.5
"""Time of the clock after which a process that has not answered is killed."""
MAX_BITS = 16_384
"""The size of the largest number, and of one over the smallest, in bits."""
MAX_EFFORT = 300_000
"""Steps for one side of one pair of expressions, each about a microsecond."""
MAX_PAIRS = 2_000
"""So many pairs of expressions may be compared for one answer."""

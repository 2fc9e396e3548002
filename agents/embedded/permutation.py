"""A seeded shuffle of a range that is far too long to write down.

Blueprints are drawn without replacement by walking such a shuffle, so that no task of a run
repeats. A Feistel network over the next even power of two is a bijection whatever its round
function is; indices that fall outside the range are sent through again (Black and Rogaway,
"Ciphers with Arbitrary Finite Domains", 2002), which keeps it one.
"""

import hashlib

ROUNDS = 4


def shuffled(position: int, size: int, *key: str | int) -> int:
    """Return the index at a position of the shuffle of `range(size)` that belongs to the key.

    Args:
        position: From 0; positions beyond the size begin again.
        size: At least 1.
        key: Any path of words and numbers; another key is another shuffle.

    Returns:
        An index in [0, size); different positions below the size give different indices.
    """
    half = max((size - 1).bit_length() + 1, 2) // 2
    secret = hashlib.sha256(repr(key).encode()).digest()
    index = _feistel(position % size, half, secret)
    while index >= size:
        index = _feistel(index, half, secret)
    return index


def _feistel(index: int, half: int, secret: bytes) -> int:
    mask = (1 << half) - 1
    left, right = index >> half, index & mask
    for turn in range(ROUNDS):
        text = right.to_bytes(8, "big") + bytes([turn])
        mixed = hashlib.blake2b(text, key=secret, digest_size=8).digest()
        left, right = right, left ^ (int.from_bytes(mixed, "big") & mask)
    return left << half | right

"""How long texts are, and how much a set of them repeats itself.

What a newcomer gets wrong: diversity hangs on the amount of text, so only draws of like size can be
compared.
"""

import re
import zlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import pairwise

# Scripts that put no space between words: each character counts as a word.
_DENSE = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
)
_WORD = re.compile(rf"[{_DENSE}]|[^\W{_DENSE}]+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Diversity:
    """What was measured on a draw of texts."""

    texts: int
    distinct_1: float
    """The number of different words by the number of words, in [0, 1]."""
    distinct_2: float
    """The same of pairs of neighbouring words."""
    compression: float
    """Bytes by bytes after zlib: higher where texts repeat each other."""


def diversity(texts: Iterable[str]) -> Diversity | None:
    """Measure texts in their order. None: they hold no word."""
    count = words = pairs = 0
    different_words: set[str] = set()
    different_pairs: set[tuple[str, str]] = set()
    packer = zlib.compressobj(6)
    size = packed = 0
    for text in texts:
        found = _WORD.findall(text.casefold())
        following = list(pairwise(found))
        count, words, pairs = count + 1, words + len(found), pairs + len(following)
        different_words.update(found)
        different_pairs.update(following)
        raw = text.encode(errors="replace") + b"\n"
        size += len(raw)
        packed += len(packer.compress(raw))
    packed += len(packer.flush())
    if not words:
        return None
    return Diversity(
        texts=count,
        distinct_1=len(different_words) / words,
        distinct_2=len(different_pairs) / pairs if pairs else 1.0,
        compression=size / packed,
    )


def percentile(lengths: Collection[int], share: float) -> int:
    """Return the least of at least one length that this share of all, in [0, 1], does not exceed.

    Raises:
        ValueError: there are no lengths.
    """
    if not lengths:
        raise ValueError("no lengths")
    ordered = sorted(lengths)
    return next(
        (each for rank, each in enumerate(ordered, 1) if rank >= share * len(ordered)), ordered[-1]
    )

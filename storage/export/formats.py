"""The formats of training data, under the names that `export` takes; each is a file of its own."""

from collections.abc import Callable, Iterator

from pydantic import JsonValue

from storage.export.sft import sft
from storage.queries import Reader

Example = dict[str, JsonValue]
"""One exported training row."""

FORMATS: dict[str, Callable[[Reader, str], Iterator[Example]]] = {"sft": sft}
"""Each yields the examples of a run, in order of its episodes: reader, run id."""

"""The dialects, under the names that `--dialect` takes."""

from storage.export.dialects.alpaca import ALPACA
from storage.export.dialects.axolotl import AXOLOTL
from storage.export.dialects.dialect import Dialect
from storage.export.dialects.llama_factory import LLAMA_FACTORY
from storage.export.dialects.openai import OPENAI
from storage.export.dialects.sharegpt import SHAREGPT
from storage.export.dialects.trl import TRL

DIALECTS: dict[str, Dialect] = {
    each.name: each for each in (TRL, AXOLOTL, LLAMA_FACTORY, OPENAI, SHAREGPT, ALPACA)
}
"""TRL's first: it is the default."""

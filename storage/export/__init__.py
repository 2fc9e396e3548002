"""Trajectories to training data: formats, and the files that they are written to."""

from storage.export.columns import Example
from storage.export.exporting import Asked, Exporting, examples
from storage.export.formats import FORMATS
from storage.export.jsonl import write_jsonl
from storage.export.making import Manner

__all__ = ["FORMATS", "Asked", "Example", "Exporting", "Manner", "examples", "write_jsonl"]

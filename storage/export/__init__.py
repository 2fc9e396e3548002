"""Trajectories to training data: formats, and the file that they are written to."""

from storage.export.formats import FORMATS, Example
from storage.export.jsonl import write_jsonl
from storage.export.sft import sft

__all__ = ["FORMATS", "Example", "sft", "write_jsonl"]

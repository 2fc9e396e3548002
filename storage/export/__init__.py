"""Trajectories to training data: formats, and the files that they are written to."""

from storage.export.columns import Example
from storage.export.containers import open_file
from storage.export.exporting import Asked, Exporting, examples
from storage.export.formats import FORMATS
from storage.export.making import Manner

__all__ = ["FORMATS", "Asked", "Example", "Exporting", "Manner", "examples", "open_file"]

"""The files that examples are written to: JSON lines, plain or zstd, Parquet, and whole folders."""

from storage.export.containers.features import features
from storage.export.containers.files import CONTAINERS, ExampleFiles, open_file, open_split
from storage.export.containers.folder import new_folder
from storage.export.containers.group import new_files
from storage.export.containers.part import Written

__all__ = [
    "CONTAINERS",
    "ExampleFiles",
    "Written",
    "features",
    "new_files",
    "new_folder",
    "open_file",
    "open_split",
]

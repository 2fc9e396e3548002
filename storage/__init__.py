"""Records and SQLite. `records` and `ids` are plain values; the rest is for `run.py`."""

__version__ = "0.1.0"

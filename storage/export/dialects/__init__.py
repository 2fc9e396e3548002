"""The shapes that other trainers read, made of the canonical row."""

from storage.export.dialects.dialect import Dialect
from storage.export.dialects.registry import DIALECTS
from storage.export.dialects.sidecars import sidecars

__all__ = ["DIALECTS", "Dialect", "sidecars"]

"""The shapes that other trainers read, made of the canonical row."""

from storage.export.dialects.dialect import Container, Dialect
from storage.export.dialects.registry import DIALECTS

__all__ = ["DIALECTS", "Container", "Dialect"]

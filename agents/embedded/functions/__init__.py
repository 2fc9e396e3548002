"""Katas: Python functions that are specified in words and answered by their source."""

from agents.embedded.functions.domain import Functions

__all__ = ["Functions"]

"""Everyday stories about quantities, drawn from a random dependency graph."""

from agents.embedded.quantities.domain import QUANTITIES

__all__ = ["QUANTITIES"]

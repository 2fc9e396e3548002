"""Everyday stories about quantities, drawn from a random dependency graph."""

from agents.embedded.quantities.domain import Quantities

__all__ = ["Quantities"]

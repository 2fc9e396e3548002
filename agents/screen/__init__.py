"""The lesson screen: what a program can say against a lesson before a student sees it."""

from agents.screen.screening import Overlap, Screening, screen

__all__ = ["Overlap", "Screening", "screen"]

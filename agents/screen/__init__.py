"""The lesson screen: what a program can say against a lesson before a student sees it."""

from agents.screen.screening import Screening, screen

__all__ = ["Screening", "screen"]

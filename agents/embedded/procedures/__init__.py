"""Exact tasks worked in steps: time, calendar, sequences, bases, sorting, sets, text."""

from agents.embedded.procedures.domain import Procedures

__all__ = ["Procedures"]

"""Verifiers decide without a model; `verifier("math")` finds one by its name."""

from agents.verifiers.call import (
    call_verifier,
    doubts,
    mutants,
    trivial_answers,
    with_draw,
)
from agents.verifiers.registry import JUDGE, extensions, names, register, verifier
from agents.verifiers.verifier import Data, Verifier

__all__ = [
    "JUDGE",
    "Data",
    "Verifier",
    "call_verifier",
    "doubts",
    "extensions",
    "mutants",
    "names",
    "register",
    "trivial_answers",
    "verifier",
    "with_draw",
]

"""The verifier `constraints`: the form of an answer, as a list of what is measured."""

from agents.verifiers.constraints.verifier import ConstraintsVerifier

__all__ = ["ConstraintsVerifier"]

"""The verifier `grounded`: all that an answer cites must really be there."""

from agents.verifiers.grounded.verifier import GroundedVerifier

__all__ = ["GroundedVerifier"]

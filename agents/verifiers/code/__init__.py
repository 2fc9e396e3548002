"""The verifier `code`: a program is right if it gives what the lesson expects, on every input."""

from agents.verifiers.code.verifier import CodeVerifier

__all__ = ["CodeVerifier"]

"""The verifier `sql`: two queries are the same if they give the same rows on several databases."""

from agents.verifiers.sql.verifier import SqlVerifier

__all__ = ["SqlVerifier"]

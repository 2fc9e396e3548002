"""The verifier `reasoning_gym`: compares answers to the data sets of reasoning-gym, without it."""

from agents.verifiers.reasoning_gym.verifier import ReasoningGymVerifier

__all__ = ["ReasoningGymVerifier"]

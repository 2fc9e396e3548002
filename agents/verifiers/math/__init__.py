"""The verifier `math`: two texts are the same if they state the same mathematics."""

from agents.verifiers.math.values import (
    MAX_CHARS,
    MAX_DIGITS,
    MAX_ELEMENTS,
    MAX_EXPONENT,
    WHOLE,
    Value,
    elements_of,
    strict_number_text,
    value_of,
)
from agents.verifiers.math.verifier import MathVerifier

__all__ = [
    "MAX_CHARS",
    "MAX_DIGITS",
    "MAX_ELEMENTS",
    "MAX_EXPONENT",
    "WHOLE",
    "MathVerifier",
    "Value",
    "elements_of",
    "strict_number_text",
    "value_of",
]

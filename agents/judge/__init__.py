"""Models that grade attempts where no program can decide, and what keeps them honest."""

from agents.judge.judge import INPUTS, Judge, false_reference
from agents.judge.judgement import Agreement, Judgement
from agents.judge.openers import says_nothing
from agents.judge.panel import Panel
from agents.judge.turns import (
    FALSE_REFERENCE,
    FIRST_WRONG_STEP,
    GRADING,
    MOST_OWN_ANSWERS,
    MOST_VOTES,
    OWN_ANSWERS,
)

__all__ = [
    "FALSE_REFERENCE",
    "FIRST_WRONG_STEP",
    "GRADING",
    "INPUTS",
    "MOST_OWN_ANSWERS",
    "MOST_VOTES",
    "OWN_ANSWERS",
    "Agreement",
    "Judge",
    "Judgement",
    "Panel",
    "false_reference",
    "says_nothing",
]

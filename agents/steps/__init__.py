"""The steps of an attempt, and which of them is the first wrong one."""

from agents.steps.arithmetic import first_false_step
from agents.steps.written import first_wrong_step, numbered_steps, written_steps

__all__ = ["first_false_step", "first_wrong_step", "numbered_steps", "written_steps"]

"""Prompts are files; this package finds, checks and fills them in."""

from prompts.errors import PromptError
from prompts.loader import load, load_file, prompt_ids
from prompts.prompt import Prompt

__all__ = ["Prompt", "PromptError", "load", "load_file", "prompt_ids"]
